"""What ``dicomtui view`` draws on: cells of characters, or the real pixels of a terminal."""

import os
from typing import TYPE_CHECKING, Protocol

import numpy as np
from rich.segment import Segment

from dicomtui.cli import output, terminal
from dicomtui.errors import UsageError
from dicomtui.picture.cells import cells_of, half_blocks
from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.glyphs import glyph_table
from dicomtui.picture.modes import Mode
from dicomtui.picture.segments import line_segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.picture.terminal import Terminal

_MOST_LINES = 2000


class Canvas(Protocol):
    """A way to draw."""

    aspect: float
    """Height of a pixel divided by its width."""

    def area(self, shape: tuple[int, ...], aspect: float, columns: int, lines: int | None) -> tuple[int, int]:
        """Return how many pixels there is room for, across and down.

        Parameters
        ----------
        shape : tuple of int
            Rows and columns of the picture.
        aspect : float
            Height of a pixel of the picture divided by its width, in pixels of the canvas.
        columns : int
            Cells of a line.
        lines : int or None
            Lines, where they are limited.
        """

    def rows(self, pixels: "NDArray[np.uint8]") -> list[list[Segment]]:
        """Return what shows display values, shape (rows, columns[, 3])."""


class CellCanvas:
    """Characters in two colours each.

    Raises
    ------
    UsageError
        If the characters cannot be written in the encoding of the output.
    """

    def __init__(self, mode: Mode, depth: ColourDepth) -> None:
        self._mode, self._depth = mode, depth
        across, down = mode.pixels
        self.aspect = 2 * across / down
        if mode not in (Mode.HALF, Mode.ASCII) and not output.can_show(chr(int(glyph_table(mode)[1]))):
            raise UsageError(f"--graphics {mode}: the encoding of the output does not have these characters")

    def area(self, shape: tuple[int, ...], aspect: float, columns: int, lines: int | None) -> tuple[int, int]:
        """Return the pixels of the cells."""
        across, down = self._mode.pixels
        width = columns * across
        if lines is not None:
            return width, lines * down
        height = width * shape[0] * aspect / shape[1]
        return width, max(1, round(min(height, _MOST_LINES * down)))

    def rows(self, pixels: "NDArray[np.uint8]") -> list[list[Segment]]:
        """Return lines of cells; what is missing to whole ones is black."""
        if self._mode is Mode.HALF:
            return half_blocks(pixels, self._depth)
        across, down = self._mode.pixels
        missing = [(0, -pixels.shape[0] % down), (0, -pixels.shape[1] % across), (0, 0)]
        cells = cells_of(np.pad(pixels, missing[: pixels.ndim]), self._mode, self._depth)
        return [line_segments(cells, line) for line in range(len(cells.glyphs))]


class GraphicsCanvas:
    """Real pixels: on a terminal only if it takes them, elsewhere as they are.

    Raises
    ------
    UsageError
        If the terminal does not take them.
    """

    def __init__(self, mode: Mode) -> None:
        self._mode, self._terminal = mode, _terminal_for(mode)
        self.aspect = 1.0

    def area(self, shape: tuple[int, ...], aspect: float, columns: int, lines: int | None) -> tuple[int, int]:
        """Return the pixels of the cells."""
        across, down = self._terminal.cell
        width = columns * across
        height = max(1, round(width * shape[0] * aspect / shape[1]))
        most = lines * down if lines is not None else _MOST_LINES
        return width, min(height, most)

    def rows(self, pixels: "NDArray[np.uint8]") -> list[list[Segment]]:
        """Return one row: room for the picture, the picture, the cursor below it."""
        from dicomtui.picture.graphics import graphics_of

        across, down = self._terminal.cell
        columns, lines = -(-pixels.shape[1] // across), -(-pixels.shape[0] // down)
        missing = [(0, lines * down - pixels.shape[0]), (0, columns * across - pixels.shape[1]), (0, 0)]
        whole = np.pad(pixels, missing[: pixels.ndim])
        placed = graphics_of(self._mode, self._terminal).place(whole, columns, lines)
        room = "\n" * lines + f"\x1b[{lines}A"
        return [[Segment(f"{room}\x1b7{placed}\x1b8\x1b[{lines}B\r")]]


def _terminal_for(mode: Mode) -> "Terminal":
    from dicomtui.picture.asking import Asking
    from dicomtui.picture.terminal import terminal_of

    if not terminal.is_terminal():
        return terminal_of(os.environ)
    with Asking(os.environ) as asking:
        found = asking.terminal()
    if mode not in found.modes:
        raise UsageError(f"--graphics {mode}: {found.reasons.get(mode, 'the terminal does not take it')}")
    return found
