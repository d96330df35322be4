"""Modality and display values are those that highdicom's pixel functions give, to one level."""

from typing import Any

import numpy as np
import pytest
from highdicom import imread
from highdicom.pixels import apply_voi_window
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from dicomtui.dataset.reading import read_instance
from dicomtui.imaging.rendering import Rendering, display
from dicomtui.imaging.voi_lut import apply_window
from dicomtui.imaging.window import Window

VALUES = np.linspace(-3000, 3000, 997, dtype=np.float32).reshape(1, -1)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@given(center=st.floats(-2000, 2000), width=st.floats(2, 4000))
def test_a_window_shows_what_highdicom_shows(function: str, center: float, width: float) -> None:
    with np.errstate(over="ignore"):  # far from a narrow sigmoid, where both are black or white
        theirs = apply_voi_window(
            VALUES, center, width, voi_lut_function=function, output_range=(0.0, 255.0), dtype=np.float64
        )
    ours = apply_window(VALUES, Window(center, width, function))
    assert np.abs(ours - theirs).max() <= 1


@pytest.mark.parametrize("name", ["CT_small.dcm", "eCT_Supplemental.dcm", "vlut_04.dcm", "MR_small_RLE.dcm"])
def test_each_frame_of_a_file_has_highdicoms_values(name: str) -> None:
    path: Any = get_testdata_file(name, download=False)
    rendering, image = Rendering(read_instance(path)), imread(path)
    for number in range(1, rendering.frames + 1):
        frame = rendering.frame(number)
        chain = {"apply_real_world_transform": False, "apply_presentation_lut": False, "dtype": np.float64}
        if "Rescale Slope" in str(image):
            values = image.get_frame(
                number, apply_modality_transform=True, apply_voi_transform=False, **chain
            )
            np.testing.assert_allclose(frame.values, values, rtol=1e-6)
        if frame.windows:
            expected = image.get_frame(number, apply_voi_transform=True, voi_output_range=(0, 255), **chain)
            assert np.abs(display(frame.values, frame.windows[0]) - expected).max() <= 1
