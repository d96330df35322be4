"""Fragments read as one stream, as a video needs it.

References
----------
DICOM PS3.5 A.4 (Transfer Syntaxes for encapsulation of encoded Pixel Data).
"""

import io
import os
from bisect import bisect_right
from itertools import accumulate
from typing import Any

from dicomtui.dataset.reading import Fragments
from dicomtui.dataset.source import ByteSource


class BitStream(io.RawIOBase):
    """The fragments of encapsulated pixel data as one stream, of which no more is read than is asked for."""

    def __init__(self, source: ByteSource, fragments: Fragments) -> None:
        self._offsets = fragments.offsets[1:]  # the first item is the Basic Offset Table
        self._starts = (0, *accumulate(fragments.lengths[1:]))
        self._position = 0
        self._stream = source.open()

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def seekable(self) -> bool:
        """Whether positions can be chosen: always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into *buffer*, at most to the end of a fragment."""
        if self._position >= self._starts[-1]:
            return 0
        at = bisect_right(self._starts, self._position) - 1
        self._stream.seek(self._offsets[at] + self._position - self._starts[at])
        part = self._stream.read(min(len(buffer), self._starts[at + 1] - self._position))
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position among the bytes of all fragments."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._starts[-1]}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        """Return that position."""
        return self._position

    def close(self) -> None:
        """Close the source's stream as well."""
        if not self.closed:
            self._stream.close()
        super().close()
