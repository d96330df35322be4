"""Lines of cells as Rich's segments."""

from functools import lru_cache

import numpy as np
from rich.segment import Segment
from rich.style import Style

from dicomtui.picture.cells import Cells
from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.palette import colour


def line_segments(cells: Cells, line: int) -> list[Segment]:
    """Return one line, equal neighbours joined in one segment."""
    parts = [part[line] for part in cells[:3]]
    starts = np.ones(parts[0].shape, dtype=bool)
    starts[1:] = False
    for part in parts:
        starts[1:] |= part[1:] != part[:-1]
    first = np.flatnonzero(starts)
    counts = np.diff(first, append=len(starts)).tolist()
    columns = zip(*(part[first].tolist() for part in parts), counts, strict=True)
    return [_segment(*column, cells.depth) for column in columns]


@lru_cache(maxsize=32768)
def _segment(glyph: int, front: int, back: int, count: int, depth: ColourDepth) -> Segment:
    if depth is ColourDepth.NONE:
        return Segment(chr(glyph) * count)
    background = colour(back, depth)
    if glyph == ord(" "):
        return Segment(" " * count, Style(bgcolor=background))
    return Segment(chr(glyph) * count, Style(color=colour(front, depth), bgcolor=background))
