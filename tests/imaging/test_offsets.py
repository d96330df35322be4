import struct
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.errors import DecodeError
from dicomtui.imaging.frames import Frames
from tests.imaging.made_frames import description, encapsulated

JPEG_LS = "1.2.840.10008.1.2.4.80"
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"


def picture(number: int) -> np.ndarray:
    """Return a picture unlike that of another number."""
    return (np.arange(16 * 24, dtype=np.uint16).reshape(16, 24) * (2 * number + 3)) % 4096


STREAMS = [imagecodecs.jpegls_encode(picture(number)) for number in range(5)]


def split(codestream: bytes, parts: int) -> list[bytes]:
    """Cut a codestream into fragments of even length."""
    step = max(2, len(codestream) // parts // 2 * 2)
    cuts = [*range(0, step * parts, step)[:parts], len(codestream)]
    return [codestream[a:b] for a, b in pairwise(cuts)]


def described(frames: int) -> Any:
    return description(16, 24, BitsStored=12, NumberOfFrames=str(frames))


def check(frames: Frames, expected: Sequence[int] = range(5)) -> None:
    assert frames.count == len(expected)
    for number, which in reversed(list(enumerate(expected, 1))):
        np.testing.assert_array_equal(frames.stored(number), picture(which))


@given(st.lists(st.integers(1, 4), min_size=5, max_size=5), st.booleans())
def test_frames_in_any_number_of_fragments_are_found(parts: list[int], basic: bool) -> None:
    fragments = [split(stream, count) for stream, count in zip(STREAMS, parts, strict=True)]
    frames = Frames(encapsulated(described(5), fragments, JPEG_LS, basic=basic))
    check(frames)
    assert frames.notes == ()


def test_the_extended_offset_table_is_followed() -> None:
    frames = Frames(encapsulated(described(5), STREAMS, JPEG_LS, basic=False, extended=True))
    check(frames)
    assert frames.notes == ()


@pytest.mark.parametrize(
    "wrong",
    [
        [0],
        [0, 1, 2, 3, 4],
        [8, 8, 8, 8, 8],
        [4, 0, 0, 0, 0],
        [0, 2**32 - 1, 2**32 - 2, 0, 5],
        list(accumulate(len(stream) for stream in STREAMS)),
    ],
)
def test_an_offset_table_that_points_nowhere_is_not_believed(wrong: list[int]) -> None:
    fragments = [split(stream, 2) for stream in STREAMS]
    frames = Frames(encapsulated(described(5), fragments, JPEG_LS, basic=wrong))
    check(frames)
    assert frames.notes == ("the Basic Offset Table does not fit the fragments: not used",)


LENGTHS = [len(stream) + len(stream) % 2 + 8 for stream in STREAMS]
OFFSETS = [0, *accumulate(LENGTHS)][:5]


@pytest.mark.parametrize("at", [1, 2, 4])
def test_a_table_that_points_behind_the_end_does_not_shift_or_hide_frames(at: int) -> None:
    wrong = [*OFFSETS[:at], 2**32 - 2, *OFFSETS[at + 1 :]]
    frames = Frames(encapsulated(described(5), STREAMS, JPEG_LS, basic=wrong))
    check(frames)
    assert frames.notes == ("the Basic Offset Table does not fit the fragments: not used",)


def test_empty_fragments_do_not_shift_frames() -> None:
    fragments = [[b"", stream[:10], b"", stream[10:], b""] for stream in STREAMS]
    for basic in (True, False):
        check(Frames(encapsulated(described(5), fragments, JPEG_LS, basic=basic)))


def test_a_wrong_extended_offset_table_gives_way_to_the_basic_one() -> None:
    dataset = described(5)
    dataset.ExtendedOffsetTable = struct.pack("<5Q", 0, 2**63, 3, 2, 1)
    frames = Frames(encapsulated(dataset, [split(stream, 3) for stream in STREAMS], JPEG_LS))
    check(frames)
    assert frames.notes == ("Extended Offset Table (7fe0,0001) does not fit the fragments: not used",)


def test_fragments_that_do_not_begin_like_a_codestream_are_told_apart_by_their_ends() -> None:
    streams = [b"\0" * 2 + stream for stream in STREAMS]  # what begins like nothing known
    frames = Frames(
        encapsulated(described(5), [split(stream, 2) for stream in streams], JPEG_LS, basic=False)
    )
    assert frames.count == 5
    with pytest.raises(DecodeError, match="no known codestream begins with 00 00"):
        frames.stored(3)


def test_fewer_fragments_than_frames_are_shown_and_noted() -> None:
    frames = Frames(encapsulated(described(7), STREAMS, JPEG_LS, basic=False))
    check(frames)
    assert frames.notes == ("Number of Frames (0028,0008) is 7, the fragments hold 5",)
    with pytest.raises(DecodeError, match=r"frame 6 .*ends with frame 5"):
        frames.stored(6)


def test_frames_that_were_cut_off_leave_the_others_readable() -> None:
    frames = Frames(
        encapsulated(described(5), [split(stream, 2) for stream in STREAMS[:3]], JPEG_LS, basic=OFFSETS)
    )
    assert frames.count == 3
    check(frames, range(3))


def test_a_single_frame_takes_all_fragments() -> None:
    check(Frames(encapsulated(described(1), [split(STREAMS[2], 4)], JPEG_LS, basic=False)), [2])


def test_a_table_of_more_frames_than_declared_is_followed() -> None:
    check(Frames(encapsulated(described(2), [split(stream, 2) for stream in STREAMS], JPEG_LS)), range(2))


def test_encapsulated_pixel_data_without_fragments_is_refused() -> None:
    with pytest.raises(DecodeError, match="no fragment"):
        Frames(encapsulated(described(1), [], JPEG_LS))


def test_2_to_the_31_frames_cost_nothing() -> None:
    frames = Frames(encapsulated(described(2**31 - 1), STREAMS, JPEG_LS, basic=False, extended=True))
    check(frames)
    assert "Number of Frames (0028,0008) is 2,147,483,647, the fragments hold 5" in frames.notes
