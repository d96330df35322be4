"""Planes through a volume along the patient's axes, and slabs of them: MPR, MIP, MinIP, mean.

The planes are axial, sagittal and coronal of the patient, however the series was acquired: values are
interpolated linearly between the eight voxels around, and where there is none a pixel has no value. Only the
plane or slab that is asked for is computed; the volume itself is not copied.

References
----------
DICOM PS3.3 C.7.6.2.1.1 (coordinates of the patient: to the left, to the back, to the head).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from dicomtui.imaging.geometry import Place, Spacing
from dicomtui.imaging.orientation import Orientation, Vector, direction_letters
from dicomtui.imaging.rendering import Frame
from dicomtui.imaging.scikit_image import imported

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.imaging.volume import Volume

MOST_PIXELS = 1024
"""Along a side of a plane: beyond that pixels get larger."""


class Direction(StrEnum):
    """Which planes of the patient."""

    AXIAL = "axial"
    SAGITTAL = "sagittal"
    CORONAL = "coronal"


class Projection(StrEnum):
    """What is taken of the planes of a slab."""

    PLANE = "plane"
    MAXIMUM = "MIP"
    MINIMUM = "MinIP"
    MEAN = "mean"


_AXES: dict[Direction, tuple[Vector, Vector, int]] = {
    Direction.AXIAL: ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 2),
    Direction.SAGITTAL: ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0), 0),
    Direction.CORONAL: ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), 1),
}
"""Where columns and rows lead, and along which axis of the patient planes follow each other."""


@dataclass(frozen=True)
class Slab:
    """What is to be seen of a volume."""

    direction: Direction
    place: float
    """Of its middle along the axis of the patient, in millimetres."""
    projection: Projection = Projection.PLANE
    thickness: float = 0.0
    """In millimetres; a plane has none."""


class Reslicer:
    """Computes planes and slabs of one volume.

    Parameters
    ----------
    volume : Volume
        As :func:`dicomtui.imaging.volume.volume_of` gives it, which refuses uneven spacing and tilt.
    inverse : bool
        Whether the least value is shown white.
    """

    def __init__(self, volume: "Volume", *, inverse: bool = False) -> None:
        self._volume, self._inverse = volume, inverse
        columns_rows_planes = np.array(volume.steps, np.float64).T
        self._corner = np.array(volume.corner, np.float64)
        self._to_grid = np.linalg.inv(columns_rows_planes)
        self.spacing = float(np.linalg.norm(columns_rows_planes, axis=0).min())
        """Millimetres from one pixel of a plane to the next, and from one plane of a slab to the next."""
        last = np.array(volume.values.shape[::-1]) - 1
        corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]) * last
        places = corners @ columns_rows_planes.T + self._corner
        self._low, self._high = places.min(axis=0), places.max(axis=0)

    @property
    def middle(self) -> Vector:
        """The middle of the volume, in millimetres of the patient."""
        x, y, z = (self._low + self._high) / 2
        return float(x), float(y), float(z)

    def extent(self, direction: Direction) -> tuple[float, float]:
        """Return where the first and the last plane lie."""
        axis = _AXES[direction][2]
        return float(self._low[axis]), float(self._high[axis])

    def frame(
        self, slab: Slab, is_wanted: Callable[[int, int], bool] = lambda done, count: True
    ) -> Frame | None:
        """Compute a plane or a slab.

        Parameters
        ----------
        slab : Slab
            Which one.
        is_wanted : callable
            Asked before each plane of a slab, with how many are done and of how many: False ends the work.

        Returns
        -------
        Frame or None
            With modality values, square pixels and its place in the patient; None if it was not wanted any
            more.
        """
        offsets = [0.0]
        if slab.projection is not Projection.PLANE:
            planes = max(1, ceil(slab.thickness / self.spacing))
            offsets = [(at - (planes - 1) / 2) * self.spacing for at in range(planes)]
        taken: NDArray[np.float32] | None = None
        counts: NDArray[np.int32] | None = None
        spacing = self.spacing
        for done, offset in enumerate(offsets):
            if not is_wanted(done, len(offsets)):
                return None
            plane, spacing = self._plane(slab.direction, slab.place + offset)
            taken, counts = _joined(taken, counts, plane, slab.projection)
        assert taken is not None
        if slab.projection is Projection.MEAN and counts is not None:
            with np.errstate(invalid="ignore"):
                taken = np.where(counts > 0, taken / np.maximum(counts, 1), np.float32(np.nan))
        return self._framed(taken.astype(np.float32), slab, spacing)

    def _plane(self, direction: Direction, place: float) -> "tuple[NDArray[np.float32], float]":
        """Return the modality values of one plane, NaN outside the volume, and the size of its pixels."""
        across, down, axis = _AXES[direction]
        start = self._start(direction)
        start[axis] = place
        lengths = [abs(np.dot(self._high - self._low, way)) for way in (across, down)]
        spacing = max(self.spacing, max(lengths) / (MOST_PIXELS - 1))
        columns, rows = (int(length / spacing + 1e-6) + 1 for length in lengths)
        grid_start = self._to_grid @ (start - self._corner)
        over = np.outer(self._to_grid @ across, np.arange(columns) * spacing)
        under = np.outer(self._to_grid @ down, np.arange(rows) * spacing)
        at = grid_start[:, None, None] + under[:, :, None] + over[:, None, :]
        # within a millionth of the edge counts as on it: places are rounded
        limits = (np.array(self._volume.values.shape[::-1]) - 1.0)[:, None, None]
        at = np.where((at < 0) & (at > -1e-4), 0.0, at)
        at = np.where((at > limits) & (at < limits + 1e-4), limits, at)
        sample = imported("scipy.ndimage").map_coordinates
        values = sample(
            self._volume.values, at[::-1], output=np.float32, order=1, mode="constant", cval=np.nan
        )
        return values * np.float32(self._volume.slope) + np.float32(self._volume.intercept), spacing

    def _start(self, direction: Direction) -> "NDArray[np.float64]":
        """Return where the first pixel of a plane lies, whatever its place along the axis."""
        across, down, _ = _AXES[direction]
        ways = np.array(across) + np.array(down)
        start: NDArray[np.float64] = np.where(ways < 0, self._high, self._low)
        return start

    def _framed(self, values: "NDArray[np.float32]", slab: Slab, spacing: float) -> Frame:
        across, down, _ = _AXES[slab.direction]
        missing = np.isnan(values)
        orientation = Orientation(direction_letters(across), direction_letters(down))
        return Frame(
            values=values,
            padding=missing if missing.any() else None,
            windows=(),
            unit=self._volume.unit,
            inverse=self._inverse,
            aspect=1.0,
            notes=self._volume.notes,
            place=Place(orientation, Spacing(spacing, spacing, "PixelSpacing", True), slab.place),
        )

    def pixel_of(self, direction: Direction, point: Vector) -> tuple[float, float]:
        """Return column and row of a place of the patient, in planes of a direction."""
        across, down, _ = _AXES[direction]
        way = np.array(point) - self._start(direction)
        lengths = [abs(np.dot(self._high - self._low, each)) for each in (across, down)]
        spacing = max(self.spacing, max(lengths) / (MOST_PIXELS - 1))
        return float(np.dot(way, across) / spacing), float(np.dot(way, down) / spacing)


def _joined(
    taken: "NDArray[np.float32] | None",
    counts: "NDArray[np.int32] | None",
    plane: "NDArray[np.float32]",
    projection: Projection,
) -> "tuple[NDArray[np.float32], NDArray[np.int32] | None]":
    """Take another plane into what was made of those before; planes without a value there do not count."""
    if projection is Projection.MEAN:
        present = np.isfinite(plane)
        sums = np.where(present, plane, np.float32(0))
        if taken is None or counts is None:
            return sums, present.astype(np.int32)
        return taken + sums, counts + present
    if taken is None:
        return plane, None
    return (np.fmin if projection is Projection.MINIMUM else np.fmax)(taken, plane), None
