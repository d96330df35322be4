"""Codestreams that contradict the attributes, are cut or hostile: never a wrong picture that looks right."""

import time
import tracemalloc
import zlib
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from dicomtui.dataset.reading import read_instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.frames import Frames
from tests.imaging.made_frames import description, encapsulated

ROOT = "1.2.840.10008.1.2"
JPEG, LOSSLESS_JPEG, JPEG_LS = f"{ROOT}.4.50", f"{ROOT}.4.70", f"{ROOT}.4.80"
J2K_LOSSLESS, J2K, HTJ2K, JPEG_XL = f"{ROOT}.4.90", f"{ROOT}.4.91", f"{ROOT}.4.203", f"{ROOT}.4.112"


def picture(bits: int = 8, size: int = 40) -> np.ndarray:
    ramp = np.add.outer(np.arange(size) * 3, np.arange(size) * 5) * (1 << bits - 8) % (1 << bits)
    return ramp.astype(np.uint8 if bits == 8 else np.uint16)


def noise(size: int = 40) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (size, size), np.uint8)


def in_colour() -> np.ndarray:
    return np.stack([picture(), picture()[::-1], picture().T], -1)


def frames_of(codestream: bytes, uid: str, values: np.ndarray | None = None, **attributes: Any) -> Frames:
    rows, columns, *samples = (picture() if values is None else values).shape
    allocated = attributes.pop("bits", 8)
    dataset = description(rows, columns, *samples, bits=allocated, **attributes)
    return Frames(encapsulated(dataset, [codestream], uid))


SMOOTH = [
    (JPEG, imagecodecs.jpeg8_encode(picture())),
    (LOSSLESS_JPEG, imagecodecs.jpeg8_encode(picture(), lossless=True)),
    (JPEG_LS, imagecodecs.jpegls_encode(picture())),
    (J2K, imagecodecs.jpeg2k_encode(picture(), level=0)),
    (HTJ2K, imagecodecs.htj2k_encode(picture(), reversible=True)),
    (JPEG_XL, imagecodecs.jpegxl_encode(picture(), lossless=True)),
]
NOISY = [
    (JPEG_LS, imagecodecs.jpegls_encode(noise())),
    (J2K, imagecodecs.jpeg2k_encode(noise(), level=0, codecformat="j2k")),
    (HTJ2K, imagecodecs.htj2k_encode(noise(), reversible=True)),
    (JPEG_XL, imagecodecs.jpegxl_encode(noise(), lossless=True)),
]
DEFLATED = (f"{ROOT}.8.1", zlib.compress(picture().tobytes(), wbits=-15))


# What the codestream says of itself wins, and a note says so.


@pytest.mark.parametrize(
    ("space", "declared", "delivered"),
    [("YCBCR", "RGB", "YBR_FULL"), ("RGB", "YBR_FULL", "RGB"), ("RGB", "YBR_FULL_422", "RGB")],
)
def test_jpeg_of_another_colour_than_declared_is_told(space: str, declared: str, delivered: str) -> None:
    values = in_colour()
    codestream = imagecodecs.jpeg8_encode(
        values, 100, colorspace=space, outcolorspace=space, subsampling="444"
    )
    frame = frames_of(codestream, JPEG, values, PhotometricInterpretation=declared).frame(1)
    assert frame.photometric == delivered
    assert np.abs(frame.values.astype(int) - values).mean() < 1
    assert frame.notes[0].startswith(
        f"Photometric Interpretation (0028,0004) is {declared}, but the codestream is {delivered}: "
    )


@pytest.mark.parametrize("name", ["SC_jpeg_no_color_transform.dcm", "SC_jpeg_no_color_transform_2.dcm"])
def test_jpeg_in_rgb_is_not_taken_for_ybr(name: str) -> None:
    frames = Frames(read_instance(get_testdata_file(name)))
    assert frames.photometric(1) == "RGB"
    assert frames.notes == ()


def test_jpeg_2000_of_another_sign_than_declared_is_read_as_declared() -> None:
    frames = Frames(read_instance(get_testdata_file("J2K_pixelrep_mismatch.dcm")))
    stored = frames.stored(1)
    assert stored.dtype == np.int16
    assert stored.min() == -2000  # the padding of this CT
    assert frames.notes == ("Pixel Representation (0028,0103) is 1, but the codestream is unsigned",)


