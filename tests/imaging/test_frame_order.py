"""The order of frames: always every frame once, in the order that the file means."""

from collections.abc import Sequence as Many
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicomtui.dataset.reading import read_instance
from dicomtui.errors import ReadError
from dicomtui.imaging.frame_order import default_order, frame_orders
from tests.imaging.made_frames import EXPLICIT, description, native

AXIAL = [1, 0, 0, 0, 1, 0]


def item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def enhanced(
    indexes: Many[Any] = (), places: Many[Any] = (), *, dimensions: int = 2, orientation: Any = AXIAL
) -> Dataset:
    """Return a data set whose frames have Dimension Index Values and positions."""
    frames = [Dataset() for _ in range(max(len(indexes), len(places)))]
    for frame, index in zip(frames, indexes, strict=False):
        frame.FrameContentSequence = Sequence([item(DimensionIndexValues=index)])
    for frame, place in zip(frames, places, strict=False):
        frame.PlanePositionSequence = Sequence([item(ImagePositionPatient=place)])
    dataset = Dataset()
    dataset.DimensionIndexSequence = Sequence([Dataset() for _ in range(dimensions)])
    shared = item(PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=orientation)]))
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    dataset.PerFrameFunctionalGroupsSequence = Sequence(frames)
    return dataset


def as_read(dataset: Dataset, frames: int, uid: str = EXPLICIT) -> Dataset:
    """Return *dataset* as it comes out of a file."""
    whole = description(1, 1, NumberOfFrames=frames)
    whole.update(dataset)
    return native(whole, bytes(2 * frames), uid).dataset


INDEXES = [[2, 1], [1, 2], [1, 10], [1, 1]]


@pytest.mark.parametrize("uid", [None, EXPLICIT, "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"])
def test_the_first_dimension_changes_least(uid: str | None) -> None:
    dataset = enhanced(INDEXES) if uid is None else as_read(enhanced(INDEXES), 4, uid)
    found = frame_orders(dataset, 4)
    assert found.orders == {"dimensions": (4, 2, 3, 1), "file": (1, 2, 3, 4)}
    assert found.notes == ()
    assert default_order(found) == "dimensions"


def test_without_dimensions_frames_go_along_the_normal() -> None:
    found = frame_orders(as_read(enhanced(places=[[0, 0, 5], [9, 9, -5], [0, 0, 0.5]]), 3), 3)
    assert found.orders == {"position": (2, 3, 1), "file": (1, 2, 3)}
    assert default_order(found) == "position"


def test_the_normal_is_that_of_the_planes_not_of_the_patient() -> None:
    sagittal = [0, 1, 0, 0, 0, -1]  # its normal points to the right, at smaller x
    places = [[-1, 7, 0], [3, 5, 9], [1, 6, 1]]
    assert frame_orders(enhanced(places=places, orientation=sagittal), 3).orders["position"] == (2, 3, 1)


def test_frames_at_one_place_stay_in_the_order_of_the_file() -> None:
    places = [[0, 0, 1], [0, 0, 0], [0, 0, 1.0004], [0, 0, 0.0003], [0, 0, 1]]
    assert frame_orders(enhanced(places=places), 5).orders["position"] == (2, 4, 1, 3, 5)
    assert frame_orders(enhanced([[1, 1]] * 5), 5).orders["dimensions"] == (1, 2, 3, 4, 5)


def test_an_orientation_of_each_frame_counts_before_the_shared_one() -> None:
    dataset = enhanced(places=[[0, 0, 1], [0, 0, 0]])
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        frame.PlaneOrientationSequence = Sequence([item(ImageOrientationPatient=[0, 1, 0, 1, 0, 0])])
    assert frame_orders(dataset, 2).orders["position"] == (1, 2)  # the normal points down
    dataset.PerFrameFunctionalGroupsSequence[1].PlaneOrientationSequence[0].ImageOrientationPatient = AXIAL
    found = frame_orders(dataset, 2)
    assert found.orders == {"file": (1, 2)}
    assert found.notes == ("no order by position: the frames are not parallel",)


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        (enhanced(INDEXES, dimensions=0), "(0020,9222) is missing or empty"),
        (enhanced(INDEXES, dimensions=3), "frame 1 has 2 values for Dimension Index Values (0020,9157)"),
        (enhanced([*INDEXES[:3], []]), "frame 4 has 0 values"),
        (enhanced([*INDEXES[:3], [1, 2, 3]]), "frame 4 has 3 values"),
        (enhanced(INDEXES[:3]), "frame 4 has 0 values"),
        (enhanced(places=[[0, 0, 1]] * 3), "frame 4 has no usable Image Position (Patient) (0020,0032)"),
        (enhanced(places=[*[[0, 0, 1]] * 3, [0, 0]]), "frame 4 has no usable"),
        (enhanced(places=[[0, 0, 1]] * 4, orientation=[0] * 6), "is missing or no direction"),
        (enhanced(places=[[0, 0, 1]] * 4, orientation=None), "is missing or no direction"),
        (enhanced(places=[[0, 0, 1]] * 4, orientation=[1, 0, 0]), "is missing or no direction"),
    ],
)
def test_what_is_no_order_is_noted_and_the_file_decides(dataset: Dataset, said: str) -> None:
    found = frame_orders(dataset, 4)
    assert found.orders == {"file": (1, 2, 3, 4)}
    assert len(found.notes) == 1
    assert said in found.notes[0]
    assert default_order(found) == "file"


