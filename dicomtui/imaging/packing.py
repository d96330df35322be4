"""Stored values -> the bytes of native frames and of RLE Lossless: what ``native`` and ``rle`` undo.

References
----------
DICOM PS3.5 8.1.1 and Annex D (native pixel data), Annex G (RLE Lossless).
"""

from collections.abc import Iterable, Iterator
from struct import pack
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from dicomtui.imaging.image_pixel import ImagePixel


def pack_words(values: NDArray[Any], pixel: ImagePixel, *, little: bool = True) -> bytes:
    """Arrange one frame as it stands in native pixel data.

    Parameters
    ----------
    values : ndarray, shape (rows, columns) or (rows, columns, samples)
        Stored values; signed ones are extended to all bits allocated.
    pixel : ImagePixel
        How they are allocated, and whether colour is by pixel or by plane.
    little : bool
        The byte order of words of more than 8 bits.

    Returns
    -------
    bytes
        Not padded to an even length. Single bits begin with the lowest of a byte; the last byte is filled
        with zeros, so frames of them follow one another by :func:`pack_bits` only.
    """
    if pixel.bits_allocated == 1:
        return np.packbits(values.astype(np.uint8, copy=False).reshape(-1), bitorder="little").tobytes()
    words = _as_allocated(values, pixel)
    if pixel.samples > 1 and pixel.planar == 1:
        words = np.moveaxis(words, -1, 0)
    return words.astype(words.dtype.newbyteorder("<" if little else ">"), copy=False).tobytes()


def pack_bits(frames: Iterable[NDArray[Any]]) -> Iterator[bytes]:
    """Pack frames of single bits one behind the other, without gaps between them (PS3.5 8.1.1).

    Yields
    ------
    bytes
        One for each frame: the bytes that it completes, the last one with what is left.
    """
    left = np.empty(0, np.uint8)
    for values in frames:
        bits = np.concatenate([left, values.astype(np.uint8, copy=False).reshape(-1)])
        whole = len(bits) & ~7
        left = bits[whole:]
        yield np.packbits(bits[:whole], bitorder="little").tobytes()
    if len(left):
        yield np.packbits(left, bitorder="little").tobytes()


def pack_rle(values: NDArray[Any], pixel: ImagePixel) -> bytes:
    """Encode one frame as RLE Lossless: a segment for each byte of each sample, the most significant first.

    Parameters
    ----------
    values : ndarray, shape (rows, columns) or (rows, columns, samples)
        Stored values; single bits are packed first.
    pixel : ImagePixel
        How they are allocated.
    """
    if pixel.bits_allocated == 1:
        segments = [imagecodecs.packbits_encode(pack_words(values, pixel))]
    else:
        words = _as_allocated(values, pixel).reshape(pixel.rows, pixel.columns, pixel.samples)
        samples_as_bytes = words.astype(words.dtype.newbyteorder(">")).view(np.uint8)
        planes = np.moveaxis(samples_as_bytes, -1, 0).copy()
        # runs end with each row (G.3.1), which encoding along an axis does
        segments = [imagecodecs.packbits_encode(plane, axis=-1) for plane in planes]
    padded = [segment + b"\0" * (len(segment) % 2) for segment in segments]
    offsets = [64 + sum(map(len, padded[:at])) for at in range(len(padded))]
    header = pack("<16L", len(padded), *offsets, *[0] * (15 - len(padded)))
    return b"".join([header, *padded])


def _as_allocated(values: NDArray[Any], pixel: ImagePixel) -> NDArray[Any]:
    """Return the values in words of the size allocated, in two's complement where they are signed."""
    if pixel.kind != "integer":
        return values.astype(pixel.word_type, copy=False)
    size = pixel.word_type.itemsize
    return values.astype(f"{values.dtype.kind}{size}", copy=False).view(f"u{size}")
