"""Directory Records in memory, their places in the file, and the file (PS3.3 F.2.2, F.3; PS3.10 8.6)."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from struct import Struct, pack
from typing import BinaryIO

from dicomtui.archive.record_elements import element, item, sequence_head
from dicomtui.archive.record_keys import PATIENT, Level
from dicomtui.dataset.file_writing import IMPLEMENTATION_UID
from dicomtui.errors import WriteError

_DIRECTORY_CLASS = b"1.2.840.10008.1.3.10"
_EXPLICIT_LITTLE = b"1.2.840.10008.1.2.1"
_HIGHEST_OFFSET = 0xFFFFFFFE

# next record, in use, lower level: (0004,1400), (0004,1410), (0004,1420)
_OFFSETS = Struct("<HH2sHL HH2sHH HH2sHL")
_ITEM_HEAD = 8


@dataclass(slots=True, eq=False)
class Record:
    """One Directory Record with those below it; what is to be written of it is encoded already."""

    kind: str
    level: Level
    before: bytes
    """Its elements up to the one that tells it apart from its neighbours."""
    number: bytes
    """The value of that one; empty if a number has to be found for it."""
    after: bytes
    file_id: str
    """That of its first instance."""
    children: "dict[tuple[bytes, ...], Record]" = field(default_factory=dict)
    offset: int = 0

    @property
    def order(self) -> tuple[bool, int, bytes, str]:
        """Numbers in their order, then texts, then what has neither."""
        is_number = self.number.isdigit() and len(self.number) <= 12
        return not is_number, int(self.number) if is_number else 0, self.number or b"\xff", self.file_id

    def content(self) -> bytes:
        """Return its elements behind the offsets."""
        return self.before + element(self.level.numbered, self.number) + self.after


def numbered(root: dict[tuple[bytes, ...], Record]) -> Iterator[Record]:
    """Yield the records of an entity in order, each with those below it in order and with a number."""
    records = sorted(root.values(), key=lambda record: record.order)
    taken = {record.number for record in records}
    free = 0
    for record in records:
        while not record.number:
            free += 1
            number = (b"UNKNOWN%d" if record.level is PATIENT else b"%d") % free
            record.number = b"" if number in taken else number
        record.children = {(b"%d" % at,): child for at, child in enumerate(numbered(record.children))}
        yield record


def write_directory(stream: BinaryIO, root: list[Record], file_set_id: str) -> None:
    """Write a DICOMDIR of the records in *root* and of all below them.

    Raises
    ------
    WriteError
        If there are so many that offsets of 32 bits do not reach them.
    """
    head = bytes(128) + b"DICM" + _meta()
    head_size = len(head) + len(_head(file_set_id, 0, 0, 0))
    end = _place(root, head_size)
    if end > _HIGHEST_OFFSET:
        raise WriteError("DICOMDIR: too many records for offsets of 32 bits; make several folders")
    first, last = (root[0].offset, root[-1].offset) if root else (0, 0)
    stream.write(head + _head(file_set_id, first, last, end - head_size))
    _write_records(stream, root)


def _meta() -> bytes:
    elements = (
        element(0x00020001, b"\0\1")
        + element(0x00020002, _DIRECTORY_CLASS)
        + element(0x00020003, b"2.25.%d" % uuid.uuid4().int)
        + element(0x00020010, _EXPLICIT_LITTLE)
        + element(0x00020012, IMPLEMENTATION_UID.encode("ascii"))
    )
    return element(0x00020000, pack("<L", len(elements))) + elements


def _head(file_set_id: str, first: int, last: int, length: int) -> bytes:
    """Return the File-set Identification and Directory Information Modules up to the first item."""
    return (
        element(0x00041130, file_set_id.encode("ascii"))
        + element(0x00041200, pack("<L", first))
        + element(0x00041202, pack("<L", last))
        + element(0x00041212, pack("<H", 0))
        + sequence_head(0x00041220, length)
    )


def _place(records: Iterable[Record], offset: int) -> int:
    """Give each record its offset, those below it behind it; return where the last one ends."""
    for record in records:
        record.offset = offset
        offset += _ITEM_HEAD + _OFFSETS.size + len(record.content())
        offset = _place(record.children.values(), offset)
    return offset


def _write_records(stream: BinaryIO, records: list[Record]) -> None:
    following = [*(record.offset for record in records[1:]), 0]
    for record, following_offset in zip(records, following, strict=False):  # there may be no record at all
        children = list(record.children.values())
        lower = children[0].offset if children else 0
        offsets = _OFFSETS.pack(
            *(0x0004, 0x1400, b"UL", 4, following_offset),
            *(0x0004, 0x1410, b"US", 2, 0xFFFF),
            *(0x0004, 0x1420, b"UL", 4, lower),
        )
        stream.write(item(offsets + record.content()))
        _write_records(stream, children)
