"""How a file is encoded: preamble, File Meta Information, Transfer Syntax, declared or inferred.

Only ``struct`` is used here, so that a scan can tell DICOM from other files without loading pydicom.
"""

import re
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from dicomtui.dataset.short_elements import SHORT_VR, even_lengths, sized

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

_EXPLICIT = {True: Struct("<HH2sH").unpack_from, False: Struct(">HH2sH").unpack_from}
_IMPLICIT = {True: Struct("<HHL").unpack_from, False: Struct(">HHL").unpack_from}
_LENGTH = {True: Struct("<L").unpack_from, False: Struct(">L").unpack_from}
_FIRST_GROUPS = frozenset({0x0000, 0x0002, 0x0004, 0x0008, 0x0010})
_TRANSFER_SYNTAX_UID = 0x0010  # of group 0002
_SIZED = sized(even_lengths(64))
_REST = rf"(?:{SHORT_VR}{_SIZED}|OB\x00\x00\x02\x00\x00\x00..))*+"
_USUAL_META = re.compile(
    rf"(?:\x02\x00[\x00-\x0f]\x00{_REST}\x02\x00\x10\x00UI({_SIZED})"
    rf"(?:\x02\x00(?:[\x11-\xff]\x00|.\x01){_REST}".encode("ascii"),
    re.DOTALL,
)  # a scan saves a third of what the loop in _after_meta takes
_PLAUSIBLE_VR = re.compile(rb"[A-Z]{2}")
_ENOUGH = 4  # elements in good order that prove a Data Set without a preamble


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
        None if this is not DICOM: neither ``DICM`` after a preamble (PS3.10 7.1) nor a believable run of
        elements at the start.
    """
    if head[128:PREAMBLE] == b"DICM":
        return _after_meta(head, PREAMBLE)
    if _believable(head, size):
        return _after_meta(head, 0)
    return None


def _after_meta(head: bytes, meta: int) -> Encoding:
    """Walk the File Meta Information, which is always explicit little endian (PS3.10 7.1)."""
    declared = b""
    position, last = meta, len(head) - 8
    if usual := _USUAL_META.match(head, meta):
        declared, position = usual[1][2:], usual.end()
    unpack = _EXPLICIT[True]
    while position <= last:
        group, element, vr, length = unpack(head, position)
        if group != 2:
            break
        if vr in SHORT_VRS:
            value = position + 8
        elif vr in LONG_VRS and position + 12 <= len(head):
            value = position + 12
            (length,) = _LENGTH[True](head, position + 8)
            if length == UNDEFINED:
                break
        else:
            break
        position = value + length
        if element == _TRANSFER_SYNTAX_UID:
            declared = head[value:position]
    first = head[position : position + 8]
    return _settle(position, meta if position > meta else None, declared, first)


@lru_cache(maxsize=1024)
def _settle(start: int, meta: int | None, transfer_syntax: bytes, first: bytes) -> Encoding:
    """Choose VR encoding and byte order; where the *first* element contradicts the declaration, it wins."""
    declared = transfer_syntax.strip(b"\0 ").decode("ascii", "replace")
    implicit = declared in (IMPLICIT_LITTLE, GE_PRIVATE)
    little = declared != EXPLICIT_BIG
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
    """Whether a file without a preamble starts with Data Elements in ascending order."""
    return any(
        _in_good_order(head, size, little, implicit)
        for little in (True, False)
        if _may_be_first(head, little)
        for implicit in (False, True)
    )


def _may_be_first(head: bytes, little: bool) -> bool:
    """Whether a Data Set, a File Meta Information or a Command Set can begin with this tag."""
    if len(head) < 8:
        return False
    group, element, length = _IMPLICIT[little](head, 0)
    if group == 0x0000:
        return bool(element == 0 and length == 4)  # Command Group Length comes first (PS3.7 6.3.1)
    if group == 0x0004:
        return bool(0x1130 <= element <= 0x1600)
    return group in _FIRST_GROUPS and bool(element <= 0x3000)


def _in_good_order(head: bytes, size: int, little: bool, implicit: bool) -> bool:
    """Whether elements with ascending tags, known VRs and lengths that fit stand at the start."""
    position, previous, seen = 0, -1, 0
    while position + 12 <= len(head) and seen < _ENOUGH:
        value = position + 8
        if implicit:
            group, element, length = _IMPLICIT[little](head, position)
        else:
            group, element, vr, length = _EXPLICIT[little](head, position)
            if vr in LONG_VRS:
                (length,) = _LENGTH[little](head, value)
                value += 4
            elif vr not in SHORT_VRS:
                return False
        tag = group << 16 | element
        if tag <= previous:
            return False
        position, previous = value + length, tag
        if position > size and length != UNDEFINED:
            break
        seen += 1
    # one element proves something only if it names its VR, or is all there is
    return seen > 1 or (seen == 1 and (not implicit or position == size))
