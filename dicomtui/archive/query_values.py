"""Compares the values of an attribute with what a query says, each Value Representation in its own way."""

import re
from calendar import monthrange
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from dicomtui.archive.attribute_names import tag_of
from dicomtui.archive.decoding import decimal
from dicomtui.archive.query_terms import AttributeValue
from dicomtui.text import safe_line

NUMBER_VRS = frozenset({"DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV", "US or SS"})
WILDCARDS = re.compile(r"[*?]")

_NEGATED = {"!=": "=", "!~": "~"}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda value, span: value < span[0],
    "<=": lambda value, span: value <= span[1],
    ">": lambda value, span: value > span[1],
    ">=": lambda value, span: value >= span[0],
    "=": lambda value, span: span[0] <= value <= span[1],
}
_DATE = re.compile(r"(\d{4})(?:([-./]?)(\d{2})(?:\2(\d{2}))?)?", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3])(?::?([0-5]\d)(?::?([0-5]\d|60)(?:\.(\d{1,6})\d*)?)?)?", re.ASCII)
_ZONE = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$", re.ASCII)
_AGE = re.compile(r"(\d{1,4})\s*([DWMY]?)", re.ASCII | re.IGNORECASE)
_SIXTEENTHS = {"D": 16, "W": 7 * 16, "M": 487, "Y": 5844, "": 5844}
"""Sixteenths of a day, in which a year of 365.25 days and a twelfth of it are whole."""
_DAY = 24 * 3600 * 1_000_000
_UID = re.compile(r"[0-9.]+")
_ESCAPED = re.compile(r"\\([*?\\])")
_PIECES = re.compile(r"\\[*?\\]|[*?]|[^*?\\]+|\\")

Key = Hashable
Span = tuple[Any, Any]


class Test(NamedTuple):
    """How one value is judged."""

    key: Callable[[str], Any]
    """Turns a value into what is compared; None for one that cannot be, for instance no number."""
    holds: Callable[[Any], bool]


class ValueProblem(ValueError):  # noqa: N818  it is no failure, but half a message
    """What is wrong with the value that an attribute is compared with."""


def satisfies(value: AttributeValue, operator: str, text: str, *, is_regex: bool = False) -> bool:
    """Whether any of the values of an attribute compares as a query asks for.

    ``!=`` and ``!~`` are satisfied where there is a value, and none for which ``=`` or ``~`` holds. Compared
    with a number, a date, a time or an age, only values that are such count. An empty *text* stands for no
    value at all.
    """
    if not text.strip() and not is_regex and operator in ("=", "!="):
        return (operator == "!=") == any(part for place in value.values for part in place)
    try:
        key, holds = value_test(value.vr, _NEGATED.get(operator, operator), text, is_regex=is_regex)
    except ValueProblem:  # the file has another Value Representation than the dictionary
        key, holds = value_test("UN", _NEGATED.get(operator, operator), text, is_regex=is_regex)
    keys = [found for part in _candidates(value) if (found := key(part)) is not None]
    if operator in _NEGATED:
        return bool(keys) and not any(map(holds, keys))
    return any(map(holds, keys))


@lru_cache(maxsize=256)
def regular_expression(text: str) -> Callable[[str], bool]:
    """Return what tells whether an expression matches anywhere in a text, whatever the case.

    The expression comes from a person, but runs over what comes from anywhere, a hundred thousand times:
    RE2 takes time in proportion to the text, where ``(a+)+b`` keeps :mod:`re` busy for years.

    Raises
    ------
    ValueProblem
        If it is not understood: RE2 knows neither look-arounds nor references to groups.
    """
    import re2  # only who asks for one pays

    options = re2.Options()
    options.case_sensitive, options.dot_nl, options.log_errors = False, True, False
    try:
        search = re2.compile(text, options).search
    except re2.error as error:
        reason = error.args[0] if error.args else "not understood"
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueProblem(f"regular expression: {safe_line(reason, 80)}") from error
    except UnicodeEncodeError as error:
        raise ValueProblem("regular expression: holds what is no text") from error
    return lambda value: search(value.encode("utf-8", "replace").decode()) is not None


