"""Shape of a pixel: how much higher than wide it is.

References
----------
DICOM PS3.3 10.7.1.3 (Pixel Spacing Value Order), C.7.6.3.1.7 (Pixel Aspect Ratio).
"""

from math import isfinite
from typing import TYPE_CHECKING

from dicomtui.imaging.attributes import numbers
from dicomtui.imaging.functional_groups import frame_holders

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio")
_MOST = 100.0
"""A pixel more than this many times longer than wide is taken for a mistake."""


def pixel_aspect(dataset: "Dataset", number: int) -> float:
    """Return the height of a pixel divided by its width.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    number : int
        The frame, from 1: its Pixel Measures Sequence counts first.

    Returns
    -------
    float
        1.0 where nothing is said, or nothing that can be true.
    """
    for holder in frame_holders(dataset, number, "PixelMeasuresSequence"):
        for keyword in _SPACINGS:
            found = numbers(holder, keyword)
            if len(found) == 2 and all(isfinite(length) and length > 0 for length in found):
                aspect = found[0] / found[1]  # between rows, then between columns
                if 1 / _MOST <= aspect <= _MOST:
                    return aspect
    return 1.0
