"""Which pixels hold no picture: Pixel Padding Value and Pixel Padding Range Limit.

References
----------
DICOM PS3.3 C.7.5.1.1.2.
"""

from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from dicomtui.imaging.attributes import numbers
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_LIMITS = {
    "PixelPaddingValue": "PixelPaddingRangeLimit",
    "FloatPixelPaddingValue": "FloatPixelPaddingRangeLimit",
    "DoubleFloatPixelPaddingValue": "DoubleFloatPixelPaddingRangeLimit",
}

_LARGEST = float(np.finfo(np.float32).max)


def without_value(
    dataset: "Dataset", stored: "NDArray[Any]", values: "NDArray[np.float32]"
) -> tuple["NDArray[np.bool_] | None", tuple[str, ...]]:
    """Return which pixels have no value to show: padding, and what is not finite.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    stored : ndarray, shape (rows, columns)
        Stored values.
    values : ndarray of float32, same shape
        The modality values made of them.

    Returns
    -------
    ndarray of bool, same shape, or None
        None where every pixel has a value.
    tuple of str
        A note where values are lost that the file has.
    """
    padding = padding_mask(dataset, stored)
    finite = np.isfinite(values)
    if finite.all():
        return padding, ()
    missing = ~finite
    lost = int(np.count_nonzero(np.isfinite(stored) & missing))
    notes = (
        (f"{count_text(lost, 'pixel has', 'pixels have')} values beyond {_LARGEST:.1g}: shown black",)
        if lost
        else ()
    )
    return (missing if padding is None else missing | padding), notes


def padding_mask(dataset: "Dataset", stored: "NDArray[Any]") -> "NDArray[np.bool_] | None":
    """Return which pixels are padding.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    stored : ndarray, shape (rows, columns)
        Stored values, before any Modality LUT.

    Returns
    -------
    ndarray of bool, same shape, or None
        None where the file names no padding, or no pixel has it.
    """
    for keyword, limit_keyword in _LIMITS.items():
        ends = [*numbers(dataset, keyword)[:1], *numbers(dataset, limit_keyword)[:1]]
        if not numbers(dataset, keyword) or not all(isfinite(end) for end in ends):
            continue
        low, high = min(found := [_as_stored(end, stored) for end in ends]), max(found)
        mask: NDArray[np.bool_] = stored == low if low == high else (stored >= low) & (stored <= high)
        return mask if mask.any() else None
    return None


def _as_stored(end: float, stored: "NDArray[Any]") -> float:
    """Read a padding value with the sign of the pixels: US 63536 and SS -2000 are the same 16 bits."""
    if stored.dtype.kind == "f":
        return end
    word = int(end)
    if stored.dtype.kind == "i" and 1 << 15 <= word < 1 << 16:
        return word - (1 << 16)
    if stored.dtype.kind == "u" and -(1 << 15) <= word < 0:
        return word + (1 << 16)
    return word
