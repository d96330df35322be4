"""Specific Character Set (0008,0005): from bytes to text, whatever the file claims (PS3.5 6.1)."""

import re
from codecs import getincrementaldecoder
from functools import lru_cache
from typing import TYPE_CHECKING

from pydicom.charset import CODES_TO_ENCODINGS, STAND_ALONE_ENCODINGS, default_encoding, python_encoding
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydicom.dataset import Dataset

Encodings = tuple[str, ...]
"""Python codecs, the first for text before any escape sequence."""

DEFAULT: Encodings = (default_encoding,)
OVERRIDES: dict[str, Encodings] = {
    "UTF-8": ("utf-8",),
    "GB18030 (GBK)": ("gb18030",),
    "Big5": ("cp950",),
    "Shift JIS": ("cp932",),
    "EUC-JP": ("euc_jp",),
    "EUC-KR": ("cp949",),
    "CP1251": ("cp1251",),
    "KOI8-R": ("koi8_r",),
    "ISO 8859-2": ("iso8859_2",),
    "Latin-1 (CP1252)": ("cp1252",),
}
"""Codecs by the names of character sets that files are written in without saying so, the likeliest first.

Of each the widest relative: GB18030 reads all of GBK and GB 2312, Microsoft's code pages what programs on
Windows wrote.
"""
LOCALISED_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
"""Value Representations that Specific Character Set applies to (PS3.5 6.1.2.3)."""

_SPECIFIC_CHARACTER_SET = BaseTag(0x00080005)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UTF_8 = frozenset({"utf-8", "utf_8", "UTF8", "utf8", "UTF-8"})
_VALUE_LIMIT = 256  # bytes of (0008,0005) that are looked at
_ESCAPE = re.compile(rb"(\x1b(?:\$?[()-][A-Z]|\$B))")
_TO_G1 = re.compile(rb"\x1b\$?[)-]")
_TWO_BYTES_IN_G0 = frozenset({b"\x1b$B", b"\x1b$(D"})  # JIS X 0208 and 0212, each byte as one of ASCII
_RUNS = re.compile(rb"[\x21-\x7e]+|[^\x21-\x7e]+")  # space and controls are of no set of 94 characters
# what returns to the first character set (PS3.5 6.1.2.5.3); two-byte characters hold all but controls
_LINE_END = re.compile(rb"([\t\n\f\r])")
_VALUE_END = re.compile(rb"([\t\n\f\r\\])")
_NAME_PART_END = re.compile(rb"([\t\n\f\r\\^=])")
_ISO_NAME = re.compile(r"ISO[ _-]?(2022)?[ _-]?IR[ _-]?([0-9]{1,4})")
# Python names of codecs for text, which some writers give; others would unpack or be slow on purpose
_CODEC_NAME = re.compile(
    r"(UTF|CP|WINDOWS|KOI8|ISO[ _-]?8859|LATIN|BIG|SHIFT|EUC)[ _-]?([0-9]{1,4}|[RUT]|JIS|JP|KR)|GB2312"
)


def encodings_of(dataset: "Dataset", inherited: Encodings = DEFAULT) -> Encodings:
    """Return the codecs of *dataset*, or the *inherited* ones of the Data Set around it."""
    element = dataset.get_item(_SPECIFIC_CHARACTER_SET)
    return encodings_in({} if element is None else {_SPECIFIC_CHARACTER_SET: element}, inherited)


def encodings_in(elements: "Mapping[BaseTag, object]", inherited: Encodings = DEFAULT) -> Encodings:
    """Return the codecs of the Data Set that holds *elements*, or the *inherited* ones around it.

    A value that is empty counts as absent; a name that is none of the standard's, nor of another codec for
    text, as the default repertoire.
    """
    element = elements.get(_SPECIFIC_CHARACTER_SET)
    value = element.value if isinstance(element, RawDataElement | DataElement) else None
    if isinstance(value, bytes):
        value = value[:_VALUE_LIMIT].decode("latin-1")
    terms = value.split("\\") if isinstance(value, str) else [str(term) for term in value or ()]
    return _codecs(tuple(terms)) if any(term.strip(" \0") for term in terms) else inherited


def decode(raw: bytes, encodings: "Sequence[str]", *, name: bool = False) -> str:
    """Return *raw* as text; bytes that do not fit the codecs become replacement characters.

    Parameters
    ----------
    raw : bytes
        The value as it stands in the file, or several with backslashes between them.
    encodings : sequence of str
        Python codecs, see :func:`encodings_of`.
    name : bool
        Whether the value is a person's name, in which ``^`` resets code extensions too.
    """
    first = encodings[0]
    if b"\x1b" in raw:
        return _decode_extended(raw, first, _NAME_PART_END if name else _VALUE_END)
    return raw.decode("ascii") if raw.isascii() else raw.decode(first, "replace")