def value_test(vr: str, operator: str, text: str, *, is_regex: bool = False) -> Test:
    """Return how the values of a VR are compared with *text*.

    Parameters
    ----------
    vr : str
        Value Representation; ``UN`` if it is not known.
    operator : str
        ``=``, ``<``, ``<=``, ``>``, ``>=`` or ``~``.
    text : str
        As written in the query.
    is_regex : bool
        Whether *text* is a regular expression.

    Raises
    ------
    ValueProblem
        If no value of this VR can be compared with *text*.
    """
    if is_regex:
        return Test(_folded, lru_cache(4096)(regular_expression(text)))
    text = text.strip()
    if operator == "~":
        return _wildcard_test(vr, text)
    if vr in NUMBER_VRS:
        return _span_test(operator, number, _number_span(text))
    if vr in _SPANS:
        key, span, hint = _SPANS[vr]
        if (found := span(text)) is None:
            raise ValueProblem(hint)
        return _span_test(operator, key, found)
    if operator == "=":
        return _equality_test(vr, text)
    literal, folded, compare = number(text), text.casefold(), _ORDER[operator]

    def is_in_order(value: str) -> bool:
        found = None if literal is None else number(value)
        if found is not None:
            return compare(found, (literal, literal))
        return compare(value, (folded, folded))

    return Test(_folded, is_in_order)


def number(text: str) -> int | float | None:
    """Return a number that is written as DICOM does, None for anything else."""
    found = decimal(text) if "\\" not in text else None
    if found is None:
        return None
    try:
        return int(text)
    except ValueError:
        return found


def date_span(text: str) -> Span | None:
    """Return the first and the last day, as YYYYMMDD, of a year, a month or a day; None if it is none."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[3] or 0), int(match[4] or 0)
    if year == 0 or month > 12 or (match[3] and month == 0):
        return None
    if not month:
        return f"{match[1]}0101", f"{match[1]}1231"
    days = monthrange(year, month)[1]
    if day > days or (match[4] and day == 0):
        return None
    first, last = (day, day) if day else (1, days)
    return f"{match[1]}{match[3]}{first:02}", f"{match[1]}{match[3]}{last:02}"


def _time_span(text: str) -> Span | None:
    """Return the first and last microsecond of the day that a time of some precision stands for."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction = match.groups()
    step = 3600 if minute is None else 60 if second is None else 1
    first = (int(hour) * 3600 + int(minute or 0) * 60 + int(second or 0)) * 1_000_000
    length = step * 1_000_000
    if fraction is not None:
        length = int(10 ** (6 - len(fraction)))
        first += int(fraction) * length
    return first, first + length - 1


def _datetime_span(text: str) -> Span | None:
    """Return the first and last (day, microsecond); an offset from UTC is left out."""
    text = _ZONE.sub("", text) if len(text) > 10 else text
    head, separator, tail = text.partition("T") if "T" in text else text.partition(" ")
    if not separator and len(text) > 8 and text[:8].isdigit():
        head, tail = text[:8], text[8:]
    days = date_span(head)
    if days is None or (tail and days[0] != days[1]):
        return None
    if not tail:
        return (days[0], 0), (days[1], _DAY)
    times = _time_span(tail.strip())
    return None if times is None else ((days[0], times[0]), (days[0], times[1]))


def _age_span(text: str) -> Span | None:
    match = _AGE.fullmatch(text)
    if match is None:
        return None
    age = int(match[1]) * _SIXTEENTHS[match[2].upper()]
    return age, age


def _number_span(text: str) -> Span:
    if (found := number(text)) is None:
        raise ValueProblem("is a number: write one, for instance 1.5")
    return found, found


def _date(text: str) -> str | None:
    span = date_span(text.rstrip())
    return span[0] if span and span[0] == span[1] else None


