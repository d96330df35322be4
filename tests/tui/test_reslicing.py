"""Planes and slabs of a series in the image pane: what a user sees."""

from pathlib import Path

import numpy as np
import pytest

from dicomtui.tui.widgets.typed_count import TOGETHER
from tests.builders import ct, write
from tests.tui.driving import Driver, picture_of

pytest.importorskip("scipy", reason="scikit-image (extra processing) is not installed")


def stack(folder: Path, places: list[float], shift: float = 0.0) -> Path:
    """Write planes of 24 x 20 pixels of 1 mm; the value of a pixel is 100 times its plane, and its column."""
    folder.mkdir()
    for number, place in enumerate(places):
        values = np.full((20, 24), 100 * number, np.int16) + np.arange(24, dtype=np.int16)
        write(
            ct(
                values,
                PixelSpacing=[1.0, 1.0],
                ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
                ImagePositionPatient=[-12.0, -10.0 + shift * number, place],
                InstanceNumber=number + 1,
            ),
            folder / f"{number}.dcm",
        )
    return folder


def shown(driver: Driver) -> np.ndarray:
    frame = driver.image.surface.frame
    assert frame is not None
    return frame.values


async def test_planes_are_stepped_turned_and_left_with_the_window_kept(tmp_path: Path) -> None:
    planes = np.arange(8)[::-1, None] * 100
    async with picture_of(stack(tmp_path / "stack", [float(z) for z in range(8)])) as driver:
        before = shown(driver)
        await driver.press("4")
        await driver.pilot.pause(TOGETHER)  # it is no count then
        window = driver.image.window_text
        await driver.press("M")
        await driver.until(lambda: shown(driver).shape == (8, 24), "a coronal plane")
        np.testing.assert_array_equal(shown(driver), planes + np.arange(24))
        assert "coronal" in driver.status
        assert driver.image.window_text.split()[:4] == window.split()[:4]
        await driver.press("s")
        await driver.until(lambda: shown(driver).shape == (8, 20), "a sagittal plane")
        column = shown(driver)[0, 0] - 700
        await driver.press("j")
        await driver.until(lambda: shown(driver)[0, 0] == 700 + column + 1, "the next plane")
        await driver.press("a", "home")
        await driver.until(lambda: shown(driver).shape == (20, 24) and shown(driver)[0, 0] == 0, "the lowest")
        await driver.press("m", "left_parenthesis")
        await driver.until(lambda: shown(driver)[0, 0] == 300, "the largest of the slab")
        assert "MIP 7 mm" in driver.status
        await driver.press("escape")
        await driver.until(lambda: np.array_equal(shown(driver), before), "the frame that was there before")
        assert driver.image.tool is None


async def test_a_count_steps_planes_and_leaves_the_window(tmp_path: Path) -> None:
    async with picture_of(stack(tmp_path / "stack", [float(z) for z in range(8)])) as driver:
        await driver.press("4", "M")
        await driver.until(lambda: shown(driver).shape == (8, 24), "a coronal plane")
        window = driver.image.window_text
        await driver.pilot.pause(TOGETHER)  # the 4 is a preset, and no part of a count
        await driver.press("s", "home")
        await driver.until(lambda: shown(driver)[0, 0] == 700, "the first plane")
        for keys, plane in (
            (("1", "0", "j"), 10),
            (("3", "k"), 7),
            (("2", "J"), 23),
            (("5", "G"), 4),
            (("1", "2", "g", "g"), 11),
            (("G",), 23),
            (("g", "g"), 0),
        ):
            await driver.press(*keys)
            await driver.until(lambda at=plane: shown(driver)[0, 0] == 700 + at, f"plane {plane} by {keys}")
            assert driver.image.window_text == window
        assert driver.image.tool is not None


@pytest.mark.parametrize(
    ("places", "shift", "said"),
    [([0.0, 1.0, 2.0, 4.0], 0.0, "mm between"), ([0.0, 1.0, 2.0, 3.0], 0.3, "gantry tilt")],
)
async def test_what_is_not_regular_is_refused_in_a_sentence(
    tmp_path: Path, places: list[float], shift: float, said: str
) -> None:
    async with picture_of(stack(tmp_path / "stack", places, shift)) as driver:
        before = shown(driver)
        await driver.press("M")
        await driver.until(lambda: said in driver.text(), said)
        assert driver.image.tool is None
        assert shown(driver) is before


async def test_another_instance_ends_it(tmp_path: Path) -> None:
    async with picture_of(stack(tmp_path / "stack", [float(z) for z in range(4)])) as driver:
        await driver.press("M")
        await driver.until(lambda: shown(driver).shape == (4, 24), "a coronal plane")
        await driver.press("right_square_bracket")
        await driver.until(lambda: shown(driver).shape == (20, 24), "the instance")
        assert driver.image.tool is None


async def test_planes_go_through_the_probe(tmp_path: Path) -> None:
    async with picture_of(stack(tmp_path / "stack", [float(z) for z in range(6)])) as driver:
        await driver.press("s", *["h"] * 3, *["k"] * 4)
        column, row = driver.image.tool.at  # type: ignore[union-attr]
        await driver.press("M")
        await driver.until(lambda: shown(driver).shape == (6, 24), "a coronal plane")
        assert f"coronal {row - 10:.1f} mm" in driver.status
        await driver.press("s")
        assert f"sagittal {column - 12:.1f} mm" in driver.status
