from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.data import get_palette_files, get_testdata_file
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

from dicomtui.errors import DecodeError
from dicomtui.imaging.palette import palette_of

COLOURS = ("Red", "Green", "Blue")


def coloured(descriptor: list[int], data: bytes, *, segmented: bool = False) -> Dataset:
    dataset = Dataset()
    for colour in COLOURS:
        dataset.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", descriptor)
        prefix = "Segmented" if segmented else ""
        dataset.add_new(f"{prefix}{colour}PaletteColorLookupTableData", "OW", data)
    dataset.set_original_encoding(is_implicit_vr=False, is_little_endian=True)
    return dataset


def words(*numbers: int) -> bytes:
    return np.array(numbers, "<u2").tobytes()


@pytest.mark.parametrize(("size", "bits"), [("u1", 8), ("<u2", 16)])
@given(st.data())
def test_a_palette_gives_the_colours_that_pydicom_gives(size: str, bits: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 128)) * 2
    first = data.draw(st.integers(0, 100))
    levels = st.lists(st.integers(0, (1 << bits) - 1), min_size=count - 1, max_size=count - 1)
    entries = np.array([(1 << bits) - 1, *data.draw(levels)]).astype(size).tobytes()
    dataset = coloured([count, first, bits], entries)
    stored = np.arange(first, first + count, dtype=np.uint16).reshape(2, -1)
    expected = apply_color_lut(stored, dataset) >> (bits - 8)
    np.testing.assert_array_equal(palette_of(dataset).apply(stored), expected)


@pytest.mark.parametrize("name", ["hotiron", "pet", "hotmetalblue", "pet20step"])
def test_well_known_palettes_are_pydicoms(name: str) -> None:
    dataset = dcmread(get_palette_files(f"{name}.dcm")[0])
    stored = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(palette_of(dataset).apply(stored), apply_color_lut(stored, dataset))


@pytest.mark.parametrize("name", ["spring", "summer", "fall", "winter"])
def test_well_known_segmented_palettes_are_pydicoms(name: str) -> None:
    dataset = dcmread(get_palette_files(f"{name}.dcm")[0])
    stored = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(palette_of(dataset).apply(stored), apply_color_lut(stored, dataset))


@pytest.mark.parametrize("name", ["examples_palette.dcm", "gdcm-US-ALOKA-16.dcm"])
def test_palettes_of_real_files_are_pydicoms(name: str) -> None:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    dataset = dcmread(path)
    stored = dataset.pixel_array
    expected = apply_color_lut(stored, dataset) >> 8
    np.testing.assert_array_equal(palette_of(dataset).apply(stored), expected)


def test_entries_of_eight_bits_with_a_word_each_are_found_in_either_byte() -> None:
    low, high = words(0, 128, 255), words(0, 128 * 257, 65535)
    for data in (low, high):
        assert palette_of(coloured([3, 0, 8], data)).entries[:, 0].tolist() == [0, 128, 255]


def test_sixteen_bits_that_hold_eight_are_shown_and_said() -> None:
    palette = palette_of(coloured([3, 0, 16], words(0, 128, 255)))
    assert palette.entries[:, 0].tolist() == [0, 128, 255]
    assert palette.notes == ("palette entries of 16 bits hold 8-bit values: shown as such",)


def test_values_below_a_negative_first_value_get_the_first_colour() -> None:
    dataset = coloured([3, 0xFFFF, 16], words(0x1100, 0x2200, 0x3300))
    dataset.PixelRepresentation = 1
    stored = np.array([[-9, -1, 0, 1, 9]], np.int16)
    assert palette_of(dataset).apply(stored)[0, :, 0].tolist() == [0x11, 0x11, 0x22, 0x33, 0x33]


# --- segments ---


def test_segments_are_expanded_as_the_standard_says() -> None:
    # discrete 0 and 256; linear to 1024 in 3 steps; both segments once more
    data = words(0, 2, 0, 256, 1, 3, 1024, 2, 2, 0, 0)
    palette = palette_of(coloured([10, 0, 16], data, segmented=True))
    assert palette.entries[:, 0].tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]


@pytest.mark.parametrize("bits", [8, 16])
def test_the_offset_of_an_indirect_segment_counts_bytes(bits: int) -> None:
    head = [0, 2, 7, 9, 0, 2, 50, 60]
    if bits == 8:
        data = bytes([*head, 2, 1, 4, 0, 0, 0])
    else:
        data = words(*(number << 8 if index in (2, 3, 6, 7) else number for index, number in enumerate(head)))
        data += words(2, 1, 8, 0)
    palette = palette_of(coloured([6, 0, bits], data, segmented=True))
    assert palette.entries[:, 1].tolist() == [7, 9, 50, 60, 50, 60]


def test_a_small_file_cannot_expand_into_millions_of_entries() -> None:
    data = words(0, 1, 5, *[1, 65535, 9] * 4096)
    with pytest.raises(DecodeError, match="a segment of 65,535 entries after 1 of 256"):
        palette_of(coloured([256, 0, 16], data, segmented=True))
    bomb = words(0, 1, 5, *[2, 65535, 0, 0] * 4096)
    with pytest.raises(DecodeError, match="indirect segment"):
        palette_of(coloured([256, 0, 16], bomb, segmented=True))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (words(0, 3, 1, 2), "ends inside a segment"),
        (words(0), "ends inside a segment"),
        (words(1, 2, 5), "a segment of type 1 where none can be"),
        (words(3, 2, 5), "a segment of type 3"),
        (words(0, 0, 1, 1, 1), "a segment of 0 entries"),
        (words(2, 1, 0, 0), "indirect segment that points to none"),
        (words(0, 1, 5, 2, 1, 6, 0), "indirect segment that points to none"),
        (words(0, 1, 5, 2, 1, 0, 0xFFFF), "indirect segment that points to none"),
        (words(0, 2, 1, 2), "expands to 2 of 4 entries"),
        (b"", "expands to 0 of 4 entries"),
        (b"\0", "expands to 0 of 4 entries"),
    ],
)
def test_segments_that_make_no_sense_are_refused_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(DecodeError, match=said) as refusal:
        palette_of(coloured([4, 0, 16], data, segmented=True))
    assert str(refusal.value).startswith("Segmented Red Palette Color Lookup Table Data (0028,1221)")


@given(st.binary(max_size=60), st.sampled_from([8, 16]), st.integers(0, 300), st.booleans())
def test_any_data_gives_a_palette_or_a_refusal(data: bytes, bits: int, count: int, segmented: bool) -> None:
    dataset = coloured([count, 0, bits], data, segmented=segmented)
    with suppress(DecodeError):
        assert palette_of(dataset).entries.shape == (count or 65536, 3)


@pytest.mark.parametrize("data", [b"", b"\0", bytes(509)])
def test_short_data_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError, match="of 256 entries"):
        palette_of(coloured([256, 0, 16], data))


def test_without_a_palette_the_line_names_what_is_missing() -> None:
    with pytest.raises(DecodeError, match=r"Red Palette .* \(0028,1101\) is absent"):
        palette_of(Dataset())


def test_descriptors_that_differ_are_refused() -> None:
    dataset: Any = coloured([4, 0, 16], words(1, 2, 3, 4))
    dataset.BluePaletteColorLookupTableDescriptor = [4, 1, 16]
    with pytest.raises(DecodeError, match="differs"):
        palette_of(dataset)
