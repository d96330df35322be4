"""Colour maps are those that were published."""

import numpy as np
import pytest
from pydicom.pixels import apply_color_lut

from dicomtui.errors import UsageError
from dicomtui.imaging.colour_maps import colour_map, colour_maps

GREYS = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.mark.parametrize(
    ("name", "palette"),
    [
        ("hot iron", "HOT_IRON"),
        ("PET rainbow", "PET"),
        ("hot metal", "HOT_METAL_BLUE"),
        ("PET 20 steps", "PET_20_STEP"),
    ],
)
def test_the_standards_palettes_are_as_pydicom_applies_them(name: str, palette: str) -> None:
    expected = apply_color_lut(GREYS, palette=palette)
    np.testing.assert_array_equal(colour_map(name).apply(GREYS), expected)


def test_viridis_gets_brighter_and_cool_warm_is_brightest_in_the_middle() -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    viridis = colour_map("viridis").colours @ weights
    assert np.all(np.diff(viridis) > -1)
    assert viridis[-1] > viridis[0] + 150
    cool_warm = colour_map("cool-warm").colours
    assert np.argmax(cool_warm @ weights) in range(110, 146)
    assert cool_warm[0, 2] > cool_warm[0, 0]
    assert cool_warm[-1, 0] > cool_warm[-1, 2]


@pytest.mark.parametrize("name", ["hot iron", "HOT-IRON", "hotiron", "Hot_Iron"])
def test_names_may_be_written_in_several_ways(name: str) -> None:
    assert colour_map(name) is colour_maps()["hot iron"]


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"'no\\\\x1bmap' is unknown; there are hot iron, .*viridis"):
        colour_map("no\x1bmap")


def test_colours_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValueError, match="read-only"):
        colour_map("viridis").colours[0] = 0
