"""Draws lines over display values: what a person measures, and where.

Places are as in :mod:`dicomtui.imaging.measurement`: columns and rows, 0 in the middle of the first pixel.

>>> import numpy as np
>>> from dicomtui.imaging.drawings import Drawing, draw
>>> from dicomtui.imaging.viewport import Viewport, region_shown
>>> region = region_shown((8, 8), Viewport(), 1.0, 8, 8)
>>> shown = draw(np.zeros((8, 8), np.uint8), region, [Drawing(((1, 2), (5, 2)), (255, 0, 0))])
>>> shown[2, :, 0].tolist()
[0, 255, 255, 255, 255, 255, 0, 0]
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.imaging.measurement import Point
    from dicomtui.imaging.viewport import Region

CROSS_GAP, CROSS_ARM = 2, 4
"""Output pixels from a place to where the arms of its cross begin, and to where they end."""
_FAR = 4.0
"""How far outside of what is shown lines are drawn, in its own sizes."""


class Drawing(NamedTuple):
    """Something to be drawn."""

    points: "Sequence[Point]"
    colour: tuple[int, int, int]
    form: Literal["line", "outline", "cross", "hair"] = "line"
    """From point to point; the same and back; a small cross at each; lines through all of the picture."""


def draw(shown: "NDArray[np.uint8]", region: "Region", drawings: Iterable[Drawing]) -> "NDArray[np.uint8]":
    """Return display values with drawings over them.

    Parameters
    ----------
    shown : ndarray of uint8, shape (region.height, region.width[, 3])
        Display values of the part that is shown. It is not changed.
    region : Region
        What is shown.
    drawings : iterable of Drawing
        The last lies on top.

    Returns
    -------
    ndarray of uint8, shape (region.height, region.width, 3)
    """
    image = Image.fromarray(shown).convert("RGB")
    pen = ImageDraw.Draw(image)
    for drawing in drawings:
        places = to_output(region, drawing.points)
        for one, other in _lines(places, drawing.form, region):
            if (ends := _near(one, other, region)) is not None:
                pen.line([*ends[0], *ends[1]], fill=drawing.colour)
    return np.asarray(image)


def to_output(region: "Region", points: "Sequence[Point]") -> "list[Point]":
    """Return where points of the picture are in what is shown of it, in output pixels from its first."""
    corner, right, below = (np.array(region.to_picture(*at)) for at in ((0, 0), (1, 0), (0, 1)))
    inverse = np.linalg.inv(np.column_stack([right - corner, below - corner]))
    found = (np.array(points, np.float64).reshape(-1, 2) + 0.5 - corner) @ inverse.T
    return [(float(x), float(y)) for x, y in found]


def _lines(places: "list[Point]", form: str, region: "Region") -> "Iterable[tuple[Point, Point]]":
    if form in ("line", "outline"):
        following = places[1:] + (places[:1] if form == "outline" and len(places) > 2 else [])
        yield from zip(places, following, strict=False)
        return
    for x, y in places:
        x, y = round(x), round(y)
        left, right, above, below = x - CROSS_ARM, x + CROSS_ARM, y - CROSS_ARM, y + CROSS_ARM
        if form == "hair":
            left, right, above, below = 0, region.width - 1, 0, region.height - 1
        yield from (((left, y), (x - CROSS_GAP, y)), ((x + CROSS_GAP, y), (right, y)))
        yield from (((x, above), (x, y - CROSS_GAP)), ((x, y + CROSS_GAP), (x, below)))


def _near(one: "Point", other: "Point", region: "Region") -> "tuple[Point, Point] | None":
    """Return the part of a line that is near enough to be seen: a line of a million pixels takes its time."""
    start, end = 0.0, 1.0
    for first, last, size in ((one[0], other[0], region.width), (one[1], other[1], region.height)):
        low, high = -_FAR * size, (1 + _FAR) * size
        step = last - first
        if step == 0:
            if not low <= first <= high:
                return None
            continue
        near, far = sorted(((low - first) / step, (high - first) / step))
        start, end = max(start, near), min(end, far)
    if start > end:
        return None
    across, down = other[0] - one[0], other[1] - one[1]
    return (one[0] + start * across, one[1] + start * down), (one[0] + end * across, one[1] + end * down)
