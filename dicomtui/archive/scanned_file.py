"""What a scan knows of one file; made in worker processes."""

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dicomtui.archive.containers import read_members
from dicomtui.archive.header import DICOMDIR_CLASS, Header, header_of_source, read_header
from dicomtui.archive.members import CONTAINER_SUFFIXES
from dicomtui.errors import DicomTuiError, ReadError

NOT_DICOM = "not DICOM"


class ScannedFile(NamedTuple):
    """One file that was looked into."""

    path: str
    """Its path, or its address in a container."""
    size: int
    mtime_ns: int
    """Those of the container for a member of one."""
    header: Header | None
    reason: str = ""
    """Why there is no header, without the name of the file."""


def may_be_container(path: str) -> bool:
    """Whether a file has the name of a container."""
    return path.lower().endswith(CONTAINER_SUFFIXES)


def read_files(paths: Sequence[str]) -> list[ScannedFile]:
    """Look into files, one after the other."""
    return [read_file(path) for path in paths]


def read_file(path: str) -> ScannedFile:
    """Look into a regular file; whatever is wrong with it is said in the reason."""
    size, mtime = 0, 0
    try:
        status = os.lstat(path)
        size, mtime = status.st_size, status.st_mtime_ns
        return _scanned(path, size, mtime, read_header(path))
    except DicomTuiError as error:
        return ScannedFile(path, size, mtime, None, _reason(error))
    except OSError as error:
        return ScannedFile(path, size, mtime, None, (error.strerror or "cannot be read").lower())


def read_container(path: str) -> Iterator[ScannedFile]:
    """Look into the members of a zip or tar."""
    try:
        status = os.lstat(path)
        for address, source in read_members(path):
            stamp = status.st_size, status.st_mtime_ns
            if isinstance(source, ReadError):
                yield ScannedFile(address, *stamp, None, _reason(source))
                continue
            try:
                yield _scanned(address, *stamp, header_of_source(source))
            except DicomTuiError as error:
                yield ScannedFile(address, *stamp, None, _reason(error))
    except DicomTuiError as error:
        yield ScannedFile(path, status.st_size, status.st_mtime_ns, None, _reason(error))
    except OSError as error:
        yield ScannedFile(path, 0, 0, None, (error.strerror or "cannot be read").lower())


def _scanned(path: str, size: int, mtime: int, header: Header | None) -> ScannedFile:
    if header is None:
        return ScannedFile(path, size, mtime, None, NOT_DICOM)
    if header.sop_class_uid == DICOMDIR_CLASS:
        return ScannedFile(path, size, mtime, None, "a DICOMDIR")
    return ScannedFile(path, size, mtime, header)


def _reason(error: Exception) -> str:
    return str(error).rpartition(": ")[2]
