"""Display values to the colours that a terminal has."""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.color import Color

from dicomtui.picture.depth import ColourDepth

if TYPE_CHECKING:
    from numpy.typing import NDArray

GREYS = {
    ColourDepth.PALETTE: {
        0: 16,
        **{8 + 10 * step: 232 + step for step in range(24)},
        95: 59,
        135: 102,
        175: 145,
        215: 188,
        255: 231,
    },
    ColourDepth.SIXTEEN: {0: 0, 128: 8, 192: 7, 255: 15},
}
"""Grey levels by depth: display value -> index in xterm's palette (the ramp and the greys of the cube)."""

_CUBE = np.array([0, 95, 135, 175, 215, 255])
_SIXTEEN_HEX = (
    "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 "
    "7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff"
)
"""xterm's first sixteen colours."""
_SIXTEEN = np.array([list(bytes.fromhex(code)) for code in _SIXTEEN_HEX.split()])


def colour_codes(pixels: "NDArray[np.uint8]", depth: ColourDepth) -> "NDArray[Any]":
    """Return one number for each pixel's nearest colour; equal colours have equal numbers.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (rows, columns) or (rows, columns, 3)
        Display values, grey or RGB.
    depth : ColourDepth
        TRUE gives ``0xRRGGBB``, the others an index into xterm's palette.
    """
    if depth is ColourDepth.TRUE:
        if pixels.ndim == 2:
            return pixels.astype(np.uint32) * 0x010101
        red, green, blue = np.moveaxis(pixels.astype(np.uint32), -1, 0)
        packed: NDArray[Any] = red << 16 | green << 8 | blue
        return packed
    if pixels.ndim == 2:
        codes: NDArray[Any] = _nearest_grey(depth)[pixels]
        return codes
    return _nearest_colour(pixels, depth)


@cache
def colour(code: int, depth: ColourDepth) -> Color:
    """Return the colour of a number that :func:`colour_codes` gave."""
    if depth is ColourDepth.TRUE:
        return Color.from_rgb(code >> 16, code >> 8 & 0xFF, code & 0xFF)
    return Color.from_ansi(code)


@cache
def _nearest_grey(depth: ColourDepth) -> "NDArray[Any]":
    levels = GREYS.get(depth, GREYS[ColourDepth.SIXTEEN])
    codes: NDArray[Any] = np.array(list(levels.values()), dtype=np.uint32)[_nearest(list(levels))]
    return codes


def _nearest(levels: list[int]) -> "NDArray[Any]":
    """Return for each display value which of *levels* is nearest."""
    nearest: NDArray[Any] = np.abs(np.arange(256)[:, None] - np.array(levels)).argmin(axis=1)
    return nearest


@cache
def nearest_levels() -> "NDArray[Any]":
    """Return for each display value the nearest grey level of the palette."""
    levels = list(GREYS[ColourDepth.PALETTE])
    values: NDArray[Any] = np.array(levels)[_nearest(levels)]
    return values


def _nearest_colour(pixels: "NDArray[np.uint8]", depth: ColourDepth) -> "NDArray[Any]":
    """Return the nearest colour of the cube, or the nearest grey where that is closer."""
    if depth is not ColourDepth.PALETTE:
        distance = ((pixels[..., None, :].astype(np.int32) - _SIXTEEN) ** 2).sum(axis=-1)
        nearest: NDArray[Any] = distance.argmin(axis=-1).astype(np.uint32)
        return nearest
    wide = pixels.astype(np.int32)
    index = np.abs(np.arange(256)[:, None] - _CUBE).argmin(axis=1)[pixels]
    cube = 16 + 36 * index[..., 0] + 6 * index[..., 1] + index[..., 2]
    cube_error = ((_CUBE[index] - wide) ** 2).sum(axis=-1)
    grey = wide.mean(axis=-1).round().astype(np.uint8)
    grey_error = ((wide - nearest_levels()[grey][..., None]) ** 2).sum(axis=-1)
    codes: NDArray[Any] = np.where(grey_error < cube_error, _nearest_grey(depth)[grey], cube)
    return codes.astype(np.uint32)
