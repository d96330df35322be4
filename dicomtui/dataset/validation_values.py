"""What PS3.5 6.2 allows in the values of each Value Representation."""

import datetime
import re
from collections.abc import Callable
from itertools import pairwise
from struct import calcsize

from dicomtui.dataset.values import NUMBER_FORMATS

CLAUSE = "PS3.5 6.2"
_LONGEST = {"AE": 16, "CS": 16, "DS": 16, "IS": 12, "LO": 64, "SH": 16, "UI": 64, "LT": 10240, "ST": 1024}
"""Characters that one value may have."""
_CONTROLS = re.compile(r"[\x00-\x09\x0b\x0e-\x1a\x1c-\x1f\x7f]|[\n\x0c\r]")
_CONTROLS_OF_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_IN_ONE_LINE = frozenset({"AE", "LO", "SH", "PN", "UC"})
_FREE_TEXT = frozenset({"LT", "ST", "UT"})
_LEAST, _MOST = -(2**31), 2**31 - 1

_CODE = re.compile(r"[A-Z0-9_ ]*")
_AGE = re.compile(r"\d{3}[DWMY]")
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)")
_OLD_DATE = re.compile(r"\d{4}\.\d\d\.\d\d")
_OLD_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?")
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)?")
_DATETIME = re.compile(
    r"(\d{4})(0[1-9]|1[0-2])?(0[1-9]|[12]\d|3[01])?([01]\d|2[0-3])?([0-5]\d)?([0-5]\d|60)?(\.\d{1,6})?"
    r"([+-](0\d|1[0-4])[0-5]\d)?"
)
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_INTEGER = re.compile(r"[+-]?\d+")
_UID = re.compile(r"[012](\.(0|[1-9]\d*))+")
_RESOURCE = re.compile(r"[!#$%&'()*+,/:;=?@\[\]A-Za-z0-9\-._~]*")


def value_problem(vr: str, value: str) -> str:
    """Return why *value* is illegal in its Value Representation, ``""`` if it is legal.

    Parameters
    ----------
    vr : str
        Any VR of text; of others nothing is said.
    value : str
        One value, decoded, without padding.
    """
    if not value:
        return ""
    longest = _LONGEST.get(vr)
    if longest is not None and len(value) > longest:
        return f"{len(value):,} characters, {longest:,} are the most that {vr} may have"
    check = _CHECKS.get(vr)
    if check is not None:
        return check(value)
    if vr in _IN_ONE_LINE and _CONTROLS.search(value):
        return f"a control character, which {vr} may not have"
    if vr in _FREE_TEXT and _CONTROLS_OF_TEXT.search(value):
        return f"a control character other than a line break, which {vr} may not have"
    return _name_problem(value) if vr == "PN" else ""


def size_problem(vr: str, length: int) -> str:
    """Return why a value of binary numbers or tags cannot have *length* bytes, or ``""``."""
    size = 4 if vr == "AT" else calcsize(f"<{NUMBER_FORMATS[vr]}") if vr in NUMBER_FORMATS else 1
    if vr == "OW":
        size = 2
    return f"{length:,} bytes are no multiple of the {size} of one {vr}" if length % size else ""


def is_old_form(vr: str, value: str) -> bool:
    """Whether a date or time is written as ACR-NEMA 2.0 did: ``1993.08.22``, ``10:30``."""
    form = {"DA": _OLD_DATE, "TM": _OLD_TIME}.get(vr)
    return form is not None and form.fullmatch(value) is not None


def _date(value: str) -> str:
    match = _DATE.fullmatch(value)
    try:
        if match:
            datetime.date(*(int(part) for part in match.groups()))
            return ""
    except ValueError:
        pass
    return "no date of the form YYYYMMDD"


def _matches(form: "re.Pattern[str]", otherwise: str) -> Callable[[str], str]:
    return lambda value: "" if form.fullmatch(value) else otherwise


def _integer(value: str) -> str:
    if not _INTEGER.fullmatch(value):
        return "no integer"
    return "" if _LEAST <= int(value) <= _MOST else "not between -2^31 and 2^31 - 1"


def _datetime(value: str) -> str:
    match = _DATETIME.fullmatch(value)
    if match is None or (match[7] and not match[6]):
        return "no date and time of the form YYYYMMDDHHMMSS.FFFFFF&ZZXX"
    parts = match.groups()[:6]
    gap = any(later and not earlier for earlier, later in pairwise(parts))
    return "no date and time of the form YYYYMMDDHHMMSS.FFFFFF&ZZXX" if gap else ""


def _name_problem(value: str) -> str:
    groups = value.split("=")
    if len(groups) > 3:
        return f"{len(groups)} component groups, 3 are the most that PN may have"
    for group in groups:
        if len(group) > 64:
            return f"a component group of {len(group)} characters, 64 are the most that PN may have"
        if group.count("^") > 4:
            return f"{group.count('^') + 1} components, 5 are the most that PN may have"
    return ""


_CHECKS: dict[str, Callable[[str], str]] = {
    "CS": _matches(_CODE, "other characters than A to Z, 0 to 9, space and underscore"),
    "AS": _matches(_AGE, "no age of the form nnnD, nnnW, nnnM or nnnY"),
    "DA": _date,
    "TM": _matches(_TIME, "no time of the form HHMMSS.FFFFFF"),
    "DT": _datetime,
    "DS": _matches(_DECIMAL, "no decimal number"),
    "IS": _integer,
    "UI": _matches(_UID, "no UID: 0, 1 or 2, then numbers without leading zeros, with dots between"),
    "UR": _matches(_RESOURCE, "characters that no URI has"),
}