def override_named(name: str) -> Encodings | None:
    """Return the codecs of :data:`OVERRIDES` that a person means: ``gbk``, ``Shift-JIS``, ``latin1``."""
    wanted = _letters(name)
    for known, encodings in OVERRIDES.items():
        if wanted in [_letters(part) for part in known.split("(")]:
            return encodings
    return None


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def misfit(raw: bytes, encodings: "Sequence[str] | None", *, name: bool = False, whole: bool = True) -> str:
    """Return why *raw* is probably not in the character set that is declared for it, or ``""``.

    Bytes of another 8-bit character set cannot be told from those of the declared one: only what fits none
    is noticed, and UTF-8, which other text is hardly ever by chance.

    Parameters
    ----------
    raw : bytes
        The value as it stands in the file.
    encodings : sequence of str or None
        Python codecs, see :func:`encodings_of`; None where no character set is declared.
    name : bool
        Whether the value is a person's name.
    whole : bool
        Whether that is the whole value; the last character of a part may be cut.
    """
    if raw.isascii():
        return ""
    if encodings is None:
        return "bytes above 127 without a Specific Character Set (0008,0005)"
    text = decode(raw, encodings, name=name)
    if not whole:
        text = text.rstrip(_REPLACEMENT)
    if _REPLACEMENT in text:
        return "bytes that are no characters of the Specific Character Set (0008,0005)"
    if encodings[0] in _UTF_8 or b"\x1b" in raw:
        return ""
    if any("\x80" <= character <= "\x9f" for character in text):
        return "bytes from 128 to 159, which are no characters of the Specific Character Set (0008,0005)"
    return (
        "UTF-8, although the Specific Character Set (0008,0005) names another"
        if _is_utf_8(raw, whole)
        else ""
    )


def _is_utf_8(raw: bytes, whole: bool) -> bool:
    try:
        getincrementaldecoder("utf-8")("strict").decode(raw, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _decode_extended(raw: bytes, first: str, delimiter: "re.Pattern[bytes]") -> str:
    """Return text with code extensions (PS3.5 6.1.2.5): escape sequences designate G0 and G1.

    An escape sequence counts whether (0008,0005) declares it or not; an unknown one stays in the text.
    """
    text = []
    g0, g1 = b"", first
    for piece in _ESCAPE.split(raw):
        codec = CODES_TO_ENCODINGS.get(piece)
        if codec is not None:
            # designating G1 ends two-byte characters in G0: the standard does not say so, but writers do
            g0, g1 = (b"", codec) if _TO_G1.match(piece) else (piece, g1)
            continue
        for part in (_LINE_END if g0 in _TWO_BYTES_IN_G0 else delimiter).split(piece):
            text.append(_decode_part(part, g0, g1))
            if delimiter.fullmatch(part):
                g0, g1 = b"", first
    return "".join(text)


def _decode_part(part: bytes, g0: bytes, g1: str) -> str:
    if g0 not in _TWO_BYTES_IN_G0:
        return part.decode(g1, "replace")
    g0_codec = CODES_TO_ENCODINGS[g0]  # which wants its escape sequence
    return "".join(
        (g0 + run).decode(g0_codec, "replace") if 0x21 <= run[0] <= 0x7E else run.decode(g1, "replace")
        for run in _RUNS.findall(part)
    )


@lru_cache(maxsize=64)
def _codecs(terms: tuple[str, ...]) -> Encodings:
    first, *others = (_standard_name(term) for term in terms)
    if first in STAND_ALONE_ENCODINGS:  # which take no code extensions, and are none
        return (_codec(first),)
    return (_codec(first), *(_codec(name) for name in others if name not in STAND_ALONE_ENCODINGS))


def _standard_name(term: str) -> str:
    """Return the Defined Term (PS3.3 C.12.1.1.2) that is meant: writers vary its spaces and dashes."""
    term = term.strip(" \0").upper()
    if match := _ISO_NAME.fullmatch(term):
        return f"ISO 2022 IR {int(match[2])}" if match[1] else f"ISO_IR {int(match[2])}"
    return term


def _codec(name: str) -> str:
    known = python_encoding.get(name)
    if known is None and _CODEC_NAME.fullmatch(name):
        try:
            b"".decode(name)
        except LookupError:
            return default_encoding
        return name
    return known or default_encoding
