"""Display values as the cells of a terminal: a character in two colours each."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from rich.segment import Segment
from rich.style import Style
from rich_pixels import Pixels

from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.glyphs import SPACE, glyph_table
from dicomtui.picture.mixing import mixed
from dicomtui.picture.modes import Mode
from dicomtui.picture.palette import colour, colour_codes
from dicomtui.picture.two_colours import cell_planes, packed, two_colours

if TYPE_CHECKING:
    from numpy.typing import NDArray

UPPER_HALF = "▀"
RAMP = " .:-=+*#%@"
"""Characters from dark to bright for a terminal without colours or blocks."""


class Cells(NamedTuple):
    """Lines of cells."""

    glyphs: "NDArray[np.uint32]"
    """Code points, shape (lines, columns)."""
    front: "NDArray[np.uint32]"
    """Colours of the glyphs, as :func:`~dicomtui.picture.palette.colour_codes` gives them."""
    back: "NDArray[np.uint32]"
    """Colours behind them; a space has the same colour twice."""
    depth: ColourDepth
    """The colours of the terminal; with NONE the numbers above mean nothing."""


def cells_of(pixels: "NDArray[np.uint8]", mode: Mode, depth: ColourDepth) -> Cells:
    """Return the cells that show *pixels* best.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (lines * down, columns * across[, 3])
        Display values, so many for each cell as the mode says.
    mode : Mode
        A mode of cells.
    depth : ColourDepth
        The colours to use. Greys that SIXTEEN does not have are mixed of those it has; NONE leaves all
        colours to the terminal, and takes its own two for black and white.
    """
    if depth in (ColourDepth.NONE, ColourDepth.SIXTEEN) and mode is not Mode.ASCII:
        pixels = mixed(pixels, depth)
    if mode is Mode.ASCII:
        glyphs, front, back = _characters(pixels, depth)
    elif depth is ColourDepth.NONE:
        bits = packed(cell_planes(pixels, *mode.pixels) > 0)
        glyphs, front, back = glyph_table(mode)[bits], _uncoloured(bits), _uncoloured(bits)
    elif mode is Mode.HALF:
        codes = colour_codes(pixels, depth).astype(np.uint32)
        front, back = codes[::2], codes[1::2]
        glyphs = np.full(front.shape, ord(UPPER_HALF), np.uint32)
    else:
        bright, dark, bits = two_colours(pixels, *mode.pixels)
        front, back = (colour_codes(part, depth).astype(np.uint32) for part in (bright, dark))
        glyphs = glyph_table(mode)[bits]
    if depth is not ColourDepth.NONE:
        glyphs[front == back] = SPACE
    return Cells(glyphs, np.where(glyphs == SPACE, back, front), back, depth)


def _characters(
    pixels: "NDArray[np.uint8]", depth: ColourDepth
) -> "tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]":
    """Return characters of :data:`RAMP` in the colours of their pixels, on black."""
    grey = pixels if pixels.ndim == 2 else pixels.max(axis=2)
    glyphs = np.array([ord(one) for one in RAMP], np.uint32)[grey.astype(np.intp) * len(RAMP) // 256]
    if depth is ColourDepth.NONE:
        return glyphs, _uncoloured(grey), _uncoloured(grey)
    black = colour_codes(np.zeros((1, 1), np.uint8), depth)[0, 0]
    return glyphs, colour_codes(pixels, depth).astype(np.uint32), np.full(grey.shape, black, np.uint32)


def _uncoloured(cells: "NDArray[Any]") -> "NDArray[np.uint32]":
    return np.zeros(cells.shape, np.uint32)


def half_blocks(pixels: "NDArray[np.uint8]", depth: ColourDepth) -> list[list[Segment]]:
    """Return one list of segments for each line of cells.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (rows, columns) or (rows, columns, 3)
        Display values; two rows make one line, an odd last row is repeated as black.
    depth : ColourDepth
        The colours to use; NONE draws with :data:`RAMP` instead.

    Returns
    -------
    list of list of Segment
        ``ceil(rows / 2)`` lines, equal neighbours joined in one segment.
    """
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, np.zeros_like(pixels[:1])])
    if depth is ColourDepth.NONE:
        return [[Segment(line)] for line in ramp(pixels)]
    codes = colour_codes(pixels, depth)
    top, bottom = codes[::2], codes[1::2]
    starts = np.ones(top.shape, dtype=bool)
    starts[:, 1:] = (top[:, 1:] != top[:, :-1]) | (bottom[:, 1:] != bottom[:, :-1])
    first = np.flatnonzero(starts)
    counts = np.diff(first, append=top.size)
    runs = zip(top.ravel()[first].tolist(), bottom.ravel()[first].tolist(), counts.tolist(), strict=True)
    segments = [_run(above, below, count, depth) for above, below, count in runs]
    ends = np.cumsum(np.count_nonzero(starts, axis=1)).tolist()
    return [segments[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True)]


def half_block_pixels(pixels: "NDArray[np.uint8]", depth: ColourDepth) -> Pixels:
    """Return the lines of :func:`half_blocks` as one Rich renderable."""
    lines = half_blocks(pixels, depth)
    return Pixels.from_segments(part for line in lines for part in (*line, Segment.line()))


def ramp(pixels: "NDArray[np.uint8]") -> list[str]:
    """Return plain text, one character for two pixels that stand above each other."""
    grey = pixels if pixels.ndim == 2 else pixels @ np.array([0.299, 0.587, 0.114])
    pairs = grey[: len(grey) // 2 * 2].astype(np.float32)
    level = (pairs[::2] + pairs[1::2]) / 2 * (len(RAMP) / 256)
    characters = np.array(list(RAMP))
    return ["".join(line) for line in characters[level.astype(np.intp)]]


@lru_cache(maxsize=32768)
def _run(above: int, below: int, count: int, depth: ColourDepth) -> Segment:
    background = colour(below, depth)
    if above == below:
        return Segment(" " * count, Style(bgcolor=background))
    return Segment(UPPER_HALF * count, Style(color=colour(above, depth), bgcolor=background))
