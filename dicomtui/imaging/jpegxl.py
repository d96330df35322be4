"""The header of a JPEG XL codestream, which is written bit by bit.

References
----------
ISO/IEC 18181-1 9.1, D.2 and D.3 (signature, image header), 18181-2 (boxes).
"""

from collections.abc import Iterator
from struct import unpack_from
from typing import NamedTuple

SIGNATURE = b"\xff\x0a"
BOXES = b"\0\0\0\x0cJXL \r\n\x87\n"

_HEADER_BYTES = 64
_BOX_LIMIT = 1000
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_GREY = 1


class ImageHeader(NamedTuple):
    """What the image header says."""

    rows: int
    columns: int
    samples: int
    bits: int
    xyb: bool
    """Whether the samples are coded in the XYB colour space, from which the decoder makes RGB."""


class _Bits:
    """Reads numbers from the least significant bit on."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "little")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise IndexError
        taken = self._number & ((1 << count) - 1)
        self._number >>= count
        return taken

    def choose(self, *choices: tuple[int, int]) -> int:
        """Read a number in one of four forms: an offset and how many bits are added to it."""
        offset, count = choices[self.take(2)]
        return offset + self.take(count)


def read_image_header(data: bytes) -> ImageHeader:
    """Read the header of a codestream, bare or in boxes.

    Raises
    ------
    ValueError
        If the image is animated, or has a preview or extra channels, which DICOM does not allow.
    IndexError
        If the data ends in the header.
    """
    start = _codestream_start(data)
    if not start.startswith(SIGNATURE):
        raise ValueError("the JPEG XL boxes have no codestream")
    bits = _Bits(start[len(SIGNATURE) :])
    rows, columns = _size(bits)
    if bits.take(1):  # all else is as usual
        return ImageHeader(rows, columns, samples=3, bits=8, xyb=True)
    if bits.take(1):  # extra fields
        bits.take(3)  # orientation, for which DICOM has its own attributes
        if bits.take(1):
            _size(bits)
        if bits.take(2):
            raise ValueError("the JPEG XL image has a preview or is animated")
    precision = _precision(bits)
    bits.take(1)  # whether 16 bits are enough for buffers
    if bits.choose((0, 0), (1, 0), (2, 4), (1, 12)):
        raise ValueError("the JPEG XL image has extra channels")
    xyb = bool(bits.take(1))
    return ImageHeader(rows, columns, _samples(bits), precision, xyb)


def holds_jpeg(data: bytes) -> bool:
    """Whether a recompressed JPEG codestream can be had back bit for bit."""
    return any(kind == b"jbrd" for kind, _ in _boxes(data))


def _codestream_start(data: bytes) -> bytes:
    if data.startswith(SIGNATURE):
        return data[: len(SIGNATURE) + _HEADER_BYTES]
    start = b""
    for kind, content in _boxes(data):
        if kind == b"jxlc":
            return content
        if kind == b"jxlp":  # a part, behind its index
            start += content[4:]
    return start


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind of each box and its first bytes."""
    if not data.startswith(BOXES):
        return
    position = 0
    for _ in range(_BOX_LIMIT):
        if position + 16 > len(data):
            return
        length, kind = unpack_from(">L4s", data, position)
        header = 8
        if length == 1:
            (length,) = unpack_from(">Q", data, position + 8)
            header = 16
        end = position + max(length, header) if length else len(data)
        yield kind, data[position + header : min(end, position + header + 2 * _HEADER_BYTES)]
        position = end


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)
    rows = _length(bits, small)
    ratio = bits.take(3)
    if not ratio:
        return rows, _length(bits, small)
    over, under = _RATIOS[ratio]
    return rows, rows * over // under


def _length(bits: _Bits, small: int) -> int:
    if small:
        return (1 + bits.take(5)) * 8
    return bits.choose((1, 9), (1, 13), (1, 18), (1, 30))


def _precision(bits: _Bits) -> int:
    if bits.take(1):
        raise ValueError("the JPEG XL image has floating point samples")
    return bits.choose((8, 0), (10, 0), (12, 0), (1, 6))


def _samples(bits: _Bits) -> int:
    if bits.take(1):  # the usual colour encoding
        return 3
    bits.take(1)  # whether there is an ICC profile
    return 1 if bits.choose((0, 0), (1, 0), (2, 4), (18, 6)) == _GREY else 3
