"""Nuclear medicine: what the detector of a frame says of it, and how its slices are stacked.

References
----------
DICOM PS3.3 C.8.4.11 (NM Detector), C.8.4.8 (NM Multi-frame), C.8.4.15 (NM Reconstruction).
"""

from math import isfinite
from typing import TYPE_CHECKING

from dicomtui.imaging.attributes import items, numbers, texts

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_TURNING = ("TOMO", "GATED TOMO")
"""The kinds of image of which every frame is seen from another angle."""


def detector_of(dataset: "Dataset", number: int) -> "Dataset | None":
    """Return the item of the Detector Information Sequence that a frame belongs to.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    number : int
        The frame, from 1: the Detector Vector names its detector; without one there is only the first.

    Returns
    -------
    Dataset or None
        None where there is no such item, or where the detector turned while it acquired: what it says then
        is about its start.
    """
    kinds = texts(dataset, "ImageType")
    if len(kinds) < 3 or kinds[2] in _TURNING:
        return None
    detectors = items(dataset, "DetectorInformationSequence")
    index = _index(dataset, "DetectorVector", number)
    return detectors[index] if 0 <= index < len(detectors) else None


def stacked_mm(dataset: "Dataset", number: int) -> float | None:
    """Return how far a slice lies behind the first along the normal; None where nothing tells.

    A negative Spacing Between Slices stacks them in front of the first.
    """
    index = _index(dataset, "SliceVector", number)
    spacing = numbers(dataset, "SpacingBetweenSlices") or (0.0 if index == 0 else float("nan"),)
    return index * spacing[0] if index >= 0 and isfinite(spacing[0]) else None


def _index(dataset: "Dataset", vector: str, number: int) -> int:
    """Return the value of a frame in a vector, from 0; negative where the vector has none for it."""
    found = numbers(dataset, vector)
    if not found:
        return 0
    stated = found[number - 1] if 1 <= number <= len(found) else 0.0
    return int(stated) - 1 if stated.is_integer() and 0 <= stated <= 0xFFFF else -1
