"""Bytes of a file from front to back, as few as are asked for."""

import os
import zlib
from typing import BinaryIO, Protocol

from dicomtui.dataset.encoding import HEAD

LOOK_LIMIT = 16 << 20
"""Bytes of one file that are looked at; what is skipped does not count."""
INFLATE_LIMIT = 64 << 20
"""Bytes that are inflated of one file, looked at or skipped."""

_LARGEST_CHUNK = 1 << 18


class LimitError(Exception):
    """More bytes than a header can be believed to have."""


class ForwardReader(Protocol):
    """Gives bytes once, in their order."""

    def read(self, count: int, /) -> bytes:
        """Return up to *count* bytes, none at the end."""

    def skip(self, count: int, /) -> None:
        """Leave out *count* bytes."""


class FileReader:
    """Reads an open file from *position* on."""

    __slots__ = ("_descriptor", "_position")

    def __init__(self, descriptor: int, position: int) -> None:
        self._descriptor, self._position = descriptor, position

    def read(self, count: int) -> bytes:
        """Return up to *count* bytes, none at the end."""
        data = os.pread(self._descriptor, count, self._position)
        self._position += len(data)
        return data

    def skip(self, count: int) -> None:
        """Leave out *count* bytes without reading them."""
        self._position += count


class StretchReader:
    """Reads an open file from *position* to *end*."""

    __slots__ = ("_descriptor", "_end", "_position")

    def __init__(self, descriptor: int, position: int, end: int) -> None:
        self._descriptor, self._position, self._end = descriptor, position, end

    @property
    def reached(self) -> int:
        """How far the reader came, or would have if the bytes did not end there."""
        return min(self._position, self._end)

    def read(self, count: int) -> bytes:
        """Return up to *count* bytes, none at the end."""
        data = os.pread(self._descriptor, max(0, min(count, self._end - self._position)), self._position)
        self._position += len(data)
        return data

    def skip(self, count: int) -> None:
        """Leave out *count* bytes without reading them."""
        self._position += count


class LimitedReader:
    """Reads no more than *size* bytes of another reader."""

    def __init__(self, reader: ForwardReader, size: int) -> None:
        self._reader, self._left = reader, size

    def read(self, count: int) -> bytes:
        """Return up to *count* bytes, none at the end."""
        data = self._reader.read(min(count, self._left))
        self._left -= len(data)
        return data

    def skip(self, count: int) -> None:
        """Leave out *count* bytes."""
        count = min(count, self._left)
        self._reader.skip(count)
        self._left -= count


class StreamReader:
    """Reads a stream from where it stands."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, count: int) -> bytes:
        """Return up to *count* bytes, none at the end."""
        return self._stream.read(count)

    def skip(self, count: int) -> None:
        """Leave out *count* bytes without reading them."""
        self._stream.seek(count, os.SEEK_CUR)


class InflatingReader:
    """Inflates a deflated Data Set (PS3.5 A.5), never more than is asked for.

    Parameters
    ----------
    head : bytes
        The beginning of the deflated bytes.
    rest : ForwardReader
        Gives those that follow.

    Attributes
    ----------
    inflated : int
        How many bytes were inflated.
    """

    def __init__(self, head: bytes, rest: ForwardReader) -> None:
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._deflated, self._rest = head, rest
        self.inflated = 0

    def read(self, count: int) -> bytes:
        """Return up to *count* inflated bytes, none at the end.

        Raises
        ------
        zlib.error
            If this is no deflated data.
        LimitError
            If there are more than :data:`INFLATE_LIMIT`.
        """
        parts = []
        while count > 0 and not self._inflater.eof:
            deflated = self._deflated or self._rest.read(HEAD)
            part = self._inflater.decompress(deflated, count)
            self._deflated = self._inflater.unconsumed_tail
            if not part and not deflated:
                break
            parts.append(part)
            count -= len(part)
            self.inflated += len(part)
            if self.inflated > INFLATE_LIMIT:
                raise LimitError
        return b"".join(parts)

    def skip(self, count: int) -> None:
        """Inflate *count* bytes and drop them."""
        while count > 0 and (dropped := self.read(min(count, _LARGEST_CHUNK))):
            count -= len(dropped)


class _EmptyReader:
    """Gives no bytes."""

    def read(self, count: int) -> bytes:
        """Return nothing."""
        return b""

    def skip(self, count: int) -> None:
        """Do nothing."""


NOTHING = _EmptyReader()
"""Follows bytes behind which nothing is to be read."""


class Window:
    """A stretch of bytes that moves forward over a reader, of which it takes *chunk* bytes at first."""

    __slots__ = ("_chunk", "_looked_at", "_reader", "data")

    def __init__(self, data: bytes, reader: ForwardReader, chunk: int = HEAD) -> None:
        self.data = data
        self._reader = reader
        self._chunk = chunk
        self._looked_at = 0

    def at(self, position: int, count: int) -> int:
        """Hold *count* bytes from *position*, or all there are, and return where *position* is now.

        Raises
        ------
        LimitError
            If :data:`LOOK_LIMIT` is reached.
        """
        if position + count <= len(self.data):
            return position
        kept = self.data[position:]
        if position > len(self.data):
            self._reader.skip(position - len(self.data))
        read = self._reader.read(max(count, self._chunk) - len(kept))
        self._looked_at += len(read)
        if self._looked_at > LOOK_LIMIT:
            raise LimitError
        self._chunk = min(2 * self._chunk, _LARGEST_CHUNK)
        self.data = kept + read
        return 0
