import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydicom.pixels import get_encoder
from pydicom.uid import RLELossless

from dicomtui.imaging.image_pixel import ImagePixel
from dicomtui.imaging.rle import begins_frame, unpack_frame


def pixel_of(values: np.ndarray) -> ImagePixel:
    rows, columns, *samples = values.shape
    bits = values.itemsize * 8
    colour = "RGB" if samples else "MONOCHROME2"
    return ImagePixel(rows, columns, 3 if samples else 1, 1, bits, bits, bits - 1, False, colour, 0)


def packed(values: np.ndarray) -> bytes:
    """Encode with pydicom."""
    pixel = pixel_of(values)
    return get_encoder(RLELossless).encode(
        values,
        rows=pixel.rows,
        columns=pixel.columns,
        samples_per_pixel=pixel.samples,
        bits_allocated=pixel.bits_allocated,
        bits_stored=pixel.bits_stored,
        pixel_representation=0,
        photometric_interpretation=pixel.photometric,
        planar_configuration=0,
        number_of_frames=1,
    )


pictures = st.one_of(
    *(
        arrays.arrays(kind, shape, elements=st.sampled_from([0, 1, 7, 200]))
        for kind in ("u1", "u2")
        for shape in ((5, 7), (3, 130), (4, 9, 3))
    )
)


@given(pictures)
def test_what_pydicom_packs_is_unpacked(values: np.ndarray) -> None:
    words, notes = unpack_frame(packed(values), pixel_of(values))
    np.testing.assert_array_equal(words, values)
    assert notes == ()


def test_a_run_too_many_is_left_out_and_noted() -> None:
    values = np.arange(12, dtype=np.uint8).reshape(3, 4)
    words, notes = unpack_frame(packed(values) + b"\xff\0", pixel_of(values))
    np.testing.assert_array_equal(words, values)
    assert "longer than the frame" in notes[0]


@pytest.mark.parametrize(
    "header",
    [
        struct.pack("<16L", 0, *[0] * 15),
        struct.pack("<16L", 16, *range(64, 79)),
        struct.pack("<16L", 2, 64, 64, *[0] * 13),
        struct.pack("<16L", 2, 64, 2**31, *[0] * 13),
        struct.pack("<16L", 2, 96, 64, *[0] * 13),
        struct.pack("<16L", 3, 64, 70, 80, *[0] * 12),
        struct.pack("<16L", 2**32 - 1, *[64] * 15),
        b"\2\0\0\0",
    ],
)
def test_a_header_that_points_nowhere_is_refused(header: bytes) -> None:
    with pytest.raises(ValueError, match=r"RLE|cannot hold"):
        unpack_frame(header + b"\x81\0" * 40, pixel_of(np.zeros((8, 8), np.uint16)))


def test_a_few_bytes_do_not_allocate_a_large_frame() -> None:
    header = struct.pack("<16L", 1, 64, *[0] * 14)
    with pytest.raises(ValueError, match="cannot hold"):
        unpack_frame(header + b"\x81\0" * 40, pixel_of(np.broadcast_to(np.uint8(0), (16384, 16384))))


@given(st.integers(0, 200), st.binary(max_size=40))
def test_a_cut_or_changed_frame_is_refused_or_has_its_size(cut: int, tail: bytes) -> None:
    values = np.arange(64, dtype=np.uint16).reshape(8, 8)
    try:
        words, _ = unpack_frame(packed(values)[:cut] + tail, pixel_of(values))
    except (ValueError, RuntimeError):
        return
    assert words.shape == values.shape


def test_a_frame_is_told_from_other_bytes() -> None:
    assert begins_frame(packed(np.zeros((4, 4), np.uint8))[:64])
    assert not begins_frame(b"\xff\xd8\xff\xe0" + bytes(60))
    assert not begins_frame(bytes(64))
    assert not begins_frame(b"")
