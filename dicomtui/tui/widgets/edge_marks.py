"""Marks at the edges of a picture: where the patient's sides are, and how long things are."""

from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

if TYPE_CHECKING:
    from dicomtui.imaging.geometry import Place
    from dicomtui.imaging.viewport import Region

STYLE = Style(color="#ffaf5f", bgcolor="#000000")
_RULER_PART = 3
"""A ruler takes up to this part of the width."""


class Mark(NamedTuple):
    """A text at a cell of the picture."""

    column: int
    text: str


def edge_marks(place: "Place", region: "Region", lines: int) -> dict[int, list[Mark]]:
    """Return the marks by line of cells.

    Parameters
    ----------
    place : Place
        Of the frame.
    region : Region
        What is shown of it; one of its pixels across is one cell.
    lines : int
        Lines of cells that it fills.
    """
    marks: dict[int, list[Mark]] = {}

    def put(line: int, column: int, text: str) -> None:
        if text and column >= 0 and column + len(text) <= region.width:
            marks.setdefault(line, []).append(Mark(column, text))

    if place.orientation is not None:
        from dicomtui.imaging.orientation import edge_letters

        left, top, right, bottom = edge_letters(place.orientation, region.viewport)
        put(lines // 2, 0, left)
        put(0, (region.width - len(top)) // 2, top)
        put(lines // 2, region.width - len(right), right)
        put(lines - 1, (region.width - len(bottom)) // 2, bottom)
    if place.spacing is not None and region.width >= _RULER_PART * 4:
        from dicomtui.imaging.geometry import ruler

        scale = ruler(place.spacing.per_output_pixel(region), region.width // _RULER_PART)
        put(lines - 1, 0, f"├{'─' * (scale.pixels - 2)}┤{scale.length_mm:g} mm" if scale.pixels > 1 else "")
    return marks


def with_marks(strip: Strip, left: int, marks: list[Mark]) -> Strip:
    """Return a line with its marks in place of the cells below them; *left* is where the picture begins."""
    for column, text in marks:
        start = left + column
        parts = (strip.crop(0, start), Strip([Segment(text, STYLE)]), strip.crop(start + len(text)))
        strip = Strip.join(parts)
    return strip
