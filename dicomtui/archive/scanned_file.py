"""What a scan knows of one file; made in worker processes."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from dicomtui.archive.containers import is_container, read_members
from dicomtui.archive.header import DICOMDIR_CLASS, Header, header_of_source, open_file, read_opened
from dicomtui.archive.listing import stamp_of
from dicomtui.archive.members import CONTAINER_SUFFIXES
from dicomtui.archive.read_ahead import ReadAhead
from dicomtui.errors import DicomTuiError, ReadError
from dicomtui.text import safe_line

NOT_DICOM = "not DICOM"
_read_ahead = ReadAhead()
_PART_SECONDS = 0.1
_PART = 200
"""Files that are reported together at most, however fast they are read."""


class ScannedFile(NamedTuple):
    """One file that was looked into."""

    path: str
    """Its path, or its address in a container."""
    size: int
    times: int
    """Both as :func:`~dicomtui.archive.listing.stamp_of` tells them, of the container for a member of one."""
    header: Header | None
    reason: str = ""
    """Why there is no header, without the name of the file."""


def may_be_container(path: str) -> bool:
    """Whether a file has the name of a container."""
    return path.lower().endswith(CONTAINER_SUFFIXES)


Plain = tuple[str, int, int, tuple[Any, ...] | None, str]
"""A :class:`ScannedFile` as it goes from process to process: a tuple takes half the time of a named one."""


def from_plain(file: Plain) -> ScannedFile:
    """Return what a worker has said of a file."""
    path, size, times, values, reason = file
    # what _make does, but for a check of the length: these lines count in a scan
    header = None if values is None else tuple.__new__(Header, values)
    return tuple.__new__(ScannedFile, (path, size, times, header, reason))


def _to_plain(files: Iterable[ScannedFile]) -> list[Plain]:
    return [
        (path, size, times, None if header is None else tuple(header), reason)
        for path, size, times, header, reason in files
    ]


def read_files(paths: Sequence[str]) -> Iterator[list[Plain]]:
    """Look into files, one after the other; yield what was found some at a time.

    A container has to come alone, and is passed through; at least one list is yielded.
    """
    if len(paths) == 1 and may_be_container(paths[0]) and is_container(paths[0]):
        yield from map(_to_plain, _in_parts(read_container(paths[0])))
    else:
        yield from map(_to_plain, _read_ahead.over(paths, _in_parts(map(read_file, paths))))


def read_file(path: str, *, parse: bool = True) -> ScannedFile:
    """Look into a regular file; whatever is wrong with it is said in the reason.

    Parameters
    ----------
    path : str
        The file.
    parse : bool
        Whether to parse what is unusual; if not, there is an :class:`~dicomtui.archive.walker.UnusualError`.
    """
    try:
        descriptor, status = open_file(path)
    except DicomTuiError as error:
        return _unopened(path, error)
    size, times = stamp_of(status)
    try:
        return _scanned(path, size, times, read_opened(path, descriptor, size, parse=parse))
    except DicomTuiError as error:
        return ScannedFile(path, size, times, None, _reason(path, error))


def _unopened(path: str, error: DicomTuiError) -> ScannedFile:
    try:
        size, times = stamp_of(os.lstat(path))
    except OSError as failure:
        return ScannedFile(path, 0, 0, None, (failure.strerror or "cannot be read").lower())
    return ScannedFile(path, size, times, None, _reason(path, error))


def read_container(path: str) -> Iterator[ScannedFile]:
    """Look into the members of a zip or tar."""
    size, times = 0, 0
    try:
        status = os.lstat(path)
        size, times = stamp_of(status)
        for address, source in read_members(path):
            if isinstance(source, ReadError):
                yield ScannedFile(address, size, times, None, _reason(address, source))
                continue
            try:
                yield _scanned(address, size, times, header_of_source(source))
            except DicomTuiError as error:
                yield ScannedFile(address, size, times, None, _reason(address, error))
    except DicomTuiError as error:
        yield ScannedFile(path, size, times, None, _reason(path, error))
    except OSError as error:
        yield ScannedFile(path, size, times, None, (error.strerror or "cannot be read").lower())


def _in_parts(files: Iterable[ScannedFile]) -> Iterator[list[ScannedFile]]:
    """Yield what there is several times a second, be it nothing at all."""
    part: list[ScannedFile] = []
    is_first = True
    due = time.monotonic() + _PART_SECONDS
    for file in files:
        part.append(file)
        if len(part) == _PART or time.monotonic() >= due:
            yield part
            part, due, is_first = [], time.monotonic() + _PART_SECONDS, False
    if part or is_first:
        yield part


def _scanned(path: str, size: int, times: int, header: Header | None) -> ScannedFile:
    if header is None:
        return ScannedFile(path, size, times, None, NOT_DICOM)
    if header.sop_class_uid == DICOMDIR_CLASS:
        return ScannedFile(path, size, times, None, "a DICOMDIR")
    return ScannedFile(path, size, times, header)


def _reason(path: str, error: Exception) -> str:
    """Return what an error says about a file but for its name."""
    return str(error).removeprefix(safe_line(path)).removeprefix(": ")
