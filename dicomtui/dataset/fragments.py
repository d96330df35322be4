"""Finds the items of encapsulated values (PS3.5 A.4), which have no length and may fill gigabytes."""

from struct import Struct
from typing import BinaryIO

from dicomtui.dataset.raw_elements import ITEM, SEQUENCE_END

_HEADER = {True: Struct("<HHL").unpack, False: Struct(">HHL").unpack}
_DELIMITER = {True: b"\xfe\xff\xdd\xe0\0\0\0\0", False: b"\xff\xfe\xe0\xdd\0\0\0\0"}
_CHUNK = 1 << 20


def walk_fragments(
    stream: BinaryIO, position: int, end: int, little: bool
) -> tuple[list[int], list[int], int, bool]:
    """Step from item to item without reading their values.

    Parameters
    ----------
    stream : BinaryIO
        The bytes that the offsets are about.
    position, end : int
        Offsets of the first item and behind the last byte that may be read.
    little : bool
        The byte order.

    Returns
    -------
    offsets, lengths : list of int
        Where each item's value begins, and its bytes.
    position : int
        Offset of the Sequence Delimitation Item, or of what stands in its place.
    ended : bool
        Whether the Sequence Delimitation Item is there.
    """
    offsets: list[int] = []
    lengths: list[int] = []
    unpack, read, seek = _HEADER[little], stream.read, stream.seek
    seek(position)
    while position + 8 <= end and len(header := read(8)) == 8:
        group, element, length = unpack(header)
        tag = group << 16 | element
        if tag == SEQUENCE_END:
            return offsets, lengths, position, True
        if tag != ITEM or position + 8 + length > end:
            break
        offsets.append(position + 8)
        lengths.append(length)
        position += 8 + length
        seek(position)
    return offsets, lengths, position, False


def find_sequence_end(stream: BinaryIO, position: int, end: int, little: bool) -> int | None:
    """Search *stream* for the bytes of a Sequence Delimitation Item; None if there are none."""
    wanted = _DELIMITER[little]
    overlap = b""
    stream.seek(position)
    while position < end and (chunk := stream.read(min(_CHUNK, end - position))):
        found = (overlap + chunk).find(wanted)
        if found >= 0:
            return position - len(overlap) + found
        position += len(chunk)
        overlap = (overlap + chunk)[-len(wanted) + 1 :]
    return None
