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
from pydicom.pixels.processing import apply_modality_lut, apply_voi, apply_windowing
from pydicom.sequence import Sequence
from pydicom.tag import Tag

import dicomtui.dataset.reading  # noqa: F401  it makes pydicom take values as they are
from dicomtui.imaging.modality_lut import modality_lut
from dicomtui.imaging.voi_lut import (
    VoiLut,
    apply_voi_lut,
    apply_window,
    automatic_window,
    full_range_window,
    windows_of,
)
from dicomtui.imaging.window import Window

FUNCTIONS = ["LINEAR", "LINEAR_EXACT", "SIGMOID"]

pictures = arrays.arrays(np.int16, (6, 4), elements=st.integers(-3000, 3000))
modality_values = arrays.arrays(
    np.float32, st.integers(1, 40), elements=st.floats(-1e6, 1e6, width=32, allow_nan=False)
)
some_windows = st.builds(
    Window, st.floats(-4000, 4000), st.floats(1, 8000), st.sampled_from(FUNCTIONS), st.just("")
)


def windowed(center: str, width: str, **more: Any) -> Dataset:
    """Return a data set as it is read from a file, where a value may be any text."""
    dataset = Dataset()
    for keyword, number in (("WindowCenter", center), ("WindowWidth", width)):
        tag = Tag(keyword)
        dataset[tag] = RawDataElement(tag, "DS", len(number), number.encode(), 0, False, True)
    for keyword, value in more.items():
        setattr(dataset, keyword, value)
    return dataset


def with_lut(first: int, entries: list[int], bits: int) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(entries), first, bits])
    item.add_new("LUTData", "US", entries)
    item.LUTExplanation = "BONE"
    dataset = Dataset()
    dataset.VOILUTSequence = Sequence([item])
    return dataset


# --- windows ---


@given(pictures, st.floats(-4000, 4000), st.floats(1, 8000), st.sampled_from(FUNCTIONS))
def test_windowed_values_are_pydicoms_to_one_level(
    stored: NDArray[np.int16], center: float, width: float, function: str
) -> None:
    dataset = windowed(f"{center:.6f}", f"{width:.6f}", VOILUTFunction=function)
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsStored, dataset.PixelRepresentation = 8, 0  # pydicom's output is 0 to 255 then
    expected = apply_windowing(stored, dataset)
    (window,) = windows_of(dataset, 1).windows
    assert isinstance(window, Window)
    shown = apply_window(stored.astype(np.float32), window)
    assert np.abs(shown - expected).max() <= 1


@given(modality_values, some_windows)
def test_a_brighter_value_is_never_shown_darker(values: NDArray[np.float32], window: Window) -> None:
    shown = apply_window(np.sort(values), window).astype(int)
    assert (np.diff(shown) >= 0).all()


@given(modality_values, some_windows)
def test_raising_the_centre_never_brightens(values: NDArray[np.float32], window: Window) -> None:
    assert (apply_window(values, window.shifted(1)) <= apply_window(values, window)).all()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_window_turns_the_ends_black_and_white(function: str) -> None:
    window = Window(40, 400, function)  # type: ignore[arg-type]
    far = np.array([-np.inf, -3e38, -1e5, 1e5, 3e38, np.inf], np.float32)
    assert apply_window(far, window).tolist() == [0, 0, 0, 255, 255, 255]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("width", [1, 1e-25, 1e29])
def test_no_value_is_black_under_any_window(function: str, width: float) -> None:
    if function == "LINEAR":
        width = max(width, 1)
    values = np.array([np.nan, 0], np.float32)
    assert apply_window(values, Window(0, width, function))[0] == 0  # type: ignore[arg-type]


def test_the_narrowest_window_is_a_threshold() -> None:
    values = np.array([99, 99.5, 100, 101], np.float32)
    assert apply_window(values, Window(100, 1)).tolist()[::2] == [0, 255]


def test_the_values_are_left_as_they_are() -> None:
    values = np.array([1, np.nan, 3], np.float32)
    before = values.copy()
    apply_window(values, Window(2, 2))
    np.testing.assert_array_equal(values, before)


# --- what a file says ---


def test_a_files_windows_come_in_its_order_with_their_explanations() -> None:
    dataset = windowed("40\\-600", "400\\1500", WindowCenterWidthExplanation=["SOFT", "LUNG"])
    assert windows_of(dataset, 1).windows == (
        Window(40, 400, explanation="SOFT"),
        Window(-600, 1500, explanation="LUNG"),
    )


