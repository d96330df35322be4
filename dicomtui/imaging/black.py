"""The stored value that is shown black.

References
----------
DICOM PS3.3 C.7.6.3.1.2 (Photometric Interpretation), C.11.1 (Modality LUT), C.11.6 (Presentation LUT Shape).
"""

from typing import TYPE_CHECKING

import numpy as np

from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import text
from dicomtui.imaging.image_pixel import ImagePixel
from dicomtui.imaging.modality_lut import modality_lut
from dicomtui.imaging.palette import palette_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_LARGEST_INDEX = 1 << 16


def black_of(dataset: "Dataset", pixel: ImagePixel, number: int) -> tuple[int, ...]:
    """Return the stored value, or the three, that are black whatever the window is.

    Grey is black at the end of the range of Bits Stored, not at Pixel Padding Value, which a reader that does
    not know it may show in any grey.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance: its palette, and whether its greys are inverse.
    pixel : ImagePixel
        What its decoded frames are; integers.
    number : int
        The frame, from 1: enhanced objects rescale each frame on its own.

    Returns
    -------
    tuple of int
        One for each sample.
    """
    lowest = -(1 << pixel.bits_stored - 1) if pixel.signed else 0
    highest = lowest + (1 << pixel.bits_stored) - 1
    if pixel.samples > 1:
        middle = 0 if pixel.signed else 1 << pixel.bits_stored - 1
        if not pixel.photometric.startswith("YBR"):
            return (max(lowest, 0),) * pixel.samples
        partial = "PARTIAL" in pixel.photometric  # which has its black at 16 of 256
        return ((1 << pixel.bits_stored) >> 4 if partial else 0, middle, middle)
    if pixel.photometric == "PALETTE COLOR":
        return (_darkest(dataset, lowest, min(highest, lowest + _LARGEST_INDEX - 1)),)
    inverse = pixel.photometric == "MONOCHROME1" or text(dataset, "PresentationLUTShape") == "INVERSE"
    falling = modality_lut(dataset, number).slope < 0
    return (highest if inverse != falling else lowest,)


def _darkest(dataset: "Dataset", lowest: int, highest: int) -> int:
    """Return the index whose colour is the darkest, the first one without a palette that can be read."""
    try:
        palette = palette_of(dataset)
    except DecodeError:
        return lowest
    indices = np.arange(lowest, highest + 1)
    return lowest + int(palette.apply(indices).sum(axis=-1).argmin())
