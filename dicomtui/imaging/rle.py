"""RLE Lossless: every byte of a word in a segment of its own, packed.

References
----------
DICOM PS3.5 Annex G.
"""

from itertools import pairwise
from struct import unpack_from
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from dicomtui.imaging.image_pixel import ImagePixel

_HEADER_LENGTH = 64
_MOST_SEGMENTS = 15
_RATIO = 64
"""How much larger than its packed form a segment can become: two bytes stand for up to 128."""
_SLACK = 128
"""Bytes more than needed that a segment may unpack to: one run."""


def begins_frame(start: bytes) -> bool:
    """Whether a fragment begins with a believable RLE header."""
    return _offsets(start) is not None


def _offsets(data: bytes) -> tuple[int, ...] | None:
    """Return where the segments begin, if they begin one behind the other and the rest is zero."""
    if len(data) < _HEADER_LENGTH:
        return None
    count, *offsets = unpack_from("<16L", data)
    used, unused = offsets[:count], offsets[count:]
    rising = all(a < b for a, b in pairwise(used))
    if not 1 <= count <= _MOST_SEGMENTS or used[0] != _HEADER_LENGTH or not rising or any(unused):
        return None
    return tuple(used)


def unpack_frame(data: bytes, pixel: ImagePixel) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Unpack one frame.

    Parameters
    ----------
    data : bytes
        The whole frame, its header first.
    pixel : ImagePixel
        What the frame looks like; single bits are packed before they are encoded.

    Returns
    -------
    ndarray, shape (rows, columns) or (rows, columns, samples)
        Of ``pixel.word_type``.
    tuple of str
        Notes about segments that are longer than they should be.

    Raises
    ------
    ValueError
        If the header or a segment does not fit the frame.
    """
    values = pixel.rows * pixel.columns
    size = pixel.word_type.itemsize
    length = -(-values // 8) if pixel.bits_allocated == 1 else values
    offsets = _offsets_of(data, pixel.samples * size, length)
    words = np.empty((values, pixel.samples), pixel.word_type)
    notes: tuple[str, ...] = ()
    for at, (first, behind) in enumerate(pairwise((*offsets, len(data)))):
        try:
            packed = imagecodecs.packbits_decode(data[first:behind], out=length + _SLACK)
        except RuntimeError as error:
            raise ValueError(f"RLE segment {at + 1} is damaged or cut") from error
        if len(packed) < length:
            raise ValueError(f"RLE segment {at + 1} has {len(packed):,} of {length:,} bytes")
        if len(packed) > length:
            notes = ("an RLE segment is longer than the frame: what is too much is left out",)
        segment = np.frombuffer(packed, np.uint8, length)
        if pixel.bits_allocated == 1:
            segment = np.unpackbits(segment, bitorder="little", count=values)
        sample, byte = divmod(at, size)
        if byte == 0:  # the most significant comes first
            words[:, sample] = segment
        else:
            words[:, sample] <<= 8
            words[:, sample] |= segment
    return words.reshape(pixel.shape), notes


def _offsets_of(data: bytes, expected: int, length: int) -> tuple[int, ...]:
    """Return where the segments begin, once it is clear that they can unpack to *length* bytes each."""
    offsets = _offsets(data)
    if offsets is None:
        raise ValueError("the RLE header is broken")
    if len(offsets) != expected:
        raise ValueError(f"the RLE header has {len(offsets)} segments, the frame needs {expected}")
    if offsets[-1] >= len(data) or length * expected > len(data) * _RATIO:
        raise ValueError(f"{len(data):,} bytes cannot hold the {expected} segments of the frame")
    return offsets
