"""What is encoded is what is decoded, by us and by others."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomtui.errors import UsageError
from dicomtui.imaging.encoders import ENCODABLE, EncodeError, Encoder, encodable, encoder_for
from dicomtui.imaging.frames import Frames
from dicomtui.imaging.image_pixel import ImagePixel
from dicomtui.imaging.stored_values import smallest_type
from tests.imaging.made_frames import description, encapsulated, native

ROOT = "1.2.840.10008.1.2"
PHOTOMETRIC = ("MONOCHROME2", "MONOCHROME1", "PALETTE COLOR", "RGB", "YBR_FULL")


def described(pixel: ImagePixel) -> object:
    return description(
        pixel.rows,
        pixel.columns,
        pixel.samples,
        pixel.bits_allocated,
        BitsStored=pixel.bits_stored,
        HighBit=pixel.high_bit,
        PixelRepresentation=int(pixel.signed),
        PhotometricInterpretation=pixel.photometric,
        PlanarConfiguration=pixel.planar if pixel.samples > 1 else None,
        NumberOfFrames=str(pixel.frames),
    )


def read_back(encoder: Encoder, stack: list[np.ndarray]) -> Frames:
    """Read what *encoder* makes of *stack*, in a file that says what the encoder says."""
    dataset = described(encoder.pixel)
    encoded = list(encoder.frames(stack))
    if encoder.syntax.encapsulated:
        return Frames(encapsulated(dataset, encoded, encoder.syntax.uid))
    joined = b"".join(encoded)
    assert len(joined) == encoder.length(len(stack))
    joined += b"\0" * (len(joined) % 2)
    return Frames(native(dataset, joined, encoder.syntax.uid, encoder.vr))


def noise(pixel: ImagePixel, seed: int, *, smooth: bool = False) -> np.ndarray:
    """Return values over the whole range, the ends included."""
    low = -(1 << pixel.bits_stored - 1) if pixel.signed else 0
    high = low + (1 << pixel.bits_stored) - 1
    generator = np.random.default_rng(seed)
    if smooth:
        line = np.linspace(low, high, pixel.values_per_frame).astype(np.int64)
        values = line.reshape(pixel.shape)
    else:
        values = generator.integers(low, high, pixel.shape, endpoint=True)
        values.flat[0], values.flat[-1] = low, high
    return values.astype(smallest_type(pixel.bits_stored, signed=pixel.signed))


@st.composite
def pixels(draw: st.DrawFn) -> ImagePixel:
    photometric = draw(st.sampled_from(PHOTOMETRIC))
    allocated = draw(st.sampled_from([1, 8, 16, 16, 32]))
    stored = draw(st.integers(1, allocated))
    return ImagePixel(
        rows=draw(st.integers(1, 70)),
        columns=draw(st.integers(1, 70)),
        samples=3 if photometric in ("RGB", "YBR_FULL") else 1,
        frames=draw(st.integers(1, 3)),
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=draw(st.integers(stored - 1, allocated - 1)),
        signed=draw(st.booleans()),
        photometric=photometric,
        planar=draw(st.sampled_from([0, 1])),
    )


@settings(max_examples=60, deadline=None)
@given(pixel=pixels(), seed=st.integers(0, 99), smooth=st.booleans())
@pytest.mark.parametrize("uid", ENCODABLE)
def test_what_a_syntax_holds_comes_back_and_the_rest_is_refused(
    uid: str, pixel: ImagePixel, seed: int, smooth: bool
) -> None:
    try:
        encoder = encoder_for(uid, pixel)
    except EncodeError:
        return  # which is refused is told below
    stack = [noise(pixel, seed + at, smooth=smooth) for at in range(pixel.frames)]
    frames = read_back(encoder, stack)
    for number, values in enumerate(stack, 1):
        np.testing.assert_array_equal(frames.stored(number), values)
        assert frames.photometric(number) == pixel.photometric
    assert frames.notes == ()


REFUSED = [
    (".4.80", {"bits_allocated": 32, "bits_stored": 16}, "Bits Allocated (0028,0100) 32"),
    (".4.90", {"bits_allocated": 32, "bits_stored": 32}, "Bits Allocated (0028,0100) 32"),
    (".4.70", {"bits_allocated": 1, "bits_stored": 1}, "Bits Allocated (0028,0100) 1"),
    (".4.80", {"bits_allocated": 8, "bits_stored": 1}, "Bits Stored (0028,0101) 1"),
    (".4.201", {"bits_allocated": 32, "bits_stored": 32, "kind": "float"}, "float values"),
    (".5", {"bits_allocated": 64, "bits_stored": 64, "kind": "double"}, "double values"),
    (".4.110", {"signed": True}, "signed values (Pixel Representation (0028,0103) 1)"),
    (".4.110", {"photometric": "PALETTE COLOR"}, "Photometric Interpretation (0028,0004) PALETTE COLOR"),
    (".4.80", {"photometric": "HSV", "samples": 3}, "Photometric Interpretation (0028,0004) HSV"),
]
GREY = ImagePixel(5, 7, 1, 1, 16, 12, 11, signed=False, photometric="MONOCHROME2", planar=0)


@pytest.mark.parametrize(("suffix", "attributes", "what"), REFUSED)
def test_what_a_syntax_cannot_hold_is_refused_in_a_sentence(
    suffix: str, attributes: dict[str, object], what: str
) -> None:
    with pytest.raises(EncodeError) as refusal:
        encoder_for(ROOT + suffix, replace(GREY, **attributes))
    assert str(refusal.value).endswith(f"{ROOT}{suffix} cannot hold {what}")


@pytest.mark.parametrize("uid", [f"{ROOT}.4.50", f"{ROOT}.4.102", "1.2.840.113619.5.2", "\x1b[2J"])
def test_a_syntax_without_an_encoder_is_named_safely(uid: str) -> None:
    with pytest.raises(EncodeError, match="nothing can be written in the Transfer Syntax") as refusal:
        encoder_for(uid, GREY)
    assert "\x1b" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("rle", ".5"),
        ("JPEG-LS", ".4.80"),
        ("jpeg-2000", ".4.90"),
        ("implicit", ""),
        (f"{ROOT}.4.57", ".4.57"),
    ],
)
def test_a_syntax_is_meant_by_a_short_name_or_a_uid(name: str, suffix: str) -> None:
    assert encodable(name).uid == ROOT + suffix


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"^jpeg-3000: .*explicit, implicit.*rle.*jpeg-ls.*htj2k"):
        encodable("jpeg-3000")


@pytest.mark.parametrize("value", [-1, 1 << 12])
def test_values_that_would_lose_bits_are_refused(value: int) -> None:
    values = np.zeros(GREY.shape, np.int16)
    values[2, 3] = value
    for uid in ENCODABLE:
        with pytest.raises(EncodeError, match=r"beyond Bits Stored \(0028,0101\) 12"):
            encoder_for(uid, GREY)(values)


def test_a_frame_of_another_shape_is_refused() -> None:
    with pytest.raises(EncodeError, match=r"\(7, 5\), not \(5, 7\)"):
        encoder_for(f"{ROOT}.1", GREY)(np.zeros((7, 5), np.uint16))
