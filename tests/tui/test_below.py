"""What is seen around a dialog is drawn once, and is what is below it all the same."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual._compositor import Compositor
from textual.geometry import Size
from textual.strip import Strip
from textual.widgets import Input

from dicomtui.tui.screens.below import OverAnother
from dicomtui.tui.screens.reader import ReaderScreen
from tests.builders import write_series
from tests.tui.driving import Driver, picture_of

Cells = list[list[tuple[str, object, object]]]


def cells(driver: Driver) -> Cells:
    """Return letter and colours of each cell of the screen."""
    return [
        [
            (letter, style and style.color, style and style.bgcolor)
            for text, style, _ in strip
            for letter in text
        ]
        for strip in driver.app.screen._compositor.render_strips()
    ]


async def drawn_anew(driver: Driver) -> Cells:
    """Return the same with nothing kept of what is below."""
    for screen in driver.app.screen_stack:
        if isinstance(screen, OverAnother):
            screen._below = None
            screen.refresh()
    await driver.pilot.pause(0.1)
    return cells(driver)


def say_something(driver: Driver) -> None:
    driver.browser.panes.pane("tree").set_title("Something else is said now")


def step(driver: Driver) -> None:
    driver.browser.action_step_instance(1)


@pytest.mark.parametrize("opened", ["question_mark", "colon", "i", "question_mark over H"])
@pytest.mark.parametrize("change", [say_something, step])
async def test_what_changes_below_a_dialog_is_seen_around_it(
    opened: str, change: Callable[[Driver], None], tmp_path: Path
) -> None:
    key, over, first = opened.partition(" over ")
    async with picture_of(write_series(tmp_path / "series", 3), size=(150, 44)) as driver:
        await driver.press("alt+3", first or key)
        await driver.until(lambda: len(driver.app.screen_stack) == 2)
        if over:
            driver.app.push_screen(ReaderScreen("Two", "lines\nof text"))
            await driver.until(lambda: len(driver.app.screen_stack) == 3)
        for line in driver.app.screen.query(Input):
            line.cursor_blink = False
        await driver.pilot.pause(0.3)
        before = cells(driver)
        change(driver)
        await driver.until(lambda: cells(driver) != before, "what has changed")
        await driver.pilot.pause(0.3)
        assert cells(driver) == await drawn_anew(driver)


async def test_another_size_of_the_terminal_is_that_of_what_is_below_too(tmp_path: Path) -> None:
    async with picture_of(write_series(tmp_path / "series", 3)) as driver:
        await driver.press("question_mark")
        for size in ((160, 48), (80, 24), (40, 10), (120, 40)):
            await driver.pilot.resize_terminal(*size)
            await driver.pilot.pause(0.3)
            shown = cells(driver)
            assert (len(shown[0]), len(shown)) == size
            assert shown == await drawn_anew(driver)


async def test_it_is_drawn_once_while_a_dialog_opens_and_scrolls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = 0
    render_strips = Compositor.render_strips

    def counted(compositor: Compositor, size: Size | None = None) -> list[Strip]:
        nonlocal drawn
        drawn += 1
        return render_strips(compositor, size)

    async with picture_of(write_series(tmp_path / "series", 3)) as driver:
        monkeypatch.setattr(Compositor, "render_strips", counted)
        await driver.press("question_mark")
        await driver.pilot.pause(0.3)
        await driver.press("j", "j", "k")
        assert drawn == 1
