"""Where a picture lies in the patient, and how large its pixels are.

References
----------
DICOM PS3.3 10.7.1 (Pixel Spacing), C.7.6.2.1.1 (Image Position and Orientation), C.7.6.1.1.1 (Patient
Orientation), C.7.6.3.1.7 (Pixel Aspect Ratio).
"""

from dataclasses import dataclass
from math import floor, isfinite, log10, sqrt
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.imaging.attributes import numbers, text, texts
from dicomtui.imaging.detectors import detector_of, stacked_mm
from dicomtui.imaging.functional_groups import frame_holders
from dicomtui.imaging.orientation import Orientation, Vector, direction_letters, stated_orientation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

    from dicomtui.imaging.viewport import Region

_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
_MOST = 100.0
"""A pixel more than this many times longer than wide is taken for a mistake."""
_UNIT_ERROR = 0.05
"""By how much direction cosines may miss the length 1 and the right angle."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distance between the centres of neighbouring pixels."""

    rows_mm: float
    """From one row to the next: how high a pixel is."""
    columns_mm: float
    """From one column to the next: how wide a pixel is."""
    source: str
    """Keyword of the attribute that says so."""
    calibrated: bool
    """Whether it holds in the patient; otherwise on the detector or film, where things are magnified."""

    def per_output_pixel(self, region: "Region") -> float:
        """Return the millimetres that one output pixel of *region* shows."""
        sideways = region.viewport.rotation in (90, 270)
        left, _, right, _ = region.box
        return self.columns_mm * (right - left) / (region.height if sideways else region.width)


class Place(NamedTuple):
    """Where a frame lies in the patient and how large its pixels are."""

    orientation: Orientation | None = None
    spacing: Spacing | None = None
    position: float | None = None
    """Of its plane along the normal, in millimetres."""
    plane: "Plane | None" = None


NOWHERE = Place()
"""Of a frame that says nothing of this."""


class Plane(NamedTuple):
    """The plane of a frame, in patient coordinates: towards left, posterior and head, in millimetres."""

    corner: Vector
    """The middle of the first pixel: Image Position (Patient) (0020,0032)."""
    across: Vector
    """Along a row, towards increasing columns; of length 1."""
    down: Vector
    """Along a column, towards increasing rows; of length 1."""

    @property
    def normal(self) -> Vector:
        """At right angles to both."""
        return _normal(self.across, self.down)


class Ruler(NamedTuple):
    """A scale to draw."""

    length_mm: float
    """1, 2 or 5 times a power of ten."""
    pixels: int
    """How many output pixels it is long."""


def pixel_aspect(dataset: "Dataset", number: int) -> float:
    """Return the height of a pixel divided by its width.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    number : int
        The frame, from 1: its Pixel Measures Sequence counts first.

    Returns
    -------
    float
        1.0 where nothing is said, or nothing that can be true.
    """
    for holder in frame_holders(dataset, number, "PixelMeasuresSequence"):
        for keyword in (*_SPACINGS, "PixelAspectRatio"):
            if lengths := _lengths(holder, keyword):
                return lengths[0] / lengths[1]  # between rows, then between columns
    return 1.0


def pixel_spacing(dataset: "Dataset", number: int) -> Spacing | None:
    """Return how large the pixels of a frame are.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    number : int
        The frame, from 1: its Pixel Measures Sequence counts first.

    Returns
    -------
    Spacing or None
        None where no millimetres are given. Pixel Spacing counts before Imager Pixel Spacing, which counts
        before Nominal Scanned Pixel Spacing.
    """
    for holder in frame_holders(dataset, number, "PixelMeasuresSequence"):
        for keyword in _SPACINGS:
            if lengths := _lengths(holder, keyword):
                calibrated = keyword == "PixelSpacing" and _is_calibrated(holder, lengths)
                return Spacing(*lengths, keyword, calibrated)
    return None


def orientation_of(dataset: "Dataset", number: int) -> Orientation | None:
    """Return where the rows and columns of a frame lead.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    number : int
        The frame, from 1: its Plane Orientation Sequence counts first.

    Returns
    -------
    Orientation or None
        From Image Orientation (Patient), else from Patient Orientation. Of a quadruped from the latter alone:
        what the axes of the former mean depends on the part of the body.
    """
    parts = [part.upper() for part in texts(dataset, "PatientOrientation")]
    if text(dataset, "AnatomicalOrientationType").upper() == "QUADRUPED":
        return stated_orientation(parts, quadruped=True)
    if cosines := _cosines(dataset, number):
        across, down = cosines
        return Orientation(direction_letters(across), direction_letters(down))
    return stated_orientation(parts)


