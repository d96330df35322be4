"""The bytes of members: windows on the container where they are stored, inflated in memory where not."""

import io
import os
import zlib
from typing import BinaryIO

from dicomtui.archive.forward import ForwardReader, InflatingReader, LimitedReader, StretchReader
from dicomtui.archive.gzip_reader import GzipPlaces, GzipReader
from dicomtui.archive.kept import Kept
from dicomtui.archive.members import Entry
from dicomtui.dataset.encoding import HEAD
from dicomtui.dataset.source import open_regular
from dicomtui.errors import ReadError
from dicomtui.text import safe_line
from dicomtui.wording import size_text

SIZE_LIMIT = 1 << 30
"""Bytes that a member may have when it is inflated, which is done in memory."""
FOLD_LIMIT, FREE_BYTES = 200, 256 << 20
"""How many times its stored size a member may have when inflated, once it has more than so many bytes."""
KEPT_LIMIT = 256 << 20
"""Bytes of inflated members that are kept, but that the latest is kept whatever its size."""

_FEW = 1536
_CHUNK = 1 << 18
_Content = tuple[bytes, tuple[str, ...]]
_contents: Kept[_Content] = Kept(KEPT_LIMIT)


class HeaderHint:
    """How many bytes to inflate for a header at first: inflating takes longer than all else.

    The members of a container are alike, so it is what their longest header took so far, if that is little.

    Attributes
    ----------
    count : int
        Bytes.
    """

    def __init__(self) -> None:
        self.count = _FEW

    def learn(self, inflated: int) -> None:
        """Take note of how many bytes a header took."""
        if self.count < inflated <= HEAD:
            self.count = inflated


