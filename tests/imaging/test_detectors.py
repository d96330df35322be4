"""Frames of nuclear medicine lie where their detector says."""

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicomtui.imaging.geometry import orientation_of, slice_position
from dicomtui.imaging.orientation import Orientation

ANTERIOR, POSTERIOR = [1, 0, 0, 0, 0, -1], [-1, 0, 0, 0, 0, -1]
AXIAL = [1, 0, 0, 0, 1, 0]


def scintigram(kind: str, *cosines: list[int], corner: Any = (0, 0, 50), **attributes: Any) -> Dataset:
    detectors = []
    for vectors in cosines:
        detector = Dataset()
        detector.ImageOrientationPatient, detector.ImagePositionPatient = vectors, list(corner)
        detectors.append(detector)
    dataset = Dataset()
    dataset.ImageType = ["ORIGINAL", "PRIMARY", kind, "EMISSION"]
    dataset.DetectorInformationSequence = Sequence(detectors)
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def test_each_frame_has_the_letters_of_its_detector() -> None:
    dataset = scintigram("WHOLE BODY", ANTERIOR, POSTERIOR, DetectorVector=[1, 2, 2])
    found = [orientation_of(dataset, number) for number in (1, 2, 3)]
    assert found == [Orientation("L", "F"), Orientation("R", "F"), Orientation("R", "F")]


def test_one_detector_needs_no_vector() -> None:
    assert orientation_of(scintigram("STATIC", ANTERIOR), 1) == Orientation("L", "F")


@pytest.mark.parametrize("spacing", [4.5, -4.5])
def test_reconstructed_slices_are_stacked_by_their_spacing(spacing: float) -> None:
    dataset = scintigram("RECON TOMO", AXIAL, SliceVector=[1, 2, 3], SpacingBetweenSlices=spacing)
    places = [slice_position(dataset, number) for number in (1, 2, 3)]
    assert places == pytest.approx([50, 50 + spacing, 50 + 2 * spacing])
    assert orientation_of(dataset, 3) == Orientation("L", "P")


def test_without_a_spacing_only_the_first_slice_has_a_place() -> None:
    dataset = scintigram("RECON TOMO", AXIAL, SliceVector=[1, 2])
    assert [slice_position(dataset, number) for number in (1, 2)] == [50, None]


@pytest.mark.parametrize(
    "dataset",
    [
        scintigram("TOMO", ANTERIOR),
        scintigram("GATED TOMO", ANTERIOR),
        scintigram("STATIC"),
        scintigram("STATIC", ANTERIOR, DetectorVector=[7]),
        scintigram("STATIC", ANTERIOR, DetectorVector=[0]),
        scintigram("STATIC", ANTERIOR, ImageType="STATIC"),
    ],
)
def test_a_detector_that_turns_or_is_not_there_says_nothing(dataset: Dataset) -> None:
    assert orientation_of(dataset, 1) is None
    assert slice_position(dataset, 1) is None
