"""Rectangles are black in every frame, and nothing else has changed."""

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array as decoded_by_pydicom
from pydicom.uid import UID

from dicomtui.dataset.file_writing import write_file
from dicomtui.dataset.reading import Instance, read_instance, read_source
from dicomtui.dataset.source import MemorySource
from dicomtui.deidentify.blanking import Blanked, blanked
from dicomtui.deidentify.options import Rectangle
from dicomtui.errors import DecodeError, DicomTuiError, UsageError
from dicomtui.imaging.encoders import EXPLICIT
from dicomtui.imaging.frames import Frames
from tests.imaging.made_frames import BIG, GE_PRIVATE, IMPLICIT, description, encapsulated, native

ROOT = "1.2.840.10008.1.2"


def written(instance: Instance, result: Blanked) -> bytes:
    """Write *instance* with the blanked pixels."""
    dataset = instance.dataset
    for tag, element in result.changes.items():
        dataset[tag] = element
    dataset.file_meta.TransferSyntaxUID = UID(result.transfer_syntax)
    stream = io.BytesIO()
    write_file(stream, dataset, result.pixels)
    return stream.getvalue()


def reread(instance: Instance, *rectangles: Rectangle) -> Instance:
    return read_source(MemorySource("new.dcm", written(instance, blanked(instance, rectangles))))


FILES = {
    "CT_small.dcm": "",
    "MR_small.dcm": "",
    "MR_small_bigendian.dcm": "",
    "MR_small_implicit.dcm": "",
    "MR_small_RLE.dcm": "",
    "MR_small_jp2klossless.dcm": "",
    "MR_small_jpeg_ls_lossless.dcm": "",
    "JPEG-LL.dcm": "",
    "JPGLosslessP14SV1_1s_1f_8b.dcm": "",
    "emri_small_jpeg_ls_lossless.dcm": "",
    "emri_small_RLE.dcm": "",
    "emri_small_big_endian.dcm": "",
    "JPEG2000.dcm": "",
    "SC_rgb_rle.dcm": "",
    "SC_rgb_rle_32bit.dcm": "",
    "SC_rgb_rle_16bit_2frame.dcm": "",
    "SC_rgb_jpeg_gdcm.dcm": "",
    "SC_rgb_gdcm_KY.dcm": "",
    "GDCMJ2K_TextGBR.dcm": "",
    "SC_rgb_32bit_2frame.dcm": "",
    "SC_rgb_expb_16bit_2frame.dcm": "",
    "SC_rgb_dcmtk_+eb+cy+n1.dcm": "JPEG Baseline",
    "SC_rgb_dcmtk_+eb+cr.dcm": "JPEG Baseline",
    "examples_palette.dcm": "",
    "examples_ybr_color.dcm": "JPEG Baseline",
    "JPGExtended.dcm": "JPEG Extended",
    "JPEGLSNearLossless_16.dcm": "",
    "SC_ybr_full_422_uncompressed.dcm": "",
    "OBXXXX1A_expb_2frame.dcm": "",
    "SC_rgb_small_odd_big_endian.dcm": "",
    "image_dfl.dcm": "",
    "rtdose.dcm": "",
    "rtdose_rle.dcm": "",
    "liver.dcm": "",
    "color3d_jpeg_baseline.dcm": "JPEG Baseline",
}
"""Real files, and what their note has to name if they cannot stay in their Transfer Syntax."""


def opened(name: str) -> tuple[str, Instance]:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return path, read_instance(path)


def stored(instance: Instance) -> np.ndarray:
    frames = Frames(instance)
    return np.stack([frames.stored(number) for number in range(1, min(frames.count, 5) + 1)])


