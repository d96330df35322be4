"""One attribute of all frames: what pydicom says of each, at once."""

import pytest
from pydicom.data import get_testdata_file
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from dicomtui.dataset.frame_values import frame_values
from dicomtui.dataset.reading import read_instance

MEASURES = "PixelMeasuresSequence", "PixelSpacing"


def group(*spacing: float) -> Dataset:
    measures, holder = Dataset(), Dataset()
    measures.PixelSpacing = list(spacing)
    holder.PixelMeasuresSequence = Sequence([measures])
    return holder


def test_a_frames_own_values_count_before_the_shared_ones() -> None:
    dataset = Dataset()
    dataset.SharedFunctionalGroupsSequence = Sequence([group(9, 8)])
    dataset.PerFrameFunctionalGroupsSequence = Sequence([group(1, 2), Dataset(), group()])
    numbers = [tuple(map(float, values)) for values in frame_values(dataset, *MEASURES, 4)]
    assert numbers == [(1, 2), (9, 8), (9, 8), (9, 8)]
    assert len(frame_values(dataset, *MEASURES, 1)) == 1


def test_where_nothing_is_said_there_are_no_values() -> None:
    assert frame_values(Dataset(), *MEASURES, 2) == [(), ()]
    assert frame_values(Dataset(), *MEASURES, 0) == []


@pytest.mark.parametrize("name", ["liver_1frame.dcm", "liver.dcm", "liver_expb.dcm"])
def test_values_are_those_of_pydicom_in_any_encoding(name: str) -> None:
    dataset = read_instance(str(get_testdata_file(name))).dataset
    frames = len(dataset.PerFrameFunctionalGroupsSequence)
    # read before pydicom converts anything, and again after
    unconverted = frame_values(dataset, "FrameContentSequence", "DimensionIndexValues", frames)
    expected = [
        tuple(map(str, item.FrameContentSequence[0].DimensionIndexValues))
        for item in dataset.PerFrameFunctionalGroupsSequence
    ]
    assert unconverted == expected
    assert frame_values(dataset, "FrameContentSequence", "DimensionIndexValues", frames) == expected


@pytest.mark.parametrize("vr", ["SQ", "UN", "LO", "US"])
@pytest.mark.parametrize("value", [b"", b"no items at all", b"\xfe\xff\x00\xe0\xff\xff\xff\x7f12", None])
def test_what_is_no_sequence_has_no_values(vr: str, value: bytes | None) -> None:
    for keyword in ("PixelMeasuresSequence", "PerFrameFunctionalGroupsSequence"):
        tag, holder = Tag(keyword), Dataset()
        holder[tag] = RawDataElement(tag, vr, len(value or b""), value, 0, False, True)
        dataset = holder
        if keyword != "PerFrameFunctionalGroupsSequence":
            dataset = Dataset()
            dataset.PerFrameFunctionalGroupsSequence = Sequence([holder])
        assert frame_values(dataset, *MEASURES, 1) == [()]
