from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from pydicom.pixels import convert_color_space

from dicomtui.errors import DecodeError
from dicomtui.imaging.colour import to_rgb

pixels = arrays.arrays(np.uint8, (5, 3, 3))

# PS3.3 C.7.6.3.1.2, YBR_PARTIAL_422
TO_PARTIAL = np.array([[0.2568, 0.5041, 0.0979], [-0.1482, -0.2910, 0.4392], [0.4392, -0.3678, -0.0714]])


@given(pixels, st.sampled_from(["RGB", "YBR_ICT", "YBR_RCT"]))
def test_eight_bit_rgb_is_shown_as_it_is(stored: NDArray[np.uint8], photometric: str) -> None:
    np.testing.assert_array_equal(to_rgb(stored, photometric, 8), stored)


@given(pixels, st.sampled_from(["YBR_FULL", "YBR_FULL_422"]))
def test_full_range_ybr_is_pydicoms_rgb_to_one_level(stored: NDArray[np.uint8], photometric: str) -> None:
    expected = convert_color_space(stored, photometric, "RGB").astype(int)
    assert np.abs(to_rgb(stored, photometric, 8) - expected).max() <= 1


@given(pixels, st.sampled_from(["YBR_PARTIAL_420", "YBR_PARTIAL_422"]))
def test_partial_range_ybr_is_turned_back_as_the_standard_made_it(
    rgb: NDArray[np.uint8], photometric: str
) -> None:
    ybr = np.rint(rgb @ TO_PARTIAL.T + (16, 128, 128)).astype(np.uint8)
    assert np.abs(to_rgb(ybr, photometric, 8).astype(int) - rgb).max() <= 2


@pytest.mark.parametrize(
    ("dtype", "bits"), [(np.uint16, 16), (np.uint16, 12), (np.uint16, 10), (np.uint32, 32)]
)
def test_deep_rgb_spans_black_to_white(dtype: Any, bits: int) -> None:
    full = (1 << bits) - 1
    stored = np.array([[[0, full // 2, full]]], dtype)
    assert to_rgb(stored, "RGB", bits).tolist() in ([[[0, 127, 255]]], [[[0, 128, 255]]])


def test_few_bits_span_black_to_white_too() -> None:
    assert to_rgb(np.array([[[0, 7, 15]]], np.uint8), "RGB", 4).tolist() == [[[0, 119, 255]]]


@given(arrays.arrays(np.uint16, (4, 3, 3), elements=st.integers(0, 255)))
def test_deep_ybr_is_eight_bit_ybr_scaled(stored: NDArray[np.uint16]) -> None:
    deep = to_rgb(stored * np.uint16(257), "YBR_FULL", 16).astype(int)
    assert np.abs(deep - to_rgb(stored.astype(np.uint8), "YBR_FULL", 8)).max() <= 2


@pytest.mark.parametrize("photometric", ["CMYK", "HSV", "MONOCHROME2", "", "\x1b[31m"])
def test_other_colour_spaces_are_refused_in_one_line(photometric: str) -> None:
    with pytest.raises(DecodeError, match=r"Photometric Interpretation \(0028,0004\) is") as refusal:
        to_rgb(np.zeros((2, 2, 3), np.uint8), photometric, 8)
    assert "\x1b" not in str(refusal.value)


@pytest.mark.parametrize("shape", [(2, 2), (2, 2, 1), (2, 2, 4)])
def test_other_numbers_of_samples_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(DecodeError, match=r"Samples per Pixel \(0028,0002\)"):
        to_rgb(np.zeros(shape, np.uint8), "RGB", 8)


@given(pixels, st.sampled_from(["RGB", "YBR_FULL"]))
def test_samples_that_claim_a_sign_have_none(stored: NDArray[np.uint8], photometric: str) -> None:
    expected = to_rgb(stored, photometric, 8)
    np.testing.assert_array_equal(to_rgb(stored.view(np.int8), photometric, 8), expected)


def test_float_samples_are_no_colour() -> None:
    with pytest.raises(DecodeError, match="holds no colour"):
        to_rgb(np.zeros((2, 2, 3), np.float32), "RGB", 32)
