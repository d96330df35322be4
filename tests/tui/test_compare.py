"""Comparing two instances, and seeing what varies in a series: what a user sees and does."""

from pathlib import Path

import pytest

from dicomtui.tui.screens.compare import CompareScreen
from dicomtui.tui.screens.reader import ReaderScreen
from dicomtui.tui.screens.variation import VariationScreen
from dicomtui.tui.widgets.change_table import ChangeTable
from tests.builders import ct, ramp, write
from tests.tui.driving import Driver, browser_on

HOSTILE = "[@click=app.quit]x[/] \x1b]0;PWN\x07 [/x]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five instances of one series; the third has another KVP and a hostile comment."""
    for number in range(5):
        dataset = ct(ramp(number), InstanceNumber=number + 1, ImagePositionPatient=[0, 0, number], KVP="120")
        if number == 2:
            dataset.KVP, dataset.StudyComments = "80", HOSTILE
        write(dataset, tmp_path / "series" / f"{number}.dcm")
    return tmp_path / "series"


def rows(driver: Driver) -> list[list[str]]:
    """Return the words of each row of the table."""
    lines = driver.lines(driver.app.screen.query_one(ChangeTable))
    return [line.split() for line in lines if line.strip()]


def said(driver: Driver, pane: str) -> str:
    return str(driver.app.screen.query_one(pane).border_subtitle)


async def shown(driver: Driver, number: int) -> None:
    await driver.until_status(f"{number}.dcm")
    await driver.until_status(" ms")


async def test_d_compares_with_the_instance_shown_before(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await shown(driver, 0)
        await driver.press("right_square_bracket", "right_square_bracket")
        await shown(driver, 2)
        await driver.press("d")
        await driver.until(lambda: isinstance(driver.app.screen, CompareScreen), "the screen")
        await driver.until(lambda: "changed" in said(driver, "#differences"), "the differences")
        found = rows(driver)
        assert ["~", "KVP", "120", "80"] in found
        assert any(row[:2] == ["+", "StudyComments"] for row in found)
        assert any(row[:2] == ["~", "PixelData"] for row in found)
        await driver.press("escape")
        await driver.until(lambda: driver.app.screen is driver.browser, "the browser")


async def test_kinds_of_attributes_are_left_out_by_a_key(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await driver.app.push_screen(CompareScreen(str(folder / "1.dcm"), str(folder / "2.dcm")))
        await driver.until(lambda: "changed" in said(driver, "#differences"), "the differences")
        assert any("SOPInstanceUID" in row for row in rows(driver))
        await driver.press("u", "x")
        await driver.until(lambda: not any("SOPInstanceUID" in row for row in rows(driver)), "fewer rows")
        assert "without uids, pixels" in said(driver, "#differences")
        assert not any("PixelData" in row for row in rows(driver))
        await driver.press("u")
        await driver.until(lambda: any("SOPInstanceUID" in row for row in rows(driver)), "them again")


async def test_a_filter_lists_the_rows_with_its_words_and_enter_shows_both_values(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await driver.app.push_screen(CompareScreen(str(folder / "1.dcm"), str(folder / "2.dcm")))
        await driver.until(lambda: "changed" in said(driver, "#differences"), "the differences")
        await driver.press("slash", *"kvp", "enter")
        await driver.until(lambda: rows(driver) == [["~", "KVP", "120", "80"]], "one row")
        await driver.press("enter")
        await driver.until(lambda: isinstance(driver.app.screen, ReaderScreen), "the page")
        text = driver.text()
        assert "before: (0018,0060) DS KVP" in text
        assert "after: (0018,0060) DS KVP" in text


async def test_the_same_instance_does_not_differ(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await driver.app.push_screen(CompareScreen(str(folder / "1.dcm"), str(folder / "1.dcm")))
        await driver.until(lambda: "nothing differs" in said(driver, "#differences"), "the answer")


async def test_what_cannot_be_read_is_said(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no DICOM")
    async with browser_on(folder) as driver:
        await driver.app.push_screen(CompareScreen(str(folder / "1.dcm"), str(tmp_path / "text")))
        await driver.until(lambda: "not DICOM" in said(driver, "#differences"), "the reason")


async def test_without_another_instance_there_is_a_sentence(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await shown(driver, 0)
        await driver.press("d")
        assert driver.app.screen is driver.browser


async def test_capital_d_shows_what_varies_and_enter_goes_to_the_odd_instance(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await shown(driver, 0)
        await driver.press("D")
        await driver.until(lambda: isinstance(driver.app.screen, VariationScreen), "the screen")
        await driver.until(lambda: "5 instances" in said(driver, "#variation"), "all instances")
        await driver.until(lambda: any("KVP" in row for row in rows(driver)), "the rows")
        found = rows(driver)
        assert ["2", "KVP", "120", "(4)", "80", "(2.dcm)"] in found
        expected = [place for place, row in enumerate(found) if "(expected)" in row]
        assert expected == list(range(len(found) - len(expected), len(found)))
        await driver.press("slash", *"kvp", "enter")
        await driver.until(lambda: len(rows(driver)) == 1, "one row")
        await driver.press("enter")
        await driver.until(lambda: driver.app.screen is driver.browser, "the browser")
        await shown(driver, 2)
        assert "KVP" in driver.cursor_line(driver.tags) or "Peak kilo" in driver.cursor_line(driver.tags)


async def test_constant_attributes_and_all_values_are_shown_by_a_key(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await shown(driver, 0)
        await driver.press("D")
        await driver.until(lambda: isinstance(driver.app.screen, VariationScreen), "the screen")
        await driver.until(lambda: any("KVP" in row for row in rows(driver)), "the rows")
        await driver.press("c")
        assert any(row[:3] == ["1", "PatientID", "ID-1"] for row in rows(driver))
        await driver.press("slash", *"kvp", "enter", "v")
        await driver.until(lambda: isinstance(driver.app.screen, ReaderScreen), "the page")
        await driver.until(lambda: "2.dcm" in driver.text(), "the file")


async def test_hostile_values_drive_nothing(folder: Path) -> None:
    async with browser_on(folder) as driver:
        for screen, pane in (
            (CompareScreen(str(folder / "1.dcm"), str(folder / "2.dcm")), "#differences"),
            (
                VariationScreen(HOSTILE, lambda _: iter([[str(path) for path in folder.iterdir()]])),
                "#variation",
            ),
        ):
            await driver.app.push_screen(screen)
            await driver.until(lambda: "reading" not in said(driver, pane) and rows(driver), "the rows")  # noqa: B023
            await driver.press("slash", *"studycomments", "enter")
            await driver.until(lambda: len(rows(driver)) == 1, "one row")
            assert "\x1b" not in driver.text()
            assert "@click=app.quit" in driver.text()
            await driver.press("v" if pane == "#variation" else "enter")
            await driver.until(lambda: isinstance(driver.app.screen, ReaderScreen), "the page")
            assert "\x1b" not in driver.text()
            await driver.press("escape", "escape", "escape")
            await driver.until(lambda: driver.app.screen is driver.browser, "the browser")
