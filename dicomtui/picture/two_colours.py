"""The best two colours for the pixels of each cell, and which pixel gets which."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GREY = np.array([0.299, 0.587, 0.114], np.float32)


def two_colours(
    pixels: "NDArray[np.uint8]", across: int, down: int
) -> "tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.intp]]":
    """Part the pixels of each cell into a brighter and a darker group, with the least squared error.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (lines * down, columns * across[, 3])
        Display values. In RGB the pixels are parted by their brightness.
    across, down : int
        Pixels of a cell.

    Returns
    -------
    ndarray of uint8, shape (lines, columns[, 3])
        The mean of the brighter group; that of all where a cell has one colour.
    ndarray of uint8, shape (lines, columns[, 3])
        The mean of the darker group.
    ndarray of int, shape (lines, columns)
        The pixels of the brighter group, one bit each from the upper left on; 0 where a cell has one colour.
    """
    lines, columns = pixels.shape[0] // down, pixels.shape[1] // across
    parts = pixels.reshape(lines, down, columns, across, -1).transpose(0, 2, 1, 3, 4)
    parts = parts.reshape(lines * columns, down * across, -1)
    grey = parts[..., 0].astype(np.float32) if parts.shape[-1] == 1 else parts.astype(np.float32) @ _GREY
    is_bright = _brighter(grey)
    bright, dark = _means(parts, is_bright), _means(parts, ~is_bright)
    shape = (lines, columns) if pixels.ndim == 2 else (lines, columns, 3)
    bits = is_bright @ (1 << np.arange(down * across))
    one = bits == (1 << down * across) - 1
    dark[one], bits[one] = bright[one], 0
    return bright.reshape(shape), dark.reshape(shape), bits.reshape(lines, columns)


def _brighter(grey: "NDArray[Any]") -> "NDArray[np.bool_]":
    """Return which pixels stand above the best threshold, for each row of *grey*."""
    count = grey.shape[1]
    ordered = np.sort(grey, axis=1)
    sums = np.cumsum(ordered, axis=1)[:, :-1]
    below = np.arange(1, count, dtype=np.float32)
    total = ordered.sum(axis=1, keepdims=True)
    between = sums**2 / below + (total - sums) ** 2 / (count - below)  # largest where the error is least
    split = between.argmax(axis=1)
    threshold = np.take_along_axis(ordered, split[:, np.newaxis], axis=1)
    flat = ordered[:, :1] == ordered[:, -1:]
    bright: NDArray[np.bool_] = (grey > threshold) | flat
    return bright


def _means(parts: "NDArray[np.uint8]", mask: "NDArray[np.bool_]") -> "NDArray[np.uint8]":
    counts = np.maximum(mask.sum(axis=1), 1)[:, np.newaxis]
    sums = np.einsum("nkc,nk->nc", parts, mask, dtype=np.float32)
    means: NDArray[np.uint8] = (sums / counts + 0.5).astype(np.uint8)
    return means
