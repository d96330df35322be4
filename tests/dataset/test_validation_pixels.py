"""What a person is told about an image that contradicts itself in ways that few files do."""

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import JPEGBaseline8Bit

from dicomtui.dataset.reading import read_instance
from dicomtui.dataset.validation import validate
from tests.builders import write
from tests.dataset.test_validation import found, good, told

PIXELS = 32 * 32
PALETTE = {
    "PhotometricInterpretation": "PALETTE COLOR",
    "BitsAllocated": 8,
    "BitsStored": 8,
    "HighBit": 7,
    "PixelData": b"\0" * PIXELS,
    **{f"{colour}PaletteColorLookupTableDescriptor": [16, 0, 16] for colour in ("Red", "Green", "Blue")},
    **{f"{colour}PaletteColorLookupTableData": b"\0\0" * 16 for colour in ("Red", "Green", "Blue")},
}


def about_image(dataset: FileDataset, folder: Path) -> list[tuple[str, str]]:
    """Return where and what is wrong with the image, besides what a CT has to have."""
    findings = found(dataset, folder)
    clauses = ("PS3.3 C.7.6", "PS3.3 C.11", "PS3.5 A", "PS3.5 8")
    return [
        (element, finding.text)
        for finding, (_, element) in zip(findings, told(findings), strict=True)
        if finding.clause.startswith(clauses) and "Type 1" not in finding.text
    ]


def encapsulated(fragments: int, **attributes: Any) -> FileDataset:
    dataset = good(**attributes)
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.PixelData = encapsulate([b"\xff\xd8\xff\xd9"] * fragments)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset


@pytest.mark.parametrize(
    ("attributes", "element", "word"),
    [
        ({"SliceThickness": -1}, "SliceThickness", "below 0"),
        ({"SamplesPerPixel": 3}, "SamplesPerPixel", "MONOCHROME2"),
        (
            {"PhotometricInterpretation": "RGB", "PixelData": b"\0" * PIXELS * 2},
            "SamplesPerPixel",
            "1, with",
        ),
        ({"NumberOfFrames": 0}, "NumberOfFrames", "at least 1"),
        (
            {"NumberOfFrames": 2, "PixelData": b"\0" * PIXELS * 4}
            | {"PerFrameFunctionalGroupsSequence": Sequence([Dataset()] * 3)},
            "PerFrameFunctionalGroupsSequence",
            "3 items",
        ),
        (
            {"BitsAllocated": 12, "BitsStored": 12, "HighBit": 11, "PixelData": b"\0" * (PIXELS * 3 // 2)},
            "BitsAllocated",
            "multiple of 8",
        ),
    ],
)
def test_what_contradicts_itself_is_said_where_it_stands(
    attributes: dict[str, Any], element: str, word: str, tmp_path: Path
) -> None:
    said = about_image(good(**attributes), tmp_path)
    assert [text for place, text in said if place == element and word in text]


def test_floats_that_are_not_as_wide_as_their_attribute_says_are_found(tmp_path: Path) -> None:
    dataset = good(BitsAllocated=32)
    del dataset.PixelData, dataset.BitsStored, dataset.HighBit
    dataset.DoubleFloatPixelData = b"\0" * PIXELS * 8
    assert about_image(dataset, tmp_path) == [("BitsAllocated", "32, floats have 64")]
    dataset.BitsAllocated = 64
    assert about_image(dataset, tmp_path) == []


def test_a_palette_is_as_long_as_its_descriptor_says(tmp_path: Path) -> None:
    assert about_image(good(**PALETTE), tmp_path) == []
    short = good(**PALETTE | {"GreenPaletteColorLookupTableData": b"\0\0" * 15})
    ((element, text),) = about_image(short, tmp_path)
    assert element == "GreenPaletteColorLookupTableData"
    assert "30 bytes" in text
    assert "16 entries" in text


def test_a_descriptor_without_its_table_is_found_and_a_segmented_table_is_one(tmp_path: Path) -> None:
    dataset = good(**PALETTE)
    del dataset.RedPaletteColorLookupTableData
    ((element, text),) = about_image(dataset, tmp_path)
    assert element == "RedPaletteColorLookupTableDescriptor"
    assert "without its table" in text
    dataset.SegmentedRedPaletteColorLookupTableData = b"\0\0\x10\0\0\0"
    assert about_image(dataset, tmp_path) == []


@pytest.mark.parametrize(("half", "wrong"), [("YBR_FULL_422", []), ("YBR_FULL", ["PixelData"])])
def test_half_of_the_colour_is_enough_where_it_is_what_is_declared(
    half: str, wrong: list[str], tmp_path: Path
) -> None:
    bits = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PlanarConfiguration": 0}
    dataset = good(**bits, SamplesPerPixel=3, PhotometricInterpretation=half, PixelData=b"\0" * PIXELS * 2)
    assert [element for element, _ in about_image(dataset, tmp_path)] == wrong


@pytest.mark.parametrize(("fragments", "frames", "is_wrong"), [(1, 1, False), (3, 3, False), (2, 3, True)])
def test_fewer_fragments_than_frames_are_found(
    fragments: int, frames: int, is_wrong: bool, tmp_path: Path
) -> None:
    bits = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    told_of = about_image(encapsulated(fragments, NumberOfFrames=frames, **bits), tmp_path)
    assert [element for element, _ in told_of] == ["PixelData"] * is_wrong


def test_encapsulated_pixels_of_a_native_transfer_syntax_are_found(tmp_path: Path) -> None:
    path = write(encapsulated(1), tmp_path / "a.dcm")
    jpeg, native = b"1.2.840.10008.1.2.4.50", b"1.2.840.10008.1.2.1\0\0\0"
    content = path.read_bytes()
    assert content.count(jpeg) == 1
    path.write_bytes(content.replace(jpeg, native))
    assert any("encapsulated, and" in finding.text for finding in validate(read_instance(path)))


def test_one_fragment_is_called_one(tmp_path: Path) -> None:
    bits = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    ((_, text),) = about_image(encapsulated(1, NumberOfFrames=3, **bits), tmp_path)
    assert text == "1 fragment, fewer than the 3 frames"