class ContainerFile:
    """The file of a container, which must stay as it was when its directory was read.

    Parameters
    ----------
    path : str
        Where it is; symbolic links are resolved once, here.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._real = os.path.realpath(path)
        with open_regular(self._real, path) as stream:
            status = os.fstat(stream.fileno())
        self.size = status.st_size
        self.hint = HeaderHint()
        self.key = (self._real, status.st_size, status.st_mtime_ns)

    def open(self) -> BinaryIO:
        """Return a new stream.

        Raises
        ------
        ReadError
            If the file is gone, or another.
        """
        stream = open_regular(self._real, self.path)
        status = os.fstat(stream.fileno())
        if (status.st_size, status.st_mtime_ns) != self.key[1:]:
            stream.close()
            raise ReadError(f"{safe_line(self.path)}: has changed while it was read; open it again")
        return stream


class MemberSource:
    """What all members have in common: a :class:`~dicomtui.dataset.source.ByteSource`.

    Attributes
    ----------
    name : str
        The address of the member.
    size : int
        Its bytes; as its container says until it is opened, since only then it is known.
    problems : tuple of str
        One line for each thing that is wrong with it, known once it is opened.
    """

    def __init__(self, name: str, size: int, file: ContainerFile, stream: BinaryIO | None) -> None:
        self.name, self.size = name, size
        self.problems: tuple[str, ...] = ()
        self._file = file
        self._stream = stream

    def open(self) -> BinaryIO:
        """Return a new stream over the bytes."""
        raise NotImplementedError

    @property
    def hint(self) -> HeaderHint:
        """How many bytes a header takes, going by the members before."""
        return self._file.hint

    def forward(self) -> ForwardReader | None:
        """Return a reader from the first byte on, which inflates what it is asked for.

        There is one while the container is passed through, else None.
        """
        if self._stream is None or self._stream.closed:
            return None
        return self._forward(self._stream.fileno())

    def _forward(self, descriptor: int) -> ForwardReader | None:
        raise NotImplementedError


class WindowSource(MemberSource):
    """A member that stands in the container as it is: any byte of it is a seek away."""

    def __init__(
        self, name: str, file: ContainerFile, start: int, size: int, stream: BinaryIO | None = None
    ) -> None:
        super().__init__(name, max(0, min(size, file.size - start)), file, stream)
        self._start = start

    def open(self) -> BinaryIO:
        """Return a new stream over the bytes."""
        window = _Window(self._file.open(), self._start, self.size)
        return io.BufferedReader(window)

    def _forward(self, descriptor: int) -> ForwardReader:
        return StretchReader(descriptor, self._start, self._start + self.size)


class DeflatedSource(MemberSource):
    """A deflated member of a zip, inflated as a whole when it is opened."""

    def __init__(
        self, name: str, file: ContainerFile, entry: Entry, start: int, stream: BinaryIO | None = None
    ) -> None:
        super().__init__(name, entry.size, file, stream)
        self._start, self._end = start, min(start + entry.stored, file.size)
        self._checksum = entry.checksum

    def open(self) -> BinaryIO:
        """Return a new stream over the bytes.

        Raises
        ------
        ReadError
            If nothing of it can be inflated, or too much.
        """
        content, self.problems = _contents.get((self._file.key, self._start), self._inflate)
        self.size = len(content)
        return io.BytesIO(content)

    def _forward(self, descriptor: int) -> ForwardReader:
        return InflatingReader(b"", StretchReader(descriptor, self._start, self._end))

    def _inflate(self) -> tuple[_Content, int]:
        with self._file.open() as stream:
            content, problem = inflate(stream, self._start, self._end)
        if problem and not content:
            raise ReadError(f"{safe_line(self.name)}: {problem}")
        if not problem and self._checksum is not None and zlib.crc32(content) != self._checksum:
            problem = "the archive is damaged: the checksum is that of other bytes"
        return (content, (problem,) if problem else ()), len(content)


class GzippedSource(MemberSource):
    """A member of a compressed tar, read from the nearest place that is known."""

    def __init__(
        self,
        name: str,
        file: ContainerFile,
        entry: Entry,
        places: GzipPlaces,
        passing: tuple[GzipReader, BinaryIO],
    ) -> None:
        super().__init__(name, entry.size, file, passing[1])
        self._offset, self._declared = entry.offset, entry.size
        self._places, self._reader = places, passing[0]

    def open(self) -> BinaryIO:
        """Return a new stream over the bytes.

        Raises
        ------
        ReadError
            If nothing of it can be inflated, or too much.
        """
        content, self.problems = _contents.get((self._file.key, self._offset), self._inflate)
        self.size = len(content)
        return io.BytesIO(content)

    def _forward(self, descriptor: int) -> ForwardReader | None:
        if self._reader.offset != self._offset:
            return None  # the pass has gone on
        return LimitedReader(self._reader.copy(), self._declared)

    def _inflate(self) -> tuple[_Content, int]:
        if self._declared > SIZE_LIMIT:
            raise ReadError(f"{safe_line(self.name)}: {_too_large()}")
        with self._file.open() as stream:
            reader = self._places.reader_at(self._offset, stream.fileno())
            content = reader.read(self._declared)
        if len(content) == self._declared:
            return (content, ()), len(content)
        problem = reader.problem or "the archive is cut"
        if not content:
            raise ReadError(f"{safe_line(self.name)}: {problem}")
        return (content, (problem,)), len(content)


def inflate(stream: BinaryIO, start: int, end: int) -> tuple[bytes, str]:
    """Return the inflated bytes of a stretch of *stream*, as far as they are good, and what is wrong.

    Sizes that the archive declares play no part. Of what is too large, nothing is returned.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    content = bytearray()
    stream.seek(start)
    read = 0
    while not inflater.eof and (chunk := stream.read(max(0, min(_CHUNK, end - start - read)))):
        read += len(chunk)
        while chunk and not inflater.eof:
            try:
                content += inflater.decompress(chunk, _CHUNK << 2)
            except zlib.error as error:
                return bytes(content), f"cannot be inflated ({error})"
            chunk = inflater.unconsumed_tail
            if len(content) > min(SIZE_LIMIT, max(FREE_BYTES, FOLD_LIMIT * read)):
                return b"", _too_large()
    return bytes(content), "" if inflater.eof else "the archive is cut"


def _too_large() -> str:
    most = size_text(SIZE_LIMIT)
    return f"too large to be inflated in memory (over {most}, or over {FOLD_LIMIT} times its size); unpack it"


class _Window(io.RawIOBase):
    """A stretch of a file as a stream of its own."""

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        self._stream = stream
        self._start, self._size = start, size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        count = min(len(buffer), max(0, self._size - self._position))
        if count <= 0:
            return 0
        view = memoryview(buffer)[:count]
        found = os.preadv(self._stream.fileno(), [view], self._start + self._position)
        self._position += found
        return found

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
