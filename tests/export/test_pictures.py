"""Pictures that were written are read back by Pillow and imagecodecs, and compared with arrays."""

import io
from dataclasses import replace
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.errors import DecodeError, UsageError
from dicomtui.export.arrays import FrameArray, FrameArrays
from dicomtui.export.options import ExportOptions, Stage
from dicomtui.export.pictures import ZERO, Picture, Pictures, write_pictures
from dicomtui.imaging.processing import Chain
from dicomtui.imaging.rendering import display
from dicomtui.imaging.window import Window

PNG = ExportOptions("png")


def frame_array(instance: Instance, number: int, stage: Stage, window: Window | None = None) -> FrameArray:
    return FrameArrays(instance, stage, window or "file").array(number)


def bundled(name: str) -> Instance:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return read_instance(path)


def written(pictures: list[Picture], format_name: str, **metadata: str) -> bytes:
    stream = io.BytesIO()
    write_pictures(stream, pictures, format_name, metadata or None)
    return stream.getvalue()


def picture(instance: Instance, options: ExportOptions = PNG, number: int = 1) -> Picture:
    return Pictures(instance, options).picture(number)


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "SC_rgb.dcm", "JPEG2000.dcm"])
@pytest.mark.parametrize("format_name", ["png", "webp", "tiff"])
def test_a_picture_without_losses_reads_back_as_what_is_shown(name: str, format_name: str) -> None:
    instance = bundled(name)
    data = written([picture(instance)], format_name)
    shown = frame_array(instance, 1, "display").values
    back = np.asarray(Image.open(io.BytesIO(data)))
    if format_name == "webp" and shown.ndim == 2:  # which knows colours only
        back = back[..., 0]
    np.testing.assert_array_equal(back, shown)


def test_a_jpeg_is_close_to_what_is_shown() -> None:
    instance = bundled("CT_small.dcm")
    back = np.asarray(Image.open(io.BytesIO(written([picture(instance)], "jpeg"))))
    difference = back.astype(int) - frame_array(instance, 1, "display").values
    assert np.abs(difference).mean() < 3


def test_stored_values_without_a_sign_are_the_greys_of_a_16_bit_png() -> None:
    values = np.arange(0, 65_536, 13, np.uint16).reshape(2, -1)
    stream = io.BytesIO()
    assert write_pictures(stream, [Picture(values)], "png") == ()
    np.testing.assert_array_equal(imagecodecs.png_decode(stream.getvalue()), values)


def test_colours_of_16_bits_are_those_of_the_png() -> None:
    values = np.arange(0, 60_000, 1000, np.uint16).reshape(4, 5, 3)
    assert np.array_equal(imagecodecs.png_decode(written([Picture(values)], "png")), values)


@pytest.mark.parametrize("stage", ["stored", "modality"])
def test_values_with_a_sign_are_moved_and_that_is_said(stage: Any) -> None:
    instance = bundled("CT_small.dcm")
    stream = io.BytesIO()
    notes = write_pictures(stream, [picture(instance, replace(PNG, stage=stage))], "png")
    values = frame_array(instance, 1, stage).values
    np.testing.assert_array_equal(imagecodecs.png_decode(stream.getvalue()).astype(int) - ZERO, values)
    assert "32,768 in the PNG stands for 0" in notes[0]


def test_rounded_values_are_said_to_be_so() -> None:
    stream = io.BytesIO()
    notes = write_pictures(stream, [Picture(np.array([[0.25, np.nan, -1.5]], np.float32))], "png")
    assert "rounded" in notes[0]
    assert imagecodecs.png_decode(stream.getvalue())[0].tolist() == [ZERO, 0, ZERO - 2]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32", "float32"])
def test_a_tiff_holds_every_kind_of_value(dtype: str) -> None:
    values = np.array([[0, 1, 2], [100, 101, 127]], dtype)
    if dtype.startswith(("int", "float")):
        values = -values
    back = np.asarray(Image.open(io.BytesIO(written([Picture(values)], "tiff"))))
    np.testing.assert_array_equal(back, values)


def test_a_tiff_has_a_page_for_each_frame() -> None:
    instance = bundled("MR_small_RLE.dcm")
    values = picture(instance).values
    pages = [Picture(values), Picture(values[::-1].copy()), Picture(values.T.copy())]
    image = Image.open(io.BytesIO(written(pages, "tiff")))
    for index, page in enumerate(pages):
        image.seek(index)
        np.testing.assert_array_equal(np.asarray(image), page.values)
    assert image.n_frames == 3


