"""What is said of marked rows of the studies tree, and the stacks that a series is split into."""

from pathlib import Path

import pytest

from tests.builders import ct, ramp, write, write_series
from tests.tui.driving import Driver, browser_on

AXIAL, SAGITTAL = [1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two patients; the second has a series of two stacks."""
    root = tmp_path / "archive"
    write_series(root / "a", 2, PatientName="Abel^Ann", PatientID="1")
    for number in range(6):
        is_axial = number < 3
        dataset = ct(
            ramp(number),
            PatientName="Zorn^Zoe",
            PatientID="2",
            StudyInstanceUID="1.2.8",
            SeriesInstanceUID="1.2.8.1",
            InstanceNumber=number + 1,
            ImageOrientationPatient=AXIAL if is_axial else SAGITTAL,
            ImagePositionPatient=[0, 0, number] if is_axial else [number, 0, 0],
        )
        write(dataset, root / "z" / f"{number}.dcm")
    return root


async def go_to_studies(driver: Driver) -> None:
    await driver.until_status(" ms")
    await driver.press("alt+1", "t")
    await driver.until(lambda: "Zorn^Zoe" in driver.text(), "the patients")
    await driver.until(lambda: not driver.browser._archive.scanner.text, "the end of the scan")
    await driver.press("home", "h", "h", "h", "home")


async def go_to_row(driver: Driver, text: str) -> None:
    """Open rows from the top until one says *text*, and go there."""
    for _ in range(20):
        if text in driver.cursor_line(driver.tree):
            return
        await driver.press("l")
        if text in driver.cursor_line(driver.tree):
            return
        await driver.press("j")
    raise AssertionError(f"no row says {text}\n{driver.text()}")


async def test_a_series_of_several_stacks_shows_them_and_their_instances(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await go_to_studies(driver)
        for stack in ("axial", "sagittal"):
            await go_to_row(driver, stack)
            assert "3 instances" in driver.cursor_line(driver.tree)
        await driver.press("l", "j")
        assert "#6" in driver.cursor_line(driver.tree)  # from the left of the patient to his right


@pytest.mark.parametrize(
    ("row", "said"),
    [("Zorn^Zoe", "patient"), ("Test study", "study"), ("sagittal", "stack")],
)
async def test_the_dialog_names_the_row_that_it_is_about(row: str, said: str, archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await go_to_studies(driver)
        await go_to_row(driver, row)
        await driver.press("x")
        await driver.until(lambda: f"{said} · " in driver.text(), f"a {said}")
        (line,) = (line for line in driver.text().splitlines() if f"{said} · " in line)
        assert "instances" in line


async def test_marked_rows_of_several_kinds_are_counted_by_kind(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await go_to_studies(driver)
        await driver.press("space")  # the first patient
        await go_to_row(driver, "axial")
        await driver.press("space")
        await go_to_row(driver, "sagittal")
        await driver.press("space", "x")
        await driver.until(lambda: "3 marked: 1 patient, 2 stacks" in driver.text(), "the marked rows")
