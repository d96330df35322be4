"""DA, DT and TM values: what parses, and moving them by days (PS3.5 6.2)."""

import re
from datetime import date, timedelta

_DA = re.compile(r"(\d{4})(\.?)(\d\d)\2(\d\d)", re.ASCII)
_CLOCK = r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?"
_DT = re.compile(rf"(\d{{4}})(\d\d)?(\d\d)?((?:{_CLOCK})?(?:[+-]\d{{4}})?)", re.ASCII)
_TM = re.compile(rf"{_CLOCK}|(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d{{1,6}})?)?", re.ASCII)
_AS = re.compile(r"\d{3}[DWMY]", re.ASCII)
_ZONE = re.compile(r"[+-]\d{4}", re.ASCII)


def shifted(vr: str, value: str, days: int) -> str:
    """Return a value with all its dates moved by *days*; times and time zones stay as they are.

    Parameters
    ----------
    vr : str
        DA, DT, TM, or any other VR for a Timezone Offset From UTC.
    value : str
        One value or several with backslashes; a value may be a range with a dash (PS3.4 C.2.2.2.5).
    days : int
        Negative to move into the past. A date without a day is moved from the first of its month or year.

    Raises
    ------
    ValueError
        If a value is not one of its VR, or would leave the calendar.
    """
    return "\\".join(_moved(vr, part.strip(" \0"), days) for part in value.split("\\"))


def check(vr: str, value: str) -> None:
    """Raise ValueError if a DA, DT, TM or AS value does not parse."""
    if vr == "AS":
        if not all(_AS.fullmatch(part.strip(" \0")) for part in value.split("\\")):
            raise ValueError("not an age")
    elif vr in ("DA", "DT", "TM"):
        shifted(vr, value, 0)


def days_in(value: str) -> set[str]:
    """Return the dates of a DA or DT value as eight digits."""
    return {match[1] + match[3] + match[4] for match in _DA.finditer(value) if _is_day(match)}


def _is_day(match: "re.Match[str]") -> bool:
    return 1 <= int(match[3]) <= 12 and 1 <= int(match[4]) <= 31


def _moved(vr: str, part: str, days: int) -> str:
    if not part:
        return ""
    if vr == "TM":
        if not all(_TM.fullmatch(end) for end in part.split("-") if end) or not part.strip("-"):
            raise ValueError("not a time")
        return part
    if vr == "DA":
        return "-".join(_moved_date(end, days) if end else "" for end in _ends(part))
    if vr != "DT":
        if not _ZONE.fullmatch(part):
            raise ValueError("not a time zone")
        return part
    if _DT.fullmatch(part):
        return _moved_datetime(part, days)
    for match in re.finditer("-", part):  # a range: the dash that has a value, or nothing, on either side
        ends = part[: match.start()], part[match.end() :]
        if any(ends) and all(not end or _DT.fullmatch(end) for end in ends):
            return "-".join(_moved_datetime(end, days) if end else "" for end in ends)
    raise ValueError("not a date with a time")


def _ends(part: str) -> list[str]:
    ends = part.split("-")
    if len(ends) > 2 or not any(ends):
        raise ValueError("not a range")
    return ends


def _moved_date(text: str, days: int) -> str:
    match = _DA.fullmatch(text)
    if match is None:
        raise ValueError("not a date")
    return _written(int(match[1]), int(match[3]), int(match[4]), days)


def _moved_datetime(text: str, days: int) -> str:
    match = _DT.fullmatch(text)
    if match is None:
        raise ValueError("not a date with a time")
    year, month, day, rest = match.groups()
    if (day is None) and len(rest) > 5:
        raise ValueError("a time without a day")
    moved = _written(int(year), int(month or 1), int(day or 1), days)
    return moved[: 4 + 2 * (month is not None) + 2 * (day is not None)] + rest


def _written(year: int, month: int, day: int, days: int) -> str:
    try:
        moved = date(year, month, day) + timedelta(days)
    except OverflowError as error:
        raise ValueError("outside of the calendar") from error
    return f"{moved.year:04}{moved.month:02}{moved.day:02}"
