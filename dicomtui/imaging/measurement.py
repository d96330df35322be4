"""Measures frames: distances, angles, and regions with the statistics of their values.

Places are (x, y) in pixels: x along a row, y along a column, both 0 in the middle of the first pixel. A
region holds the pixels whose middle lies in it or on its edge.

>>> import numpy as np
>>> from dicomtui.imaging.measurement import Rectangle, measure_region
>>> found = measure_region(np.arange(12.0).reshape(3, 4), Rectangle(1, 0, 2, 1), spacing=None)
>>> found.pixels, found.mean, found.area, found.length_unit
(4, 3.5, 4.0, 'pixels')

References
----------
DICOM PS3.3 10.7.1.3 (Pixel Spacing), C.7.6.2.1.1 (the plane in the patient).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import acos, degrees, hypot, pi, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from dicomtui.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.imaging.geometry import Plane, Spacing

Point = tuple[float, float]

BINS = 64
"""Of a histogram."""


class Region(Protocol):
    """A part of a frame."""

    @property
    def name(self) -> str:
        """What it is called."""

    def mask(self, rows: int, columns: int) -> "NDArray[np.bool_]":
        """Return which pixels are in it, shape (rows, columns)."""

    def outline(self, wide: float, high: float) -> tuple[float, float]:
        """Return area and perimeter, for pixels of a width and a height."""


@dataclass(frozen=True)
class Rectangle:
    """From a left upper to a right lower corner, both inside."""

    left: float
    top: float
    right: float
    bottom: float
    name: str = "rectangle"

    def mask(self, rows: int, columns: int) -> "NDArray[np.bool_]":
        """Return which pixels are in it."""
        y, x = np.ogrid[:rows, :columns]
        return (x >= self.left) & (x <= self.right) & (y >= self.top) & (y <= self.bottom)

    def outline(self, wide: float, high: float) -> tuple[float, float]:
        """Return area and perimeter of the shape."""
        width, height = (self.right - self.left) * wide, (self.bottom - self.top) * high
        return width * height, 2 * (width + height)


@dataclass(frozen=True)
class Ellipse:
    """Around a middle, with axes along rows and columns."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    name: str = "ellipse"

    def mask(self, rows: int, columns: int) -> "NDArray[np.bool_]":
        """Return which pixels are in it."""
        y, x = np.ogrid[:rows, :columns]
        return ((x - self.x) / self.radius_x) ** 2 + ((y - self.y) / self.radius_y) ** 2 <= 1

    def outline(self, wide: float, high: float) -> tuple[float, float]:
        """Return area and perimeter of the shape, the latter by Ramanujan's second formula."""
        a, b = self.radius_x * wide, self.radius_y * high
        share = ((a - b) / (a + b)) ** 2
        return pi * a * b, pi * (a + b) * (1 + 3 * share / (10 + sqrt(4 - 3 * share)))


@dataclass(frozen=True)
class Polygon:
    """With straight sides between its corners and from the last to the first."""

    corners: tuple[Point, ...]
    name: str = "polygon"

    def mask(self, rows: int, columns: int) -> "NDArray[np.bool_]":
        """Return which pixels are in it: those to whose right an odd number of sides is crossed."""
        y, x = np.mgrid[:rows, :columns].astype(np.float64)
        inside = np.zeros((rows, columns), bool)
        edge = np.zeros((rows, columns), bool)
        for (ax, ay), (bx, by) in self._sides():
            cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            within = (np.minimum(ax, bx) <= x) & (x <= np.maximum(ax, bx))
            within &= (np.minimum(ay, by) <= y) & (y <= np.maximum(ay, by))
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


class RegionMeasurement(NamedTuple):
    """What is known of a region."""

    pixels: int
    """That have a value."""
    mean: float
    deviation: float
    """Standard deviation of the values themselves (divided by their number)."""
    least: float
    largest: float
    median: float
    area: float
    """Of the shape, in the square of :attr:`length_unit`."""
    perimeter: float
    length_unit: str
    """``mm`` or ``pixels``."""
    counts: tuple[int, ...]
    """A histogram of :data:`BINS` bins from the least to the largest value."""


