"""Regions of a frame or a volume by value: connected pixels, cleaned by size, measured, shown in colour.

Regions are numbers, as scikit-image's ``measure.label`` gives them: 0 is outside, 1 and on are the regions.
Pixels are connected over their edges alone. The mean and the standard deviation of a region are those of the
values given, which should be modality values: what a filter has made of them only finds the region.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dicomtui.imaging.scikit_image import skimage
from dicomtui.imaging.supplemental_palette import ColouredPixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.imaging.geometry import Spacing

COLOURS = (
    ("red", (230, 60, 60)),
    ("green", (70, 190, 80)),
    ("blue", (80, 130, 240)),
    ("yellow", (225, 195, 50)),
    ("magenta", (205, 80, 200)),
    ("cyan", (60, 195, 200)),
)
"""Names and colours of the regions, again from the first when they are used up."""
_OPACITY = 0.6
MOST_REGIONS = 1000
"""Regions that are measured, the largest first."""


class SegmentedRegion(NamedTuple):
    """What is known of one region."""

    number: int
    pixels: int
    """Of a frame, or voxels of a volume."""
    size: float
    """Area of a frame, volume of a stack."""
    unit: str
    """Of the size: mm², mm³, or pixels."""
    mean: float
    deviation: float
    """Of the whole region, as numpy's ``std``."""
    middle: tuple[float, ...]
    """Where its pixels lie on average: row and column, after the plane for a stack."""

    @property
    def colour(self) -> str:
        """The name of its colour."""
        return COLOURS[(self.number - 1) % len(COLOURS)][0]

    @property
    def text(self) -> str:
        """A line about it."""
        size = f"{self.size:.6g} {self.unit}"
        return f"{self.number} {self.colour}  {size}  {self.mean:.5g} ± {self.deviation:.3g}"


def segment(values: "NDArray[Any]", low: float, high: float, smallest: float) -> "NDArray[np.integer[Any]]":
    """Find the connected regions with values from *low* to *high*, but those below *smallest* pixels.

    Parameters
    ----------
    values : ndarray, shape (rows, columns) or (planes, rows, columns)
        Finite.
    low, high : float
        Both belong to it.
    smallest : float
        Pixels that the smallest region has that is kept.

    Returns
    -------
    ndarray of int, same shape
        The largest region is number 1; of two equal ones the one that begins first.
    """
    return by_size((values >= low) & (values <= high), smallest)


def by_size(inside: "NDArray[np.bool_]", smallest: float) -> "NDArray[np.integer[Any]]":
    """Find the connected regions of *inside*, the largest first; the rest as for :func:`segment`."""
    labels = skimage("measure").label(inside, connectivity=1)
    counts = np.bincount(labels.ravel())
    counts[0] = 0
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] >= max(1, smallest)]
    numbers = np.zeros(len(counts), np.int32)
    numbers[order] = np.arange(1, len(order) + 1)
    found: NDArray[np.integer[Any]] = numbers[labels]
    return found


def grow(
    values: "NDArray[Any]", column: float, row: float, tolerance: float, plane: int | None = None
) -> "NDArray[np.integer[Any]]":
    """Mark the region around a point whose values differ from its value by *tolerance* at most.

    Parameters
    ----------
    values : ndarray, shape (rows, columns) or (planes, rows, columns)
        Finite.
    column, row : float
        From 0; below 0 is the middle, and what lies outside is moved to the edge.
    tolerance : float
        In the unit of the values.
    plane : int, optional
        Of the point in a volume, from 0; the middle without it.

    Returns
    -------
    ndarray of int, same shape
        1 in the region, 0 outside.
    """
    wanted = (row, column) if values.ndim == 2 else (-1 if plane is None else plane, row, column)
    seed = tuple(
        count // 2 if place < 0 else min(int(place), count - 1)
        for place, count in zip(wanted, values.shape, strict=True)
    )
    flooded = skimage("segmentation").flood(values, seed, tolerance=tolerance, connectivity=1)
    return np.asarray(flooded, np.int32)


def regions_of(
    labels: "NDArray[np.integer[Any]]",
    values: "NDArray[Any]",
    spacing: "Spacing | None" = None,
    voxel_mm3: float | None = None,
) -> tuple[SegmentedRegion, ...]:
    """Measure the regions.

    Parameters
    ----------
    labels : ndarray of int
        Their numbers.
    values : ndarray, same shape
        Modality values.
    spacing : Spacing, optional
        Of a frame; without it areas are in pixels.
    voxel_mm3 : float, optional
        Volume of a voxel of a stack.
    """
    size, unit = 1.0, "pixels"
    if voxel_mm3 is not None:
        size, unit = voxel_mm3, "mm³"
    elif spacing is not None:
        size, unit = spacing.rows_mm * spacing.columns_mm, "mm²"
    found = []
    for region in skimage("measure").regionprops(labels, intensity_image=values)[:MOST_REGIONS]:
        inside = region.image_intensity[region.image].astype(np.float64)
        found.append(
            SegmentedRegion(
                int(region.label),
                inside.size,
                inside.size * size,
                unit,
                float(inside.mean()),
                float(inside.std()),
                tuple(map(float, region.centroid)),
            )
        )
    return tuple(found)


def coloured(labels: "NDArray[np.integer[Any]]") -> ColouredPixels | None:
    """Return the regions in colour: what is under them is seen.

    Parameters
    ----------
    labels : ndarray of int, shape (rows, columns)
        Numbers of regions, 0 outside.
    """
    if not labels.any():
        return None
    table = np.array([colour for _, colour in COLOURS], np.uint8)
    return ColouredPixels(labels > 0, table[(labels - 1) % len(table)], opacity=_OPACITY)
