"""Native pixel data: where a frame's bytes stand, and the words in them.

References
----------
DICOM PS3.5 8.1 and 8.2 (Pixel Data encoding), Annex D (packing), PS3.3 C.7.6.3.1.2 (YBR_FULL_422).
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dicomtui.dataset.encoding import GE_PRIVATE
from dicomtui.dataset.reading import Instance, PixelDataElement
from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import label
from dicomtui.imaging.image_pixel import LARGE_FRAME, ImagePixel
from dicomtui.imaging.stored_values import Words

_SUBSAMPLED = ("YBR_FULL_422", "YBR_PARTIAL_422")
"""The Photometric Interpretations whose native form has half the chrominance."""
_LEAST_PART = 10
"""A large frame of which less than a tenth is there is not shown: most of it would be made up."""


class NativeFrames:
    """The frames of native pixel data: each is a seek and a read away."""

    def __init__(self, instance: Instance, pixel: ImagePixel, element: PixelDataElement) -> None:
        self._source = instance.source
        self._element = element
        self._little = instance.encoding.little and instance.transfer_syntax != GE_PRIVATE
        # 8-bit and 1-bit values are packed into 16-bit words, which big endian order swaps (PS3.5 8.1.1)
        self._swapped = not self._little and element.vr == "OW" and pixel.bits_allocated <= 8
        self.pixel, self.notes = _full_chrominance(pixel, element.length)
        self._bits = frame_bits(self.pixel)
        self.count = min(self.pixel.frames, -(-element.length * 8 // self._bits))
        self._check()

    def _check(self) -> None:
        needed = -(-self._bits // 8)
        least = needed // (_LEAST_PART if needed > LARGE_FRAME else self.pixel.rows)
        if self._element.length < max(least, 1):
            raise DecodeError(
                f"the pixel data has {self._element.length:,} bytes, one frame needs {needed:,}"
            )
        if self.count < self.pixel.frames:
            self.notes += (
                f"{label('NumberOfFrames')} is {self.pixel.frames:,}, the pixel data has bytes "
                f"for {self.count:,}",
            )

    def words(self, number: int) -> Words:
        """Read the words of frame *number*, from 1; what is cut off at the end of the data is zero."""
        first, rest = divmod((number - 1) * self._bits, 8)
        last = -(-(number * self._bits) // 8)
        if self._swapped:
            first, rest = first & ~1, rest + (first & 1) * 8
            last += last & 1
        data = np.empty(last - first, np.uint8)
        with self._source.open() as stream:
            stream.seek(self._element.offset + first)
            wanted = min(len(data), self._element.length - first)
            found = stream.readinto(data[:wanted].data)  # type: ignore[attr-defined]
        data[found:] = 0
        if self._swapped:
            data = data.reshape(-1, 2)[:, ::-1].reshape(-1)
        notes: tuple[str, ...] = ()
        if found * 8 < rest + self._bits:
            needed = -(-self._bits // 8)
            notes = (f"frame {number:,} is cut: {found:,} of {needed:,} bytes are there, the rest is 0",)
        words = unpack_words(data, self.pixel, first_bit=rest, little=self._little)
        return Words(words, self.pixel.bits_allocated, expanded_photometric(self.pixel.photometric), notes)


def expanded_photometric(photometric: str) -> str:
    """Return what the pixels are once each has its own chrominance."""
    return "YBR_FULL" if photometric == "YBR_FULL_422" else photometric


def frame_bits(pixel: ImagePixel) -> int:
    """Return how many bits a native frame takes.

    Raises
    ------
    DecodeError
        If the Photometric Interpretation has no native form that is known here.
    """
    if pixel.photometric in _SUBSAMPLED:
        if pixel.columns % 2:
            raise DecodeError(
                f"{label('Columns')} is {pixel.columns}: {pixel.photometric} needs an even number"
            )
        return pixel.rows * pixel.columns * 2 * pixel.bits_allocated
    if pixel.photometric == "YBR_PARTIAL_420":
        raise DecodeError("YBR_PARTIAL_420 has no native form")
    return pixel.values_per_frame * pixel.bits_allocated


def unpack_words(
    data: NDArray[np.uint8], pixel: ImagePixel, *, first_bit: int = 0, little: bool = True
) -> NDArray[Any]:
    """Arrange the bytes of a native frame as words.

    Parameters
    ----------
    data : ndarray of uint8
        All bytes of the frame; a view of them may be returned.
    pixel : ImagePixel
        What the frame looks like; subsampled chrominance is expanded.
    first_bit : int
        Where the frame begins in *data*; only frames of single bits begin within a byte.
    little : bool
        The byte order of words of more than 8 bits.

    Returns
    -------
    ndarray, shape (rows, columns) or (rows, columns, samples)
        Of ``pixel.word_type``.
    """
    bits = frame_bits(pixel)
    if pixel.bits_allocated == 1:
        words: NDArray[Any] = np.unpackbits(data, bitorder="little", count=first_bit + bits)[first_bit:]
    else:
        start = first_bit // 8
        words = data[start : start + bits // 8].view(pixel.word_type)
        if not little and pixel.word_type.itemsize > 1:
            words = words.byteswap()
    if pixel.photometric in _SUBSAMPLED:
        return _expand(words, pixel)
    if pixel.samples > 1 and pixel.planar == 1:
        planes = words.reshape(pixel.samples, pixel.rows, pixel.columns)
        return np.ascontiguousarray(np.moveaxis(planes, 0, -1))
    return words.reshape(pixel.shape)


def _expand(words: NDArray[Any], pixel: ImagePixel) -> NDArray[Any]:
    """Give each pixel its chrominance: Y1 Y2 Cb Cr stand for two pixels (PS3.3 C.7.6.3.1.2)."""
    pairs = words.reshape(pixel.rows, pixel.columns // 2, 4)
    expanded = np.empty((pixel.rows, pixel.columns // 2, 2, 3), words.dtype)
    expanded[..., 0] = pairs[..., :2]
    expanded[..., 1] = pairs[..., 2:3]
    expanded[..., 2] = pairs[..., 3:]
    return expanded.reshape(pixel.shape)


def _full_chrominance(pixel: ImagePixel, length: int) -> tuple[ImagePixel, tuple[str, ...]]:
    """Take subsampled pixel data that has the length of three samples for each pixel as what it must be."""
    full = pixel.values_per_frame * pixel.bits_allocated // 8 * pixel.frames
    if pixel.photometric != "YBR_FULL_422" or not full <= length <= full + 1:
        return pixel, ()
    note = (
        f"{label('PhotometricInterpretation')} is YBR_FULL_422, but the pixel data has the length of YBR_FULL"
    )
    return replace(pixel, photometric="YBR_FULL"), (note,)
