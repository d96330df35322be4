from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut
from pydicom.sequence import Sequence
from pydicom.tag import Tag

import dicomtui.dataset.reading  # noqa: F401  it makes pydicom take values as they are
from dicomtui.imaging.modality_lut import ModalityLut, modality_lut


def rescaled(slope: Any, intercept: Any, **more: Any) -> Dataset:
    """Return a data set as it is read from a file, where a value may be any text."""
    dataset = Dataset()
    for keyword, number in (("RescaleSlope", slope), ("RescaleIntercept", intercept)):
        tag, value = Tag(keyword), str(number).encode()
        dataset[tag] = RawDataElement(tag, "DS", len(value), value, 0, False, True)
    for keyword, value in more.items():
        setattr(dataset, keyword, value)
    return dataset


def with_table(first: int, entries: list[int], pixel_representation: int = 0) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(entries), first, 16])
    item.add_new("LUTData", "US", entries)
    item.ModalityLUTType = "HU"
    dataset = Dataset()
    dataset.PixelRepresentation = pixel_representation
    dataset.ModalityLUTSequence = Sequence([item])
    return dataset


stored_values = arrays.arrays(np.int16, (7, 5))


@given(stored_values, st.floats(0.001, 1000), st.floats(-1e5, 1e5))
def test_rescaled_values_are_pydicoms(stored: NDArray[np.int16], slope: float, intercept: float) -> None:
    dataset = rescaled(f"{slope:.8g}", f"{intercept:.8g}")
    values = modality_lut(dataset, 1).apply(stored)
    expected = apply_modality_lut(stored, dataset)
    np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-6 * max(1, np.abs(expected).max()))


@given(stored_values, st.integers(-2000, 2000), st.lists(st.integers(0, 65535), min_size=2, max_size=50))
def test_tabled_values_are_pydicoms(stored: NDArray[np.int16], first: int, entries: list[int]) -> None:
    dataset = with_table(first, entries, pixel_representation=1)
    lut = modality_lut(dataset, 1)
    wide = stored.astype(np.int32)  # pydicom's subtraction overflows in 16 bits
    np.testing.assert_array_equal(lut.apply(stored), apply_modality_lut(wide, dataset))
    assert lut.unit == "HU"


@pytest.mark.parametrize("name", ["mlut_18.dcm", "CT_small.dcm", "MR_small.dcm"])
def test_values_of_real_files_are_pydicoms(name: str) -> None:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    dataset = dcmread(path)
    stored = dataset.pixel_array
    np.testing.assert_array_equal(
        modality_lut(dataset, 1).apply(stored), apply_modality_lut(stored, dataset).astype(np.float32)
    )


def test_32_bit_values_are_rounded_only_once() -> None:
    stored = np.array([[4_000_000_001]], np.uint32)
    assert ModalityLut(slope=1e-6, intercept=-4000).apply(stored)[0, 0] == pytest.approx(1e-6, rel=1e-3)


def test_the_stored_values_are_left_as_they_are() -> None:
    stored = np.arange(6, dtype=np.float32).reshape(2, 3)
    ModalityLut(slope=2).apply(stored)
    ModalityLut().apply(stored)[:] = 9
    assert stored.ravel().tolist() == [0, 1, 2, 3, 4, 5]


def test_each_frame_of_an_enhanced_instance_has_its_own_slope() -> None:
    def group(slope: int) -> Dataset:
        found = Dataset()
        found.PixelValueTransformationSequence = Sequence([rescaled(slope, -1024, RescaleType="HU")])
        return found

    dataset = Dataset()
    dataset.PerFrameFunctionalGroupsSequence = Sequence([group(1), group(3)])
    luts = [modality_lut(dataset, number) for number in (1, 2)]
    assert [(lut.slope, lut.intercept, lut.unit) for lut in luts] == [(1, -1024, "HU"), (3, -1024, "HU")]


@pytest.mark.parametrize("slope", ["NaN", "0", "1e999", "abc", "12,5", "", "1e40", "1e-40"])
def test_a_slope_that_makes_no_sense_shows_stored_values_and_says_so(slope: str) -> None:
    lut = modality_lut(rescaled(slope, "-1024"), 1)
    assert (lut.slope, lut.intercept, lut.unit) == (1, 0, "")
    assert lut.notes == (f"Rescale Slope (0028,1053) is {slope or 'absent'}: stored values are shown",)


def test_a_missing_intercept_shows_stored_values_as_pydicom_does() -> None:
    dataset = rescaled("2", "0")
    del dataset.RescaleIntercept
    stored = np.arange(4, dtype=np.uint16).reshape(2, 2)
    lut = modality_lut(dataset, 1)
    np.testing.assert_array_equal(lut.apply(stored), apply_modality_lut(stored, dataset))
    assert "(0028,1052) is absent" in lut.notes[0]


def test_a_table_that_is_too_short_is_not_used() -> None:
    dataset = with_table(0, [5, 6, 7])
    dataset.ModalityLUTSequence[0].LUTDescriptor = [300, 0, 16]
    lut = modality_lut(dataset, 1)
    assert lut.table is None
    assert lut.notes == ("no Modality LUT: LUT Data (0028,3006) has 3 of 300 entries",)


def test_values_that_leave_the_range_become_infinite_without_a_warning() -> None:
    assert np.isinf(ModalityLut(slope=1e30).apply(np.array([1 << 60], np.int64))[0])


@pytest.mark.parametrize(
    ("attributes", "unit"),
    [
        ({"Modality": "CT"}, "HU"),
        ({"Modality": "CT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2.1"}, "HU"),
        ({"Modality": "CT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, ""),
        ({"Modality": "CT", "RescaleType": "US"}, ""),
        ({"Modality": "CT", "RescaleType": "MGML"}, "mg/ml"),
        ({"Modality": "MR"}, ""),
        ({"Modality": "MR", "RescaleType": "normalized"}, "normalized"),
        ({"Modality": "PT", "Units": "GML"}, "SUV"),
        ({"Modality": "PT", "Units": "BQML", "RescaleType": "US"}, "Bq/ml"),
    ],
)
def test_the_unit_is_what_the_file_means(attributes: dict[str, str], unit: str) -> None:
    assert modality_lut(rescaled("1", "0", **attributes), 1).unit == unit


def test_a_unit_is_safe_to_show() -> None:
    assert "\x1b" not in modality_lut(rescaled("1", "0", RescaleType="\x1b[31mHU"), 1).unit
