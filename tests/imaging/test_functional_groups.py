import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from dicomtui.imaging.attributes import numbers
from dicomtui.imaging.functional_groups import frame_holders, frame_item


def with_measures(spacing: float) -> Dataset:
    measures = Dataset()
    measures.PixelSpacing = [spacing, spacing]
    group = Dataset()
    group.PixelMeasuresSequence = Sequence([measures])
    return group


def spacing(item: Dataset | None) -> tuple[float, ...]:
    return numbers(item, "PixelSpacing") if item is not None else ()


@pytest.fixture
def enhanced() -> Dataset:
    dataset = Dataset()
    dataset.SharedFunctionalGroupsSequence = Sequence([with_measures(9)])
    dataset.PerFrameFunctionalGroupsSequence = Sequence([with_measures(1), Dataset(), with_measures(3)])
    return dataset


def test_a_frames_own_group_counts_first(enhanced: Dataset) -> None:
    assert spacing(frame_item(enhanced, 1, "PixelMeasuresSequence")) == (1, 1)
    assert spacing(frame_item(enhanced, 3, "PixelMeasuresSequence")) == (3, 3)


@pytest.mark.parametrize("number", [2, 4, 0, -1])
def test_a_frame_without_a_group_of_its_own_has_the_shared_one(enhanced: Dataset, number: int) -> None:
    assert spacing(frame_item(enhanced, number, "PixelMeasuresSequence")) == (9, 9)


def test_without_functional_groups_the_data_set_itself_is_asked() -> None:
    dataset = with_measures(5)
    assert spacing(frame_item(dataset, 1, "PixelMeasuresSequence")) == (5, 5)
    assert list(frame_holders(dataset, 1, "FrameVOILUTSequence")) == [dataset]


@pytest.mark.parametrize("odd", [None, Sequence(), Sequence([Dataset()])])
def test_odd_sequences_have_nothing_to_say(odd: Sequence | None) -> None:
    dataset = Dataset()
    dataset.SharedFunctionalGroupsSequence = odd
    dataset.PerFrameFunctionalGroupsSequence = odd
    assert frame_item(dataset, 1, "PixelMeasuresSequence") is None


def test_text_in_the_place_of_a_sequence_has_nothing_to_say() -> None:
    dataset = Dataset()
    tag = Tag("PerFrameFunctionalGroupsSequence")
    for vr in ("UN", "LO", "SQ"):
        dataset[tag] = RawDataElement(tag, vr, 15, b"no items at all", 0, False, True)
        assert frame_item(dataset, 1, "PixelMeasuresSequence") is None
