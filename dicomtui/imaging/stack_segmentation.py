"""Regions over the planes of a series: what a chain finds in one frame, found in the stack as one volume.

The steps before the one that marks regions are done plane by plane, as in frames; the regions are connected
across planes. Their mean and standard deviation are those of the modality values.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dicomtui.errors import UsageError
from dicomtui.imaging.processing import Chain, Step
from dicomtui.imaging.segmentation import SegmentedRegion, grow, regions_of
from dicomtui.imaging.volume import NotAVolume, volume_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.dataset.reading import Instance
    from dicomtui.imaging.volume import Volume

MEMORY_LIMIT = 2 << 30
"""Bytes that values, what filters make of them, and numbers of regions may have together."""
_BYTES = 4 + 4 + 8 + 4
"""Of a voxel: both kinds of values, numbers as they are found, numbers as they are kept."""


def stack_regions(
    instances: "Sequence[Instance]",
    chain: Chain,
    plane: float | None = None,
    progress: Callable[[int, int], None] = lambda done, count: None,
) -> tuple[SegmentedRegion, ...]:
    """Find the regions of a series and measure them, volumes in mm³.

    Parameters
    ----------
    instances : sequence of Instance
        The planes, in any order.
    chain : Chain
        With a step that marks regions; its last one counts.
    plane : float, optional
        For a region that grows from a point: where that plane lies along the normal of the planes, in
        millimetres; the middle one without it.
    progress : callable
        Told how many planes are done, and of how many; what it raises ends the work.

    Raises
    ------
    UsageError
        If no step marks regions.
    NotAVolume
        If the planes are not regular, or too many.
    """
    steps = [step for step in chain.steps if step.is_on]
    last = next((at for at in reversed(range(len(steps))) if steps[at].kind.marks), None)
    if last is None:
        raise UsageError("no step finds regions; add segment or grow")
    volume = volume_of(instances, progress)
    if volume.values.size * _BYTES > MEMORY_LIMIT:
        raise NotAVolume(f"regions of {len(volume.values):,} planes need more than {MEMORY_LIMIT >> 30} GiB")
    before = Chain(tuple(steps[:last]))
    values = np.empty(volume.values.shape, np.float32)
    made = np.empty_like(values) if before.is_active else values
    for at, stored in enumerate(volume.values):
        progress(at, len(values))
        values[at] = stored * np.float32(volume.slope) + np.float32(volume.intercept)
        if before.is_active:
            made[at] = before.apply(values[at])
    labels = _labels(steps[last], made, _index(volume, plane))
    columns, rows, planes = (np.array(step) for step in volume.steps)
    voxel_mm3 = abs(float(np.dot(np.cross(columns, rows), planes)))
    return regions_of(labels, values, voxel_mm3=voxel_mm3)


def _labels(step: Step, values: "NDArray[np.float32]", plane: int) -> "NDArray[np.integer[Any]]":
    """Return the numbers of the regions; a voxel without a value belongs to none."""
    missing = ~np.isfinite(values)
    if missing.any():
        values = np.where(missing, np.float32(-np.inf), values)
    if step.kind.apply is grow:
        column, row, tolerance = step.numbers
        return grow(values, column, row, tolerance, plane)
    labels: NDArray[np.integer[Any]] = step.kind.apply(values, *step.numbers)
    return labels


def _index(volume: "Volume", place: float | None) -> int:
    """Return the plane that lies nearest to a place along the normal."""
    count = len(volume.values)
    if place is None:
        return count // 2
    columns, rows, planes = (np.array(step) for step in volume.steps)
    normal = np.cross(columns, rows)
    normal /= np.linalg.norm(normal)
    first, step = float(np.dot(volume.corner, normal)), float(np.dot(planes, normal))
    return min(max(round((place - first) / step), 0), count - 1)
