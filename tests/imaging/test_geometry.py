from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

import dicomtui.dataset.reading  # noqa: F401  it makes pydicom take values as they are
from dicomtui.imaging.geometry import (
    Spacing,
    orientation_of,
    pixel_aspect,
    pixel_spacing,
    ruler,
    slice_position,
)
from dicomtui.imaging.orientation import Orientation, edge_letters
from dicomtui.imaging.viewport import Viewport, region_shown


def spaced(**values: str) -> Dataset:
    """Return a data set as it is read from a file, where a value may be any text."""
    dataset = Dataset()
    for keyword, text in values.items():
        tag = Tag(keyword)
        vr = "IS" if keyword == "PixelAspectRatio" else "DS"
        dataset[tag] = RawDataElement(tag, vr, len(text), text.encode(), 0, False, True)
    return dataset


@pytest.mark.parametrize(
    "keyword", ["PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio"]
)
def test_a_pixel_of_four_by_two_is_twice_as_high_as_wide(keyword: str) -> None:
    assert pixel_aspect(spaced(**{keyword: "4\\2"}), 1) == 2


def test_the_spacing_in_the_patient_counts_before_the_detectors() -> None:
    dataset = spaced(PixelSpacing="3\\1", ImagerPixelSpacing="1\\1", PixelAspectRatio="1\\2")
    assert pixel_aspect(dataset, 1) == 3


def test_a_spacing_that_makes_no_sense_leaves_the_word_to_the_next() -> None:
    assert pixel_aspect(spaced(PixelSpacing="0\\0", ImagerPixelSpacing="2\\1"), 1) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1\\0",
        "0\\1",
        "-1\\1",
        "NaN\\1",
        "1e999\\1",
        "a\\b",
        "1\\2\\3",
        "1e-9\\1",
        "1,5\\1",
        "9" * 20 + "\\1",
    ],
)
def test_nonsense_is_taken_as_square(text: str) -> None:
    assert pixel_aspect(spaced(PixelSpacing=text), 1) == 1


def test_each_frame_has_its_own_pixel_measures() -> None:
    def group(text: str) -> Dataset:
        found = Dataset()
        found.PixelMeasuresSequence = Sequence([spaced(PixelSpacing=text)])
        return found

    dataset = spaced(PixelSpacing="1\\1")
    dataset.PerFrameFunctionalGroupsSequence = Sequence([group("2\\1"), group("4\\1")])
    assert [pixel_aspect(dataset, number) for number in (1, 2, 3)] == [2, 4, 1]


def test_a_real_file_with_a_pixel_aspect_ratio_is_not_square() -> None:
    path: Any = get_testdata_file("color-pl.dcm", download=False)
    assert pixel_aspect(dcmread(path), 1) == pytest.approx(4 / 3)


# --- millimetres ---


@pytest.mark.parametrize(
    ("attributes", "source", "calibrated"),
    [
        ({"PixelSpacing": "4\\2"}, "PixelSpacing", True),
        ({"ImagerPixelSpacing": "4\\2"}, "ImagerPixelSpacing", False),
        ({"NominalScannedPixelSpacing": "4\\2"}, "NominalScannedPixelSpacing", False),
        ({"PixelSpacing": "4\\2", "ImagerPixelSpacing": "5\\3"}, "PixelSpacing", True),
        # the same as at the detector: nothing was corrected (PS3.3 10.7.1.1)
        ({"PixelSpacing": "4\\2", "ImagerPixelSpacing": "4\\2"}, "PixelSpacing", False),
        ({"PixelSpacing": "0\\0", "ImagerPixelSpacing": "4\\2"}, "ImagerPixelSpacing", False),
    ],
)
def test_spacing_says_where_it_comes_from_and_whether_it_holds_in_the_patient(
    attributes: dict[str, str], source: str, calibrated: bool
) -> None:
    assert pixel_spacing(spaced(**attributes), 1) == Spacing(4, 2, source, calibrated)


def test_a_corrected_spacing_holds_in_the_patient_whatever_the_detector_has() -> None:
    dataset = spaced(PixelSpacing="4\\2", ImagerPixelSpacing="4\\2")
    dataset.PixelSpacingCalibrationType = "FIDUCIAL"
    assert pixel_spacing(dataset, 1) == Spacing(4, 2, "PixelSpacing", True)


@pytest.mark.parametrize("text", ["", "1", "1\\0", "NaN\\1", "a\\b", "1e999\\1", "1\\2\\3"])
def test_no_millimetres_are_made_up(text: str) -> None:
    assert pixel_spacing(spaced(PixelSpacing=text, PixelAspectRatio="1\\1"), 1) is None


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("zoom", [1.0, 3.0])
def test_output_pixels_are_as_many_millimetres_as_the_picture_says(turns: int, zoom: float) -> None:
    viewport = Viewport().zoomed(zoom)
    for _ in range(turns):
        viewport = viewport.rotated()
    spacing = Spacing(0.5, 0.25, "PixelSpacing", True)
    region = region_shown((100, 300), viewport, 2.0, 600, 400)
    (x0, y0), (x1, y1) = region.to_picture(10, 20), region.to_picture(60, 20)
    travelled = abs(x1 - x0) * spacing.columns_mm + abs(y1 - y0) * spacing.rows_mm
    assert spacing.per_output_pixel(region) == pytest.approx(travelled / 50, rel=0.01)


