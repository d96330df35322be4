import numpy as np
import pytest

from dicomtui.imaging.presets import PRESETS, RELATIVE, presets_for

VALUES = np.arange(10_000, dtype=np.float32).reshape(100, 100)


@pytest.mark.parametrize(
    ("key", "width", "center"),
    [
        ("3", 400, 40),
        ("4", 400, 60),
        ("5", 350, 50),
        ("6", 1500, -600),
        ("7", 2000, 350),
        ("8", 80, 40),
        ("9", 150, 90),
    ],
)
def test_a_digit_calls_up_the_window_that_radiologists_know(key: str, width: float, center: float) -> None:
    (preset,) = [preset for preset in presets_for("CT", "HU") if preset.key == key]
    window = preset.window_for(VALUES)
    assert (window.width, window.center) == (width, center)


@pytest.mark.parametrize("presets", [*PRESETS.values(), RELATIVE])
def test_keys_are_digits_from_3_that_mean_one_thing(presets: tuple[object, ...]) -> None:
    keys = [preset.key for preset in presets if preset.key]  # type: ignore[attr-defined]
    assert len(set(keys)) == len(keys)
    assert set(keys) <= set("3456789")


@pytest.mark.parametrize(
    ("modality", "unit"), [("CT", ""), ("PT", "Bq/ml"), ("MR", ""), ("", ""), ("../x", "HU"), ("MR", "HU")]
)
def test_values_without_a_known_scale_get_presets_from_the_picture(modality: str, unit: str) -> None:
    presets = presets_for(modality, unit)
    assert presets is RELATIVE
    for preset in presets:
        low, high = preset.window_for(VALUES).limits
        assert (low, high) == pytest.approx([end * 99.99 for end in preset.percentiles], abs=1)


def test_suv_has_fixed_windows() -> None:
    assert presets_for("PT", "SUV")[0].window_for(VALUES).limits == (0, 5)


def test_padding_does_not_drive_a_preset() -> None:
    padding = VALUES > 5000
    for preset in RELATIVE:
        assert preset.window_for(VALUES, padding).limits[1] <= 5000
