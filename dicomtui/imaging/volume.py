"""A stack of parallel, evenly spaced frames as one volume in patient coordinates.

References
----------
DICOM PS3.3 C.7.6.2.1.1 (Image Position and Orientation), C.7.6.16.2.3 (Plane Position).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import acos, degrees, dist, sqrt
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dicomtui.errors import DicomTuiError
from dicomtui.imaging.attributes import numbers, texts
from dicomtui.imaging.frames import Frames
from dicomtui.imaging.geometry import Plane, pixel_spacing, plane_of
from dicomtui.imaging.modality_lut import ModalityLut, modality_lut
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.dataset.reading import Instance

MEMORY_LIMIT = 2 << 30
"""Bytes that the values of a volume may have."""

_SAME_DIRECTION = 1e-3
"""How far direction cosines may differ: 0.06 degrees."""
_SAME_PLACE = 1e-3
"""Millimetres up to which two planes are at one place."""
_SPACING_SHARE, _SPACING_MM = 0.01, 0.02
"""How far a step may be from the usual one: positions are written with two decimals at times."""
_GAP = 1.5
"""How many usual steps a step has that is a gap."""
_LEAST_TILT = 0.5
"""Degrees."""
_SAME_SPACING = 1e-3
"""Share by which Pixel Spacing may differ."""


class NotAVolume(DicomTuiError):  # noqa: N818  it says what it is not
    """Frames that do not lie in space as the planes of one volume do; the message says why."""


Vector = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Volume:
    """Values in a grid, and where the grid lies in the patient."""

    values: "NDArray[Any]"
    """Shape (planes, rows, columns): stored values, or modality values where planes are rescaled apart."""
    slope: float
    intercept: float
    """Modality values are ``values * slope + intercept``."""
    unit: str
    """Of the modality values."""
    corner: Vector
    """The middle of the first pixel of the first plane: left, posterior, head in millimetres (LPS)."""
    steps: tuple[Vector, Vector, Vector]
    """From one column, row and plane to the next, in millimetres (LPS)."""
    notes: tuple[str, ...] = ()


class _Slice(NamedTuple):
    """One frame on its way into the volume."""

    frames: Frames
    number: int
    plane: Plane
    spacing: tuple[float, float]
    lut: ModalityLut
    name: str

    @property
    def along(self) -> float:
        return sum(a * b for a, b in zip(self.plane.corner, self.plane.normal, strict=True))


def volume_of(
    instances: "Sequence[Instance]", progress: Callable[[int, int], None] = lambda done, count: None
) -> Volume:
    """Put the frames of a stack together.

    Parameters
    ----------
    instances : sequence of Instance
        In any order: images of one frame, or of many.
    progress : callable
        Told before each plane how many are decoded, and of how many; what it raises ends the work.

    Raises
    ------
    NotAVolume
        If the planes are not parallel, evenly spaced and one above the other, or are several at one place.
    DecodeError
        If a frame cannot be decoded.
    """
    slices = sorted(_slices(instances), key=lambda one: one.along)
    if not slices:
        raise NotAVolume("there is no frame")
    first = slices[0]
    _require_one_grid(slices)
    step, notes = _step(slices, instances[0])
    rows, columns = first.spacing
    values, lut = _values(slices, progress)
    return Volume(
        values,
        lut.slope,
        lut.intercept,
        first.lut.unit,
        first.plane.corner,
        (_times(first.plane.across, columns), _times(first.plane.down, rows), step),
        notes,
    )


def _slices(instances: "Sequence[Instance]") -> Iterator[_Slice]:
    for instance in instances:
        name = safe_line(instance.source.name)
        dataset = instance.dataset
        if "MOSAIC" in texts(dataset, "ImageType"):
            raise NotAVolume(f"{name}: is a mosaic of many planes in one picture (0008,0008)")
        frames = Frames(instance)
        if frames.pixel.samples != 1 or frames.pixel.photometric == "PALETTE COLOR":
            raise NotAVolume(f"{name}: has colours")
        for number in range(1, frames.count + 1):
            shown = f"{name}, frame {number}" if frames.count > 1 else name
            plane = plane_of(dataset, number)
            if plane is None:
                raise NotAVolume(
                    f"{shown}: has no Image Position (0020,0032) and Image Orientation (0020,0037)"
                )
            spacing = pixel_spacing(dataset, number)
            if spacing is None or spacing.source != "PixelSpacing":
                raise NotAVolume(f"{shown}: has no Pixel Spacing (0028,0030)")
            millimetres = (spacing.rows_mm, spacing.columns_mm)
            yield _Slice(frames, number, plane, millimetres, modality_lut(dataset, number), shown)


def _require_one_grid(slices: list[_Slice]) -> None:
    """Raise what is different about a plane."""
    first = slices[0]
    for one in slices:
        directions = zip(
            (*first.plane.across, *first.plane.down), (*one.plane.across, *one.plane.down), strict=True
        )
        if any(abs(a - b) > _SAME_DIRECTION for a, b in directions):
            raise NotAVolume(f"planes are not parallel: {first.name} and {one.name}")
        shapes = [(other.frames.pixel.rows, other.frames.pixel.columns) for other in (first, one)]
        if shapes[0] != shapes[1]:
            raise NotAVolume(f"planes have several sizes: {first.name} and {one.name}")
        if any(abs(a - b) > _SAME_SPACING * a for a, b in zip(first.spacing, one.spacing, strict=True)):
            raise NotAVolume(f"Pixel Spacing (0028,0030) differs: {first.name} and {one.name}")


def _step(slices: list[_Slice], instance: "Instance") -> tuple[Vector, tuple[str, ...]]:
    """Return what leads from one plane to the next."""
    first, last = slices[0], slices[-1]
    normal = first.plane.normal
    if len(slices) == 1:
        thickness, note = _thickness(instance)
        return _times(normal, thickness), (note,)
    steps = [after.along - before.along for before, after in pairwise(slices)]
    for step, (before, after) in zip(steps, pairwise(slices), strict=True):
        if step <= _SAME_PLACE:
            raise NotAVolume(
                f"several planes at one place, as in 4D series: {before.name} and {after.name};"
                " choose one stack"
            )
    _require_even(steps, slices)
    count = len(steps)
    x, y, z = ((b - a) / count for a, b in zip(first.plane.corner, last.plane.corner, strict=True))
    length = sqrt(x * x + y * y + z * z)
    tilt = degrees(acos(min(1.0, sum(steps) / count / length)))
    if tilt >= _LEAST_TILT:
        raise NotAVolume(
            f"the planes are shifted against each other, as by a gantry tilt of {tilt:.1f} degrees"
        )
    for index, one in enumerate(slices):
        expected = [a + index * b for a, b in zip(first.plane.corner, (x, y, z), strict=True)]
        if dist(expected, one.plane.corner) > max(_SPACING_MM * 5, 2 * _SPACING_SHARE * length):
            raise NotAVolume(f"the planes do not lie on one line: {one.name}")
    return (x, y, z), ()


def _require_even(steps: list[float], slices: list[_Slice]) -> None:
    usual = median(steps)
    tolerance = max(_SPACING_MM, _SPACING_SHARE * usual)
    for step, (before, after) in zip(steps, pairwise(slices), strict=True):
        if abs(step - usual) > tolerance:
            what = "a gap" if step >= _GAP * usual else "uneven spacing"
            raise NotAVolume(
                f"{what}: {step:g} mm between {before.name} and {after.name}, elsewhere {usual:g} mm"
            )


def _thickness(instance: "Instance") -> tuple[float, str]:
    for keyword in ("SpacingBetweenSlices", "SliceThickness"):
        for number in numbers(instance.dataset, keyword):
            if 0 < number < 1e6:
                return number, f"there is one plane; its thickness is {number:g} mm"
    return 1.0, "there is one plane of unknown thickness; 1 mm is written"


def _values(slices: list[_Slice], progress: Callable[[int, int], None]) -> "tuple[NDArray[Any], ModalityLut]":
    """Return stored values where one rescaling holds for all, modality values otherwise."""
    first = slices[0]
    lut = first.lut
    is_same = all(
        one.lut.table is None and (one.lut.slope, one.lut.intercept) == (lut.slope, lut.intercept)
        for one in slices
    )
    pixel = first.frames.pixel
    size = len(slices) * pixel.rows * pixel.columns * (pixel.bits_allocated // 8 if is_same else 4)
    if size > MEMORY_LIMIT:
        raise NotAVolume(
            f"{len(slices):,} planes of {pixel.columns} x {pixel.rows} are more than {MEMORY_LIMIT >> 30} GiB"
        )
    values: NDArray[Any] | None = None
    for index, one in enumerate(slices):
        progress(index, len(slices))
        stored = one.frames.frame(one.number).values
        plane = stored if is_same else one.lut.apply(stored)
        if values is None:
            values = np.empty((len(slices), *plane.shape), plane.dtype)
        elif values.dtype != plane.dtype:
            values = values.astype(np.promote_types(values.dtype, plane.dtype), copy=False)
        values[index] = plane
    assert values is not None
    return values, lut if is_same else ModalityLut()


def _times(vector: Vector, factor: float) -> Vector:
    return vector[0] * factor, vector[1] * factor, vector[2] * factor
