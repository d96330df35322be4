from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from dicomtui.dataset.reading import read_instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.image_pixel import FRAME_LIMIT, ImagePixel, image_pixel
from tests.imaging.made_frames import description, native


def described(dataset: Dataset, tag: int = 0x10) -> ImagePixel:
    return image_pixel(native(dataset, b"\0\0", tag=tag))


def with_text(dataset: Dataset, keyword: str, vr: str, value: bytes) -> Dataset:
    """Write any bytes as the value of an attribute."""
    tag = Tag(keyword)
    dataset[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
    return dataset


def test_a_colour_file_is_described_as_it_says() -> None:
    path = get_testdata_file("SC_rgb_rle_16bit_2frame.dcm")
    assert image_pixel(read_instance(path)) == ImagePixel(
        rows=100,
        columns=100,
        samples=3,
        frames=2,
        bits_allocated=16,
        bits_stored=16,
        high_bit=15,
        signed=False,
        photometric="RGB",
        planar=0,
    )


@pytest.mark.parametrize(
    ("samples", "photometric", "expected"),
    [(1, None, "MONOCHROME2"), (3, None, "RGB"), (None, "YBR_FULL", "YBR_FULL"), (None, None, "MONOCHROME2")],
)
def test_an_absent_photometric_interpretation_is_inferred(
    samples: int | None, photometric: str | None, expected: str
) -> None:
    pixel = described(
        description(
            2, 2, SamplesPerPixel=samples, PhotometricInterpretation=photometric, PlanarConfiguration=0
        )
    )
    assert pixel.photometric == expected
    assert pixel.samples == (1 if expected == "MONOCHROME2" else 3)
    assert pixel.notes == ()


def test_a_photometric_interpretation_that_the_samples_contradict_is_not_believed() -> None:
    pixel = described(description(2, 2, samples=3, PhotometricInterpretation="MONOCHROME2"))
    assert pixel.photometric == "RGB"
    assert "Photometric Interpretation (0028,0004) is MONOCHROME2 with 3 samples" in pixel.notes[0]


@pytest.mark.parametrize(("tag", "kind", "bits"), [(0x08, "float", 32), (0x09, "double", 64)])
def test_float_pixel_data_needs_no_bits(tag: int, kind: str, bits: int) -> None:
    dataset = description(2, 2, BitsAllocated=None, BitsStored=None, PixelRepresentation=None)
    pixel = described(dataset, tag)
    assert (pixel.kind, pixel.bits_allocated, pixel.word_type.itemsize * 8) == (kind, bits, bits)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"Rows": None}, "Rows (0028,0010) is missing"),
        ({"Columns": 0}, "Columns (0028,0011) is 0"),
        ({"SamplesPerPixel": 2}, "Samples per Pixel (0028,0002) is 2"),
        ({"BitsAllocated": None}, "Bits Allocated (0028,0100) is missing"),
        ({"BitsAllocated": 24}, "Bits Allocated (0028,0100) is 24"),
        ({"BitsStored": 17}, "Bits Stored (0028,0101) is 17 with 16 bits allocated"),
        ({"BitsStored": 0, "HighBit": 0}, "Bits Stored (0028,0101) is 0"),
        ({"Rows": 65535, "Columns": 65535}, f"larger than {FRAME_LIMIT >> 20} MiB"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_that_names_it(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(DecodeError) as refusal:
        described(description(4, 4, **changed))
    assert named in str(refusal.value)
    assert str(refusal.value).startswith("made.dcm: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("written", [b"1A", b"0 ", b"-3", b"\x1b[2J", b""])
def test_a_number_of_frames_that_is_none_is_taken_as_one(written: bytes) -> None:
    pixel = described(with_text(description(4, 4), "NumberOfFrames", "IS", written))
    assert pixel.frames == 1
    assert pixel.notes == ("Number of Frames (0028,0008) is not a number from 1: taken as 1",)


def test_a_high_bit_that_leaves_no_room_is_not_believed() -> None:
    pixel = described(description(4, 4, BitsStored=12, HighBit=3))
    assert pixel.high_bit == 11
    assert "High Bit (0028,0102) is 3" in pixel.notes[0]


@given(
    st.fixed_dictionaries(
        {
            keyword: st.one_of(st.none(), st.integers(0, 70), st.just(65535))
            for keyword in (
                "Rows",
                "Columns",
                "SamplesPerPixel",
                "BitsAllocated",
                "BitsStored",
                "HighBit",
                "PixelRepresentation",
                "PlanarConfiguration",
            )
        }
    )
)
def test_any_numbers_give_a_description_that_holds_or_are_refused(numbers: dict[str, int | None]) -> None:
    with suppress(DecodeError):
        pixel = described(description(1, 1, **numbers))
        assert 1 <= pixel.bits_stored <= pixel.high_bit + 1 <= pixel.bits_allocated
        assert pixel.values_per_frame * pixel.word_type.itemsize <= FRAME_LIMIT
        assert (len(pixel.shape) == 3) == (pixel.samples == 3) == pixel.photometric.startswith("RGB")
