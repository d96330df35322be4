"""Turns the raw values of header attributes into text and numbers, and remembers them.

The instances of a series share most of their values, so each value is decoded once and then looked up; the
headers share the decoded objects too, which keeps a hundred thousand of them small.
"""

from collections.abc import Callable
from math import isfinite
from typing import Any

_CODECS = {
    "": "latin-1",  # the default repertoire is ASCII; what goes beyond it is mostly Latin-1
    "ISO_IR 6": "latin-1",
    "ISO_IR 13": "shift_jis",
    "ISO_IR 100": "latin-1",
    "ISO_IR 101": "iso8859-2",
    "ISO_IR 109": "iso8859-3",
    "ISO_IR 110": "iso8859-4",
    "ISO_IR 126": "iso8859-7",
    "ISO_IR 127": "iso8859-6",
    "ISO_IR 138": "iso8859-8",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 148": "iso8859-9",
    "ISO_IR 166": "tis-620",
    "ISO_IR 192": "utf-8",
    "ISO_IR 203": "iso8859-15",
    "GB18030": "gb18030",
    "GBK": "gbk",
}
"""Python's names for the single-valued Specific Character Sets of PS3.3 C.12.1.1.2."""
_ESCAPE = b"\x1b"
_WITH_CHARSET = frozenset({"LO", "PN", "SH"})

_REMEMBERED = 4096
_LONGEST_REMEMBERED = 256


class Memory(dict[bytes | None, Any]):
    """Values by the bytes they are decoded from, each made when it is first asked for.

    Parameters
    ----------
    decode : callable
        Makes a value from bytes; no bytes stand for an absent attribute, whose key is None.
    field : int
        Bytes of the length field that each key begins with.
    """

    def __init__(self, decode: Callable[[bytes], Any], field: int) -> None:
        self._decode, self._field = decode, field

    def __missing__(self, raw: bytes | None) -> Any:
        value = self._decode(raw[self._field :] if raw else b"")
        if raw is None or len(raw) <= _LONGEST_REMEMBERED:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[raw] = value
        return value


def decoder(vr: str, count: int, charset: str, little: bool) -> Callable[[bytes], Any]:
    """Return the function that decodes raw values of a VR.

    Parameters
    ----------
    vr : str
        One of the VRs for which there is a :func:`converter`.
    count : int
        How many numbers make a value.
    charset : str
        Specific Character Set (0008,0005); it counts for LO, PN and SH (PS3.5 6.1.2.3).
    little : bool
        Byte order, which counts for US.
    """
    if vr == "US":
        return lambda raw: _unsigned(raw, little)
    convert = converter(vr, count)
    if vr in _WITH_CHARSET:
        return lambda raw: convert(decode_text(raw, charset, name=vr == "PN"))
    return lambda raw: convert(raw.decode("latin-1"))


def converter(vr: str, count: int) -> Callable[[str], Any]:
    """Return the function that makes a value of text: text itself, a number or *count* numbers."""
    if vr == "DS":
        return decimal if count == 1 else lambda value: decimals(value, count)
    if vr in ("IS", "US"):
        return integer
    return person_name if vr == "PN" else text


def decode_text(raw: bytes, charset: str, *, name: bool = False) -> str:
    """Decode text, or a person's *name*, by its Specific Character Set, invalid bytes to replacements."""
    if _ESCAPE not in raw:
        if raw.isascii():
            return raw.decode("ascii")
        codec = _CODECS.get(charset)
        if codec is not None:
            return raw.decode(codec, "replace")
    # code extensions (PS3.5 6.1.2.4) and misspelt character sets take more code, and pydicom
    from pydicom.dataelem import DataElement

    from dicomtui.dataset.charsets import decode, encodings_in

    element = DataElement(0x00080005, "CS", charset)
    return decode(raw, encodings_in({element.tag: element}), name=name)


def text(value: str) -> str:
    r"""Return text without the padding around each of its values, which ``\`` separates."""
    value = value.strip("\0 ")
    if "\\" not in value:
        return value
    return "\\".join(part.strip("\0 ") for part in value.split("\\"))


def person_name(value: str) -> str:
    """Return a Person Name without padding and without the separators of absent component groups."""
    value = text(value)
    if "=" not in value:
        return value
    return "\\".join(part.rstrip("=") for part in value.split("\\"))


def integer(value: str) -> int | None:
    """Return the first number, or None if it is none, has a fraction or does not fit in 64 bits."""
    number = decimal(value)
    if number is None or not number.is_integer() or abs(number) >= 1 << 63:
        return None
    try:
        return int(_first(value))
    except ValueError:
        return int(number)  # written as 1.0


def decimal(value: str) -> float | None:
    """Return the first number, or None if it is none or not finite."""
    first = _first(value)
    if "_" in first:  # a notation of Python's alone
        return None
    try:
        number = float(first)
    except ValueError:
        return None
    return number if isfinite(number) else None


def decimals(value: str, count: int) -> tuple[float, ...] | None:
    """Return *count* numbers, or None if there are more, fewer, or something else."""
    numbers = tuple(number for part in value.split("\\") if (number := decimal(part)) is not None)
    return numbers if len(numbers) == count == value.count("\\") + 1 else None


def _unsigned(raw: bytes, little: bool) -> int | None:
    if not raw or len(raw) % 2:
        return None
    return int.from_bytes(raw[:2], "little" if little else "big")


def _first(value: str) -> str:
    return value.split("\\", 1)[0].strip("\0 ")