@given(st.floats(1e-6, 1e6), st.integers(1, 5000))
def test_a_ruler_is_round_fits_and_is_longer_than_a_third_of_the_room(mm: float, room: int) -> None:
    length, pixels = ruler(mm, room)
    digits = float(f"{length:.6e}".partition("e")[0])
    assert digits in (1, 2, 5)
    assert 1 <= pixels <= room
    assert length <= mm * room * (1 + 1e-9) < length * 2.5 * (1 + 1e-9)
    assert abs(pixels - length / mm) <= 0.5 + 1e-6 or pixels == 1


# --- which way the patient lies ---

AXIAL, CORONAL, SAGITTAL = (1, 0, 0, 0, 1, 0), (1, 0, 0, 0, 0, -1), (0, 1, 0, 0, 0, -1)


def lying(*cosines: float, **attributes: Any) -> Dataset:
    dataset = Dataset()
    if cosines:
        dataset.ImageOrientationPatient = list(cosines)
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def letters(dataset: Dataset, viewport: Viewport | None = None) -> tuple[str, str, str, str]:
    orientation = orientation_of(dataset, 1)
    assert orientation is not None
    return edge_letters(orientation, viewport or Viewport())


@pytest.mark.parametrize(
    ("cosines", "expected"),
    [
        (AXIAL, ("R", "A", "L", "P")),
        (CORONAL, ("R", "H", "L", "F")),
        (SAGITTAL, ("A", "H", "P", "F")),
        ((-1, 0, 0, 0, 1, 0), ("L", "A", "R", "P")),
        # mostly to the left, somewhat to the back: both letters, the stronger first
        ((0.8, 0.6, 0, -0.6, 0.8, 0), ("RA", "AL", "LP", "PR")),
        # tilted by 5 degrees: no letter
        ((1, 0, 0, 0, 0.9962, -0.0872), ("R", "A", "L", "P")),
    ],
)
def test_the_edges_say_where_they_lie_in_the_patient(cosines: tuple[float, ...], expected: Any) -> None:
    assert letters(lying(*cosines)) == expected


viewports = st.builds(
    Viewport,
    zoom=st.floats(0.1, 20),
    rotation=st.sampled_from([0, 90, 180, 270]),
    flipped_horizontally=st.booleans(),
    flipped_vertically=st.booleans(),
)


@given(
    st.tuples(*[st.floats(-1, 1)] * 3),
    st.tuples(*[st.floats(-1, 1)] * 3),
    viewports,
)
def test_letters_are_those_of_the_way_through_the_patient(
    one: tuple[float, ...], other: tuple[float, ...], viewport: Viewport
) -> None:
    """Go from edge to edge of the screen, and see where that leads in the patient (C.7.6.2.1-1)."""
    across = np.array(one)
    assume(np.linalg.norm(across) > 0.1)
    across /= np.linalg.norm(across)
    down = np.array(other) - across * (across @ np.array(other))
    assume(np.linalg.norm(down) > 0.1)
    down /= np.linalg.norm(down)

    region = region_shown((64, 64), viewport, 1.0, 100, 100)

    def place(x: float, y: float) -> NDArray[Any]:
        column, row = region.to_picture(x, y)
        return np.asarray(across * column + down * row)

    found = letters(lying(*across, *down), viewport)
    last_x, last_y = region.width - 1, region.height - 1
    assume(last_x > 2 and last_y > 2)
    ways = [
        place(0, 0) - place(last_x, 0),
        place(0, 0) - place(0, last_y),
        place(last_x, 0) - place(0, 0),
        place(0, last_y) - place(0, 0),
    ]
    for shown, way in zip(found, ways, strict=True):
        parts = way / np.linalg.norm(way)
        strengths = {
            letter: part
            for part, pair in zip(parts, ("LR", "PA", "HF"), strict=True)
            for letter, part in ((pair[0], part), (pair[1], -part))
        }
        assert all(strengths[letter] > 0.19 for letter in shown)
        assert {letter for letter, part in strengths.items() if part > 0.21} <= set(shown)
        order = [strengths[letter] for letter in shown]
        assert order == pytest.approx(sorted(order, reverse=True))


@given(viewports)
def test_flipping_swaps_two_edges_and_four_turns_change_nothing(viewport: Viewport) -> None:
    orientation = Orientation("LP", "F")
    left, top, right, bottom = edge_letters(orientation, viewport)
    assert edge_letters(orientation, viewport.flipped(horizontally=True)) == (right, top, left, bottom)
    assert edge_letters(orientation, viewport.flipped(vertically=True)) == (left, bottom, right, top)
    turned = viewport.rotated()
    assert edge_letters(orientation, turned) == (bottom, left, top, right)
    for _ in range(3):
        turned = turned.rotated()
    assert edge_letters(orientation, turned) == (left, top, right, bottom)


