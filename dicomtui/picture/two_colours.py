"""The best two colours for the pixels of each cell, and which pixel gets which."""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def two_colours(
    pixels: "NDArray[np.uint8]", across: int, down: int
) -> "tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.intp]]":
    """Part the pixels of each cell into a brighter and a darker group, with the least squared error.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (lines * down, columns * across[, 3])
        Display values. In RGB the pixels are parted by the channel that differs most within the cell.
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
    planes = cell_planes(pixels, across, down)
    keys = planes if pixels.ndim == 2 else _widest(planes)
    is_bright = keys > _threshold(keys)
    count = is_bright.sum(axis=0, dtype=np.uint8)
    bits = packed(is_bright)
    if pixels.ndim == 3:
        is_bright, count = is_bright[..., np.newaxis], count[..., np.newaxis]
    total = planes.sum(axis=0, dtype=np.uint16)
    above = np.where(is_bright, planes, 0).sum(axis=0, dtype=np.uint16)
    dark = _mean(total - above, len(planes) - count)
    return np.where(count, _mean(above, np.maximum(count, 1)), dark), dark, bits


def cell_planes(pixels: "NDArray[Any]", across: int, down: int) -> "NDArray[Any]":
    """Return the pixels of all cells, those at the same place in their cells together.

    Returns
    -------
    ndarray, shape (down * across, lines, columns[, 3])
    """
    return np.stack([pixels[row::down, column::across] for row in range(down) for column in range(across)])


def packed(planes: "NDArray[np.bool_]") -> "NDArray[np.intp]":
    """Return the planes as the bits of one number for each cell."""
    bits: NDArray[np.intp] = np.packbits(planes, axis=0, bitorder="little")[0].astype(np.intp)
    return bits


def _widest(planes: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Return for each cell the channel of RGB that differs most there."""
    differs = planes.max(axis=0) - planes.min(axis=0)
    keys: NDArray[np.uint8] = planes[..., 0].copy()
    widest = differs.argmax(axis=-1)
    for channel in (1, 2):
        np.copyto(keys, planes[..., channel], where=widest == channel)
    return keys


def _threshold(keys: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Return the largest value of the darker group: the best of all splits of the sorted values.

    The squared error is least where ``s**2 / n + (t - s)**2 / (count - n)`` is largest, with *s* the sum of
    the *n* darkest values and *t* that of all.
    """
    count = len(keys)
    ordered = list(keys)
    for low, high in _network(count):
        darker, brighter = ordered[low], ordered[high]
        ordered[low], ordered[high] = np.minimum(darker, brighter), np.maximum(darker, brighter)
    total = keys.sum(axis=0, dtype=np.float32)
    below = np.zeros_like(total)
    best = np.full_like(total, -1)
    threshold: NDArray[np.uint8] = ordered[-1].copy()  # where all are equal none is above it
    for number in range(1, count):
        value = ordered[number - 1]
        below += value
        # The sum above but for a constant; what is squared is at most 4080, so that float32 has it exactly.
        score = (count * below - number * total) ** 2 * np.float32(1 / (number * (count - number)))
        is_better = score > best
        np.copyto(best, score, where=is_better)
        np.copyto(threshold, value, where=is_better)
    return threshold


@cache
def _network(count: int) -> list[tuple[int, int]]:
    """Return which neighbours to put in order, one after the other, to sort *count* values."""
    power = 1 << (count - 1).bit_length()
    return [(low, high) for low, high in _odd_even(0, power) if high < count]


def _odd_even(begin: int, count: int) -> list[tuple[int, int]]:
    """Return Batcher's odd-even merge sort."""
    if count < 2:
        return []
    half = count // 2
    return [*_odd_even(begin, half), *_odd_even(begin + half, half), *_merge(begin, count, 1)]


def _merge(begin: int, count: int, step: int) -> list[tuple[int, int]]:
    double = 2 * step
    if double >= count:
        return [(begin, begin + step)]
    inner = [(at, at + step) for at in range(begin + step, begin + count - step, double)]
    return [*_merge(begin, count, double), *_merge(begin + step, count, double), *inner]


def _mean(sums: "NDArray[np.uint16]", counts: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    means: NDArray[np.uint8] = ((2 * sums + counts) // (2 * counts.astype(np.uint16))).astype(np.uint8)
    return means
