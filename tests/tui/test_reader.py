"""Pages of text: help and explanations are read, scrolled and searched."""

from pathlib import Path

import pytest

from tests.builders import write_series
from tests.tui.driving import Driver, browser_on


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return write_series(tmp_path / "series", 3)


async def open_help(driver: Driver) -> None:
    await driver.until_status(" ms")
    await driver.press("question_mark")
    await driver.until(lambda: len(driver.app.screen_stack) == 2, "help")


def first_line(driver: Driver) -> int:
    """Return the line of the text that stands on top."""
    return round(driver.app.screen.query_one("TextLines").scroll_offset.y)


async def test_help_scrolls_by_lines_and_pages_and_to_its_ends(series: Path) -> None:
    async with browser_on(series, size=(90, 20)) as driver:
        await open_help(driver)
        at = []
        for keys in ("j", "5j", "k", ("pagedown",), ("pageup",), ("G",), ("g", "g")):
            await driver.press(*keys)
            at.append(first_line(driver))
        assert at[:3] == [1, 6, 5]
        assert at[3] > 10
        assert at[4] == 5
        assert at[5] > at[3]
        assert at[6] == 0


async def test_a_search_in_help_goes_from_hit_to_hit_and_round(series: Path) -> None:
    async with browser_on(series, size=(90, 20)) as driver:
        await open_help(driver)
        await driver.press("slash", *"page")
        await driver.press("enter")
        hits = [driver.app.screen.query_one("TextLines").cursor]
        while len(hits) < 50:
            await driver.press("n")
            hits.append(driver.app.screen.query_one("TextLines").cursor)
            if hits[-1] == hits[0]:
                break
        lines = driver.app.screen.query_one("TextLines")._lines
        expected = [number for number, line in enumerate(lines) if "page" in line.casefold()]
        assert len(expected) > 1
        assert hits == [*expected, expected[0]]
        await driver.press("N")
        assert driver.app.screen.query_one("TextLines").cursor == hits[-2]
        assert "page" in driver.text().casefold()
        assert first_line(driver) > 0  # the last hit is brought into view
