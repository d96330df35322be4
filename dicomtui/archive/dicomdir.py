"""A DICOMDIR as a tree: Patient > Study > Series > Instance, with the files that its records name (PS3.3 F).

The records point to each other by offsets. Those are followed with every record placed once, so that neither
a cycle nor an offset into nowhere hides a record; what no offset leads to is placed by its type instead.
"""

import os
from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache

from dicomtui.archive.directory_records import (
    RECORD_TYPE,
    ROW_ATTRIBUTES,
    SPECIFIC_CHARACTER_SET,
    RawDirectory,
    RawRecord,
    parse_directory,
)
from dicomtui.archive.file_ids import FileIds, Found
from dicomtui.dataset.source import FileSource
from dicomtui.errors import ReadError
from dicomtui.text import safe_line

SIZE_LIMIT = 256 << 20
"""Bytes that a DICOMDIR may have: about a million records."""

DEPTH_LIMIT = 64
"""Levels down to which offsets are followed; the standard needs four."""

_ROOT = -1
_LEAF = 3
_LEVELS = {"PATIENT": 0, "STUDY": 1, "SERIES": 2} | dict.fromkeys(
    ("HANGING PROTOCOL", "PALETTE", "IMPLANT", "IMPLANT GROUP", "IMPLANT ASSY", "INVENTORY"), _ROOT
)
"""Level of the record types that are no instance of a series (PS3.3 F.4)."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One Directory Record with all that stands below it; its texts are those of the file, not yet safe."""

    kind: str
    """Directory Record Type (0004,1430): PATIENT, STUDY, SERIES, IMAGE, SR DOCUMENT, ..."""
    attributes: Mapping[str, str]
    """Text by keyword of those in ``ROW_ATTRIBUTES`` that the record has."""
    children: "tuple[Record, ...]" = field(repr=False)
    file: str | None
    """Absolute path of the regular file that the record stands for."""
    reason: str = ""
    """Why there is no file although there should be one."""

    @property
    def missing(self) -> bool:
        """Whether the record stands for a file that cannot be had."""
        return bool(self.reason)


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """What one DICOMDIR says about the files around it."""

    path: str
    file_set_id: str
    records: tuple[Record, ...]
    """The records of the root, usually one for each patient."""
    warnings: tuple[str, ...]
    """One line for each thing that is not as it should be."""


def read_dicomdir(path: str | os.PathLike[str]) -> Directory:
    """Read the DICOMDIR at *path* and find the files of its records.

    Raises
    ------
    ReadError
        If it is not a readable regular file, or has no Directory Record Sequence (0004,1220).
    """
    name = os.fspath(path)
    source = FileSource(name)
    if source.size > SIZE_LIMIT:
        raise ReadError(f"{safe_line(name)}: too large for a DICOMDIR ({source.size >> 20:,} MiB)")
    with source.open() as stream:
        raw = parse_directory(stream.read())
    if raw is None:
        raise ReadError(f"{safe_line(name)}: not a DICOMDIR (no Directory Record Sequence (0004,1220))")
    files = FileIds(os.path.dirname(os.path.realpath(name)))
    placement = _Placement(raw)
    built: dict[int, Record] = {}
    for index in reversed(placement.order):
        children = tuple(built[child] for child in placement.children[index])
        built[index] = _record(raw.records[index], placement.kinds[index], children, files)
    return Directory(
        name,
        _text(raw.file_set_id, b""),
        tuple(built[index] for index in placement.children[_ROOT]),
        (*raw.warnings, *placement.warnings),
    )


class _Placement:
    """Gives each record one place, without recursion and in time that grows with their number only."""

    def __init__(self, raw: RawDirectory) -> None:
        self._records = raw.records
        self._index = {record.offset: index for index, record in enumerate(raw.records)}
        self._depths = {_ROOT: -1}
        self.kinds = [_text(record.values.get(RECORD_TYPE, b""), b"") for record in raw.records]
        self.order: list[int] = []
        """Indices of the records, each one before those below it."""
        self.children: defaultdict[int, list[int]] = defaultdict(list)
        """Indices of the records below each index, of the root's below -1."""
        self._by_type = 0
        self._place(raw.first)
        self.warnings = self._complaints(raw.first)

    def _place(self, first: int) -> None:
        if all(record.lower != first for record in self._records):  # else it leads into the midst of the tree
            self._follow(first, _ROOT)
        pointed_at = {
            offset
            for index, record in enumerate(self._records)
            if index not in self._depths
            for offset in (record.next, record.lower)
        }
        self._place_by_type(pointed_at)
        self._follow(first, _ROOT)
        self._place_by_type(frozenset())  # what is left only points to itself

    def _follow(self, first: int, parent: int) -> None:
        """Place the record at offset *first* below *parent*, those after it, and all that is below them."""
        pending = [(first, parent)]
        while pending:
            offset, parent = pending.pop()
            depth = self._depths[parent] + 1
            while (index := self._index.get(offset)) is not None and index not in self._depths:
                self._depths[index] = depth
                self.order.append(index)
                self.children[parent].append(index)
                if depth < DEPTH_LIMIT:
                    pending.append((self._records[index].lower, index))
                offset = self._records[index].next

    def _place_by_type(self, pointed_at: Set[int]) -> None:
        """Place each record left, unless *pointed_at*, below the latest one of a higher level."""
        above: list[tuple[int, int]] = []
        for index, record in enumerate(self._records):
            level = _LEVELS.get(self.kinds[index].upper(), _LEAF)
            while above and above[-1][0] >= level:
                above.pop()
            if index not in self._depths and record.offset not in pointed_at:
                self._by_type += 1
                self._follow(record.offset, above[-1][1] if above else _ROOT)
            if _ROOT < level < _LEAF and index in self._depths:
                above.append((level, index))

    def _complaints(self, first: int) -> list[str]:
        offsets = [first, *(offset for record in self._records for offset in (record.next, record.lower))]
        astray = sum(offset != 0 and offset not in self._index for offset in offsets)
        warnings = []
        if astray:
            warnings.append(f"offsets that lead to no Directory Record: {astray:,}")
        if self._by_type:
            warnings.append(
                f"records placed by their type because no offset leads to them: {self._by_type:,}"
            )
        return warnings


def _record(raw: RawRecord, kind: str, children: tuple[Record, ...], files: FileIds) -> Record:
    charset = raw.values.get(SPECIFIC_CHARACTER_SET, b"")
    attributes = {
        keyword: _text(raw.values[tag], charset, name=keyword == "PatientName")
        for tag, keyword in ROW_ATTRIBUTES.items()
        if tag in raw.values
    }
    if file_id := attributes.get("ReferencedFileID"):
        found = files.find(file_id)
    elif children or kind.upper() in _LEVELS:
        found = Found(None)
    else:
        found = Found(None, "the record names no file: no Referenced File ID (0004,1500)")
    return Record(kind, attributes, children, found.path, found.reason)


def _text(value: bytes, charset: bytes, *, name: bool = False) -> str:
    value = value.strip(b" \0")
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    from dicomtui.dataset.charsets import decode  # pydicom is loaded for the rare value that needs it

    return decode(value, _encodings(charset), name=name)


@lru_cache(maxsize=32)
def _encodings(charset: bytes) -> tuple[str, ...]:
    from pydicom.dataelem import RawDataElement
    from pydicom.dataset import Dataset
    from pydicom.tag import BaseTag

    from dicomtui.dataset.charsets import encodings_of

    tag = BaseTag(SPECIFIC_CHARACTER_SET)
    return encodings_of(Dataset({tag: RawDataElement(tag, "CS", len(charset), charset, 0, False, True)}))
