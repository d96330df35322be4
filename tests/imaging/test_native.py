"""Native frames, found and arranged as the standard says."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dicomtui.errors import DecodeError
from dicomtui.imaging.frames import Frames
from tests.imaging.made_frames import BIG, EXPLICIT, IMPLICIT, description, native


@st.composite
def stacks(draw: st.DrawFn) -> np.ndarray:
    """Draw frames of any size, odd ones too: (frames, rows, columns) or (frames, rows, columns, 3)."""
    frames, rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 5)), draw(st.integers(1, 5))
    shape = (frames, rows, columns, *draw(st.sampled_from([(), (3,)])))
    return draw(arrays.arrays(draw(st.sampled_from(["u1", "u2", "u4"])), shape))


def described(stack: np.ndarray, **attributes: Any) -> Any:
    frames, rows, columns, *samples = stack.shape
    return description(
        rows, columns, *samples, bits=stack.itemsize * 8, NumberOfFrames=str(frames), **attributes
    )


def even(values: bytes) -> bytes:
    return values + b"\0" * (len(values) % 2)


def check(instance: Any, stack: np.ndarray) -> None:
    frames = Frames(instance)
    assert frames.count == len(stack)
    for number in reversed(range(1, len(stack) + 1)):
        stored = frames.stored(number)
        assert stored.dtype == stack.dtype
        np.testing.assert_array_equal(stored, stack[number - 1])
    assert frames.notes == ()


@given(stacks(), st.sampled_from([EXPLICIT, IMPLICIT]))
def test_every_frame_is_found_alone(stack: np.ndarray, uid: str) -> None:
    check(native(described(stack), even(stack.tobytes()), uid), stack)


@given(stacks())
def test_big_endian_frames_have_the_same_values(stack: np.ndarray) -> None:
    big = stack.astype(stack.dtype.newbyteorder(">"))
    check(native(described(stack), even(big.tobytes()), BIG, vr="OB" if stack.itemsize == 1 else "OW"), stack)


@given(stacks())
def test_bytes_in_big_endian_words_are_swapped_back(stack: np.ndarray) -> None:
    small = stack.astype(np.uint8)
    words = np.frombuffer(even(small.tobytes()), "<u2").astype(">u2")
    check(native(described(small), words.tobytes(), BIG, vr="OW"), small)


@given(stacks())
def test_colour_by_plane_becomes_colour_by_pixel(stack: np.ndarray) -> None:
    if stack.ndim == 4:
        planes = np.moveaxis(stack, -1, 1)
        check(native(described(stack, PlanarConfiguration=1), even(planes.tobytes())), stack)


@given(st.integers(1, 5), st.integers(1, 7), st.integers(1, 7), st.data(), st.booleans())
def test_single_bits_need_not_begin_at_a_byte(
    frames: int, rows: int, columns: int, data: st.DataObject, big: bool
) -> None:
    stack = data.draw(arrays.arrays("u1", (frames, rows, columns), elements=st.integers(0, 1)))
    packed = even(np.packbits(stack.ravel(), bitorder="little").tobytes())
    if big:
        packed = np.frombuffer(packed, "<u2").astype(">u2").tobytes()
    dataset = description(rows, columns, bits=1, NumberOfFrames=str(frames))
    check(native(dataset, packed, BIG if big else EXPLICIT, vr="OW"), stack)


@pytest.mark.parametrize(("tag", "kind", "vr"), [(0x08, "f4", "OF"), (0x09, "f8", "OD")])
@pytest.mark.parametrize("uid", [EXPLICIT, BIG])
def test_float_values_come_as_they_are(tag: int, kind: str, vr: str, uid: str) -> None:
    values = np.array([[0.1, -1e30], [np.inf, 1e-40]], kind)
    written = values.astype(values.dtype.newbyteorder(">")) if uid == BIG else values
    dataset = description(2, 2, BitsAllocated=None, BitsStored=None, PixelRepresentation=None)
    stored = Frames(native(dataset, written.tobytes(), uid, vr, tag)).stored(1)
    assert stored.dtype == values.dtype
    np.testing.assert_array_equal(stored, values)


def test_halved_chrominance_is_given_to_both_pixels() -> None:
    """Y1 Y2 Cb Cr: PS3.3 C.7.6.3.1.2."""
    dataset = description(1, 4, 3, bits=8, PhotometricInterpretation="YBR_FULL_422")
    frame = Frames(native(dataset, bytes([10, 20, 1, 2, 30, 40, 3, 4]))).frame(1)
    assert frame.values.tolist() == [[[10, 1, 2], [20, 1, 2], [30, 3, 4], [40, 3, 4]]]
    assert frame.photometric == "YBR_FULL"


def test_pixel_data_that_is_longer_than_halved_chrominance_is_taken_as_full() -> None:
    dataset = description(2, 2, 3, bits=8, PhotometricInterpretation="YBR_FULL_422")
    frames = Frames(native(dataset, bytes(range(12))))
    assert frames.stored(1).tolist() == np.arange(12).reshape(2, 2, 3).tolist()
    assert frames.photometric(1) == "YBR_FULL"
    assert "length of YBR_FULL" in frames.notes[0]


def test_halved_chrominance_needs_pairs_of_pixels() -> None:
    dataset = description(2, 3, 3, bits=8, PhotometricInterpretation="YBR_FULL_422")
    with pytest.raises(DecodeError, match="needs an even number"):
        Frames(native(dataset, bytes(12)))


def test_values_are_masked_shifted_and_sign_extended() -> None:
    words = np.array([[0xF001, 0x0FFE], [0x8FF0, 0x7008]], np.uint16)
    overlaid = description(2, 2, BitsStored=12, PixelRepresentation=1)
    assert Frames(native(overlaid, words.tobytes())).stored(1).tolist() == [[1, -2], [-16, 8]]
    shifted = description(2, 2, BitsStored=8, HighBit=15)
    frames = Frames(native(shifted, words.tobytes()))
    assert frames.stored(1).tolist() == [[0xF0, 0x0F], [0x8F, 0x70]]
    assert frames.stored(1).dtype == np.uint8
    assert frames.words(1).tolist() == words.tolist()


def test_a_partly_present_frame_is_shown_and_noted() -> None:
    stack = np.arange(24, dtype=np.uint16).reshape(2, 3, 4)
    frames = Frames(native(described(stack), stack.tobytes()[:-6]))
    assert frames.count == 2
    assert frames.stored(2).ravel().tolist() == [*range(12, 21), 0, 0, 0]
    assert frames.notes == ("frame 2 is cut: 18 of 24 bytes are there, the rest is 0",)


def test_frames_that_are_not_there_are_refused_in_one_line() -> None:
    stack = np.zeros((2, 3, 4), np.uint16)
    dataset = described(stack)
    dataset.NumberOfFrames = str(2**31 - 1)
    frames = Frames(native(dataset, stack.tobytes()))
    assert frames.count == 2
    assert frames.notes == ("Number of Frames (0028,0008) is 2,147,483,647, the pixel data has bytes for 2",)
    with pytest.raises(DecodeError, match=r"frame 3 .*the pixel data ends with frame 2"):
        frames.stored(3)
    for nonsense in (0, -1, 2**31):
        with pytest.raises(DecodeError, match="there are frames 1 to"):
            frames.stored(nonsense)


@pytest.mark.parametrize("length", [0, 2, 6])
def test_less_than_a_row_is_no_frame(length: int) -> None:
    with pytest.raises(DecodeError, match=f"has {length} bytes, one frame needs 24"):
        Frames(native(description(3, 4), bytes(length)))


def test_a_large_frame_of_which_little_is_there_is_refused() -> None:
    with pytest.raises(DecodeError, match="the pixel data has 10,000 bytes, one frame needs 40,000,000"):
        Frames(native(description(4000, 5000), bytes(10_000)))