def test_patient_orientation_is_taken_where_there_is_nothing_better() -> None:
    assert letters(lying(PatientOrientation=["A", "F"])) == ("P", "H", "A", "F")
    assert letters(lying(PatientOrientation=["PR", "FL"])) == ("AL", "HR", "PR", "FL")
    assert letters(lying(*AXIAL, PatientOrientation=["A", "F"])) == ("R", "A", "L", "P")


@pytest.mark.parametrize(
    "dataset",
    [
        lying(),
        lying(PatientOrientation=""),
        lying(PatientOrientation=["L"]),
        lying(PatientOrientation=["L", ""]),
        lying(PatientOrientation=["LE", "CR"]),
        lying(PatientOrientation=["\x1b[2J", "F"]),
        lying(1, 0, 0),
        lying(0, 0, 0, 0, 0, 0),
        lying(1, 0, 0, 1, 0, 0),
        lying(5, 0, 0, 0, 5, 0),
        lying(float("nan"), 0, 0, 0, 1, 0),
        lying(*AXIAL, AnatomicalOrientationType="QUADRUPED"),
    ],
)
def test_no_letters_are_made_up(dataset: Dataset) -> None:
    assert orientation_of(dataset, 1) is None


def planes(*found: tuple[tuple[float, ...], list[float]]) -> Dataset:
    """Return an enhanced data set with an orientation and a position for each frame."""

    def group(cosines: tuple[float, ...], corner: list[float]) -> Dataset:
        frame, position = Dataset(), Dataset()
        position.ImagePositionPatient = corner
        frame.PlaneOrientationSequence = Sequence([lying(*cosines)])
        frame.PlanePositionSequence = Sequence([position])
        return frame

    dataset = lying(*AXIAL)
    dataset.PerFrameFunctionalGroupsSequence = Sequence([group(*plane) for plane in found])
    return dataset


def test_each_frame_of_an_enhanced_instance_lies_by_itself() -> None:
    dataset = planes((CORONAL, [1, 2, 3]), (SAGITTAL, [4, 5, 6]))
    assert [orientation_of(dataset, number) for number in (1, 2, 3)] == [
        Orientation("L", "F"),
        Orientation("P", "F"),
        Orientation("L", "P"),
    ]
    assert slice_position(dataset, 1) == pytest.approx(2)  # the normal of a coronal plane leads to the back
    assert slice_position(dataset, 2) == pytest.approx(-4)
    assert slice_position(dataset, 3) is None


def test_a_real_enhanced_file_lies_where_its_frames_say() -> None:
    path: Any = get_testdata_file("eCT_Supplemental.dcm", download=False)
    dataset = dcmread(path)
    assert letters(dataset) == ("L", "A", "R", "P")
    frames = dataset.PerFrameFunctionalGroupsSequence
    corners = [float(frame.PlanePositionSequence[0].ImagePositionPatient[2]) for frame in frames]
    assert [slice_position(dataset, number) for number in (1, 2)] == pytest.approx([-z for z in corners])


# --- slices ---


@given(
    st.floats(-500, 500), st.floats(-500, 500), st.floats(-500, 500), st.floats(0.1, 20), st.floats(0, 6.28)
)
def test_slices_are_as_far_apart_as_their_positions_along_the_normal(
    x: float, y: float, z: float, gap: float, angle: float
) -> None:
    cosines = (np.cos(angle), np.sin(angle), 0, 0, 0, -1)
    normal = np.cross(cosines[:3], cosines[3:])
    first = lying(*cosines, ImagePositionPatient=[x, y, z])
    moved = lying(*cosines, ImagePositionPatient=list(np.array([x, y, z]) + gap * normal))
    beside = lying(*cosines, ImagePositionPatient=list(np.array([x, y, z]) + gap * np.array(cosines[:3])))
    here, there, same = (slice_position(dataset, 1) for dataset in (first, moved, beside))
    assert here is not None
    assert there == pytest.approx(here + gap, abs=1e-6)
    assert same == pytest.approx(here, abs=1e-6)


@pytest.mark.parametrize("offsets", [[0, 3, 6], [7, 10, 13]])
def test_the_planes_of_a_dose_are_apart_by_their_offsets(offsets: list[float]) -> None:
    dataset = lying(*AXIAL, ImagePositionPatient=[0, 0, 7], GridFrameOffsetVector=offsets)
    assert [slice_position(dataset, number) for number in (1, 2, 3)] == pytest.approx([7, 10, 13])


@pytest.mark.parametrize("corner", [[], [1, 2], [1, 2, float("nan")], [1, 2, float("inf")]])
def test_a_position_that_is_none_gives_none(corner: list[float]) -> None:
    assert slice_position(lying(*AXIAL, ImagePositionPatient=corner), 1) is None
    assert slice_position(lying(ImagePositionPatient=[1, 2, 3]), 1) is None
