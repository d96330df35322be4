"""Keys that come in one piece leave a dialog once, and never the browser below it."""

import ast
import gc
from pathlib import Path

import pytest
from textual import events
from textual.strip import Strip

import dicomtui.tui.screens
from dicomtui.tui.app import DicomTuiApp
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


def lines_in_memory() -> int:
    """Return how many drawn lines there are, wherever."""
    gc.collect()
    return sum(isinstance(one, Strip) for one in gc.get_objects())


@pytest.mark.parametrize("opened", ["a", "x", "ctrl+f", "colon", "question_mark"])
async def test_what_a_dialog_has_drawn_goes_with_it(opened: str, tmp_path: Path) -> None:
    async def open_and_leave() -> None:
        await driver.press(opened)
        await driver.until(lambda: len(driver.app.screen_stack) == 2)
        await driver.pilot.pause(0.2)
        await driver.press("escape")
        await driver.until(lambda: driver.app.screen_stack == [driver.browser])

    async with picture_of(write_series(tmp_path / "series", 3)) as driver:
        await driver.press("alt+1")
        for _ in range(2):
            await open_and_leave()
        before = lines_in_memory()
        for _ in range(3):
            await open_and_leave()
        # A screen has 40; what is left last may still be on its way out.
        await driver.until(lambda: lines_in_memory() < before + 60, "memory as before")


def test_every_modal_screen_is_one_that_is_left_once() -> None:
    folder = Path(dicomtui.tui.screens.__file__).parent
    trees = {path.name: ast.parse(path.read_text("utf-8")) for path in folder.glob("*.py")}
    named = {name for name, tree in trees.items() if "ModalScreen" in ast.dump(tree)}
    assert named == {"dialog.py"}


OPEN = ["x", "a", "question_mark", "ctrl+f", "colon", "D", "exclamation_mark", "i", "y", "H", "alt+2 j K"]


@pytest.mark.parametrize("opened", OPEN)
async def test_the_program_is_quit_from_every_dialog(opened: str, tmp_path: Path) -> None:
    async with picture_of(write_series(tmp_path / "series", 3)) as driver:
        await driver.press(*opened.split())
        await driver.until(lambda: len(driver.app.screen_stack) == 2)
        await driver.pilot.press("ctrl+c")
        await driver.until(lambda: not driver.app.is_running or driver.app._exit, "the end")


@pytest.mark.parametrize("opened", [*OPEN, "alt+1 slash", ""])
async def test_the_program_is_suspended_from_everywhere(
    opened: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspended: list[bool] = []
    monkeypatch.setattr(DicomTuiApp, "action_suspend_process", lambda _: suspended.append(True))
    async with picture_of(write_series(tmp_path / "series", 3)) as driver:
        await driver.press(*opened.split())
        await driver.pilot.pause(0.1)
        await driver.press("ctrl+z")
        assert suspended == [True]


async def test_the_program_is_quit_while_something_is_typed_but_not_where_a_text_is_selected(
    tmp_path: Path,
) -> None:
    async with picture_of(write_series(tmp_path / "series", 3)) as driver:
        await driver.press("alt+1", "slash", *"slice", "shift+home", "ctrl+c")
        assert not driver.app._exit
        await driver.press("end")
        await driver.pilot.press("ctrl+c")
        await driver.until(lambda: driver.app._exit, "the end")
