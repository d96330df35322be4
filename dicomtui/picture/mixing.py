"""Greys that a terminal does not have, mixed of those it has: the eye takes the mean of neighbours."""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.palette import GREYS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
"""In which order the pixels of a square become brighter; always the same, so that nothing flickers."""
_GREY = np.array([0.299, 0.587, 0.114])


def mixed(pixels: "NDArray[np.uint8]", depth: ColourDepth) -> "NDArray[np.uint8]":
    """Return *pixels* in the greys of a terminal with few: black and white for NONE.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (rows, columns) or (rows, columns, 3)
        Display values. Colours stay as they are, unless there are none at all.
    depth : ColourDepth
        NONE or SIXTEEN.

    Returns
    -------
    ndarray of uint8, of the same shape; without colours of shape (rows, columns)
    """
    if pixels.ndim == 3:
        if depth is not ColourDepth.NONE:
            return pixels
        pixels = (pixels @ _GREY + 0.5).astype(np.uint8)
    rows, columns = pixels.shape
    thresholds = np.tile(_BAYER, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns]
    shown: NDArray[np.uint8] = _table(depth)[thresholds, pixels]
    return shown


@cache
def _table(depth: ColourDepth) -> "NDArray[Any]":
    """Return the grey that is shown, by threshold (16) and display value (256)."""
    levels = np.array(sorted(GREYS[depth]) if depth in GREYS else [0, 255])
    values = np.arange(256)
    below = np.searchsorted(levels, values, side="right").clip(1, len(levels) - 1) - 1
    share = (values - levels[below]) / (levels[below + 1] - levels[below])
    above = share > (np.arange(16)[:, np.newaxis] + 0.5) / 16
    shown: NDArray[Any] = np.where(above, levels[below + 1], levels[below]).astype(np.uint8)
    return shown
