"""Keys that come in one piece leave a dialog once, and never the browser below it."""

import ast
from pathlib import Path

import pytest
from textual import events

import dicomtui.tui.screens
from tests.builders import write_series
from tests.tui.driving import Driver, picture_of


async def type_at_once(driver: Driver, *keys: str) -> None:
    """Press keys none of which waits for what the one before it does."""
    for key in keys:
        driver.app.post_message(events.Key(key, None))
    await driver.pilot.pause(0.4)


@pytest.mark.parametrize(
    "keys", [("enter", "escape"), ("enter", "enter"), ("escape", "escape"), ("enter", "escape", "escape")]
)
async def test_the_palette_is_left_once(keys: tuple[str, ...], tmp_path: Path) -> None:
    async with picture_of(write_series(tmp_path / "series", 3)) as driver:
        await driver.press("colon")
        await driver.until(lambda: len(driver.app.screen_stack) == 2)
        await driver.press(*"invert")
        await driver.until(lambda: "image: invert" in driver.text().casefold(), "invert in the palette")
        await type_at_once(driver, *keys)
        assert driver.app.screen_stack == [driver.browser]
        await driver.press("alt+3", "home")
        await driver.until_status("image 1/3")


@pytest.mark.parametrize("opened", ["ctrl+f", "a", "x", "D", "exclamation_mark", "question_mark", "y"])
async def test_every_dialog_is_left_once(opened: str, tmp_path: Path) -> None:
    async with picture_of(write_series(tmp_path / "series", 3)) as driver:
        await driver.press(opened)
        await driver.until(lambda: len(driver.app.screen_stack) == 2)
        dialog = driver.app.screen
        dialog.dismiss(None)
        dialog.dismiss(None)
        await driver.pilot.pause()
        assert driver.app.screen_stack == [driver.browser]


def test_every_modal_screen_is_one_that_is_left_once() -> None:
    folder = Path(dicomtui.tui.screens.__file__).parent
    trees = {path.name: ast.parse(path.read_text("utf-8")) for path in folder.glob("*.py")}
    named = {name for name, tree in trees.items() if "ModalScreen" in ast.dump(tree)}
    assert named == {"dialog.py"}
