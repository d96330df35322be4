from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from dicomtui.imaging.padding import padding_mask, without_value

STORED = np.array([[-2000, -2000, 5], [7, 12, -2001]], np.int16)


def padded(value: int, limit: int | None = None, vr: str = "SS") -> Dataset:
    dataset = Dataset()
    dataset.add_new("PixelPaddingValue", vr, value)
    if limit is not None:
        dataset.add_new("PixelPaddingRangeLimit", vr, limit)
    return dataset


@pytest.mark.parametrize("dataset", [padded(-2000), padded(63536, vr="US")])
def test_the_padding_value_is_found_whatever_its_sign(dataset: Dataset) -> None:
    mask = padding_mask(dataset, STORED)
    assert mask is not None
    assert mask.tolist() == [[True, True, False], [False, False, False]]


def test_a_signed_padding_value_is_found_in_unsigned_pixels() -> None:
    mask = padding_mask(padded(-1), np.array([[65535, 1]], np.uint16))
    assert mask is not None
    assert mask.tolist() == [[True, False]]


@pytest.mark.parametrize(("value", "limit"), [(5, 12), (12, 5)])
def test_a_range_counts_both_ends_in_either_order(value: int, limit: int) -> None:
    mask = padding_mask(padded(value, limit), STORED)
    assert mask is not None
    assert STORED[mask].tolist() == [5, 7, 12]


@pytest.mark.parametrize("dataset", [Dataset(), padded(9), padded(9, 11)])
def test_without_padding_there_is_no_mask(dataset: Dataset) -> None:
    assert padding_mask(dataset, STORED) is None


@pytest.mark.parametrize("value", [None, [], "abc"])
def test_a_padding_value_that_is_no_number_masks_nothing(value: Any) -> None:
    dataset = Dataset()
    dataset.add_new("PixelPaddingValue", "LO" if value == "abc" else "US", value)
    assert padding_mask(dataset, STORED) is None


def test_a_padding_value_beyond_the_pixels_type_masks_nothing() -> None:
    assert padding_mask(padded(4096, vr="US"), np.array([[255, 0]], np.uint8)) is None


def test_float_pixels_have_their_own_padding() -> None:
    dataset = Dataset()
    dataset.FloatPixelPaddingValue = -1.5
    mask = padding_mask(dataset, np.array([[-1.5, 0]], np.float32))
    assert mask is not None
    assert mask.tolist() == [[True, False]]


def test_values_beyond_what_can_be_shown_are_none_and_said_to_be() -> None:
    stored = np.array([[0.0, 1e300, np.nan], [-1e300, 1.0, 2.0]])
    with np.errstate(over="ignore"):
        missing, notes = without_value(Dataset(), stored, stored.astype(np.float32))
    assert missing is not None
    np.testing.assert_array_equal(missing, [[False, True, True], [True, False, False]])
    assert notes == ("2 pixels have values beyond 3e+38: shown black",)


def test_one_pixel_is_called_one() -> None:
    stored = np.array([[0.0, 1e300]])
    with np.errstate(over="ignore"):
        _, notes = without_value(Dataset(), stored, stored.astype(np.float32))
    assert notes == ("1 pixel has values beyond 3e+38: shown black",)
