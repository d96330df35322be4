"""Specific Character Set (0008,0005): from bytes to text, whatever the file claims (PS3.5 6.1)."""

import codecs
from typing import TYPE_CHECKING

from pydicom.charset import convert_encodings, decode_bytes, default_encoding
from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom.dataset import Dataset

Encodings = tuple[str, ...]
"""Python codecs, the first for text before any escape sequence."""

DEFAULT: Encodings = (default_encoding,)
LOCALISED_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
"""Value Representations that Specific Character Set applies to (PS3.5 6.1.2.3)."""

_SPECIFIC_CHARACTER_SET = 0x00080005


def encodings_of(dataset: "Dataset", inherited: Encodings = DEFAULT) -> Encodings:
    """Return the codecs of *dataset*, or the *inherited* ones of the Data Set around it."""
    try:
        element = dataset.get(_SPECIFIC_CHARACTER_SET)
        if element is None or element.is_empty:
            return inherited
        terms = [str(term) for term in ([element.value] if isinstance(element.value, str) else element.value)]
        found = convert_encodings(terms)
    except Exception:  # noqa: BLE001  an unreadable character set must not hide the attributes
        return inherited
    usable = tuple(name for name in found if _decodes_text(name))
    return usable or DEFAULT


def decode(raw: bytes, encodings: "Sequence[str]", *, name: bool = False) -> str:
    """Return *raw* as text; bytes that do not fit the codecs become replacement characters.

    Parameters
    ----------
    raw : bytes
        The value as it stands in the file.
    encodings : sequence of str
        Python codecs, see :func:`encodings_of`.
    name : bool
        Whether the value is a person's name, in which ``^`` and ``=`` reset code extensions too.
    """
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    try:
        return decode_bytes(raw, encodings, PN_DELIMS if name else TEXT_VR_DELIMS)
    except (LookupError, ValueError):
        return raw.decode(default_encoding, "replace")


def _decodes_text(name: str) -> bool:
    try:
        return isinstance(b"".decode(name), str) and codecs.lookup(name) is not None
    except (LookupError, ValueError):
        return False