def measure_region(
    values: "NDArray[Any]",
    region: Region,
    spacing: "Spacing | None",
    padding: "NDArray[np.bool_] | None" = None,
) -> RegionMeasurement:
    """Measure the values in a region.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        Modality values.
    region : Region
        Where.
    spacing : Spacing or None
        How large pixels are; None for lengths in pixels.
    padding : ndarray of bool, shape (rows, columns), optional
        Pixels without a value, which do not count.

    Raises
    ------
    UsageError
        If the frame has colours, or no pixel with a value is inside.
    """
    if values.ndim != 2:
        raise UsageError("colours are not measured; choose a frame without")
    mask = region.mask(*values.shape) & np.isfinite(values)
    if padding is not None:
        mask &= ~padding
    inside = values[mask].astype(np.float64)
    if not inside.size:
        raise UsageError(f"no pixel with a value is inside the {region.name}")
    wide, high, unit = _sides_of(spacing)
    area, perimeter = region.outline(wide, high)
    counts, _ = np.histogram(inside, BINS)
    return RegionMeasurement(
        int(inside.size),
        float(inside.mean()),
        float(inside.std()),
        float(inside.min()),
        float(inside.max()),
        float(np.median(inside)),
        area,
        perimeter,
        unit,
        tuple(map(int, counts)),
    )


def distance(one: Point, other: Point, spacing: "Spacing | None") -> tuple[float, str]:
    """Return how far two places are apart, and the unit."""
    wide, high, unit = _sides_of(spacing)
    return hypot((other[0] - one[0]) * wide, (other[1] - one[1]) * high), unit


def angle(one: Point, apex: Point, other: Point, spacing: "Spacing | None") -> float:
    """Return the angle at *apex* in degrees, 0 to 180.

    Raises
    ------
    UsageError
        If one of the others is at the apex.
    """
    wide, high, _ = _sides_of(spacing)
    a = ((one[0] - apex[0]) * wide, (one[1] - apex[1]) * high)
    b = ((other[0] - apex[0]) * wide, (other[1] - apex[1]) * high)
    lengths = hypot(*a) * hypot(*b)
    if lengths == 0:
        raise UsageError("an angle needs three places that differ")
    return degrees(acos(min(1.0, max(-1.0, (a[0] * b[0] + a[1] * b[1]) / lengths))))


def profile(values: "NDArray[Any]", one: Point, other: Point) -> "NDArray[np.float64]":
    """Return values along a line, a pixel apart, interpolated between the four nearest.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        Modality values.
    one, other : tuple of float
        Both ends, which are in it; places outside the frame have no value.
    """
    count = round(hypot(other[0] - one[0], other[1] - one[1])) + 1
    x, y = np.linspace(one[0], other[0], count), np.linspace(one[1], other[1], count)
    rows, columns = values.shape
    outside = (x < 0) | (y < 0) | (x > columns - 1) | (y > rows - 1)
    left, top = (np.clip(np.floor(at), 0, limit - 1).astype(int) for at, limit in ((x, columns), (y, rows)))
    right, below = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    across, down = np.clip(x - left, 0, 1), np.clip(y - top, 0, 1)
    upper = values[top, left] * (1 - across) + values[top, right] * across
    lower = values[below, left] * (1 - across) + values[below, right] * across
    along: NDArray[np.float64] = (upper * (1 - down) + lower * down).astype(np.float64)
    along[outside] = np.nan
    return along


def patient_place(plane: "Plane", spacing: "Spacing", at: Point) -> tuple[float, float, float]:
    """Return where a place lies in the patient: left, posterior, head in millimetres (PS3.3 C.7.6.2.1.1)."""
    along, down = at[0] * spacing.columns_mm, at[1] * spacing.rows_mm
    x, y, z = (
        corner + along * right + down * below
        for corner, right, below in zip(plane.corner, plane.across, plane.down, strict=True)
    )
    return x, y, z


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


def _sides_of(spacing: "Spacing | None") -> tuple[float, float, str]:
    return (1.0, 1.0, "pixels") if spacing is None else (spacing.columns_mm, spacing.rows_mm, "mm")