@pytest.mark.parametrize("declared", ["YBR_RCT", "YBR_ICT"])
def test_jpeg_2000_without_the_declared_transformation_is_rgb(declared: str) -> None:
    values = in_colour()
    codestream = imagecodecs.jpeg2k_encode(values, level=0, codecformat="j2k", mct=False)
    frame = frames_of(codestream, J2K_LOSSLESS, values, PhotometricInterpretation=declared).frame(1)
    assert frame.photometric == "RGB"
    np.testing.assert_array_equal(frame.values, values)
    assert f"is {declared}, but the codestream has no such transformation" in frame.notes[0]


def test_colour_in_boxes_around_jpeg_2000_changes_nothing() -> None:
    values = in_colour()
    codestream = imagecodecs.jpeg2k_encode(values, level=0, codecformat="jp2", colorspace="SYCC", mct=False)
    frame = frames_of(codestream, J2K_LOSSLESS, values, PhotometricInterpretation="YBR_FULL").frame(1)
    assert frame.photometric == "YBR_FULL"
    np.testing.assert_array_equal(frame.values, values)


@pytest.mark.parametrize("uid", [J2K_LOSSLESS, J2K])
def test_bits_beyond_bits_stored_are_dropped_only_where_every_bit_counts(uid: str) -> None:
    """In a lossless frame they are overlays; a lossy one overshoots, and its white must not become black."""
    values = picture(12) + np.uint16(0x1000)
    codestream = imagecodecs.jpeg2k_encode(values, level=0, codecformat="j2k")
    frames = frames_of(codestream, uid, bits=16, BitsStored=12)
    if uid == J2K_LOSSLESS:
        np.testing.assert_array_equal(frames.stored(1), picture(12))
        assert frames.notes == ()
    else:
        np.testing.assert_array_equal(frames.stored(1), values)
        assert frames.notes == ("values beyond Bits Stored (0028,0101) 12 are kept as they were decoded",)


def test_a_codestream_of_more_bits_than_are_allocated_keeps_them() -> None:
    values = picture(12)
    frames = frames_of(imagecodecs.jpegls_encode(values), JPEG_LS)
    np.testing.assert_array_equal(frames.stored(1), values)
    assert frames.notes == ("values beyond Bits Stored (0028,0101) 8 are kept as they were decoded",)


def test_white_stays_white_in_lossy_high_throughput_jpeg_2000() -> None:
    """One decoder lets samples that overshoot 255 begin again at 0."""
    values = np.where(np.add.outer(np.arange(64), np.arange(64)) // 16 % 2, 255, 0).astype(np.uint8)
    codestream = imagecodecs.htj2k_encode(values, reversible=False, level=0.02)
    stored = frames_of(codestream, HTJ2K, values).stored(1)
    assert np.abs(stored.astype(int) - values).max() < 128


# The header must fit before anything is decoded.


@pytest.mark.parametrize(("uid", "codestream"), SMOOTH, ids=[uid for uid, _ in SMOOTH])
@pytest.mark.parametrize("lie", [{"Rows": 39}, {"Columns": 4000}, {"SamplesPerPixel": 3}])
def test_a_codestream_of_another_size_is_refused_in_one_line(
    uid: str, codestream: bytes, lie: dict[str, int]
) -> None:
    colour = {"PhotometricInterpretation": "RGB"} if "SamplesPerPixel" in lie else {}
    with pytest.raises(DecodeError) as refusal:
        frames_of(codestream, uid, **lie, **colour).stored(1)
    message = str(refusal.value)
    assert message.startswith("made.dcm: frame 1 (")
    assert f"{uid}): the codestream has 40 x 40 x 1; Rows (0028,0010)" in message
    assert len(message.splitlines()) == 1


def enlarged(codestream: bytes, old: bytes, new: bytes) -> bytes:
    assert old in codestream[:200]
    return codestream.replace(old, new, 1)


BOMBS = [
    (JPEG, enlarged(imagecodecs.jpeg8_encode(picture()), b"\x08\0\x28\0\x28", b"\x08\xff\xdc\xff\xdc")),
    (JPEG_LS, enlarged(imagecodecs.jpegls_encode(picture()), b"\0\x28\0\x28", b"\xff\xff\xff\xff")),
    (
        J2K,
        enlarged(
            imagecodecs.jpeg2k_encode(picture(), level=0, codecformat="j2k"),
            b"\0\0\0\x28\0\0\0\x28",
            b"\0\0\x0f\xff\0\0\x0f\xff",
        ),
    ),
]


@pytest.mark.parametrize(("uid", "codestream"), BOMBS, ids=[uid for uid, _ in BOMBS])
def test_a_header_that_asks_for_gigabytes_costs_nothing(uid: str, codestream: bytes) -> None:
    frames = frames_of(codestream, uid)
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match="the codestream has"):
            frames.stored(1)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_jpeg_of_a_thousand_scans_is_refused() -> None:
    codestream = imagecodecs.jpeg8_encode(picture())
    scan = codestream[codestream.index(b"\xff\xda") : -2]
    with pytest.raises(DecodeError, match="more than 500 scans"):
        frames_of(codestream[:-2] + scan * 1000, JPEG).stored(1)


