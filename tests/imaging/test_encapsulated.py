"""What is done where the Transfer Syntax says nothing, or what is not so."""

import imagecodecs
import numpy as np
import pytest

from dicomtui.errors import DecodeError
from dicomtui.imaging.frames import Frames
from tests.imaging.made_codestreams import ROOT, as_j2k, as_jpeg, as_jxl, as_rle, described, picture
from tests.imaging.made_frames import EXPLICIT, encapsulated, native

CODESTREAMS = [
    ("JPEG", as_jpeg(picture(), "MONOCHROME2")),
    ("JPEG", imagecodecs.jpegls_encode(picture())),
    ("JPEG 2000", as_j2k(picture(), "MONOCHROME2")),
    ("JPEG XL", as_jxl(picture(), "MONOCHROME2")),
    ("RLE Lossless", as_rle(picture(), "MONOCHROME2")),
]


@pytest.mark.parametrize(("name", "codestream"), CODESTREAMS, ids=[name for name, _ in CODESTREAMS])
@pytest.mark.parametrize("uid", [None, EXPLICIT])
def test_where_the_file_does_not_say_how_the_first_bytes_do(
    name: str, codestream: bytes, uid: str | None
) -> None:
    frames = Frames(encapsulated(described("MONOCHROME2"), [codestream], uid))
    assert np.abs(frames.stored(1).astype(int) - picture()).max() <= 3
    (note,) = frames.notes
    assert note.endswith(f"read as {name}")


def test_where_nothing_tells_how_it_is_refused() -> None:
    with pytest.raises(DecodeError, match="first bytes do not tell how"):
        Frames(encapsulated(described("MONOCHROME2"), [b"\x12\x34" * 40], None))


def test_another_codestream_than_promised_is_read_and_noted() -> None:
    frames = Frames(
        encapsulated(described("MONOCHROME2"), [imagecodecs.jpegls_encode(picture())], f"{ROOT}.4.70")
    )
    np.testing.assert_array_equal(frames.stored(1), picture())
    assert frames.notes == ("the codestream is JPEG-LS, not what Transfer Syntax UID (0002,0010) says",)


def test_native_pixel_data_under_a_compressed_syntax_is_read_and_noted() -> None:
    frames = Frames(native(described("MONOCHROME2"), picture().tobytes(), f"{ROOT}.4.90", vr="OB"))
    np.testing.assert_array_equal(frames.stored(1), picture())
    assert "but the pixel data is native" in frames.notes[0]
    with pytest.raises(DecodeError, match="but the pixel data is not encapsulated"):
        Frames(native(described("MONOCHROME2"), picture().tobytes()[:-600], f"{ROOT}.4.90", vr="OB"))
