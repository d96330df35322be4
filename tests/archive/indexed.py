"""Scanned files that were never on a disk, and an index of them."""

from collections.abc import Iterable
from typing import Any

from dicomtui.archive.header import Header
from dicomtui.archive.index import Index
from dicomtui.archive.scanned_file import ScannedFile

WHEN = 1_700_000_000_123_456_789


def made_header(path: str, **fields: Any) -> Header:
    """Return the header of a CT instance, with other *fields* where they are given."""
    texts = dict.fromkeys(Header._fields, "")
    numbers = {name: None for name, hint in Header.__annotations__.items() if hint not in (str, int)}
    values: dict[str, Any] = {
        **texts,
        **numbers,
        "size": 1000,
        "transfer_syntax": "1.2.840.10008.1.2.1",
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
        "sop_instance_uid": f"1.2.{sum(path.encode('utf-8', 'surrogatepass'))}",
        "study_instance_uid": "1.2.3",
        "series_instance_uid": "1.2.3.4",
        "patient_id": "ID-1",
        "patient_name": "Doe^Jane",
        "modality": "CT",
        "rows": 512,
        "columns": 256,
        "image_position": (-1.5, 0.1, 1e-7),
        "pixel_spacing": (0.7, 0.7),
    }
    return Header(**{**values, **fields, "path": path})


def scanned(path: str, mtime_ns: int = WHEN, size: int = 1000, **fields: Any) -> ScannedFile:
    """Return a file with the header of a CT instance."""
    return ScannedFile(path, size, mtime_ns, made_header(path, **{"size": size, **fields}))


def no_dicom(path: str, reason: str = "not DICOM") -> ScannedFile:
    """Return a file without a header."""
    return ScannedFile(path, 1000, WHEN, None, reason)


def listing(*names: str, mtime_ns: int = WHEN) -> dict[str, tuple[int, int]]:
    """Return what a scan says of a folder with files of these names."""
    return dict.fromkeys(names, (1000, mtime_ns))


def scan_into(index: Index, folder: str, files: Iterable[ScannedFile]) -> set[str]:
    """Do what a scan does with one folder; return the names that had to be read."""
    files = list(files)
    stamps = {file.path.rpartition("/")[2]: (file.size, file.times) for file in files}
    wanted = set(index.wanted(folder, stamps))
    index.update(file for file in files if file.path.rpartition("/")[2] in wanted)
    return wanted