def test_deflated_data_is_inflated_to_a_frame_and_no_further() -> None:
    deflater = zlib.compressobj(wbits=-15)
    bomb = deflater.compress(bytes(64 << 20)) + deflater.flush()
    frames = frames_of(bomb, f"{ROOT}.8.1")
    tracemalloc.start()
    assert not frames.stored(1).any()
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_a_few_deflated_bytes_do_not_allocate_a_large_frame() -> None:
    with pytest.raises(DecodeError, match="cannot hold"):
        frames_of(b"\x03\0" * 10, f"{ROOT}.8.1", Rows=16384, Columns=16384).stored(1)


# What is cut.


def test_a_few_bytes_of_codestream_do_not_allocate_a_large_frame() -> None:
    black = np.zeros((9000, 4000), np.uint8)
    codestream = imagecodecs.jpeg2k_encode(black, level=0, codecformat="j2k")
    frames = frames_of(codestream, J2K, black)
    del black
    tracemalloc.start()
    with pytest.raises(DecodeError, match="bytes is not believed to hold 36,000,000"):
        frames.stored(1)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_a_black_picture_of_usual_size_is_believed() -> None:
    black = np.zeros((4096, 4000), np.uint8)
    codestream = imagecodecs.jpeg2k_encode(black, level=0, codecformat="j2k")
    assert not frames_of(codestream, J2K, black).stored(1).any()


@pytest.mark.parametrize("uid", [JPEG, LOSSLESS_JPEG])
def test_a_jpeg_without_an_end_is_shown_with_a_note(uid: str) -> None:
    codestream = imagecodecs.jpeg8_encode(noise(), lossless=uid == LOSSLESS_JPEG)
    frame = frames_of(codestream[: len(codestream) // 2], uid).frame(1)
    assert frame.values.shape == (40, 40)
    assert frame.notes == ("the codestream is cut: it has no end marker",)


@pytest.mark.parametrize(("uid", "codestream"), NOISY, ids=[uid for uid, _ in NOISY])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_other_codestreams_without_an_end_are_refused_at_once(
    uid: str, codestream: bytes, part: float
) -> None:
    frames = frames_of(codestream[: int(len(codestream) * part) // 2 * 2], uid)
    begun = time.perf_counter()
    with pytest.raises(DecodeError, match=uid):
        frames.stored(1)
    assert time.perf_counter() - begun < 1


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*SMOOTH, DEFLATED]), st.data())
def test_a_damaged_codestream_gives_a_frame_or_one_line(
    encoded: tuple[str, bytes], data: st.DataObject
) -> None:
    uid, codestream = encoded
    damaged = bytearray(codestream)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    frames = frames_of(bytes(damaged), uid)
    try:
        assert frames.stored(1).shape == (40, 40)
    except DecodeError as refusal:
        assert len(str(refusal).splitlines()) == 1  # noqa: PT017  either outcome is right
