"""Arrays of frames: what they hold at each stage, and what becomes of their files."""

import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import apply_modality_lut, pixel_array

from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.errors import DecodeError, ReadError, UsageError
from dicomtui.export.arrays import FrameArray, FrameArrays, write_npy, write_npz
from dicomtui.export.options import Stage
from dicomtui.imaging.frames import Frames
from dicomtui.imaging.window import Window
from tests.builders import ct, ramp, write

STAGES: tuple[Stage, ...] = ("stored", "modality", "display")
GREY = ["CT_small.dcm", "MR_small_RLE.dcm", "rtdose.dcm", "MR_small_bigendian.dcm", "liver.dcm"]
COLOUR = ["examples_ybr_color.dcm", "SC_rgb_small_odd.dcm", "SC_rgb_rle_2frame.dcm", "examples_palette.dcm"]


def frame_array(instance: Instance, number: int, stage: Stage, window: Window | None = None) -> FrameArray:
    return FrameArrays(instance, stage, window or "file").array(number)


def bundled(name: str) -> Path:
    return Path(str(get_testdata_file(name)))


@pytest.mark.parametrize("name", GREY + COLOUR)
def test_stored_values_are_those_of_the_file_in_every_frame_asked_for(name: str) -> None:
    path = bundled(name)
    instance = read_instance(path)
    frames = Frames(instance)
    for number in {1, frames.count}:
        values = frame_array(instance, number, "stored").values
        assert np.array_equal(values, frames.stored(number))
        assert np.array_equal(values, pixel_array(path, index=number - 1, raw=True))


@pytest.mark.parametrize("name", GREY[:4])
def test_modality_values_are_those_of_pydicom(name: str) -> None:
    path = bundled(name)
    values = frame_array(read_instance(path), 1, "modality").values
    expected = apply_modality_lut(pixel_array(path, index=0, raw=True), pydicom.dcmread(path))
    assert values.dtype == np.float32
    assert np.allclose(values, expected, rtol=1e-6)


def instance_of(path: Path, **attributes: object) -> Instance:
    return read_instance(write(ct(**attributes), path))


def test_display_values_are_what_the_window_of_the_file_makes_of_them(tmp_path: Path) -> None:
    exported = frame_array(
        instance_of(tmp_path / "scan.dcm", WindowCenter=0.5, WindowWidth=2001), 1, "display"
    )
    expected = np.clip((ramp() + 1000) / 2000, 0, 1) * 255  # PS3.3 C.11.2.1.2.1
    assert exported.values.dtype == np.uint8
    assert np.abs(exported.values - expected).max() <= 0.5 + 1e-4
    assert "(file)" in exported.shown


def test_a_window_that_is_given_counts_more_than_the_file(tmp_path: Path) -> None:
    exported = frame_array(instance_of(tmp_path / "scan.dcm"), 1, "display", Window(5000, 2))
    assert not exported.values.any()
    assert exported.shown == f"{Window(5000, 2)} (as asked)"


def test_monochrome1_is_inverted_and_padding_stays_black(tmp_path: Path) -> None:
    plain = frame_array(instance_of(tmp_path / "plain.dcm"), 1, "display").values
    inverse = instance_of(tmp_path / "one.dcm", PhotometricInterpretation="MONOCHROME1")
    assert np.array_equal(frame_array(inverse, 1, "display").values, 255 - plain)
    padded = instance_of(
        tmp_path / "padded.dcm", PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=0
    )
    values = frame_array(padded, 1, "display").values
    stored = frame_array(padded, 1, "stored").values
    assert (values[stored == 0] == 0).all()
    assert (plain[stored == 0] == 0).all()  # which would be white otherwise


@pytest.mark.parametrize("name", COLOUR)
def test_colours_are_displayed_as_rgb_and_have_no_modality_values(name: str) -> None:
    instance = read_instance(bundled(name))
    values = frame_array(instance, 1, "display").values
    assert (values.dtype, values.ndim, values.shape[-1]) == (np.uint8, 3, 3)
    with pytest.raises(UsageError, match="has colours"):
        frame_array(instance, 1, "modality")
    with pytest.raises(UsageError, match="no effect"):
        frame_array(instance, 1, "display", Window(40, 400))


