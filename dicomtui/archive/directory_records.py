"""The Directory Records of a DICOMDIR as they stand in its bytes, in the order of the file (PS3.3 F.3).

A medium's directory holds tens of thousands of small records, and an old disc is damaged in places. So the
items are walked here with ``struct`` alone: what is cut or garbled costs the rest of its record, no more.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Literal, NamedTuple

from dicomtui.dataset.encoding import HEAD, LONG_VRS, SHORT_VRS, UNDEFINED, find_encoding

FILE_SET_ID = 0x00041130
FIRST_RECORD = 0x00041200
DIRECTORY_RECORDS = 0x00041220
NEXT_RECORD = 0x00041400
LOWER_LEVEL = 0x00041420
RECORD_TYPE = 0x00041430
SPECIFIC_CHARACTER_SET = 0x00080005

ROW_ATTRIBUTES = {
    0x00041500: "ReferencedFileID",
    0x00041510: "ReferencedSOPClassUIDInFile",
    0x00041511: "ReferencedSOPInstanceUIDInFile",
    0x00041512: "ReferencedTransferSyntaxUIDInFile",
    0x00080020: "StudyDate",
    0x00080021: "SeriesDate",
    0x00080023: "ContentDate",
    0x00080030: "StudyTime",
    0x00080050: "AccessionNumber",
    0x00080060: "Modality",
    0x00081030: "StudyDescription",
    0x0008103E: "SeriesDescription",
    0x00100010: "PatientName",
    0x00100020: "PatientID",
    0x0020000D: "StudyInstanceUID",
    0x0020000E: "SeriesInstanceUID",
    0x00200010: "StudyID",
    0x00200011: "SeriesNumber",
    0x00200013: "InstanceNumber",
    0x00700080: "ContentLabel",
    0x00700081: "ContentDescription",
}
"""The attributes of a record that name it in a list, by tag."""

_WANTED = frozenset({NEXT_RECORD, LOWER_LEVEL, RECORD_TYPE, SPECIFIC_CHARACTER_SET, *ROW_ATTRIBUTES})
_ITEM = 0xFFFEE000
_ITEM_END = 0xFFFEE00D
_SEQUENCE_END = 0xFFFEE0DD
_HEADER = {True: Struct("<HH2sH"), False: Struct(">HH2sH")}
_LENGTH = {True: Struct("<L"), False: Struct(">L")}


class RawRecord(NamedTuple):
    """One item of the Directory Record Sequence."""

    offset: int
    """Where its item tag stands, in bytes from the start of the file: what other records point to."""
    next: int
    """Offset of the next record of the same Directory Entity, 0 if there is none."""
    lower: int
    """Offset of the first record of the entity below, 0 if there is none."""
    values: dict[int, bytes]
    """Undecoded values by tag."""


class RawDirectory(NamedTuple):
    """What a DICOMDIR says before its links are followed."""

    file_set_id: bytes
    first: int
    """Offset of the first record of the root Directory Entity."""
    records: list[RawRecord]
    warnings: list[str]


def parse_directory(content: bytes) -> RawDirectory | None:
    """Return the records of a DICOMDIR, or None if *content* has no Directory Record Sequence (0004,1220).

    Parameters
    ----------
    content : bytes
        The whole file, in any uncompressed Transfer Syntax (the standard allows Explicit VR Little Endian).
    """
    encoding = find_encoding(content[:HEAD], len(content))
    if encoding is None:
        return None
    return _Walk(content, encoding.implicit, encoding.little).directory(encoding.start)


class _Walk:
    """Goes over the elements of a file; every step moves forward, so it ends whatever the file claims."""

    def __init__(self, content: bytes, implicit: bool, little: bool) -> None:
        self._content = content
        self._implicit = implicit
        self._header, self._length = _HEADER[little].unpack_from, _LENGTH[little].unpack_from
        self._order: Literal["little", "big"] = "little" if little else "big"
        self._stopped_at = 0
        self._warnings: list[str] = []

    def directory(self, start: int) -> RawDirectory | None:
        values: dict[int, bytes] = {}
        for tag, value, length in self._elements(start, len(self._content)):
            if tag == DIRECTORY_RECORDS:
                end = len(self._content) if length == UNDEFINED else value + length
                records = list(self._records(value, end))
                identifier = values.get(FILE_SET_ID, b"")
                return RawDirectory(identifier, self._offset(values, FIRST_RECORD), records, self._warnings)
            values[tag] = self._content[value : value + min(length, HEAD)]
        return None

    def _records(self, position: int, end: int) -> Iterator[RawRecord]:
        present = min(end, len(self._content))
        while position + 8 <= present:
            tag, value, length = self._element(position)
            if tag != _ITEM:
                if tag != _SEQUENCE_END:
                    self._warnings.append(f"stopped at byte {position:,}: no Directory Record stands there")
                return
            stop = present if length == UNDEFINED else min(value + length, present)
            yield self._record(position, value, stop)
            position = self._stopped_at if length == UNDEFINED else value + length
        if max(position, end) > len(self._content):
            self._warnings.append(f"stopped at byte {len(self._content):,}: the file ends inside its records")

    def _record(self, offset: int, start: int, stop: int) -> RawRecord:
        values = {
            tag: self._content[value : min(value + length, stop)]
            for tag, value, length in self._elements(start, stop)
            if tag in _WANTED
        }
        return RawRecord(offset, self._offset(values, NEXT_RECORD), self._offset(values, LOWER_LEVEL), values)

    def _offset(self, values: dict[int, bytes], tag: int) -> int:
        return int.from_bytes(values.get(tag, b"")[:4], self._order)

    def _elements(self, position: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Yield tag, offset and length of the values on one level, up to *stop* or the end of the item."""
        while position + 8 <= stop:
            tag, value, length = self._element(position)
            if tag in (_ITEM, _ITEM_END, _SEQUENCE_END):
                if tag == _ITEM_END:  # without it the next item, or the end of all, begins here
                    position = value
                break
            yield tag, value, length
            position = self._after_undefined(value, stop) if length == UNDEFINED else value + length
        self._stopped_at = position

    def _after_undefined(self, position: int, stop: int) -> int:
        """Return where a value of undefined length that begins at *position* ends, with its delimiter."""
        depth = 1
        while depth and position + 8 <= stop:
            tag, value, length = self._element(position)
            if tag in (_ITEM_END, _SEQUENCE_END):
                depth -= 1
                position = value
            elif length == UNDEFINED:
                depth += 1
                position = value
            else:
                position = value + length
        return position

    def _element(self, position: int) -> tuple[int, int, int]:
        """Return tag, offset of the value and its length; a header that is cut ends behind the file."""
        group, element, vr, short = self._header(self._content, position)
        tag = group << 16 | element
        if not self._implicit and group != 0xFFFE:
            if vr in SHORT_VRS:
                return tag, position + 8, short
            if vr in LONG_VRS:
                if position + 12 > len(self._content):
                    return tag, position + 12, 0
                return tag, position + 12, self._length(self._content, position + 8)[0]
        return tag, position + 8, self._length(self._content, position + 4)[0]
