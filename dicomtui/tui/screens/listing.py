"""Fills the tree: lists folders, reads headers and Directory Records in a thread, in batches."""

import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.folder import Entry, list_folder
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
    """Return the nodes of a folder; what cannot be listed is one row that says why."""
    try:
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
    """Look into the files of *nodes*, one after the other; yield what was found ten times a second."""
    batch: list[Finding] = []
    sent = time.monotonic()
    for node in nodes:
        if cancelled():
            return
        batch.append(_look_into(node))
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
    kind = Kind.DICOMDIR if entry.name.upper() == "DICOMDIR" else Kind.UNREAD
    return Node(entry.name, kind, entry.path)


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


def _look_into(node: Node) -> Finding:
    from dicomtui.archive.header import read_header

    assert node.path is not None
    try:
        header = read_header(os.path.realpath(node.path))
    except DicomTuiError as error:
        return Finding(node, Kind.OTHER, None, str(error).rpartition(": ")[2])
    if header is None:
        return Finding(node, Kind.OTHER, None, "not DICOM")
    header = header._replace(path=node.path)
    if header.sop_class_uid == MEDIA_STORAGE_DIRECTORY:
        return Finding(node, Kind.DICOMDIR, header, "")
    return Finding(node, Kind.INSTANCE, header, describe(header))


def _date(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 and date.isdigit() else date