@pytest.mark.parametrize("name", FILES)
def test_rectangles_are_black_and_all_around_them_is_as_it_was(name: str) -> None:
    path, instance = opened(name)
    before = stored(instance)
    rows, columns = before.shape[1:3]
    rectangle = Rectangle(columns // 4, rows // 3, columns // 2, rows + 50)
    result = blanked(instance, [rectangle])
    assert bool(result.note) == bool(FILES[name])
    assert FILES[name] in result.note
    new = read_source(MemorySource("new.dcm", written(instance, result)))
    after = stored(new)
    inside = np.zeros((rows, columns), bool)
    inside[rows // 3 :, columns // 4 : columns // 2] = True
    np.testing.assert_array_equal(after[:, ~inside], before[:, ~inside])
    assert all(len(np.unique(frame[inside].reshape(inside.sum(), -1), axis=0)) == 1 for frame in after)
    assert Frames(new).count == Frames(read_instance(path)).count
    assert new.dataset.get("LossyImageCompression") == read_instance(path).dataset.get(
        "LossyImageCompression"
    )


ORACLES = {
    "MR_small_RLE.dcm": "dcmdrle",
    "SC_rgb_rle_16bit_2frame.dcm": "dcmdrle",
    "SC_rgb_rle.dcm": "dcmdrle",
    "rtdose_rle.dcm": "dcmdrle",
    "MR_small_jpeg_ls_lossless.dcm": "dcmdjpls",
    "emri_small_jpeg_ls_lossless.dcm": "dcmdjpls",
    "JPEG-LL.dcm": "dcmdjpeg",
    "SC_rgb_jpeg_gdcm.dcm": "dcmdjpeg",
    "MR_small_bigendian.dcm": "dcmconv",
    "image_dfl.dcm": "dcmconv",
    "examples_ybr_color.dcm": "dcmconv",
}


@pytest.mark.parametrize(("name", "program"), ORACLES.items())
def test_dcmtk_decodes_what_is_written(name: str, program: str, tmp_path: Path) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program} of dcmtk is not installed")
    _, instance = opened(name)
    before = stored(instance)
    (tmp_path / "new.dcm").write_bytes(written(instance, blanked(instance, [Rectangle(2, 3, 9, 14)])))
    options = ["+te"] if program == "dcmconv" else []
    command = [program, *options, "new.dcm", "plain.dcm"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    after = decoded_by_pydicom(tmp_path / "plain.dcm", raw=True).reshape(-1, *before.shape[1:])
    after = after[: len(before)]
    after[:, 3:14, 2:9] = before[:, 3:14, 2:9]
    np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small_RLE.dcm", "JPEGLSNearLossless_16.dcm", "liver.dcm"]
)
def test_pydicom_sees_the_original_around_the_rectangle(name: str) -> None:
    path, instance = opened(name)
    before = decoded_by_pydicom(path, raw=True)
    after = decoded_by_pydicom(
        io.BytesIO(written(instance, blanked(instance, [Rectangle(0, 0, 5, 7)]))), raw=True
    )
    assert not np.array_equal(after, before) or not before[..., :7, :5].any()
    after[..., :7, :5] = before[..., :7, :5]
    np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("uid", [IMPLICIT, EXPLICIT, BIG])
def test_native_pixel_data_keeps_every_byte_around_the_rectangle(uid: str) -> None:
    """Bits that are not stored, padding of planes and High Bit stay as they are."""
    words = np.random.default_rng(1).integers(0, 1 << 16, (2, 6, 8), dtype=np.uint16)
    content = words.astype(">u2" if uid == BIG else "<u2").tobytes()
    dataset = description(6, 8, BitsStored=10, HighBit=12, NumberOfFrames="2", PixelRepresentation=1)
    new = reread(native(dataset, content, uid), Rectangle(1, 2, 4, 5))
    assert new.transfer_syntax == uid
    expected = words.copy()
    expected[:, 2:5, 1:4] = 0x1000  # -512 in bits 3 to 12, zeros around it
    np.testing.assert_array_equal([Frames(new).words(number) for number in (1, 2)], expected)
    assert (new.dataset.HighBit, new.dataset.BitsStored) == (12, 10)


def test_an_overlay_in_unused_bits_is_blanked_with_the_pixels() -> None:
    dataset = description(4, 4, BitsStored=12)
    dataset.add_new(0x60000100, "US", 16)
    dataset.add_new(0x60000102, "US", 15)
    new = reread(native(dataset, b"\xff\x8f" * 16), Rectangle(0, 0, 2, 4))
    expected = np.full((4, 4), 0x8FFF)
    expected[:, :2] = 0
    np.testing.assert_array_equal(Frames(new).words(1), expected)


def test_an_overlay_that_a_codestream_would_lose_is_refused() -> None:
    dataset = description(4, 4, BitsStored=12)
    dataset.add_new(0x60000100, "US", 16)
    dataset.add_new(0x60000102, "US", 15)
    codestream = bytes(imagecodecs.jpegls_encode(np.full((4, 4), 0x8FFF, np.uint16)))
    with pytest.raises(DicomTuiError, match=r"overlay stands in bit 15 .*\(6000,0102\)"):
        blanked(encapsulated(dataset, [codestream], f"{ROOT}.4.80"), [Rectangle(0, 0, 2, 2)])


def test_single_bits_are_blanked_where_frames_begin_within_a_byte() -> None:
    bits = np.random.default_rng(2).integers(0, 2, (5, 3, 7), dtype=np.uint8)
    content = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    dataset = description(3, 7, bits=1, NumberOfFrames="5")
    new = reread(native(dataset, content + b"\0" * (len(content) % 2), vr="OB"), Rectangle(5, 1, 7, 2))
    bits[:, 1, 5:] = 0
    np.testing.assert_array_equal(stored(new), bits)


def test_a_private_syntax_becomes_explicit_little_endian_and_the_note_says_so() -> None:
    values = np.arange(16, dtype=np.uint16).reshape(4, 4)
    instance = native(description(4, 4), values.astype(">u2").tobytes(), GE_PRIVATE)
    result = blanked(instance, [Rectangle(0, 0, 1, 1)])
    assert result.transfer_syntax == EXPLICIT
    assert "Explicit VR Little Endian" in result.note
    assert "GE private" in result.note
    np.testing.assert_array_equal(
        stored(read_source(MemorySource("new.dcm", written(instance, result))))[0], values
    )


@pytest.mark.parametrize(
    "rectangle", [(32, 0, 40, 5), (0, 32, 5, 40), (5, 5, 5, 9), (-9, 0, 0, 5), (9, 9, 2, 20)]
)
def test_a_rectangle_that_covers_nothing_is_an_error(rectangle: tuple[int, int, int, int]) -> None:
    instance = native(description(32, 32), bytes(2048))
    asked = ",".join(map(str, rectangle))
    with pytest.raises(UsageError, match=f"rectangle {asked} .* covers nothing of 32 x 32"):
        blanked(instance, [Rectangle(0, 0, 9, 9), Rectangle(*rectangle)])


def test_a_video_is_refused_in_a_sentence() -> None:
    instance = encapsulated(description(4, 4, 3, 8), [b"\0" * 8], f"{ROOT}.4.102")
    with pytest.raises(DecodeError, match=r"its frames are a video .*which cannot be written anew"):
        blanked(instance, [Rectangle(0, 0, 2, 2)])


@pytest.mark.parametrize("present", [31, 62, 63])
def test_cut_pixel_data_is_refused(present: int) -> None:
    instance = native(description(4, 4, NumberOfFrames="2"), bytes(present))
    with pytest.raises(DecodeError, match=r"cut: Number of Frames \(0028,0008\) is 2"):
        blanked(instance, [Rectangle(0, 0, 2, 2)])


def test_bytes_behind_the_last_frame_are_not_written() -> None:
    """A frame that Number of Frames hides would not be blanked."""
    new = reread(native(description(4, 4), b"\1\0" * 32), Rectangle(0, 0, 2, 2))
    assert new.pixel_data is not None
    assert new.pixel_data.length == 32


def test_frames_are_read_only_when_they_are_written() -> None:
    opens = 0

    class Counting(MemorySource):
        def open(self):  # type: ignore[no-untyped-def]
            nonlocal opens
            opens += 1
            return super().open()

    made = native(description(4, 4, NumberOfFrames="9"), bytes(288))
    instance = replace(made, source=Counting("counted.dcm", made.source.open().read()))
    result = blanked(instance, [Rectangle(0, 0, 2, 2)])
    before = opens
    next(result.pixels.frames)
    assert opens == before + 1


@pytest.mark.parametrize("kind", ["OF", "OD"])
def test_float_pixels_get_the_least_value_around_the_rectangle(kind: str) -> None:
    word, tag, bits = ("<f4", 8, 32) if kind == "OF" else ("<f8", 9, 64)
    values = np.array([[9, np.nan, -3], [-50, np.inf, 4]], word)
    dataset = description(2, 3, bits=bits)
    instance = native(dataset, values.tobytes(), vr=kind, tag=tag)
    result = blanked(instance, [Rectangle(0, 1, 1, 2)])
    assert result.pixels.vr == kind
    values[1, 0] = -3
    np.testing.assert_array_equal(np.frombuffer(b"".join(result.pixels.frames), word), values.reshape(-1))
