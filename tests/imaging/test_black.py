"""Black is what a reader shows as the darkest, whatever the file does to its values."""

import numpy as np
import pytest

from dicomtui.imaging.black import black_of
from dicomtui.imaging.colour import to_rgb
from dicomtui.imaging.image_pixel import image_pixel
from dicomtui.imaging.rendering import Rendering, display
from dicomtui.imaging.window import Window
from tests.imaging.made_frames import description, native


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("slope", ["2", "-0.5"])
@pytest.mark.parametrize("shape", ["IDENTITY", "INVERSE", None])
def test_grey_is_shown_black(photometric: str, signed: bool, slope: str, shape: str | None) -> None:
    dataset = description(
        1,
        8,
        BitsStored=12,
        PhotometricInterpretation=photometric,
        PixelRepresentation=int(signed),
        RescaleSlope=slope,
        RescaleIntercept="-1024",
        PresentationLUTShape=shape,
    )
    instance = native(dataset, bytes(16))
    (black,) = black_of(dataset, image_pixel(instance), 1)
    low = -2048 if signed else 0
    values = np.linspace(low, low + 4095, 7).astype(np.int64).tolist()
    written = np.array([black, *values]).astype(np.int16 if signed else np.uint16) & 0xFFF
    frame = Rendering(native(dataset, written.astype("<u2").tobytes())).frame(1)
    shown = display(frame.values, Window(0, 40000), frame.inverse)[0]
    assert shown[0] == shown.min()
    assert (shown == shown[0]).sum() == 2  # its own place and that end of the range


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_colour_is_shown_black(photometric: str, bits: int) -> None:
    allocated = 8 if bits == 8 else 16
    dataset = description(1, 1, 3, allocated, BitsStored=bits, PhotometricInterpretation=photometric)
    black = black_of(dataset, image_pixel(native(dataset, bytes(6))), 1)
    values = np.array([[black]], f"u{allocated // 8}")
    np.testing.assert_array_equal(to_rgb(values, photometric, bits), np.zeros((1, 1, 3)))


def test_a_palette_gives_its_darkest_colour_wherever_it_stands() -> None:
    dataset = description(1, 2, bits=8, PhotometricInterpretation="PALETTE COLOR")
    for colour, values in (("Red", (200, 90, 3, 0)), ("Green", (0, 90, 1, 0)), ("Blue", (0, 90, 2, 255))):
        setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [4, 10, 8])
        setattr(dataset, f"{colour}PaletteColorLookupTableData", bytes(values))
    assert black_of(dataset, image_pixel(native(dataset, bytes(2))), 1) == (12,)


def test_without_a_palette_the_first_index_is_taken() -> None:
    dataset = description(1, 2, bits=8, PhotometricInterpretation="PALETTE COLOR")
    assert black_of(dataset, image_pixel(native(dataset, bytes(2))), 1) == (0,)
