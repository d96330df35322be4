"""The cells of a whole pane: a picture in it, short texts over it."""

import os
from typing import TYPE_CHECKING

import numpy as np

from dicomtui.picture.cells import Cells
from dicomtui.picture.glyphs import SPACE
from dicomtui.picture.palette import colour_codes

if TYPE_CHECKING:
    from dicomtui.picture.depth import ColourDepth

TEXT_COLOUR = (0xD0, 0xD0, 0xD0) if os.environ.get("NO_COLOR") else (0xFF, 0xAF, 0x5F)
"""Of texts over a picture: no colour where the user wants none, for these are not the picture's own."""


def blank(columns: int, lines: int, depth: "ColourDepth") -> Cells:
    """Return black cells."""
    black = colour_codes(np.zeros((1, 1), np.uint8), depth)[0, 0]
    glyphs, front, back = (np.full((lines, columns), value, np.uint32) for value in (SPACE, black, black))
    return Cells(glyphs, front, back, depth)


def put(cells: Cells, picture: Cells, left: int, top: int) -> None:
    """Put a picture into *cells*; what stands out is left away."""
    lines, columns = cells.glyphs[top:, left:].shape
    for into, part in zip(cells[:3], picture[:3], strict=True):
        shown = part[:lines, :columns]
        into[top : top + shown.shape[0], left : left + shown.shape[1]] = shown


def put_text(
    cells: Cells, line: int, column: int, text: str, colour: tuple[int, int, int] = TEXT_COLOUR
) -> None:
    """Write characters of one cell each over *cells*, on black; what stands out is left away."""
    lines, columns = cells.glyphs.shape
    if not 0 <= line < lines:
        return
    codes = colour_codes(np.array([[colour, (0, 0, 0)]], np.uint8), cells.depth)[0]
    for at, character in enumerate(text, column):
        if 0 <= at < columns:
            is_space = character == " "
            cells.glyphs[line, at] = ord(character)
            cells.front[line, at], cells.back[line, at] = codes[int(is_space)], codes[1]
