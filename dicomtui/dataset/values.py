"""The bytes of one value as text: what stands there, readable, and never more than asked for.

Values are unpacked here, not by pydicom's converters: a decimal such as ``12,5`` or a date that is none must
be shown as it stands, and a value of 8 MB must not be converted for the twenty characters that fit.
"""

import re
from struct import Struct, calcsize, iter_unpack
from typing import NamedTuple

from dicomtui.dataset.charsets import LOCALISED_VRS, Encodings, decode
from dicomtui.dataset.dictionary import format_tag, keyword_of, uid_name

NUMBER_FORMATS = {
    "FD": "d",
    "FL": "f",
    "OD": "d",
    "OF": "f",
    "OL": "L",
    "OV": "Q",
    "SL": "l",
    "SS": "h",
    "SV": "q",
    "UL": "L",
    "US": "H",
    "UV": "Q",
}
"""VRs of binary numbers and their formats for ``struct``."""

TEXT_VRS = frozenset({"LT", "ST", "UT"})
"""VRs that are one text, in which a backslash separates nothing (PS3.5 6.2)."""

STRING_VRS = LOCALISED_VRS | {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"}
BINARY_VRS = frozenset({"OB", "OW", "UN", "OD", "OF", "OL", "OV"})

# the formats of PS3.5 6.2; anything else is shown as written
_YMD = r"(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_DATE = re.compile(_YMD)
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)(?:([0-5]\d|60)(\.\d{1,6})?)?")
_DATETIME = re.compile(rf"{_YMD}{_TIME.pattern}([+-]\d{{4}})?")
_TAG = re.compile(r"\(([0-9a-fA-F]{4}),([0-9a-fA-F]{4})\)")
_AGE = re.compile(r"(\d{3})([DWMY])")
_SINGLE = Struct("<f")
_AGE_UNITS = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}


class Raw(NamedTuple):
    """A value as it stands in a file."""

    vr: str
    value: bytes
    little: bool
    encodings: Encodings


def components(raw: Raw) -> list[str]:
    """Split a value into its values (VM), each as plain text that is not yet safe to show.

    Parameters
    ----------
    raw : Raw
        Any VR but SQ; the bytes of OB, OW and UN are given as one line of hexadecimal digits.
    """
    if raw.vr in TEXT_VRS:
        return [decode(raw.value, raw.encodings).rstrip(" \0")]
    if raw.vr in STRING_VRS:
        encodings = raw.encodings if raw.vr in LOCALISED_VRS else ("latin-1",)
        text = decode(raw.value, encodings, name=raw.vr == "PN")
        return [part.strip(" \0") if raw.vr != "UC" else part.rstrip(" \0") for part in text.split("\\")]
    order, whole = "<" if raw.little else ">", raw.value[: len(raw.value) - odd_bytes(raw.vr, len(raw.value))]
    if raw.vr == "AT":
        pairs = iter_unpack(f"{order}HH", whole)
        return [format_tag(group << 16 | element) for group, element in pairs]
    if kind := NUMBER_FORMATS.get(raw.vr):
        return [_number(value, kind) for (value,) in iter_unpack(order + kind, whole)]
    return [raw.value.hex(" ")]


def odd_bytes(vr: str, length: int) -> int:
    """Return how many bytes at the end of a value of binary numbers or tags are no whole one."""
    if vr == "AT":
        return length % 4
    return length % calcsize(f"<{NUMBER_FORMATS[vr]}") if vr in NUMBER_FORMATS else 0


def readable(vr: str, component: str) -> str:
    """Return one component as a person reads it: a date with dashes, a UID with its name.

    What does not parse is returned as it stands.
    """
    if vr == "UI":
        name = uid_name(component)
        return f"{name} ({component})" if name else component
    if vr == "AT" and (match := _TAG.fullmatch(component)):
        return f"{component} {keyword_of(int(match[1] + match[2], 16))}".rstrip()
    if vr == "DA" and (match := _DATE.fullmatch(component)):
        return "-".join(match.groups())
    if vr == "TM" and (match := _TIME.fullmatch(component)):
        return _clock(*match.groups())
    if vr == "DT" and (match := _DATETIME.fullmatch(component)):
        year, month, day, hour, minute, second, fraction, zone = match.groups()
        return f"{year}-{month}-{day} {_clock(hour, minute, second, fraction)} {zone or ''}".rstrip()
    if vr == "AS" and (match := _AGE.fullmatch(component)):
        count, unit = int(match[1]), _AGE_UNITS[match[2]]
        return f"{count} {unit if count != 1 else unit[:-1]}"
    return component


def hex_dump(value: bytes, start: int = 0) -> str:
    """Return *value* as lines of an offset, sixteen bytes and their ASCII characters."""
    lines = []
    for offset in range(0, len(value), 16):
        chunk = value[offset : offset + 16]
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in chunk)
        lines.append(f"{start + offset:08x}  {chunk[:8].hex(' '):23}  {chunk[8:].hex(' '):23}  {shown}")
    return "\n".join(lines)


def _clock(hour: str, minute: str, second: str | None, fraction: str | None) -> str:
    return f"{hour}:{minute}" + (f":{second}{fraction or ''}" if second else "")


def _number(value: float, kind: str) -> str:
    """Return the shortest decimal that stands for the same binary number."""
    if kind != "f":
        return str(value)
    digits = (f"{value:.{count}g}" for count in range(6, 10))
    return next((text for text in digits if _SINGLE.pack(float(text)) == _SINGLE.pack(value)), str(value))