@pytest.mark.parametrize("width", ["NaN", "0", "-5", "abc", "12,5", "1e999", "1e40"])
def test_a_width_that_makes_no_sense_is_left_out_and_said(width: str) -> None:
    windows, notes = windows_of(windowed("10\\40", f"{width}\\400"), 1)
    assert windows == (Window(40, 400),)
    assert len(notes) == 1
    assert notes[0].startswith("window 1 of the file has centre 10 and width ")


@pytest.mark.parametrize("center", ["NaN", "1e999", "", "x"])
def test_a_centre_that_makes_no_sense_is_left_out(center: str) -> None:
    assert windows_of(windowed(center, "400"), 1).windows == ()


def test_windows_without_a_partner_are_left_out() -> None:
    windows, notes = windows_of(windowed("40\\50\\60", "400\\80"), 1)
    assert windows == (Window(40, 400), Window(50, 80))
    assert "differ in number" in notes[0]


def test_a_width_that_linear_does_not_allow_is_taken_exactly() -> None:
    windows, notes = windows_of(windowed("0.5", "0.8"), 1)
    assert windows == (Window(0.5, 0.8, "LINEAR_EXACT"),)
    assert notes == ("Window Width (0028,1051) 0.8 is below 1: taken as LINEAR_EXACT",)


def test_an_unknown_function_is_taken_as_linear() -> None:
    windows, notes = windows_of(windowed("40", "400", VOILUTFunction="CUBIC"), 1)
    assert windows == (Window(40, 400),)
    assert notes == ("VOI LUT Function (0028,1056) is CUBIC: taken as LINEAR",)


def test_an_explanation_is_safe_to_show() -> None:
    windows, _ = windows_of(windowed("40", "400", WindowCenterWidthExplanation="\x1b[31m" + "x" * 500), 1)
    assert isinstance(windows[0], Window)
    assert "\x1b" not in windows[0].explanation
    assert len(windows[0].explanation) < 80


def test_each_frame_has_its_own_windows() -> None:
    def group(center: int) -> Dataset:
        found = Dataset()
        found.FrameVOILUTSequence = Sequence([windowed(str(center), "400")])
        return found

    dataset = windowed("7", "70")
    dataset.SharedFunctionalGroupsSequence = Sequence([group(99)])
    dataset.PerFrameFunctionalGroupsSequence = Sequence([group(1), Dataset()])
    centers = [windows_of(dataset, number).windows[0].center for number in (1, 2, 3)]  # type: ignore[union-attr]
    assert centers == [1, 99, 99]


# --- VOI LUTs ---


@given(
    pictures,
    st.integers(-2000, 2000),
    st.sampled_from([8, 10, 12, 16]),
    st.data(),
)
def test_a_voi_lut_shows_what_pydicom_shows_to_one_level(
    stored: NDArray[np.int16], first: int, bits: int, data: st.DataObject
) -> None:
    full = (1 << bits) - 1
    entries = data.draw(st.lists(st.integers(0, full), min_size=2, max_size=60))
    dataset = with_lut(first, entries, bits)
    (lut,) = windows_of(dataset, 1).windows
    wide = np.clip(
        stored.astype(np.int64), first, first + len(entries) - 1
    )  # its table index is 8 or 16 bits
    expected = apply_voi(wide, dataset) * (255 / full)
    shown = apply_voi_lut(stored.astype(np.float32), lut)
    assert np.abs(shown - expected).max() <= 1


def test_a_files_lut_comes_before_its_windows() -> None:
    dataset = with_lut(0, [0, 255], 8)
    dataset.WindowCenter, dataset.WindowWidth = 40, 400
    lut, window = windows_of(dataset, 1).windows
    assert str(lut) == "LUT BONE"
    assert window == Window(40, 400)


def test_a_lut_that_lies_is_left_out_and_said() -> None:
    dataset = with_lut(0, [0, 255], 8)
    dataset.VOILUTSequence[0].LUTDescriptor = [4096, 0, 12]
    windows, notes = windows_of(dataset, 1)
    assert windows == ()
    assert notes == ("no VOI LUT: LUT Data (0028,3006) has 2 of 4,096 entries",)