@pytest.mark.parametrize(
    ("values", "format_name"),
    [
        (np.zeros((2, 2), np.uint16), "jpeg"),
        (np.zeros((2, 2), np.float32), "webp"),
        (np.zeros((2, 2, 3), np.uint16), "tiff"),
        (np.full((2, 2), 70_000, np.int32), "png"),
        (np.full((2, 2), 4e9, np.uint32), "tiff"),
        (np.zeros((1, 16_384), np.uint8), "webp"),
        (np.zeros((1, 65_536), np.uint8), "jpeg"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_with_advice(values: NDArray[Any], format_name: str) -> None:
    with pytest.raises(UsageError, match=r"choose .*(npy|png|display)"):
        write_pictures(io.BytesIO(), [Picture(values)], format_name)


def test_the_window_that_was_asked_for_is_applied() -> None:
    instance = bundled("CT_small.dcm")
    window = Window(100, 300)
    shown = picture(instance, replace(PNG, window=window)).values
    np.testing.assert_array_equal(shown, frame_array(instance, 1, "display", window).values)
    assert not np.array_equal(shown, picture(instance, replace(PNG, window="full")).values)


def test_the_full_window_shows_the_least_value_black_and_the_largest_white() -> None:
    instance = bundled("MR_small.dcm")
    values = frame_array(instance, 1, "modality").values
    shown = picture(instance, replace(PNG, window="full")).values
    assert shown[values == values.min()].max() == 0
    assert shown[values == values.max()].min() == 255


def test_a_picture_of_another_size_has_it_along_its_longer_side() -> None:
    shown = picture(bundled("CT_small.dcm"), replace(PNG, size=50)).values
    assert shown.shape == (50, 50)


def with_attributes(instance: Instance, **values: Any) -> Instance:
    dataset = Dataset(instance.dataset)
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return replace(instance, dataset=dataset)  # type: ignore[arg-type]


def test_pixels_that_are_not_square_become_square() -> None:
    instance = with_attributes(bundled("CT_small.dcm"), PixelSpacing=[2.0, 1.0])
    shown = picture(instance)
    assert shown.values.shape == (256, 128)


def test_stored_values_keep_the_pixels_of_the_file() -> None:
    instance = with_attributes(bundled("CT_small.dcm"), PixelSpacing=[2.0, 1.0])
    assert picture(instance, replace(PNG, stage="stored")).values.shape == (128, 128)


@pytest.mark.parametrize("format_name", ["png", "jpeg", "webp", "tiff"])
def test_no_attribute_stands_in_a_picture_unless_it_is_asked_for(format_name: str) -> None:
    instance = bundled("CT_small.dcm")
    shown = picture(instance)
    plain = written([shown], format_name)
    told = written([shown], format_name, PatientName="CompressedSamples^CT1", Modality="CT")
    assert b"CompressedSamples" not in plain
    info = {key for key in Image.open(io.BytesIO(plain)).info if key not in ("jfif", "jfif_version")}
    assert not info & {"exif", "comment", "Software", "Comment", "description", "xmp"}
    assert b"CompressedSamples^CT1" in told
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(told))), np.asarray(Image.open(io.BytesIO(plain)))
    )


def test_processing_happens_before_the_window() -> None:
    pytest.importorskip("skimage", reason="scikit-image (extra processing) is not installed")
    instance = bundled("CT_small.dcm")
    chain, window = Chain.parse("gaussian(2)"), Window(0, 400)
    shown = picture(instance, replace(PNG, process=chain, window=window)).values
    values = chain.apply(frame_array(instance, 1, "modality").values)
    np.testing.assert_array_equal(shown, display(values, window))


def test_what_is_no_more_in_the_unit_of_the_file_is_not_shown_through_its_window() -> None:
    pytest.importorskip("skimage", reason="scikit-image (extra processing) is not installed")
    shown = picture(bundled("MR_small.dcm"), replace(PNG, process=Chain.parse("otsu"))).values
    assert set(np.unique(shown)) == {0, 255}


def test_overlays_are_drawn_only_when_they_are_asked_for() -> None:
    instance = bundled("MR-SIEMENS-DICOM-WithOverlays.dcm")
    without = picture(instance).values
    with_them = picture(instance, replace(PNG, annotations=True)).values
    assert (with_them != without).any()
    assert with_them[with_them != without].min() == 255


@pytest.mark.parametrize("stage", ["stored", "modality", "display"])
@pytest.mark.parametrize("number", [0, 2])
def test_a_frame_that_is_not_there_is_said_in_a_sentence(stage: Any, number: int) -> None:
    with pytest.raises(UsageError, match=rf"frame {number}: .*CT_small\.dcm has 1 frame"):
        picture(bundled("CT_small.dcm"), replace(PNG, stage=stage), number)


def test_what_has_no_pixels_is_said_in_a_sentence() -> None:
    with pytest.raises(DecodeError):
        Pictures(bundled("rtplan.dcm"), PNG)