def _first(span: Callable[[str], Span | None]) -> Callable[[str], Any]:
    """Return what makes a value of a file comparable: where its span begins."""

    def key(text: str) -> Any:
        found = span(text)
        return None if found is None else found[0]

    return key


_SPANS: dict[str, tuple[Callable[[str], Any], Callable[[str], Span | None], str]] = {
    "DA": (_date, date_span, "is a date: write 2020, 2020-03, 2020-03-15 or 20200315"),
    "TM": (_first(_time_span), _time_span, "is a time: write 14, 14:30, 14:30:15 or 143015"),
    "DT": (_first(_datetime_span), _datetime_span, "is a date and time: write 2020 or 2020-03-15T14:30"),
    "AS": (_first(_age_span), _age_span, "is an age: write 65 or 65Y, 6M, 3W or 10D"),
}
"""For each VR of date, time and age: the key of a value, the span of what is written, what to write."""


def _span_test(operator: str, key: Callable[[str], Any], span: Span) -> Test:
    compare = _ORDER[operator]
    return Test(key, lambda value: compare(value, span))


def _equality_test(vr: str, text: str) -> Test:
    if vr == "UI" and not _UID.fullmatch(text):
        uids = _named_uids(lambda name: name == text.casefold())
        if not uids:
            raise ValueProblem("is a UID: write one, or the name of one such as 'CT Image Storage'")
        return Test(_folded, uids.__contains__)
    if vr == "AT":
        tag = tag_of(text)
        return Test(_digits_of_tag, (_digits_of_tag(text) if tag is None else f"{tag:08x}").__eq__)
    wanted = text.casefold()
    if vr == "PN":
        return Test(_folded_name, wanted.rstrip("^").__eq__)
    if vr == "UN" and (literal := number(text)) is not None:
        return Test(_folded, lambda value: value == wanted or number(value) == literal)
    return Test(_folded, wanted.__eq__)


def _wildcard_test(vr: str, text: str) -> Test:
    pattern = _wildcard_pattern(text.casefold())
    if vr == "UI" and not re.fullmatch(r"[0-9.*?]*", text):
        return Test(_folded, _named_uids(lambda name: pattern.fullmatch(name) is not None).__contains__)
    return Test(_folded, lru_cache(4096)(lambda value: pattern.fullmatch(value) is not None))


def _wildcard_pattern(text: str) -> re.Pattern[str]:
    """Return a regular expression for ``*`` and ``?`` that never goes back over an earlier ``*``."""
    parts = [""]
    for piece in _PIECES.findall(text):
        if piece == "*":
            parts.append("")
        elif piece == "?":
            parts[-1] += "."
        else:
            parts[-1] += re.escape(_ESCAPED.sub(r"\1", piece))
    if len(parts) == 1:
        return re.compile(parts[0], re.DOTALL)
    first, *middle, last = parts
    # the leftmost place of each part is as good as any, so what was matched is never given up again
    found = "".join(f"(?>.*?{part})" for part in middle if part)
    return re.compile(f"{first}{found}.*{last}", re.DOTALL)


def _named_uids(is_wanted: Callable[[str], bool]) -> frozenset[str]:
    """Return the registered UIDs whose name or keyword is wanted."""
    from pydicom._uid_dict import UID_dictionary

    return frozenset(
        uid
        for uid, (name, _, _, _, keyword) in UID_dictionary.items()
        if is_wanted(name.casefold()) or is_wanted(keyword.casefold())
    )


def _candidates(value: AttributeValue) -> Iterator[str]:
    """Yield each value, several of one place as a whole too, and the groups of a name each by itself."""
    for place in value.values:
        yield from place
        if len(place) > 1:
            yield "\\".join(place)
    if value.vr == "PN":
        yield from _groups(part for place in value.values for part in place)


def _groups(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if "=" in name:
            yield from name.split("=")


def _folded(value: str) -> str | None:
    return value.casefold() or None


def _folded_name(value: str) -> str | None:
    return value.casefold().rstrip("^") or None


def _digits_of_tag(value: str) -> str:
    return value.strip("()").replace(",", "").casefold()