def plane_of(dataset: "Dataset", number: int) -> Plane | None:
    """Return where the plane of a frame lies in the patient.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    number : int
        The frame, from 1: its Plane Position and Orientation Sequences count first; RT Dose has a Grid Frame
        Offset Vector, reconstructed nuclear medicine a Slice Vector.

    Returns
    -------
    Plane or None
        None without position or orientation.
    """
    cosines = _cosines(dataset, number)
    if cosines is None:
        return None
    for holder in _holders(dataset, number, "PlanePositionSequence"):
        corner = numbers(holder, "ImagePositionPatient")
        if len(corner) == 3 and all(isfinite(place) for place in corner):
            offset = _offset_in_stack(dataset, number)
            if offset is None:
                return None
            x, y, z = (place + offset * part for place, part in zip(corner, _normal(*cosines), strict=True))
            return Plane((x, y, z), *cosines)
    return None


def slice_position(dataset: "Dataset", number: int) -> float | None:
    """Return where the plane of a frame lies along its normal, in millimetres.

    Planes of one orientation are as far apart as these numbers. None without position or orientation.
    """
    plane = plane_of(dataset, number)
    return None if plane is None else _dot(plane.corner, plane.normal)


def place_of(dataset: "Dataset", number: int) -> Place:
    """Return all of this for the frame *number*, from 1."""
    plane = plane_of(dataset, number)
    position = None if plane is None else _dot(plane.corner, plane.normal)
    return Place(orientation_of(dataset, number), pixel_spacing(dataset, number), position, plane)


def ruler(mm_per_output_pixel: float, max_length: int) -> Ruler:
    """Return the longest scale of a round length that is not longer than *max_length* output pixels.

    Parameters
    ----------
    mm_per_output_pixel : float
        As :meth:`Spacing.per_output_pixel` gives it, above 0.
    max_length : int
        In output pixels, at least 1.
    """
    longest = mm_per_output_pixel * max_length
    power = 10.0 ** floor(log10(longest))
    length = next(nice * power for nice in (5, 2, 1, 0.5) if nice * power <= longest)
    return Ruler(length, min(max_length, max(1, round(length / mm_per_output_pixel))))


def _lengths(holder: "Dataset", keyword: str) -> tuple[float, float] | None:
    """Return two lengths that can be those of a pixel."""
    found = numbers(holder, keyword)
    if len(found) != 2 or not all(isfinite(length) and length > 0 for length in found):
        return None
    return (found[0], found[1]) if 1 / _MOST <= found[0] / found[1] <= _MOST else None


def _is_calibrated(holder: "Dataset", lengths: tuple[float, float]) -> bool:
    """Whether Pixel Spacing says more than Imager Pixel Spacing, or says that it was corrected."""
    return bool(text(holder, "PixelSpacingCalibrationType")) or lengths != _lengths(
        holder, "ImagerPixelSpacing"
    )


def _cosines(dataset: "Dataset", number: int) -> tuple[Vector, Vector] | None:
    """Return the directions of increasing columns and of increasing rows, each of length 1."""
    for holder in _holders(dataset, number, "PlaneOrientationSequence"):
        found = numbers(holder, "ImageOrientationPatient")
        if len(found) != 6 or not all(isfinite(part) and abs(part) <= 2 for part in found):
            continue
        across, down = (found[0], found[1], found[2]), (found[3], found[4], found[5])
        lengths = [sqrt(_dot(vector, vector)) for vector in (across, down)]
        if (
            max(abs(length - 1) for length in lengths) <= _UNIT_ERROR
            and abs(_dot(across, down)) <= _UNIT_ERROR
        ):
            return _scaled(across, 1 / lengths[0]), _scaled(down, 1 / lengths[1])
    return None


def _holders(dataset: "Dataset", number: int, macro: str) -> "Iterator[Dataset]":
    yield from frame_holders(dataset, number, macro)
    if detector := detector_of(dataset, number):
        yield detector


def _offset_in_stack(dataset: "Dataset", number: int) -> float | None:
    """Return how far a plane lies from the one whose place is given, of a stack that gives no other."""
    if "SliceVector" in dataset:
        return stacked_mm(dataset, number)
    offsets = numbers(dataset, "GridFrameOffsetVector")  # PS3.3 C.8.8.3.2
    if not 1 <= number <= len(offsets) or not isfinite(offsets[number - 1] - offsets[0]):
        return 0.0
    return offsets[number - 1] - offsets[0]


def _dot(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _normal(across: Vector, down: Vector) -> Vector:
    (a, b, c), (d, e, f) = across, down
    return b * f - c * e, c * d - a * f, a * e - b * d


def _scaled(vector: Vector, factor: float) -> Vector:
    return vector[0] * factor, vector[1] * factor, vector[2] * factor
