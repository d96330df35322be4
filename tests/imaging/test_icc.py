import struct
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicomtui.errors import DecodeError
from dicomtui.imaging import icc
from dicomtui.imaging.icc import IccTransform, icc_transform_of
from dicomtui.imaging.rendering import Rendering
from tests.imaging.made_frames import description, native


@cache
def profile(space: str = "sRGB") -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()  # type: ignore[arg-type]


@cache
def swapped() -> bytes:
    """Return a profile whose red is blue: who does not apply it is seen at once."""
    head, table, rest = profile()[:128], profile()[128:384], profile()[384:]
    for one, other in ((b"rXYZ", b"----"), (b"bXYZ", b"rXYZ"), (b"----", b"bXYZ")):
        table = table.replace(one, other)
    return head + table + rest


def described(content: bytes) -> Dataset:
    dataset = Dataset()
    dataset.ICCProfile = content
    return dataset


def coloured(values: np.ndarray, **attributes: Any) -> Rendering:
    dataset = description(*values.shape[:2], samples=3, bits=8, **attributes)
    return Rendering(native(dataset, values.tobytes(), vr="OB"))


CRAYONS = Path(pydicom.__file__).parent / "data" / "test_files" / "crayons.icc"
COLOURS = np.random.default_rng(7).integers(0, 256, (6, 8, 3), np.uint8)


def test_colours_become_what_the_colour_management_module_makes_of_them() -> None:
    frame = coloured(COLOURS, ICCProfile=swapped()).frame(1)
    expected = ImageCms.profileToProfile(
        Image.fromarray(COLOURS),
        ImageCms.ImageCmsProfile(BytesIO(swapped())),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
    )
    assert expected is not None
    assert np.abs(frame.values.astype(int) - np.asarray(expected)).max() <= 1
    assert np.abs(frame.values.astype(int) - COLOURS[..., ::-1]).max() <= 2
    assert frame.notes == ()


def test_the_profile_of_a_slide_stands_in_its_optical_path() -> None:
    path = Dataset()
    path.ICCProfile = swapped()
    on_slide = coloured(COLOURS, OpticalPathSequence=Sequence([path])).frame(1)
    plain = coloured(COLOURS, ICCProfile=swapped()).frame(1)
    np.testing.assert_array_equal(on_slide.values, plain.values)


@pytest.mark.parametrize("content", [profile(), CRAYONS.read_bytes()], ids=["made", "pydicoms"])
def test_a_picture_in_srgb_stays_as_it_is_and_costs_nothing(content: bytes) -> None:
    assert icc_transform_of(described(content)) == (None, ())
    np.testing.assert_array_equal(coloured(COLOURS, ICCProfile=content).frame(1).values, COLOURS)


def test_a_file_without_a_profile_stays_as_it_is() -> None:
    assert icc_transform_of(Dataset()) == (None, ())
    np.testing.assert_array_equal(coloured(COLOURS).frame(1).values, COLOURS)


def test_the_transform_is_built_once_for_all_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[bytes] = []

    class Counting(IccTransform):
        def __init__(self, content: bytes) -> None:
            built.append(content)
            super().__init__(content)

    monkeypatch.setattr(icc, "IccTransform", Counting)
    rendering = coloured(COLOURS, ICCProfile=swapped())
    first = rendering.frame(1)
    np.testing.assert_array_equal(rendering.frame(1).values, first.values)
    assert len(built) == 1


def test_a_grey_picture_is_left_alone() -> None:
    dataset = description(2, 2, bits=8, ICCProfile=swapped())
    frame = Rendering(native(dataset, bytes([0, 80, 160, 240]), vr="OB")).frame(1)
    assert frame.values.ravel().tolist() == [0, 80, 160, 240]
    assert frame.notes == ()


# --- profiles that lie ---


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no profile", r"ICC Profile \(0028,2000\): "),
        (profile()[:200], r"ICC Profile \(0028,2000\): "),
        (profile("LAB"), r"ICC Profile \(0028,2000\) is for Lab, not RGB"),
        (profile()[:16] + b"CMYK" + profile()[20:], r"ICC Profile \(0028,2000\) is for CMYK, not RGB"),
        (bytes((16 << 20) + 1), r"ICC Profile \(0028,2000\) has 16,777,217 bytes: more than 16 MiB"),
    ],
)
def test_colours_stay_as_they_are_under_a_profile_that_cannot_be_used(content: bytes, why: str) -> None:
    with pytest.raises(DecodeError, match=why):
        IccTransform(content)
    frame = coloured(COLOURS, ICCProfile=content + b"\0" * (len(content) % 2)).frame(1)
    np.testing.assert_array_equal(frame.values, COLOURS)
    assert len(frame.notes) == 1
    assert frame.notes[0].startswith("colours are shown as they are: ICC Profile (0028,2000)")
    assert "\n" not in frame.notes[0]


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=8))
def test_a_damaged_profile_gives_colours_or_a_note(at: int, damage: bytes) -> None:
    whole = bytearray(swapped())
    position = at % len(whole)
    whole[position : position + len(damage)] = damage
    frame = coloured(COLOURS, ICCProfile=bytes(whole) + b"\0" * (len(whole) % 2)).frame(1)
    assert frame.values.shape == COLOURS.shape
    assert len(frame.notes) <= 1


def test_the_size_that_a_profile_claims_is_not_believed() -> None:
    content = struct.pack(">L", 0xFFFFFFF0) + swapped()[4:]
    transform, notes = icc_transform_of(described(content))
    assert (transform is None) == bool(notes)
    if transform is not None:
        assert transform.apply(COLOURS).shape == COLOURS.shape