def test_ybr_stays_ybr_among_stored_values() -> None:
    instance = read_instance(bundled("examples_ybr_color.dcm"))
    stored, shown = (frame_array(instance, 1, stage).values for stage in ("stored", "display"))
    assert stored.shape == shown.shape
    assert not np.array_equal(stored, shown)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("number", [0, -1, 16, 10**9])
def test_a_frame_that_is_not_there_is_a_mistake_of_the_user(stage: str, number: int) -> None:
    with pytest.raises(UsageError, match="has 15 frames, numbered from 1") as raised:
        frame_array(read_instance(bundled("rtdose.dcm")), number, stage)  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("stage", ["stored", "modality"])
def test_a_window_without_effect_is_refused(stage: str) -> None:
    with pytest.raises(UsageError, match="no effect"):
        frame_array(read_instance(bundled("CT_small.dcm")), 1, stage, Window(40, 400))  # type: ignore[arg-type]


@pytest.mark.parametrize("stage", STAGES)
def test_what_cannot_be_decoded_is_one_line(stage: str, tmp_path: Path) -> None:
    with pytest.raises(DecodeError) as raised:
        frame_array(instance_of(tmp_path / "odd.dcm", BitsAllocated=13), 1, stage)  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)


# --- files ---

VALUES = [
    np.arange(6, dtype=np.int16).reshape(2, 3),
    np.arange(6, dtype=np.uint8).reshape(3, 2).T,
    np.array([[0.5, np.nan]], np.float32),
    np.zeros((2, 2, 3), np.uint8),
    np.array([[1]], ">u2"),
]


@pytest.mark.parametrize("values", VALUES, ids=lambda values: values.dtype.str)
def test_a_file_gives_back_the_array(values: np.ndarray) -> None:
    stream = io.BytesIO()
    assert write_npy(stream, iter([values]), 1) == values.shape
    stream.seek(0)
    read = np.load(stream, allow_pickle=False)
    assert read.dtype == values.dtype
    assert np.array_equal(read, values, equal_nan=values.dtype.kind == "f")


@pytest.mark.parametrize("values", VALUES, ids=lambda values: values.dtype.str)
def test_frames_stand_along_the_first_axis(values: np.ndarray) -> None:
    stream = io.BytesIO()
    assert write_npy(stream, iter([values, values[::-1], values]), 3) == (3, *values.shape)
    stream.seek(0)
    read = np.load(stream, allow_pickle=False)
    assert np.array_equal(read, np.stack([values, values[::-1], values]), equal_nan=values.dtype.kind == "f")


def test_frames_of_several_sizes_are_refused() -> None:
    frames = [np.zeros((2, 3)), np.zeros((3, 2))]
    with pytest.raises(UsageError, match="frame 2"):
        write_npy(io.BytesIO(), iter(frames), 2)
    with pytest.raises(UsageError, match="several sizes"):
        write_npz(io.BytesIO(), frames)


def test_an_archive_holds_the_frames_and_what_stands_beside_them() -> None:
    stream = io.BytesIO()
    write_npz(stream, [np.eye(3), np.ones((3, 3))], positions=np.arange(6).reshape(2, 3))
    stream.seek(0)
    read = np.load(stream, allow_pickle=False)
    assert np.array_equal(read["values"], np.stack([np.eye(3), np.ones((3, 3))]))
    assert read["positions"].shape == (2, 3)


@pytest.mark.corpus
def test_every_real_picture_is_exported_or_refused_in_one_line(corpus: Path) -> None:
    exported, refused = dict.fromkeys(STAGES, 0), []
    for path in sorted(corpus.rglob("*")):
        try:
            instance = read_instance(path) if path.is_file() else None
        except ReadError:
            continue
        if instance is None or instance.pixel_data is None:
            continue
        for stage in STAGES:
            try:
                values = frame_array(instance, 1, stage).values
            except (DecodeError, UsageError) as error:
                refused.append(str(error))
                continue
            exported[stage] += 1
            assert values.ndim in (2, 3)
            assert values.dtype.isnative
            assert stage != "display" or values.dtype == np.uint8
            assert stage != "modality" or values.dtype == np.float32
    assert [line for line in refused if "\n" in line] == []
    assert exported["display"] == exported["stored"] > exported["modality"] > 100
