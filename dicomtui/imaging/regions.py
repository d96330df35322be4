"""Regions of frames: rectangles, ellipses, polygons.

Places are (x, y) in pixels: x along a row, y along a column, both 0 in the middle of the first pixel. A
region holds the pixels whose middle lies in it or on its edge.

>>> from dicomtui.imaging.regions import Ellipse
>>> Ellipse(1, 1, 1, 1).mask(3, 4).astype(int)
array([[0, 1, 0, 0],
       [1, 1, 1, 0],
       [0, 1, 0, 0]])
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, hypot, pi, sqrt
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dicomtui.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Point = tuple[float, float]
Bounds = tuple[float, float, float, float]
"""Left, top, right and bottom."""


class Region(Protocol):
    """A part of a frame."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def bounds(self) -> Bounds:
        """What it lies between."""

    def holds(self, x: "NDArray[Any]", y: "NDArray[Any]") -> "NDArray[np.bool_]":
        """Return which places are in it, in the shape of both."""

    def mask(self, rows: int, columns: int) -> "NDArray[np.bool_]":
        """Return which pixels of a frame are in it, shape (rows, columns)."""

    def outline(self, wide: float, high: float) -> tuple[float, float]:
        """Return area and perimeter, for pixels of a width and a height."""


class _Shape:
    """What regions have in common."""

    def mask(self: Region, rows: int, columns: int) -> "NDArray[np.bool_]":
        """Return which pixels of a frame are in it, shape (rows, columns)."""
        found = np.zeros((rows, columns), bool)
        part, inside = part_of(self, rows, columns)
        found[part] = inside
        return found


@dataclass(frozen=True)
class Rectangle(_Shape):
    """From a left upper to a right lower corner, both inside."""

    left: float
    top: float
    right: float
    bottom: float
    name: str = "rectangle"

    @property
    def bounds(self) -> Bounds:
        """What it lies between."""
        return self.left, self.top, self.right, self.bottom

    def holds(self, x: "NDArray[Any]", y: "NDArray[Any]") -> "NDArray[np.bool_]":
        """Return which places are in it."""
        return (x >= self.left) & (x <= self.right) & (y >= self.top) & (y <= self.bottom)

    def outline(self, wide: float, high: float) -> tuple[float, float]:
        """Return area and perimeter of the shape."""
        width, height = (self.right - self.left) * wide, (self.bottom - self.top) * high
        return width * height, 2 * (width + height)


@dataclass(frozen=True)
class Ellipse(_Shape):
    """Around a middle, with axes along rows and columns."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    name: str = "ellipse"

    @property
    def bounds(self) -> Bounds:
        """What it lies between."""
        return self.x - self.radius_x, self.y - self.radius_y, self.x + self.radius_x, self.y + self.radius_y

    def holds(self, x: "NDArray[Any]", y: "NDArray[Any]") -> "NDArray[np.bool_]":
        """Return which places are in it."""
        return ((x - self.x) / self.radius_x) ** 2 + ((y - self.y) / self.radius_y) ** 2 <= 1

    def outline(self, wide: float, high: float) -> tuple[float, float]:
        """Return area and perimeter of the shape, the latter by Ramanujan's second formula."""
        a, b = self.radius_x * wide, self.radius_y * high
        share = ((a - b) / (a + b)) ** 2
        return pi * a * b, pi * (a + b) * (1 + 3 * share / (10 + sqrt(4 - 3 * share)))


@dataclass(frozen=True)
class Polygon(_Shape):
    """With straight sides between its corners and from the last to the first."""

    corners: tuple[Point, ...]
    name: str = "polygon"

    @property
    def bounds(self) -> Bounds:
        """What it lies between."""
        across, down = zip(*self.corners, strict=True)
        return min(across), min(down), max(across), max(down)

    def holds(self, x: "NDArray[Any]", y: "NDArray[Any]") -> "NDArray[np.bool_]":
        """Return which places are in it: those to whose right an odd number of sides is crossed."""
        inside = np.zeros(np.broadcast_shapes(x.shape, y.shape), bool)
        edge = inside.copy()
        for (ax, ay), (bx, by) in self._sides():
            cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            within = (min(ax, bx) <= x) & (x <= max(ax, bx)) & (min(ay, by) <= y) & (y <= max(ay, by))
            edge |= (np.abs(cross) < 1e-9) & within
            crosses = (ay > y) != (by > y)
            inside ^= crosses & ((cross > 0) if by > ay else (cross < 0))
        return inside | edge

    def outline(self, wide: float, high: float) -> tuple[float, float]:
        """Return area and perimeter of the shape."""
        sides = [((ax * wide, ay * high), (bx * wide, by * high)) for (ax, ay), (bx, by) in self._sides()]
        area = abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in sides)) / 2
        return area, sum(hypot(bx - ax, by - ay) for (ax, ay), (bx, by) in sides)

    def _sides(self) -> list[tuple[Point, Point]]:
        return [*pairwise(self.corners), (self.corners[-1], self.corners[0])]


def polygon(corners: Sequence[Point]) -> Polygon:
    """Return a polygon.

    Raises
    ------
    UsageError
        If it has less than three corners.
    """
    if len(corners) < 3:
        raise UsageError("a polygon needs three corners or more")
    return Polygon(tuple(corners))


def part_of(region: Region, rows: int, columns: int) -> "tuple[tuple[slice, slice], NDArray[np.bool_]]":
    """Return the part of a frame that a region lies in, and which pixels of that part are in the region.

    Returns
    -------
    tuple of slice
        Rows and columns.
    ndarray of bool
        In the shape of that part.
    """
    left, top, right, bottom = region.bounds
    across = slice(max(0, floor(left)), max(0, min(columns, ceil(right) + 1)))
    down = slice(max(0, floor(top)), max(0, min(rows, ceil(bottom) + 1)))
    x = np.arange(across.start, max(across.start, across.stop), dtype=np.float64)
    y = np.arange(down.start, max(down.start, down.stop), dtype=np.float64)[:, np.newaxis]
    return (down, across), region.holds(x, y)
