"""The processing panel: what a user sees of the picture and of the steps, key by key."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dicomtui.imaging.processing import Chain
from dicomtui.imaging.saved_chains import saved_chains
from dicomtui.tui.widgets.processing_panel import ProcessingPanel
from tests.builders import ct, write
from tests.tui.driving import Driver, picture_of
from tests.tui.test_export_dialog import Dialog

pytest.importorskip("skimage", reason="scikit-image (extra processing) is not installed")


@pytest.fixture(autouse=True)
def _own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def disc(tmp_path: Path) -> Path:
    y, x = np.mgrid[:64, :64]
    values = np.where((x - 32) ** 2 + (y - 32) ** 2 <= 100, 800, 200).astype(np.int16)
    values += np.random.default_rng(1).integers(-60, 60, values.shape, np.int16)
    return write(
        ct(values, PixelSpacing=[0.5, 0.5], WindowCenter=500, WindowWidth=1000), tmp_path / "disc.dcm"
    )


def panel_of(driver: Driver) -> ProcessingPanel:
    return driver.browser.query_one(ProcessingPanel)


def shown(driver: Driver) -> np.ndarray:
    frame = driver.image.surface.frame
    assert frame is not None
    return frame.values


async def add(driver: Driver, name: str) -> None:
    """Add a step as a person does: its name is searched in the menu."""
    from dicomtui.imaging.processing_steps import KINDS

    await driver.press("plus")
    await driver.press(*["j"] * list(KINDS).index(name), "enter")


async def until_processed(driver: Driver, text: str) -> None:
    """Wait until the picture is what the chain makes of the frame."""
    original = driver.image.original
    assert original is not None
    expected = Chain.parse(text).apply(original.values, original.padding)
    await driver.until(lambda: np.array_equal(shown(driver), expected), f"the picture of {text}")


async def test_a_step_is_seen_at_once_below_a_picture_that_stays(disc: Path) -> None:
    async with picture_of(disc) as driver:
        await driver.press("P")
        assert "+ add a step" in driver.text()
        height = driver.image.size.height
        await add(driver, "gaussian")
        await until_processed(driver, "gaussian(1)")
        assert "gaussian" in driver.status
        assert driver.image.size.height >= height // 2


async def test_keys_change_numbers_switch_move_and_remove_steps(disc: Path) -> None:
    async with picture_of(disc) as driver:
        await driver.press("P")
        await add(driver, "gamma")
        await driver.press("j", "l", "l", "L")
        await until_processed(driver, "gamma(2.2)")
        await driver.press("H", "0")
        await until_processed(driver, "gamma(1)")
        await driver.press("enter", *"2.5", "enter")
        await until_processed(driver, "gamma(2.5)")
        await add(driver, "median")
        await until_processed(driver, "gamma(2.5) | median(1)")
        await driver.press("K")
        await until_processed(driver, "median(1) | gamma(2.5)")
        await driver.press("space")
        await until_processed(driver, "gamma(2.5)")
        assert "median" not in driver.status
        await driver.press("minus")
        assert str(panel_of(driver).chain) == "gamma(gamma=2.5)"


async def test_esc_leaves_the_panel_and_the_steps_hold_for_what_comes(disc: Path) -> None:
    async with picture_of(disc) as driver:
        await driver.press("P")
        await add(driver, "edges")
        await until_processed(driver, "edges")
        await driver.press("escape")
        assert not driver.browser.query(ProcessingPanel)
        assert driver.image.has_focus
        assert "edges" in driver.status
        await driver.press("P", "space")
        await driver.until(lambda: np.array_equal(shown(driver), driver.image.original.values))  # type: ignore[union-attr]
        assert "edges" not in driver.status
        assert "[ ] 1 edges" in driver.text()


async def test_steps_are_saved_and_opened_by_name(disc: Path) -> None:
    async with picture_of(disc) as driver:
        await driver.press("P")
        await add(driver, "clahe")
        await driver.press("S", *"mine", "enter")
        await driver.until(lambda: saved_chains() == {"mine": Chain.parse("clahe")}, "the saved steps")
        await driver.press("minus", "O", "enter")
        assert panel_of(driver).chain == Chain.parse("clahe")
        await driver.press("S", *"a", "escape")
        assert list(saved_chains()) == ["mine"]


async def test_regions_are_measured_and_coloured(disc: Path) -> None:
    async with picture_of(disc) as driver:
        await driver.press("P")
        await add(driver, "segment")
        assert panel_of(driver).chain.steps[0].numbers[0] == 500, "it begins at the centre of the window"
        await driver.until(lambda: "1 red" in driver.text(), "the region")
        original = driver.image.original
        assert original is not None
        inside = original.values >= 500
        line = next(line for line in driver.text().splitlines() if "1 red" in line)
        assert f"{np.count_nonzero(inside) * 0.25:.6g} mm²" in line
        assert f"{original.values[inside].mean():.5g} ± {original.values[inside].std():.3g}" in line
        await driver.until(lambda: driver.image.surface.frame.coloured is not None)  # type: ignore[union-attr]


async def test_regions_are_measured_over_the_series(tmp_path: Path) -> None:
    for number in range(6):
        values = np.full((32, 32), -500, np.int16)
        values[8:18, 10:14] = 300 if 1 <= number <= 4 else -500
        place = [0.0, 0.0, 2.0 * number]
        write(
            ct(values, ImagePositionPatient=place, InstanceNumber=number + 1, WindowCenter=0),
            tmp_path / "series" / f"{number}.dcm",
        )
    async with picture_of(tmp_path / "series") as driver:
        await driver.press("P")
        await add(driver, "segment")
        await driver.press("V")
        await driver.until(lambda: "1 red  320 mm³  300 ± 0 HU" in driver.text(), "the volume")


async def test_a_region_grows_from_the_probe(disc: Path) -> None:
    async with picture_of(disc) as driver:
        await driver.press("s", "l", "l", "k")
        column, row = driver.image.tool.at  # type: ignore[union-attr]
        await driver.press("P")
        await add(driver, "grow")
        assert panel_of(driver).chain == Chain.parse(f"grow({column}, {row})")


@pytest.mark.parametrize("wanted", [True, False])
async def test_the_picture_is_exported_as_it_is_processed_on_the_screen(
    disc: Path, tmp_path: Path, wanted: bool
) -> None:
    async with picture_of(disc, size=(160, 48)) as driver:
        await driver.press("P")
        await add(driver, "edges")
        await until_processed(driver, "edges")
        await driver.press("escape")
        dialog = Dialog(driver.pilot)
        await dialog.open()
        assert "[x] as shown: edges" in dialog.line("process")
        if not wanted:
            await dialog.go_to("process")
            await dialog.press("space")
        await dialog.run(tmp_path / "out")
    (written,) = (tmp_path / "out").rglob("*.png")
    steps = ["--process", "edges"] if wanted else []
    subprocess.run(
        [sys.executable, "-m", "dicomtui", "export", disc, tmp_path / "same.png", *steps], check=True
    )
    with Image.open(written) as picture, Image.open(tmp_path / "same.png") as expected:
        np.testing.assert_array_equal(np.asarray(picture), np.asarray(expected))
