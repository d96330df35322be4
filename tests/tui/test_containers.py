"""Zip and tar in the tree: they open in place, like folders."""

import zipfile
from pathlib import Path

from tests.builders import write_series
from tests.tui.driving import browser_on, picture_of


def zipped(path: Path, folder: Path, inside: str = "CT") -> Path:
    """Put the files of *folder* into a zip, below a folder of its own."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{inside}/{file.name}")
    return path


def a_study(tmp_path: Path, count: int = 3) -> Path:
    return zipped(tmp_path / "study.zip", write_series(tmp_path / "plain", count))


async def test_the_browser_started_on_a_zip_shows_its_first_instance(tmp_path: Path) -> None:
    async with picture_of(a_study(tmp_path)) as driver:
        assert "slice000.dcm" in driver.status or "image" in driver.status
        assert any("CT/" in line for line in driver.lines(driver.tree))
        assert "slice000" in driver.cursor_line(driver.tree)


async def test_a_zip_in_a_folder_opens_in_place_and_closes_again(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_series(folder / "series", 1)
    zipped(folder / "study.zip", write_series(tmp_path / "plain", 2))
    async with browser_on(folder) as driver:
        await driver.until_status(" ms")
        await driver.press("alt+1", "G")
        assert "study.zip" in driver.cursor_line(driver.tree)
        await driver.press("l")
        await driver.until(lambda: "CT/" in driver.text(), "the folder in the zip")
        await driver.press("j", "l")
        await driver.until(lambda: "2 instances" in driver.text(), "the instances in the zip")
        await driver.press("h", "h", "h")
        await driver.until(lambda: "CT/" not in driver.text(), "the zip closed")


async def test_stepping_goes_through_the_series_in_the_zip_in_space(tmp_path: Path) -> None:
    async with picture_of(a_study(tmp_path)) as driver:
        await driver.until(lambda: "image 3/3" in driver.status, "its place in the stack")
        for place in ("2/3", "1/3"):
            await driver.press("[")
            await driver.until(lambda place=place: f"image {place}" in driver.status, place)
        assert "slice002.dcm" in driver.cursor_line(driver.tree)
