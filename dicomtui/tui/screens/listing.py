"""Fills the tree: lists folders and containers, reads headers and Directory Records, in a thread."""

import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from dicomtui.archive.containers import is_container, list_level, read_members, split_address
from dicomtui.archive.folder import Entry, list_folder
from dicomtui.archive.members import SEPARATOR
from dicomtui.errors import DicomTuiError
from dicomtui.tui.widgets.nodes import Kind, Node

if TYPE_CHECKING:
    from dicomtui.archive.dicomdir import Record
    from dicomtui.archive.header import Header

BATCH_SECONDS = 0.1
MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"


class Finding(NamedTuple):
    """What the content of a file told about its node."""

    node: Node
    kind: Kind
    header: "Header | None"
    detail: str


def list_nodes(path: str) -> list[Node]:
    """Return the nodes of a folder, or of a container or a folder in one.

    What cannot be listed is one row that says why.
    """
    try:
        if split_address(path) is not None or is_container(os.path.realpath(path)):
            return [_member_node(entry) for entry in list_level(path)]
        return [_node(entry) for entry in list_folder(path)]
    except DicomTuiError as error:
        return [Node(str(error).rpartition(": ")[2], Kind.OTHER)]


def directory_nodes(path: str) -> list[Node]:
    """Return the records of the DICOMDIR at *path* as nodes."""
    from dicomtui.archive.dicomdir import read_dicomdir

    try:
        records = read_dicomdir(os.path.realpath(path)).records
    except DicomTuiError as error:
        return [Node(str(error).rpartition(": ")[2], Kind.OTHER)]
    return [_record_node(record) for record in records] or [Node("no records", Kind.OTHER)]


def read_headers(nodes: list[Node], cancelled: Callable[[], bool]) -> Iterator[list[Finding]]:
    """Look into the files of *nodes*, then into the members; yield what was found ten times a second."""
    batch: list[Finding] = []
    sent = time.monotonic()
    for node, content in _contents(nodes):
        if cancelled():
            return
        batch.append(_finding(node, content))
        if time.monotonic() - sent > BATCH_SECONDS:
            yield batch
            batch, sent = [], time.monotonic()
    if batch:
        yield batch


def describe(header: "Header") -> str:
    """Return what matters of an instance for its row: modality, number, description, date."""
    number = f"#{header.instance_number}" if header.instance_number is not None else ""
    frames = f"{header.number_of_frames} frames" if (header.number_of_frames or 1) > 1 else ""
    description = header.series_description or header.study_description
    return _joined(header.modality, number, frames, description, _date(header.study_date))


def _node(entry: Entry) -> Node:
    if entry.is_folder:
        return Node(entry.name, Kind.FOLDER, entry.path)
    if entry.reason:
        return Node(entry.name, Kind.OTHER, None, detail=entry.reason)
    if is_container(os.path.realpath(entry.path)):
        return Node(entry.name, Kind.CONTAINER, entry.path)
    kind = Kind.DICOMDIR if entry.name.upper() == "DICOMDIR" else Kind.UNREAD
    return Node(entry.name, kind, entry.path)


def _member_node(entry: Entry) -> Node:
    kind = Kind.FOLDER if entry.is_folder else Kind.OTHER if entry.reason else Kind.UNREAD
    return Node(entry.name, kind, None if entry.reason else entry.path, detail=entry.reason)


def _record_node(record: "Record") -> Node:
    label, detail = _record_texts(record)
    leaf = bool(record.file) and not record.children
    kind = Kind.INSTANCE if leaf else Kind.OTHER if record.missing else Kind.RECORD
    node = Node(
        label,
        kind,
        record.file if leaf else None,
        detail=f"missing: {record.reason}" if record.missing else detail,
    )
    if kind is Kind.RECORD:
        node.adopt([_record_node(child) for child in record.children])
    return node


def _record_texts(record: "Record") -> tuple[str, str]:
    """Return the label of a record and what matters of it."""
    texts = record.attributes
    count = len(record.children)
    match record.kind:
        case "PATIENT":
            below = f"{count} stud{'y' if count == 1 else 'ies'}"
            return texts.get("PatientName") or texts.get("PatientID") or "Patient", _joined(
                texts.get("PatientID"), below
            )
        case "STUDY":
            name = _joined(_date(texts.get("StudyDate", "")), texts.get("StudyDescription"))
            return name or texts.get("StudyID") or "Study", f"{count} series"
        case "SERIES":
            name = _joined(texts.get("Modality"), texts.get("SeriesNumber"), texts.get("SeriesDescription"))
            return name or "Series", f"{count} instance{'' if count == 1 else 's'}"
    name = os.path.basename(record.file) if record.file else record.kind.capitalize()
    number = texts.get("InstanceNumber")
    return name, _joined(record.kind.capitalize(), f"#{number}" if number else "")


def _joined(*parts: str | None) -> str:
    return "  ".join(part for part in parts if part)


_Content: TypeAlias = "Header | DicomTuiError | None"
"""What a file holds; None if it is not DICOM."""


def _contents(nodes: list[Node]) -> "Iterator[tuple[Node, _Content]]":
    """Yield what the files of *nodes* hold; those in a container last, in the order of the container."""
    members: dict[str, dict[str, Node]] = {}
    container = ""
    for node in nodes:
        assert node.path is not None
        if not (container and node.path.startswith(container + SEPARATOR)):
            place = split_address(node.path)
            if place is None:
                yield node, _file_content(node.path)
                continue
            container = place[0]
        members.setdefault(container, {})[node.path.removeprefix(container + SEPARATOR)] = node
    for path, by_name in members.items():
        yield from _member_contents(path, by_name)


def _file_content(path: str) -> "_Content":
    from dicomtui.archive.header import read_header

    try:
        header = read_header(os.path.realpath(path))
    except DicomTuiError as error:
        return error
    return None if header is None else header._replace(path=path)


def _member_contents(path: str, nodes: dict[str, Node]) -> "Iterator[tuple[Node, _Content]]":
    from dicomtui.archive.header import header_of_source

    try:
        for address, source in read_members(path, list(nodes)):
            node = nodes[address.removeprefix(path + SEPARATOR)]
            try:
                yield node, source if isinstance(source, DicomTuiError) else header_of_source(source)
            except DicomTuiError as error:
                yield node, error
    except DicomTuiError as error:  # the container itself is gone
        for node in nodes.values():
            yield node, error


def _finding(node: Node, content: "_Content") -> Finding:
    if content is None:
        return Finding(node, Kind.OTHER, None, "not DICOM")
    if isinstance(content, DicomTuiError):
        return Finding(node, Kind.OTHER, None, str(content).rpartition(": ")[2])
    if content.sop_class_uid != MEDIA_STORAGE_DIRECTORY:
        return Finding(node, Kind.INSTANCE, content, describe(content))
    if split_address(content.path) is None:
        return Finding(node, Kind.DICOMDIR, content, "")
    return Finding(node, Kind.OTHER, content, "a DICOMDIR, whose files stand in the rows beside it")


def _date(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 and date.isdigit() else date
