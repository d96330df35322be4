from typing import Any

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

import dicomtui.dataset.reading  # noqa: F401  it makes pydicom take values as they are
from dicomtui.imaging.geometry import pixel_aspect


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
