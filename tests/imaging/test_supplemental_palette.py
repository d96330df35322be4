from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut
from pydicom.sequence import Sequence

from dicomtui.dataset.reading import read_instance
from dicomtui.imaging.rendering import Frame, Rendering
from dicomtui.imaging.supplemental_palette import has_colours
from tests.imaging.made_frames import description, native

RAMP = np.arange(16, dtype="<u2").reshape(4, 4)


def a_frame(stored: NDArray[Any] = RAMP, first: int = 12, **attributes: Any) -> Frame:
    entries = np.array([0, 128 << 8, 255 << 8], "<u2").tobytes()
    palette: dict[str, Any] = {"PixelPresentation": "COLOR"}
    for colour in ("Red", "Green", "Blue"):
        palette[f"{colour}PaletteColorLookupTableDescriptor"] = [3, first, 16]
        palette[f"{colour}PaletteColorLookupTableData"] = entries
    palette["BluePaletteColorLookupTableData"] = bytes(6)
    dataset = description(*stored.shape, **palette | attributes)
    return Rendering(native(dataset, stored.tobytes())).frame(1)


def test_values_from_the_first_of_the_palette_on_are_colours_and_those_below_stay_grey() -> None:
    frame = a_frame()
    assert frame.coloured is not None
    assert not frame.is_colour
    np.testing.assert_array_equal(frame.values, RAMP)
    np.testing.assert_array_equal(frame.coloured.mask, RAMP >= 12)
    # the last entry stands for all above it
    assert frame.coloured.rgb[3].tolist() == [[0, 0, 0], [128, 128, 0], [255, 255, 0], [255, 255, 0]]
    assert frame.notes == ()


def test_colours_of_a_real_file_are_pydicoms() -> None:
    path = get_testdata_file("eCT_Supplemental.dcm", download=False)
    assert isinstance(path, str)
    dataset = dcmread(path)
    stored = dataset.pixel_array[1]
    coloured = Rendering(read_instance(path)).frame(2).coloured
    assert coloured is not None
    np.testing.assert_array_equal(coloured.mask, stored >= 1024)
    del dataset.PixelPresentation  # pydicom refuses supplemental palettes as such
    expected = apply_color_lut(stored, dataset) >> 8
    np.testing.assert_array_equal(coloured.rgb[coloured.mask], expected[coloured.mask])


@pytest.mark.parametrize(
    "attributes",
    [{"PixelPresentation": None}, {"PixelPresentation": "MONOCHROME"}, {"first": 99}],
    ids=["absent", "monochrome", "no value so great"],
)
def test_a_picture_without_coloured_values_is_grey(attributes: dict[str, Any]) -> None:
    frame = a_frame(**attributes)
    assert (frame.coloured, frame.notes) == (None, ())


def test_a_palette_that_lies_leaves_the_picture_grey_and_says_so() -> None:
    frame = a_frame(GreenPaletteColorLookupTableData=bytes(2))
    assert frame.coloured is None
    assert frame.notes[0].startswith("the supplemental palette is not applied: Green Palette")


@pytest.mark.parametrize("macro", ["CTImageFrameTypeSequence", "MRImageFrameTypeSequence"])
def test_each_frame_says_whether_it_has_colours(macro: str) -> None:
    def group(presentation: str) -> Dataset:
        kind, frame = Dataset(), Dataset()
        kind.PixelPresentation = presentation
        setattr(frame, macro, Sequence([kind]))
        return frame

    dataset = Dataset()
    dataset.PixelPresentation = "MIXED"
    dataset.PerFrameFunctionalGroupsSequence = Sequence([group("MONOCHROME"), group("COLOR")])
    assert [has_colours(dataset, number) for number in (1, 2, 3)] == [False, True, True]
