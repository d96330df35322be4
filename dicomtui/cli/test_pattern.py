"""A test picture in each mode that a terminal offers: a wedge, a disc, lines, colours."""

from typing import TYPE_CHECKING

import numpy as np
from rich.segment import Segment

from dicomtui.cli import output
from dicomtui.picture.cells import cells_of
from dicomtui.picture.graphics import graphics_of
from dicomtui.picture.modes import Mode
from dicomtui.picture.segments import line_segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.picture.terminal import Terminal

COLUMNS, LINES = 48, 6


def print_patterns(terminal: "Terminal") -> None:
    """Print the picture once for each mode, the mode's name above."""
    for mode in Mode:
        if mode in terminal.modes:
            output.line()
            output.line(f"{mode}: a wedge from black to white, a round disc, upright lines, red green blue")
            rows = _graphics(mode, terminal) if mode.is_graphics else _cells(mode, terminal)
            output.picture(rows)


def pattern(across: int, down: int) -> "NDArray[np.uint8]":
    """Return the picture: RGB, shape (down, across, 3)."""
    x, y = np.meshgrid((np.arange(across) + 0.5) / across * 4, (np.arange(down) + 0.5) / down)
    grey = np.where(x < 1, x * 255, 0.0)
    aspect = 2 * LINES / (COLUMNS / 4)  # cells are taken for twice as high as wide
    disc = ((x - 1.5) / aspect) ** 2 + (y - 0.5) ** 2 < 0.4**2
    grey = np.where((x >= 1) & (x < 2) & disc, 220, grey)
    lines = np.arange(across)[None, :] // max(1, across // COLUMNS // 2) % 2
    grey = np.where((x >= 2) & (x < 3), lines * 255, grey)
    picture = np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)
    for channel in range(3):
        picture[..., channel] = np.where(
            (x >= 3) & ((y * 3).astype(int) == channel), 230, picture[..., channel]
        )
    return picture


def _cells(mode: Mode, terminal: "Terminal") -> "list[list[Segment]]":
    across, down = mode.pixels
    cells = cells_of(pattern(COLUMNS * across, LINES * down), mode, terminal.depth)
    return [line_segments(cells, line) for line in range(LINES)]


def _graphics(mode: Mode, terminal: "Terminal") -> list[list[Segment]]:
    graphics = graphics_of(mode, terminal)
    across, down = graphics.cell(COLUMNS, LINES)
    placed = graphics.place(pattern(COLUMNS * across, LINES * down), COLUMNS, LINES)
    room = "\n" * LINES + f"\x1b[{LINES}A"
    return [[Segment(f"{room}\x1b7{placed}\x1b8\x1b[{LINES}B\r")]]
