"""What a user sees of findings, and where Enter leads; and that what is looked at is recorded if wanted."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomtui import access_log
from dicomtui.tui.screens.reader import ReaderScreen
from dicomtui.tui.screens.validation import ValidationScreen
from dicomtui.tui.widgets.change_table import ChangeTable
from tests.builders import write
from tests.dataset.test_validation import good
from tests.tui.driving import Driver, browser_on

HOSTILE = "[@click=app.quit]x[/] \x1b]0;PWN\x07 [/x]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three instances of one series; the second has no KVP, an impossible window and a hostile name."""
    for number in range(3):
        dataset = good(InstanceNumber=number + 1, ImagePositionPatient=[0, 0, number])
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
        if number == 1:
            del dataset.KVP
            dataset.WindowWidth, dataset.Manufacturer = 0, HOSTILE
        write(dataset, tmp_path / "series" / f"{number}.dcm")
    return tmp_path / "series"


def rows(driver: Driver) -> list[list[str]]:
    lines = driver.lines(driver.app.screen.query_one(ChangeTable))
    return [line.split() for line in lines if line.strip()]


def said(driver: Driver) -> str:
    return str(driver.app.screen.query_one("#validation").border_subtitle)


async def shown(driver: Driver, number: int) -> None:
    await driver.until_status(f"{number}.dcm")
    await driver.until_status(" ms")


async def validated(driver: Driver) -> None:
    await driver.press("exclamation_mark")
    await driver.until(lambda: isinstance(driver.app.screen, ValidationScreen), "the screen")
    await driver.until(lambda: "instance" in said(driver) and "validating" not in said(driver), "the end")


async def test_an_exclamation_mark_shows_what_is_wrong_with_the_instance(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await shown(driver, 0)
        await validated(driver)
        assert said(driver) == "nothing found · 1 instance"
        await driver.press("escape")
        await driver.press("right_square_bracket")
        await shown(driver, 1)
        await validated(driver)
        found = rows(driver)
        assert [row[:2] for row in found] == [
            ["error", "Manufacturer"], ["error", "KVP"], ["error", "WindowWidth"],
        ]  # fmt: skip
        assert found[1][2:5] == ["is", "missing:", "Type"]
        assert said(driver).startswith("3 errors")


async def test_enter_goes_to_the_element(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await shown(driver, 0)
        await driver.press("right_square_bracket")
        await shown(driver, 1)
        await validated(driver)
        await driver.press("j", "j", "enter")
        await driver.until(lambda: driver.app.screen is driver.browser, "the browser")
        element = driver.tags.element
        assert element is not None
        assert element.keyword == "WindowWidth"


async def test_a_finding_is_shown_in_full_and_others_can_be_filtered(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await shown(driver, 0)
        await driver.press("right_square_bracket")
        await shown(driver, 1)
        await validated(driver)
        await driver.press("v")
        await driver.until(lambda: isinstance(driver.app.screen, ReaderScreen), "the page")
        await driver.press("escape")
        await driver.press("slash", *"kvp", "enter")
        await driver.until(lambda: [row[1] for row in rows(driver)] == ["KVP"], "one row")


async def test_marked_rows_are_validated_together_and_enter_opens_the_instance(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await shown(driver, 0)
        await driver.press("space", "space", "space", "home")
        await shown(driver, 0)
        await validated(driver)
        assert "3 instances" in said(driver)
        assert any("1.dcm" in row for row in rows(driver))
        while rows(driver)[driver.app.screen.query_one(ChangeTable).cursor][1] != "WindowWidth":
            await driver.press("j")
        await driver.press("enter")
        await shown(driver, 1)
        await driver.until(
            lambda: driver.tags.element is not None and driver.tags.element.keyword == "WindowWidth",
            "the element",
        )


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    access_log.start(str(tmp_path / "log"), pytest.fail)
    yield tmp_path / "log"
    access_log.stop()


async def test_every_instance_that_is_shown_is_recorded(folder: Path, log: Path) -> None:
    async with browser_on(folder) as driver:
        await shown(driver, 0)
        await driver.press("right_square_bracket")
        await shown(driver, 1)
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(entry["action"], Path(entry["path"]).name) for entry in entries] == [
        ("opened", "0.dcm"), ("opened", "1.dcm"),
    ]  # fmt: skip
    assert [entry["sop_instance_uid"] for entry in entries] == ["1.2.3.0", "1.2.3.1"]


async def test_a_log_that_fails_is_said_and_the_browser_goes_on(folder: Path, tmp_path: Path) -> None:
    async with browser_on(folder) as driver:
        await shown(driver, 0)
        access_log.start(str(tmp_path / "log"), driver.app.say_log_fails)
        try:
            current = access_log._current
            assert current is not None
            current.close()  # as if the disk were gone: every write fails
            await driver.press("right_square_bracket")
            await shown(driver, 1)
            said = [str(one.message) for one in driver.app._notifications]
            assert sum("access log" in one for one in said) == 1
            await driver.press("right_square_bracket")
            await shown(driver, 2)
        finally:
            access_log.stop()