@pytest.mark.parametrize(
    "value", [b"\xff" * 7, b"nonsense", b"1\\2\\nan", b"1\\2\\1e400", b"1\\2\\x\x1b[31m"]
)
def test_values_that_are_no_position_are_noted_without_being_quoted(value: bytes) -> None:
    from pydicom.dataelem import RawDataElement
    from pydicom.tag import Tag

    dataset = enhanced(places=[[0, 0, 1], [0, 0, 0]])
    tag = Tag("ImagePositionPatient")
    broken = dataset.PerFrameFunctionalGroupsSequence[1].PlanePositionSequence[0]
    broken[tag] = RawDataElement(tag, "DS", len(value), value, 0, False, True)
    found = frame_orders(dataset, 2)
    assert found.orders == {"file": (1, 2)}
    assert "frame 2 has no usable" in found.notes[0]
    assert found.notes[0].isprintable()


def test_an_instance_without_functional_groups_has_the_order_of_the_file_and_nothing_to_note() -> None:
    for dataset in (Dataset(), item(ImagePositionPatient=[0, 0, 0], ImageOrientationPatient=AXIAL)):
        for frames in (0, 1, 3):
            assert frame_orders(dataset, frames) == ({"file": tuple(range(1, frames + 1))}, ())


@pytest.mark.parametrize("odd", [None, Sequence(), Sequence([Dataset()])])
def test_odd_sequences_give_the_order_of_the_file(odd: Sequence | None) -> None:
    dataset = enhanced(INDEXES)
    dataset.PerFrameFunctionalGroupsSequence = odd
    assert default_order(frame_orders(dataset, 4)) == "file"


NUMBERS = st.integers(1, 2**32 - 1)
FRAMES = st.lists(
    st.tuples(
        st.one_of(st.none(), st.lists(NUMBERS, max_size=3)),
        st.one_of(st.none(), st.lists(st.integers(-50, 50), max_size=4)),
    ),
    max_size=8,
)


@given(FRAMES, st.integers(0, 10), st.integers(0, 3))
def test_an_order_has_every_frame_once_whatever_the_file_says(
    frames: list[tuple[Any, Any]], count: int, dimensions: int
) -> None:
    indexes, places = [index for index, _ in frames], [place for _, place in frames]
    found = frame_orders(enhanced(indexes, places, dimensions=dimensions), count)
    assert list(found.orders)[-1] == "file"
    for order in found.orders.values():
        assert sorted(order) == list(range(1, count + 1))
    if "dimensions" in found.orders:
        ordered = [(indexes[number - 1], number) for number in found.orders["dimensions"]]
        assert ordered == sorted(ordered)
    if "position" in found.orders:
        heights = [places[number - 1][2] for number in found.orders["position"]]
        assert heights == sorted(heights)


def test_a_segmentation_is_ordered_as_its_values_in_pydicom() -> None:
    path = str(get_testdata_file("liver.dcm"))
    dataset = read_instance(path).dataset
    groups = dataset.PerFrameFunctionalGroupsSequence
    key = {
        number: tuple(group.FrameContentSequence[0].DimensionIndexValues)
        for number, group in enumerate(groups, 1)
    }
    assert frame_orders(dataset, len(key)).orders["dimensions"] == tuple(sorted(key, key=key.__getitem__))


@pytest.mark.corpus
def test_orders_of_real_files_have_every_frame_once(corpus: Path) -> None:
    ordered = 0
    for path in sorted(corpus.rglob("*")):
        try:
            dataset = read_instance(path).dataset if path.is_file() else None
        except ReadError:
            continue
        if dataset is None or "PerFrameFunctionalGroupsSequence" not in dataset:
            continue
        frames = len(dataset.PerFrameFunctionalGroupsSequence)
        found = frame_orders(dataset, frames)
        assert all(sorted(order) == list(range(1, frames + 1)) for order in found.orders.values())
        ordered += len(found.orders) > 1
    assert ordered > 10
