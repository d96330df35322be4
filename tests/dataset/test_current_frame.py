"""The functional groups of one frame as flat rows."""

import time
from pathlib import Path
from typing import Any

import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicomtui.dataset.current_frame import frame_elements
from dicomtui.dataset.elements import Element, elements_of
from dicomtui.dataset.reading import read_instance, read_source
from dicomtui.errors import ReadError
from tests.builders import ct, write
from tests.dataset.encoded import BIG, DEFLATED, EXPLICIT, IMPLICIT, element, item, source


def group(**macros: list[dict[str, Any]]) -> Dataset:
    """Return functional groups: for each sequence its items."""
    dataset = Dataset()
    for macro, contents in macros.items():
        setattr(dataset, macro, Sequence([Dataset() for _ in contents]))
        for holder, attributes in zip(dataset[macro].value, contents, strict=True):
            for keyword, value in attributes.items():
                setattr(holder, keyword, value)
    return dataset


def enhanced(frames: int = 3) -> Dataset:
    dataset = ct()
    dataset.SharedFunctionalGroupsSequence = Sequence(
        [
            group(
                PixelMeasuresSequence=[{"PixelSpacing": ["9", "9"], "SliceThickness": "5"}],
                PlaneOrientationSequence=[{"ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"]}],
            )
        ]
    )
    dataset.PerFrameFunctionalGroupsSequence = Sequence(
        [
            group(
                FrameContentSequence=[{"StackID": "1", "DimensionIndexValues": [1, number]}],
                PlanePositionSequence=[{"ImagePositionPatient": ["0", "0", str(number)]}],
            )
            for number in range(1, frames + 1)
        ]
    )
    return dataset


@pytest.fixture
def rows(tmp_path: Path) -> list[Element]:
    return elements_of(read_instance(write(enhanced(), tmp_path / "enhanced.dcm")))


def texts(elements: list[Element]) -> dict[str, str]:
    return {element.keyword: element.text for element in elements}


def test_a_frame_has_its_own_rows_first_and_then_the_shared_ones(rows: list[Element]) -> None:
    assert list(texts(frame_elements(rows, 2)).items()) == [
        ("StackID", "1"),
        ("DimensionIndexValues", "1\\2"),
        ("ImagePositionPatient", "0\\0\\2"),
        ("ImageOrientationPatient", "1\\0\\0\\0\\1\\0"),
        ("SliceThickness", "5"),
        ("PixelSpacing", "9\\9"),
    ]
    assert texts(frame_elements(rows, 3))["DimensionIndexValues"] == "1\\3"


def test_a_row_knows_where_it_stands_in_the_file(rows: list[Element]) -> None:
    pointers = [row.pointer for row in frame_elements(rows, 2)]
    assert pointers[2] == (
        "PerFrameFunctionalGroupsSequence[1].PlanePositionSequence[0].ImagePositionPatient"
    )
    assert pointers[-1] == "SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing"


def test_a_group_of_the_frame_takes_the_place_of_the_shared_one(tmp_path: Path) -> None:
    dataset = enhanced()
    own = group(PixelMeasuresSequence=[{"PixelSpacing": ["2", "2"]}])
    dataset.PerFrameFunctionalGroupsSequence[0].update(own)
    rows = elements_of(read_instance(write(dataset, tmp_path / "own.dcm")))
    first, second = (frame_elements(rows, number) for number in (1, 2))
    assert [row.text for row in first if row.keyword == "PixelSpacing"] == ["2\\2"]
    assert [row.text for row in second if row.keyword == "PixelSpacing"] == ["9\\9"]
    assert "SliceThickness" not in texts(first)


def test_what_is_no_group_of_one_item_stands_as_it_is(tmp_path: Path) -> None:
    dataset = enhanced(1)
    frame = dataset.PerFrameFunctionalGroupsSequence[0]
    frame.update(group(FrameVOILUTSequence=[{"WindowCenter": "1"}, {"WindowCenter": "2"}]))
    frame.DerivationImageSequence = Sequence()
    frame.private_block(0x2005, "MAKER", create=True).add_new(0x01, "LO", "value")
    rows = elements_of(read_instance(write(dataset, tmp_path / "odd.dcm")))
    shown = frame_elements(rows, 1)
    window = next(row for row in shown if row.keyword == "FrameVOILUTSequence")
    assert [item.elements[0].text for item in window.children] == ["1", "2"]
    assert {row.text for row in shown if row.tag >> 16 == 0x2005} == {"MAKER", "value"}
    assert "DerivationImageSequence" in texts(shown)


@pytest.mark.parametrize("number", [0, -1, 4, 10**9])
def test_a_frame_without_groups_of_its_own_has_the_shared_ones(rows: list[Element], number: int) -> None:
    assert list(texts(frame_elements(rows, number))) == [
        "ImageOrientationPatient",
        "SliceThickness",
        "PixelSpacing",
    ]


def test_an_instance_without_functional_groups_has_no_rows(tmp_path: Path) -> None:
    assert frame_elements(elements_of(read_instance(write(ct(), tmp_path / "scan.dcm"))), 1) == []
    assert frame_elements([], 1) == []


@pytest.mark.parametrize("syntax", [EXPLICIT, DEFLATED, IMPLICIT, BIG])
@pytest.mark.parametrize("vr", ["SQ", "UN", "LO", "OB"])
def test_what_is_no_sequence_has_no_rows_whatever_the_encoding(vr: str, syntax: str) -> None:
    for value in (b"", b"no items", item(b"junk"), item(b"", 0x7FFFFFFE)):
        data = element(0x00080060, "CS", b"MR") + element(0x52009230, vr, value)
        try:
            rows = elements_of(read_source(source(data, syntax)))
        except ReadError:
            continue
        assert [row for row in frame_elements(rows, 1) if row.tag == 0x00080060] == []


def test_another_frame_of_the_same_rows_costs_next_to_nothing(tmp_path: Path) -> None:
    rows = elements_of(read_instance(write(enhanced(1000), tmp_path / "many.dcm")))
    costs = []
    for number in range(1, 21):
        start = time.perf_counter()
        assert texts(frame_elements(rows, number))["DimensionIndexValues"] == f"1\\{number}"
        costs.append(time.perf_counter() - start)
    assert sorted(costs[1:])[9] < costs[0] / 10


def test_a_segmentation_says_what_pydicom_says() -> None:
    instance = read_instance(str(get_testdata_file("liver.dcm")))
    rows = elements_of(instance)
    for number, frame in enumerate(instance.dataset.PerFrameFunctionalGroupsSequence, 1):
        place = texts(frame_elements(rows, number))["ImagePositionPatient"]
        expected = frame.PlanePositionSequence[0].ImagePositionPatient
        assert [float(part) for part in place.split("\\")] == [float(part) for part in expected]
