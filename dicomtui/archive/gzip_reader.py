"""The inflated bytes of a gzip file, from front to back, and from any place that was passed before."""

import os
import zlib
from bisect import bisect_right
from threading import Lock

from dicomtui.wording import size_text

_CHUNK = 1 << 16
_SKIPPED_AT_ONCE = 1 << 18
_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b"

SPACING = 4 << 20
"""Inflated bytes between two places from which reading can begin, at first."""
PLACES = 256
"""How many such places are kept, each in 40 KiB; when there are more, every other one is dropped."""


FOLD_LIMIT, FREE_BYTES = 200, 1 << 30
"""How many times its size a file may have when inflated, once it has more than so many bytes."""
TOTAL_LIMIT = 256 << 30
"""Bytes that a file may have when inflated."""


class GzipReader:
    """Inflates an open file of one or more gzip members (RFC 1952), never more than is asked for.

    Attributes
    ----------
    offset : int
        How many inflated bytes were read or skipped.
    consumed : int
        How many bytes of the file that took.
    problem : str
        Why there are no more bytes, ``""`` at the file's proper end.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._inflater = zlib.decompressobj(_GZIP)
        self._deflated = b""
        self.consumed = self.offset = 0
        self.problem = ""

    def copy(self, descriptor: int | None = None) -> "GzipReader":
        """Return another reader at this place, of the same file or of one that was opened again."""
        other = GzipReader(self._descriptor if descriptor is None else descriptor)
        other._inflater = self._inflater.copy()
        other.consumed, other.offset, other.problem = self.consumed, self.offset, self.problem
        return other

    @property
    def reached(self) -> int:
        """How many bytes were passed."""
        return self.offset

    def read(self, count: int) -> bytes:
        """Return up to *count* inflated bytes, none at the end."""
        parts = []
        while count > 0 and (part := self._inflate(count)):
            parts.append(part)
            count -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def skip(self, count: int) -> None:
        """Inflate *count* bytes and drop them."""
        while count > 0 and (dropped := self._inflate(min(count, _SKIPPED_AT_ONCE))):
            count -= len(dropped)

    def _inflate(self, count: int) -> bytes:
        part = b""
        while not part and not self.problem:
            deflated = self._deflated or os.pread(self._descriptor, _CHUNK, self.consumed)
            if self._inflater.eof:
                if not deflated.startswith(_MAGIC):
                    break  # the end, or padding behind it
                self._inflater = zlib.decompressobj(_GZIP)
            try:
                part = self._inflater.decompress(deflated, count)
            except zlib.error as error:
                self.problem = f"the compressed data is damaged ({error})"
                break
            self._deflated = self._inflater.unconsumed_tail or self._inflater.unused_data
            self.consumed += len(deflated) - len(self._deflated)
            if not deflated and not part:
                self.problem = "the compressed data is cut"
        self.offset += len(part)
        if self.offset > min(max(FREE_BYTES, FOLD_LIMIT * self.consumed), TOTAL_LIMIT):
            self.problem = (
                f"stopped after {size_text(self.offset)}, {self.offset // self.consumed} times its size"
            )
        return part


class GzipPlaces:
    """Remembers places of a gzip file, so that reading can go on there; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._spacing = SPACING
        self._offsets: list[int] = []
        self._readers: list[GzipReader] = []

    def remember(self, reader: GzipReader) -> None:
        """Keep the place where *reader* is, if it is far enough behind the last one."""
        with self._lock:
            if self._offsets and reader.offset < self._offsets[-1] + self._spacing:
                return
            self._offsets.append(reader.offset)
            self._readers.append(reader.copy())
            if len(self._offsets) > PLACES:
                del self._offsets[1::2], self._readers[1::2]
                self._spacing *= 2

    def reader_at(self, offset: int, descriptor: int) -> GzipReader:
        """Return a reader of the open file at *offset* of its inflated bytes."""
        with self._lock:
            at = bisect_right(self._offsets, offset) - 1
            reader = self._readers[at].copy(descriptor) if at >= 0 else GzipReader(descriptor)
        while reader.offset < offset:
            before = reader.offset
            reader.skip(min(SPACING, offset - before))
            if reader.offset == before:
                break
            self.remember(reader)
        return reader
