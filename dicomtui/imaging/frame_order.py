"""In which order the frames of an instance are stepped through: as its dimensions or their places say.

Enhanced objects may hold their frames in any order; what belongs side by side is said by the Dimension Index
Values of each frame, or by where it lies in the patient.

References
----------
DICOM PS3.3 C.7.6.16.2.2 (Frame Content), C.7.6.17 (Multi-frame Dimension), C.7.6.16.2.3 (Plane Position).
"""

from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.dataset.frame_values import frame_values
from dicomtui.imaging.attributes import items, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom.dataset import Dataset

    from dicomtui.dataset.frame_values import Values

DIMENSIONS, POSITION, FILE = "dimensions", "position", "file"
"""The names of the orders."""

Order = tuple[int, ...]
"""Every frame number, from 1, once."""

_SAME_DIRECTION = 1e-3
"""How far direction cosines of one stack may differ: 0.06 degrees."""
_SAME_PLACE = 1e-3
"""Millimetres up to which two positions are one."""
_LARGEST = 1e9
"""Millimetres beyond which a position is no place."""


class FrameOrders(NamedTuple):
    """The orders that the frames of one instance have."""

    orders: dict[str, Order]
    """By name, the one that says most first; ``file`` is always there."""
    notes: tuple[str, ...]
    """One line for each order that the file means to give and does not."""


def frame_orders(dataset: "Dataset", frames: int) -> FrameOrders:
    """Find the orders of the frames.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    frames : int
        How many frames there are.

    Returns
    -------
    FrameOrders
        ``dimensions``: by Dimension Index Values, the first item of the Dimension Index Sequence being the
        one that changes least. ``position``: along the normal of planes that are parallel, in millimetres.
        ``file``: as they stand there. Frames that an order does not tell apart stay in the order of the file.
    """
    numbers = tuple(range(1, frames + 1))
    orders: dict[str, Order] = {}
    notes: list[str] = []
    if frames > 1 and "PerFrameFunctionalGroupsSequence" in dataset:
        for name, keys_of in ((DIMENSIONS, _dimension_indexes), (POSITION, _places)):
            keys = keys_of(dataset, frames, notes)
            if keys is not None:
                orders[name] = tuple(number for _, number in sorted(zip(keys, numbers, strict=True)))
    orders[FILE] = numbers
    return FrameOrders(orders, tuple(notes))


def default_order(found: FrameOrders) -> str:
    """Return the name of the order to begin with: dimensions, else position, else file."""
    return next(iter(found.orders))


def _dimension_indexes(dataset: "Dataset", frames: int, notes: list[str]) -> "list[tuple[int, ...]] | None":
    """Return the Dimension Index Values of each frame; None if they are no order."""
    found = frame_values(dataset, "FrameContentSequence", "DimensionIndexValues", frames)
    if not any(found):
        return None
    count = len(items(dataset, "DimensionIndexSequence"))
    if not count:
        notes.append(f"no order by dimensions: {label('DimensionIndexSequence')} is missing or empty")
        return None
    indexes = [_whole_numbers(values) for values in found]
    for number, index in enumerate(indexes, 1):
        if len(index) != count:
            notes.append(
                f"no order by dimensions: frame {number:,} has {len(index)} values for"
                f" {label('DimensionIndexValues')}, there are {count} dimensions"
            )
            return None
    return indexes


def _places(dataset: "Dataset", frames: int, notes: list[str]) -> list[int] | None:
    """Return a number for the place of each frame along the normal; None if they are no stack."""
    corners = [
        _floats(v) for v in frame_values(dataset, "PlanePositionSequence", "ImagePositionPatient", frames)
    ]
    if not any(corners):
        return None
    for number, corner in enumerate(corners, 1):
        if len(corner) != 3 or not all(abs(place) <= _LARGEST for place in corner):
            notes.append(
                f"no order by position: frame {number:,} has no usable {label('ImagePositionPatient')}"
            )
            return None
    normal = _normal(dataset, frames, notes)
    if normal is None:
        return None
    distances = [sum(a * b for a, b in zip(normal, corner, strict=True)) for corner in corners]
    places = [0] * frames
    for before, after in pairwise(sorted(range(frames), key=distances.__getitem__)):
        places[after] = places[before] + (distances[after] - distances[before] > _SAME_PLACE)
    return places


def _normal(dataset: "Dataset", frames: int, notes: list[str]) -> "Sequence[float] | None":
    """Return the normal of the planes, of length 1; None if they are not parallel, or not known."""
    written = frame_values(dataset, "PlaneOrientationSequence", "ImageOrientationPatient", frames)
    directions = [_floats(values) for values in dict.fromkeys(written)]  # mostly one for all
    normals = [_cross(direction) for direction in directions]
    if not all(0.5 < hypot(*normal) < 2 for normal in normals):
        notes.append(f"no order by position: {label('ImageOrientationPatient')} is missing or no direction")
        return None
    for direction in directions:
        if any(abs(a - b) > _SAME_DIRECTION for a, b in zip(directions[0], direction, strict=True)):
            notes.append("no order by position: the frames are not parallel")
            return None
    length = hypot(*normals[0])
    return [part / length for part in normals[0]]


def _cross(direction: tuple[float, ...]) -> tuple[float, ...]:
    """Return the vector across rows and columns; zero where there are none."""
    if len(direction) != 6:
        return 0.0, 0.0, 0.0
    a, b, c, d, e, f = direction
    return b * f - c * e, c * d - a * f, a * e - b * d


def _whole_numbers(values: "Values") -> tuple[int, ...]:
    try:
        return tuple(int(value) for value in values)
    except ValueError:
        return ()


def _floats(values: "Values") -> tuple[float, ...]:
    try:
        return tuple(float(value) for value in values)
    except ValueError:
        return ()