@pytest.mark.parametrize("shared", [True, False])
def test_a_lut_begins_below_zero_where_a_frame_is_rescaled_below_zero(shared: bool) -> None:
    """The descriptor's second value is read as unsigned where the stored values are."""
    dataset = with_lut((1 << 16) - 1024, [0, 255], 8)
    transformation, group = Dataset(), Dataset()
    transformation.RescaleSlope, transformation.RescaleIntercept = 1, -1024
    group.PixelValueTransformationSequence = Sequence([transformation])
    name = "Shared" if shared else "PerFrame"
    setattr(dataset, f"{name}FunctionalGroupsSequence", Sequence([group]))
    (lut,) = windows_of(dataset, 1).windows
    assert isinstance(lut, VoiLut)
    assert lut.first == -1024


def test_no_value_is_black_under_a_lut() -> None:
    lut = VoiLut(0, np.array([200, 100], np.uint8))
    assert apply_voi_lut(np.array([np.nan, 0, 1], np.float32), lut).tolist() == [0, 200, 100]


def test_window_keys_start_from_the_values_that_a_lut_tells_apart() -> None:
    entries = np.concatenate([np.zeros(100), np.arange(256), np.full(50, 255)]).astype(np.uint8)
    assert VoiLut(-1000, entries).as_window().limits == (-900, -645)
    assert VoiLut(0, np.array([7], np.uint8)).as_window().width > 0


def test_a_real_lut_shows_what_pydicom_shows() -> None:
    path = get_testdata_file("vlut_04.dcm", download=False)
    assert isinstance(path, str)
    dataset = dcmread(path)
    stored = dataset.pixel_array
    expected = apply_voi(apply_modality_lut(stored, dataset), dataset)
    bits = dataset.VOILUTSequence[0].LUTDescriptor[2]
    shown = apply_voi_lut(modality_lut(dataset, 1).apply(stored), windows_of(dataset, 1).windows[0])
    assert np.abs(shown - expected * (255 / ((1 << bits) - 1))).max() <= 1


# --- windows out of the picture ---


@given(pictures)
def test_the_full_range_shows_the_least_black_and_the_greatest_white(stored: NDArray[np.int16]) -> None:
    values = stored.astype(np.float32)
    shown = apply_window(values, full_range_window(values))
    if values.min() < values.max():
        assert shown[values == values.min()].max() == 0
        assert shown[values == values.max()].min() == 255


@given(pictures, st.integers(-32768, 32767))
def test_padding_never_drives_a_window(stored: NDArray[np.int16], padding_value: int) -> None:
    padding = np.zeros(stored.shape, bool)
    padding[:, 0] = True
    values = stored.astype(np.float32)
    padded = np.where(padding, np.float32(padding_value), values)
    for window in (automatic_window, full_range_window):
        assert window(values, padding) == window(padded, padding)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_never_drives_a_window(bad: float) -> None:
    values = np.linspace(0, 100, 10_000, dtype=np.float32).reshape(100, 100)
    values[3, 3] = bad
    assert full_range_window(values).limits == (0, 100)
    assert automatic_window(values).limits == pytest.approx((1, 99), abs=0.1)


def test_the_automatic_window_goes_from_the_1st_to_the_99th_percentile() -> None:
    values = np.random.default_rng(1).permutation(100_000).reshape(250, 400).astype(np.float32)
    assert automatic_window(values).limits == pytest.approx((1000, 99_000), abs=1)


def test_a_large_picture_is_sampled_all_over() -> None:
    values = np.arange(4_000_000, dtype=np.float32).reshape(2000, 2000)
    assert automatic_window(values).limits == pytest.approx((40_000, 3_960_000), abs=5000)


def test_a_few_bright_pixels_on_black_are_seen() -> None:
    values = np.zeros((100, 100), np.float32)
    values[5, 5] = 9
    assert automatic_window(values).limits == (0, 9)


@pytest.mark.parametrize("value", [0, -1000, 1e-9, 65535])
def test_a_picture_of_one_value_is_grey(value: float) -> None:
    values = np.full((4, 4), value, np.float32)
    assert apply_window(values, automatic_window(values))[0, 0] in (127, 128)


def test_a_picture_of_nothing_but_padding_has_a_window() -> None:
    values = np.full((4, 4), np.nan, np.float32)
    for window in (automatic_window, full_range_window):
        assert window(values).width > 0
        assert window(values, np.ones((4, 4), bool)).width > 0
