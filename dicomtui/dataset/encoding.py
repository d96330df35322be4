"""How a file is encoded: preamble, File Meta Information, Transfer Syntax, declared or inferred.

Only ``struct`` is used here, so that a scan can tell DICOM from other files without loading pydicom.
"""

import re
from struct import Struct
from typing import NamedTuple

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED_LITTLE = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
GE_PRIVATE = "1.2.840.113619.5.2"  # implicit little endian, with big endian native pixel data

PREAMBLE = 132
HEAD = 8192
"""Bytes from the start of a file that are enough to tell how it is encoded."""

UNDEFINED = 0xFFFFFFFF
LONG_VRS = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
"""Value Representations with a four-byte length in explicit encoding (PS3.5 7.1.2)."""
SHORT_VRS = frozenset(
    {b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN"}
    | {b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"}
)

_EXPLICIT = {True: Struct("<HH2sH"), False: Struct(">HH2sH")}
_IMPLICIT = {True: Struct("<HHL"), False: Struct(">HHL")}
_LENGTH = {True: Struct("<L"), False: Struct(">L")}
_FIRST_GROUPS = frozenset({0x0000, 0x0002, 0x0004, 0x0008, 0x0010})
_TRANSFER_SYNTAX_UID = 0x00020010
_PLAUSIBLE_VR = re.compile(rb"[A-Z]{2}")


class Encoding(NamedTuple):
    """What must be known before the first Data Element of the Data Set can be read."""

    start: int
    """Offset of the first element after the File Meta Information."""
    meta: int | None
    """Offset of the File Meta Information; None where there is none."""
    transfer_syntax: str
    """The declared UID, or the inferred one when none is declared."""
    declared: bool
    implicit: bool
    little: bool


class _Element(NamedTuple):
    tag: int
    vr: bytes
    length: int
    value: int
    """Offset of the value."""


def find_encoding(head: bytes, size: int) -> Encoding | None:
    """Tell how a file is encoded from its first bytes.

    Parameters
    ----------
    head : bytes
        The first :data:`HEAD` bytes of the file, or all of it.
    size : int
        The size of the whole file in bytes.

    Returns
    -------
    Encoding or None
        None if this is not DICOM: neither ``DICM`` after a preamble (PS3.10 7.1) nor a believable first
        element at the start.
    """
    if head[128:PREAMBLE] == b"DICM":
        return _after_meta(head, PREAMBLE)
    if not _believable(head, size):
        return None
    return _after_meta(head, 0)


def _after_meta(head: bytes, meta: int) -> Encoding:
    declared = ""
    position = meta
    while (element := _explicit(head, position, little=True)) and element.tag >> 16 == 2:
        end = element.value + element.length
        if element.tag == _TRANSFER_SYNTAX_UID:
            declared = head[element.value : end].strip(b"\0 ").decode("ascii", "replace")
        if element.length == UNDEFINED:
            break
        position = end
    return _settle(head, position, meta if position > meta else None, declared)


def _settle(head: bytes, start: int, meta: int | None, declared: str) -> Encoding:
    """Choose VR encoding and byte order; where the first element contradicts the declaration, it wins."""
    implicit = declared in (IMPLICIT_LITTLE, GE_PRIVATE)
    little = declared != EXPLICIT_BIG
    first = head[start : start + 8]
    if len(first) == 8 and declared != DEFLATED_LITTLE:
        implicit = not _PLAUSIBLE_VR.fullmatch(first[4:6])
        # groups of a Data Set begin low (0008); read in the wrong byte order they are 0400 and more
        swapped = int.from_bytes(first[:2], "little" if little else "big") >= 0x0400
        other = int.from_bytes(first[:2], "big" if little else "little")
        if swapped and other in _FIRST_GROUPS:
            little = not little
    inferred = IMPLICIT_LITTLE if implicit else EXPLICIT_LITTLE if little else EXPLICIT_BIG
    return Encoding(start, meta, declared or inferred, bool(declared), implicit, little)


def _believable(head: bytes, size: int) -> bool:
    """Whether two Data Elements in ascending order stand at the start of a file without a preamble."""
    for little in (True, False):
        first = _any(head, 0, little)
        if first is None or first.tag >> 16 not in _FIRST_GROUPS or first.tag & 0xFFFF > 0x3000:
            continue
        if first.length == UNDEFINED or first.value + first.length > size:
            continue
        end = first.value + first.length
        if end == size or end + 8 > len(head):
            return end <= size and first.length <= len(head)
        second = _any(head, end, little)
        if second is not None and first.tag < second.tag and second.tag >> 16 <= 0x0040:
            return True
    return False


def _any(head: bytes, position: int, little: bool) -> _Element | None:
    return _explicit(head, position, little) or _implicit(head, position, little)


def _explicit(head: bytes, position: int, little: bool) -> _Element | None:
    if position + 8 > len(head):
        return None
    group, element, vr, length = _EXPLICIT[little].unpack_from(head, position)
    tag = group << 16 | element
    if vr in SHORT_VRS:
        return _Element(tag, vr, length, position + 8)
    if vr in LONG_VRS and position + 12 <= len(head):
        return _Element(tag, vr, _LENGTH[little].unpack_from(head, position + 8)[0], position + 12)
    return None


def _implicit(head: bytes, position: int, little: bool) -> _Element | None:
    if position + 8 > len(head):
        return None
    group, element, length = _IMPLICIT[little].unpack_from(head, position)
    return _Element(group << 16 | element, b"", length, position + 8)
