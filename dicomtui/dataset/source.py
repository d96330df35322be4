"""Where bytes come from: memory, or a regular file opened so that it can neither hang nor be another."""

import io
import os
import stat
from typing import BinaryIO, Protocol

from dicomtui.errors import ReadError
from dicomtui.text import safe_line

READ_LIMIT = 4 << 30
"""Bytes that are taken from a stream such as standard input."""


class ByteSource(Protocol):
    """Anything that can be opened again and again for reading the same bytes."""

    name: str
    size: int

    def open(self) -> BinaryIO:
        """Return a new binary stream at the first byte."""


class FileSource:
    """A regular file; symbolic links are resolved once, when the source is made."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.name = os.fspath(path)
        try:
            self._real = os.path.realpath(self.name)
        except ValueError as error:  # a null character in the name
            raise ReadError(f"{safe_line(self.name)}: {error}") from error
        with self.open() as stream:
            self.size = os.fstat(stream.fileno()).st_size

    def open(self) -> BinaryIO:
        """Return a new stream, or raise :class:`ReadError` for anything but a readable regular file."""
        return open_regular(self._real, self.name)


class MemorySource:
    """Bytes in memory: standard input, an inflated file, a member of an archive."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content
        self.size = len(content)

    def open(self) -> BinaryIO:
        """Return a new stream over the bytes."""
        return io.BytesIO(self.content)


def open_regular(path: str, name: str | None = None) -> BinaryIO:
    """Open a regular file for reading, never blocking on a FIFO and never following a link.

    Parameters
    ----------
    path : str
        What to open.
    name : str, optional
        What a message calls it, where that is not *path*.

    Raises
    ------
    ReadError
        If it does not exist, may not be read, or is a folder, FIFO, socket, device or link.
    """
    shown = safe_line(path if name is None else name)
    try:
        _require_regular(shown, os.lstat(path).st_mode)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise ReadError(f"{shown}: {_reason(error)}") from error
    try:
        _require_regular(shown, os.fstat(descriptor).st_mode)  # it may have been swapped since lstat
    except ReadError:
        os.close(descriptor)
        raise
    return open(descriptor, "rb")


_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a symbolic link that leads nowhere",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def _require_regular(shown: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise ReadError(f"{shown}: not a regular file, but {kind}")


def _reason(error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return (reason or str(error)).lower()
