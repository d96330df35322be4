"""Contact sheets: many pictures on one, each with a line below it."""

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

SIDE = 256
"""Pixels of a cell's longer side where nothing else is asked for."""

_GAP = 4
_BACKGROUND, _TEXT = (24, 24, 24), (220, 220, 220)
_TEXT_SHARE = 16
"""The side of a cell, divided by the height of its text."""
_SMALLEST_TEXT = 9


def contact_sheets(
    cells: "Iterable[tuple[NDArray[np.uint8], str]]", across: int, down: int, side: int = SIDE
) -> "Iterator[NDArray[np.uint8]]":
    """Put pictures on sheets, row by row.

    Parameters
    ----------
    cells : iterable of (ndarray, str)
        Display values (rows, columns[, 3]) and what is written below them, safe text.
    across, down : int
        How many there are on a sheet, at least 1.
    side : int
        Pixels of the square that each picture is fitted into.

    Yields
    ------
    ndarray of uint8, shape (rows, columns, 3)
        All sheets but the last are full; the last has no empty rows.
    """
    rest = iter(cells)
    while some := list(islice(rest, across * down)):
        yield _sheet(some, across, side)


def _sheet(cells: "list[tuple[NDArray[np.uint8], str]]", across: int, side: int) -> "NDArray[np.uint8]":
    font = ImageFont.load_default(max(_SMALLEST_TEXT, side // _TEXT_SHARE))
    line = sum(font.getmetrics()) if isinstance(font, ImageFont.FreeTypeFont) else _SMALLEST_TEXT + 4
    columns = min(across, len(cells))
    rows = -(-len(cells) // across)
    width, height = side + _GAP, side + line + _GAP
    sheet = Image.new("RGB", (columns * width + _GAP, rows * height + _GAP), _BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    for index, (values, caption) in enumerate(cells):
        left, top = _GAP + index % across * width, _GAP + index // across * height
        picture = _fitted(Image.fromarray(values), side)
        sheet.paste(picture, (left + (side - picture.width) // 2, top + (side - picture.height) // 2))
        draw.text((left, top + side), _cut(caption, font, side), _TEXT, font)
    return np.asarray(sheet)


def _fitted(image: Image.Image, side: int) -> Image.Image:
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return (
        image
        if size == image.size
        else image.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST)
    )


def _cut(text: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont, width: int) -> str:
    """Return as much of *text* as fits."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
