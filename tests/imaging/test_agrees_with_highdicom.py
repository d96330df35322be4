"""Windows give the display values that highdicom's pixel functions give, to one level."""

import numpy as np
import pytest
from highdicom.pixels import apply_voi_window
from hypothesis import given
from hypothesis import strategies as st

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
