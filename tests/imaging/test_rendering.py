import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from dicomtui.dataset.reading import Instance, read_instance, read_source
from dicomtui.dataset.source import MemorySource
from dicomtui.errors import DecodeError, ReadError
from dicomtui.imaging.rendering import Frame, Rendering, default_window, display
from dicomtui.imaging.voi_lut import VoiLut
from dicomtui.imaging.window import Window


def an_instance(stored: NDArray[Any], **attributes: Any) -> Instance:
    """Return an instance whose frames are *stored*, shape (frames, rows, columns[, 3])."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, "1.2.3"
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = stored.shape[:3]
    dataset.SamplesPerPixel = stored.shape[3] if stored.ndim == 4 else 1
    dataset.PhotometricInterpretation = "RGB" if stored.ndim == 4 else "MONOCHROME2"
    dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = stored.dtype.itemsize * 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    if stored.dtype.kind == "f":
        dataset.FloatPixelData = stored.astype("<f4").tobytes()
    else:
        dataset.PixelData = stored.astype(stored.dtype.newbyteorder("<")).tobytes()
        dataset["PixelData"].VR = "OW" if stored.dtype.itemsize > 1 else "OB"
    content = io.BytesIO()
    dataset.save_as(content, enforce_file_format=True)
    return read_source(MemorySource("made.dcm", content.getvalue()))


def a_frame(stored: NDArray[Any], **attributes: Any) -> Frame:
    return Rendering(an_instance(stored[np.newaxis], **attributes)).frame(1)


def bundled(name: str) -> str:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return path


RAMP = np.arange(64, dtype=np.int16).reshape(8, 8)


# --- from stored to modality values ---


def test_a_ct_is_in_hounsfield_units_at_32_bits() -> None:
    frame = a_frame(RAMP, Modality="CT", RescaleSlope=2, RescaleIntercept=-1024)
    np.testing.assert_array_equal(frame.values, RAMP * 2 - 1024)
    assert frame.values.dtype == np.float32
    assert (frame.unit, frame.padding, frame.notes) == ("HU", None, ())


def test_frames_count_from_1_and_each_is_its_own() -> None:
    rendering = Rendering(an_instance(np.stack([RAMP, RAMP + 100])))
    assert rendering.frames == 2
    assert rendering.frame(2).values[0, 0] == 100
    with pytest.raises(DecodeError, match=r"made\.dcm: frame 3"):
        rendering.frame(3)


def test_padding_is_marked_before_the_values_change() -> None:
    frame = a_frame(RAMP, PixelPaddingValue=5, RescaleSlope=1, RescaleIntercept=-5)
    assert frame.padding is not None
    assert np.flatnonzero(frame.padding).tolist() == [5]


def test_what_is_not_finite_counts_as_padding() -> None:
    stored = RAMP.astype(np.float32)
    stored[0, :3] = np.nan, np.inf, -np.inf
    frame = a_frame(stored)
    assert frame.padding is not None
    assert np.flatnonzero(frame.padding).tolist() == [0, 1, 2]
    assert display(frame.values, default_window(frame, "MR")[0])[0, 0] == 0


@pytest.mark.parametrize(
    ("attributes", "inverse"),
    [
        ({}, False),
        ({"PhotometricInterpretation": "MONOCHROME1"}, True),
        ({"PresentationLUTShape": "INVERSE"}, True),
        ({"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}, True),
        ({"PresentationLUTShape": "IDENTITY"}, False),
    ],
)
def test_monochrome1_shows_the_least_value_white(attributes: dict[str, str], inverse: bool) -> None:
    frame = a_frame(RAMP, **attributes)
    assert frame.inverse is inverse
    shown = display(frame.values, Window.between(0, 63), frame.inverse)
    assert (shown[0, 0], shown[7, 7]) == ((255, 0) if inverse else (0, 255))


def test_a_table_for_printing_is_not_passed_over_in_silence() -> None:
    table = Dataset()
    table.LUTDescriptor, table.LUTData = [256, 0, 12], bytes(512)
    frame = a_frame(RAMP, PresentationLUTSequence=Sequence([table]))
    assert frame.notes == ("Presentation LUT Sequence (2050,0010) is not applied",)


def test_a_file_that_lies_is_shown_neutrally_and_says_so() -> None:
    frame = a_frame(
        RAMP,
        RescaleSlope=0,
        RescaleIntercept=0,
        WindowCenter=[5, 6],
        WindowWidth=[0, 10],
        PixelSpacing=[0, 0],
    )
    np.testing.assert_array_equal(frame.values, RAMP)
    assert frame.windows == (Window(6, 10),)
    assert frame.aspect == 1
    assert [note.split(":")[0] for note in frame.notes] == [
        "Rescale Slope (0028,1053) is 0.0",
        "window 1 of the file has centre 5 and width 0",
    ]


def test_grey_under_an_unknown_name_is_shown_as_grey() -> None:
    frame = a_frame(RAMP, PhotometricInterpretation="GREYISH")
    assert frame.values.ndim == 2
    assert "shown as MONOCHROME2" in frame.notes[0]


def test_a_supplemental_palette_is_not_passed_over_in_silence() -> None:
    frame = a_frame(RAMP, PixelPresentation="MIXED", RedPaletteColorLookupTableDescriptor=[16, 48, 16])
    assert "supplemental palette" in frame.notes[0]


# --- colour ---


def test_colour_comes_as_rgb_which_no_window_changes() -> None:
    stored = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    frame = a_frame(stored, WindowCenter=1, WindowWidth=2, PixelSpacing=[2, 1])
    np.testing.assert_array_equal(frame.values, stored)
    assert (frame.is_colour, frame.windows, frame.aspect) == (True, (), 2)
    window, reason = default_window(frame, "US")
    assert reason == "colour"
    np.testing.assert_array_equal(display(frame.values, window), stored)
    np.testing.assert_array_equal(display(frame.values, window, True), 255 - stored)


def test_a_palette_that_is_too_short_is_refused_in_one_line_that_names_the_file() -> None:
    attributes: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for colour in ("Red", "Green", "Blue"):
        attributes[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        attributes[f"{colour}PaletteColorLookupTableData"] = bytes(100)
    with pytest.raises(DecodeError, match=r"^made\.dcm: Red Palette .* has 50 of 256 entries$"):
        a_frame(RAMP.astype(np.uint8), **attributes)


@pytest.mark.parametrize("name", ["examples_palette.dcm", "examples_ybr_color.dcm", "examples_rgb_color.dcm"])
def test_colour_files_look_like_colour(name: str) -> None:
    frame = Rendering(read_instance(bundled(name))).frame(1)
    assert frame.is_colour
    assert frame.values.dtype == np.uint8
    assert frame.values.std() > 10


# --- windows ---


def test_the_files_first_window_is_the_default() -> None:
    frame = a_frame(RAMP, WindowCenter=[5, 6], WindowWidth=[10, 20], WindowCenterWidthExplanation=["A", "B"])
    assert default_window(frame, "CT") == (Window(5, 10, explanation="A"), "file: A")


def test_a_ct_without_a_window_is_shown_as_soft_tissue() -> None:
    frame = a_frame(RAMP, Modality="CT", RescaleSlope=1, RescaleIntercept=0)
    window, reason = default_window(frame, "CT")
    assert str(window) == "C 40 W 400"
    assert reason == "Soft tissue, as the file has no window"


@pytest.mark.parametrize("modality", ["MR", "CT", "CR", "PT", ""])
def test_values_without_a_scale_are_shown_by_percentiles(modality: str) -> None:
    frame = a_frame(np.arange(10_000, dtype=np.int16).reshape(100, 100))
    window, reason = default_window(frame, modality)
    assert isinstance(window, Window)
    assert window.limits == pytest.approx((100, 9899), abs=1)
    assert reason == "1-99 %, as the file has no window"


def test_a_segmentation_is_black_and_white() -> None:
    stored = np.zeros((20, 20), np.uint8)
    stored[3, 3] = 1
    frame = a_frame(stored)
    shown = display(frame.values, default_window(frame, "SEG")[0])
    assert sorted({*shown.ravel().tolist()}) == [0, 255]


values_with_gaps = arrays.arrays(
    np.float32, (5, 5), elements=st.floats(-1e4, 1e4, width=32) | st.just(float("nan"))
)
some_vois = st.one_of(
    st.builds(Window, st.floats(-5000, 5000), st.floats(1, 9000), st.sampled_from(["LINEAR", "SIGMOID"])),
    st.builds(
        lambda first, entries: VoiLut(first, np.array(entries, np.uint8)),
        st.integers(-5000, 5000),
        st.lists(st.integers(0, 255), min_size=1, max_size=99),
    ),
)


@given(values_with_gaps, some_vois)
def test_inverting_swaps_black_and_white_but_not_where_there_is_no_value(
    values: NDArray[np.float32], voi: Window | VoiLut
) -> None:
    plain, inverted = display(values, voi), display(values, voi, True)
    present = ~np.isnan(values)
    np.testing.assert_array_equal(255 - inverted[present], plain[present])
    assert not inverted[~present].any()
    assert not plain[~present].any()


# --- against pydicom ---


def agrees_with_pydicom(path: str) -> None:
    """Compare the first frame with what pydicom makes of the same stored values."""
    rendering = Rendering(read_instance(path))
    frame = rendering.frame(1)
    if frame.is_colour:
        return
    dataset = dcmread(path, force=True)
    groups = [
        group
        for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
        for group in dataset.get(keyword, [])[:1]
    ]
    for group in groups:  # pydicom looks at the data set alone
        for macro in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
            for item in group.get(macro, []):
                dataset.update(item)
    stored = rendering._frames.stored(1)
    expected = apply_modality_lut(stored, dataset)
    np.testing.assert_allclose(frame.values, expected, rtol=1e-6, atol=1e-3, err_msg=path)
    if frame.windows and "BitsStored" in dataset:  # pydicom does not window float pixel data
        integers = expected.astype(np.int64) if isinstance(frame.windows[0], VoiLut) else expected
        levels = apply_voi_lut(integers, dataset).astype(float)
        low, high = pydicom_range(dataset)
        shown = display(frame.values, frame.windows[0])
        assert np.abs((levels - low) / (high - low) * 255 - shown).max() <= 1, path


def pydicom_range(dataset: Dataset) -> tuple[float, float]:
    """Return the values that pydicom uses for black and white."""
    bits, signed = dataset.BitsStored, dataset.PixelRepresentation == 1
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    for keyword in ("VOILUTSequence", "ModalityLUTSequence"):
        if dataset.get(keyword):
            return 0, (1 << dataset[keyword].value[0].LUTDescriptor[2]) - 1
    if "RescaleSlope" in dataset and "RescaleIntercept" in dataset:
        slope, intercept = float(dataset.RescaleSlope), float(dataset.RescaleIntercept)
        return low * slope + intercept, high * slope + intercept
    return low, high


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm",
        "MR_small.dcm",
        "MR_small_bigendian.dcm",
        "mlut_18.dcm",
        "vlut_04.dcm",
        "eCT_Supplemental.dcm",
        "emri_small.dcm",
        "examples_overlay.dcm",
        "rtdose.dcm",
        "JPEG-LL.dcm",
    ],
)
def test_files_are_shown_as_pydicom_shows_them(name: str) -> None:
    agrees_with_pydicom(bundled(name))


@pytest.mark.corpus
@pytest.mark.filterwarnings("ignore")
def test_real_files_are_shown_as_pydicom_shows_them(corpus: Path) -> None:
    compared = 0
    for path in sorted(path for path in corpus.rglob("*") if path.is_file()):
        with suppress(ReadError, DecodeError):
            if read_instance(path).pixel_data is not None:
                agrees_with_pydicom(str(path))
                compared += 1
    assert compared > 300


def test_each_frame_of_an_enhanced_instance_is_shown_by_its_own_groups() -> None:
    def group(slope: int, center: int) -> Dataset:
        transformation, voi, found = Dataset(), Dataset(), Dataset()
        transformation.RescaleSlope, transformation.RescaleIntercept = slope, 0
        voi.WindowCenter, voi.WindowWidth = center, 100
        found.PixelValueTransformationSequence = Sequence([transformation])
        found.FrameVOILUTSequence = Sequence([voi])
        return found

    groups = Sequence([group(1, 10), group(3, 30)])
    rendering = Rendering(an_instance(np.stack([RAMP, RAMP]), PerFrameFunctionalGroupsSequence=groups))
    for number, slope in ((1, 1), (2, 3)):
        frame = rendering.frame(number)
        np.testing.assert_array_equal(frame.values, RAMP * slope)
        assert frame.windows == (Window(10 * slope, 100),)
