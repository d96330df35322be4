"""Zip and tar in the tree: they open in place, like folders."""

import tarfile
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


async def test_a_member_that_was_asked_for_is_shown_among_its_neighbours(tmp_path: Path) -> None:
    path = a_study(tmp_path)
    async with picture_of(f"{path}!/CT/slice001.dcm") as driver:
        await driver.until(lambda: "image 2/3" in driver.status, "its place in the stack")
        assert "slice001.dcm" in driver.cursor_line(driver.tree)


async def test_a_compressed_tar_is_browsed_like_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "study.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(write_series(tmp_path / "plain", 3), "study/CT")
    async with picture_of(path) as driver:
        await driver.until(lambda: "image 3/3" in driver.status, "its place in the stack")


async def test_members_that_cannot_be_opened_say_why_and_drive_nothing(tmp_path: Path) -> None:
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(write_series(tmp_path / "plain", 1) / "slice000.dcm", "a.dcm")
        archive.writestr("inner.zip", b"PK")
        archive.writestr("\x1b]0;x\x07[b", b"text")
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    async with picture_of(path) as driver:
        await driver.until(lambda: "not DICOM" in driver.text(), "what the text is")
        assert "a symbolic link" in driver.text()
        assert "a container inside a container" in driver.text()
        assert "\x1b" not in driver.text()


async def test_of_a_cut_zip_what_is_there_is_shown_with_a_sentence(tmp_path: Path) -> None:
    path = a_study(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"PK\1\2")])
    async with browser_on(path, size=(200, 40)) as driver:
        await driver.until(lambda: "the archive is cut" in driver.text(), "the sentence")
        await driver.until(lambda: "CT/" in driver.text(), "the members")


async def test_several_places_may_be_containers(tmp_path: Path) -> None:
    path = a_study(tmp_path)
    folder = write_series(tmp_path / "folder", 1)
    async with browser_on(folder, path, f"{path}!/CT") as driver:
        await driver.until_status(" ms")
        rows = driver.lines(driver.tree)
        assert [row.split()[1] for row in rows if row[:1] in "▸▾" and row] == ["folder/", "study.zip", "CT/"]


async def test_the_studies_of_a_folder_in_a_zip_are_those_in_it_alone(tmp_path: Path) -> None:
    path = a_study(tmp_path)
    others = write_series(tmp_path / "others", 2, PatientName="Roe^Max", SeriesInstanceUID="1.2.3")
    with zipfile.ZipFile(path, "a") as archive:
        for file in sorted(others.iterdir()):
            archive.write(file, f"MR/{file.name}")
    async with browser_on(f"{path}!/CT") as driver:
        await driver.until_status(" ms")
        await driver.press("t")
        await driver.until(lambda: "Doe^Jane" in driver.text(), "the patient")
        await driver.until(lambda: not driver.browser._archive.scanner.text, "the end of the scan")
        assert "Roe^Max" not in driver.text()
