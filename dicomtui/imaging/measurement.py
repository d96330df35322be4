"""Measures frames: distances, angles, and regions with the statistics of their values.

Places are those of :mod:`dicomtui.imaging.regions`.

>>> import numpy as np
>>> from dicomtui.imaging.measurement import measure_region
>>> from dicomtui.imaging.regions import Rectangle
>>> found = measure_region(np.arange(12.0).reshape(3, 4), Rectangle(1, 0, 2, 1), spacing=None)
>>> found.statistics.pixels, found.statistics.mean, found.area, found.length_unit
(4, 3.5, 4.0, 'pixels')

References
----------
DICOM PS3.3 10.7.1.3 (Pixel Spacing), C.7.6.2.1.1 (the plane in the patient).
"""

from math import acos, degrees, hypot
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dicomtui.errors import UsageError
from dicomtui.imaging.regions import Point as Point
from dicomtui.imaging.regions import Region, part_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.imaging.geometry import Plane, Spacing

BINS = 64
"""Of a histogram."""


class Statistics(NamedTuple):
    """What is known of values."""

    pixels: int
    """How many there are."""
    mean: float
    deviation: float
    """Standard deviation of the values themselves (divided by their number)."""
    least: float
    largest: float
    median: float


class RegionMeasurement(NamedTuple):
    """What is known of a region."""

    statistics: Statistics
    """Of the pixels that have a value."""
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
    inside = values_inside(values, region, padding)
    if not inside.size:
        raise UsageError(f"no pixel with a value is inside the {region.name}")
    wide, high, unit = _sides_of(spacing)
    area, perimeter = region.outline(wide, high)
    counts, _ = np.histogram(inside, BINS)
    return RegionMeasurement(statistics_of(inside), area, perimeter, unit, tuple(map(int, counts)))


def values_inside(
    values: "NDArray[Any]", region: Region, padding: "NDArray[np.bool_] | None" = None
) -> "NDArray[np.float64]":
    """Return the values in a region, row by row; the rest as for :func:`measure_region`.

    Returns
    -------
    ndarray of float64, shape (pixels,)
    """
    if values.ndim != 2:
        raise UsageError("colours are not measured; choose a frame without")
    part, mask = part_of(region, *values.shape)
    if padding is not None:
        mask &= ~padding[part]
    inside: NDArray[np.float64] = values[part][mask].astype(np.float64)
    return inside[np.isfinite(inside)]


def statistics_of(values: "NDArray[np.float64]") -> Statistics:
    """Return what is known of one value or more."""
    return Statistics(
        int(values.size),
        float(values.mean()),
        float(values.std()),
        float(values.min()),
        float(values.max()),
        float(np.median(values)),
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


def _sides_of(spacing: "Spacing | None") -> tuple[float, float, str]:
    return (1.0, 1.0, "pixels") if spacing is None else (spacing.columns_mm, spacing.rows_mm, "mm")
