"""The studies tree: what a user sees who asks for patients and studies instead of files."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomtui.archive.index import kept_index
from dicomtui.archive.refresh import Progress
from dicomtui.settings import Settings
from tests.builders import ct, ramp, write, write_series
from tests.tui.driving import Driver, browser_on


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two patients; the first has two studies, one with two series; files lie about anyhow."""
    root = tmp_path / "archive"
    write_series(root / "x" / "1", 4)
    write_series(root / "x" / "2", 3, SeriesInstanceUID="1.2.3.4", SeriesNumber=4, SeriesDescription="Lung")
    write_series(
        root / "y",
        2,
        StudyInstanceUID="1.2.9",
        SeriesInstanceUID="1.2.9.1",
        StudyDate="20210228",
        StudyDescription="Follow-up",
        Modality="MR",
    )
    write_series(
        root / "z",
        2,
        PatientName="Abel^Ann",
        PatientID="ID-2",
        StudyInstanceUID="1.2.8",
        SeriesInstanceUID="1.2.8.1",
    )
    (root / "notes.txt").write_text("nothing to see")
    return root


def _rows(driver: Driver) -> list[str]:
    return [line for line in driver.lines(driver.tree) if line.strip()]


async def _studies(driver: Driver) -> None:
    """Go to the studies and wait until the scan is done."""
    await driver.until_status(" ms")
    await driver.press("t")
    await driver.until(lambda: any("Doe^Jane" in row for row in _rows(driver)), "the patients")
    await driver.until(lambda: not driver.browser._archive.scanner.text, "the end of the scan")
    await driver.until(lambda: "#" in driver.cursor_line(driver.tree), "the instance that is shown")
    await driver.press("home")


async def test_patients_studies_and_series_are_shown_with_what_is_in_them(archive: Path) -> None:
    async with browser_on(archive, size=(200, 48)) as driver:
        await _studies(driver)
        rows = _rows(driver)
        assert "Abel^Ann" in rows[0]
        assert "ID-2" in rows[0]
        assert "1 study" in rows[0]
        jane = next(row for row in rows if "Doe^Jane" in row)
        assert "2 studies" in jane
        assert "9 instances" in jane
        first = next(row for row in rows if "2020-01-31" in row and rows.index(row) > rows.index(jane))
        assert "CT" in first
        assert "2 series" in first
        assert any("CT 4 Lung" in row and "3 instances" in row for row in rows)
        assert any("2021-02-28" in row and "Follow-up" in row for row in rows)


async def test_t_goes_back_to_the_files_and_each_tree_keeps_its_cursor(archive: Path) -> None:
    async with browser_on(archive) as driver:
        await _studies(driver)
        await driver.press("G")
        last = driver.cursor_line(driver.tree)
        await driver.press("t")
        assert any("notes.txt" in row for row in _rows(driver))
        await driver.press("t")
        assert driver.cursor_line(driver.tree) == last


async def test_the_cursor_on_a_series_shows_its_first_instance(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await _studies(driver)
        lung = next(index for index, row in enumerate(_rows(driver)) if "Lung" in row)
        await driver.press(*["j"] * lung)
        await driver.until_status("image 1/3")
        assert "slice002" in driver.status  # the stack's order is that of space
        assert "Lung" in driver.cursor_line(driver.tree)
        await driver.press("l")
        await driver.until(
            lambda: sum("#" in row for row in _rows(driver)) == 7,
            "its instances, besides those of the series that was shown first",
        )


async def test_the_tree_opens_at_the_instance_that_is_shown(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await driver.until_status("image 4/4")
        await driver.press("t")
        await driver.until(lambda: "#4" in driver.cursor_line(driver.tree), "the instance under the cursor")
        await driver.until_status("image 4/4")


async def test_the_picture_is_never_that_of_another_patient_than_the_cursors(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await _studies(driver)
        await driver.until(lambda: "/z/" in driver.status, "an instance of the first patient")
        assert "Abel^Ann" in driver.cursor_line(driver.tree)
        jane = next(index for index, row in enumerate(_rows(driver)) if "Doe^Jane" in row)
        await driver.press(*["j"] * jane)
        await driver.until(lambda: "/x/1/" in driver.status, "an instance of the second patient")
        assert "Doe^Jane" in driver.cursor_line(driver.tree)


async def test_the_tree_follows_the_picture_of_a_folder_that_was_named_in_short(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(archive.parent)
    async with browser_on("archive", size=(160, 48)) as driver:
        await _studies(driver)
        await driver.press("t", "home", "j", "j", "j")
        await driver.until_status("x/1/slice001.dcm")
        await driver.press("t")
        await driver.until(lambda: "slice001" in driver.cursor_line(driver.tree), "the same file")
        await driver.press("alt+3", "j")
        assert "image" in driver.status


async def test_an_index_is_kept_where_that_was_asked_for(archive: Path) -> None:
    async with browser_on(archive, settings=Settings(index=True)) as driver:
        await _studies(driver)
        assert all(index.kept for index in driver.browser._archive.scanner.indexes)
    assert kept_index(str(archive)) is not None


async def test_a_scan_that_was_stopped_says_how_far_it_came(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: object) -> Iterator[Progress]:
        while True:
            time.sleep(0.01)
            yield Progress(20, 10, complete=False, changed=False)

    monkeypatch.setattr("dicomtui.archive.refresh.refresh", endless)
    async with browser_on(archive, size=(160, 48)) as driver:
        await driver.until_status(" ms")
        await driver.press("t")
        await driver.until(lambda: "scanning: 10 of 20+ files" in driver.text(), "the progress")
        await driver.press("escape")
        await driver.until(
            lambda: "stopped at 10 of 20+ files" in driver.text(), "the place where it stopped"
        )
        assert "r goes on" in driver.text()


async def test_the_card_shows_long_texts_whole(tmp_path: Path) -> None:
    name = "a" * 60 + " " + "b" * 50 + " the end"
    write(ct(SeriesDescription=name[:64], StudyDescription=name[50:114]), tmp_path / ("x" * 90))
    async with browser_on(tmp_path, size=(80, 24)) as driver:
        await _studies(driver)
        await driver.press("G", "i")
        await driver.until(lambda: "Noticed" in driver.text() or "File" in driver.text(), "the card")
        page = "".join(driver.text().splitlines()[:-2])
        assert page.count("x") >= 90  # the name of the file, which is longer than a line


async def test_braces_go_through_all_series_of_the_archive(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await _studies(driver)
        seen = []
        for _ in range(5):
            await driver.press("right_curly_bracket")
            await driver.pilot.pause(0.3)
            seen.append(driver.status.split()[0])
        folders = [Path(path).parent.name for path in seen]
        assert {"1", "2", "y"} <= set(folders)


async def test_filter_narrows_the_tree_as_it_is_typed_and_esc_gives_all_back(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await _studies(driver)
        before = _rows(driver)
        await driver.press("f", *"jane lung")
        await driver.until(lambda: len(_rows(driver)) == 3, "patient, study and series")
        assert "Doe^Jane" in _rows(driver)[0]
        assert "Lung" in _rows(driver)[2]
        await driver.press("escape")
        await driver.until(lambda: _rows(driver) == before, "all rows")


async def test_the_filter_finds_a_file_whose_series_was_never_opened(archive: Path) -> None:
    (archive / "y" / "slice000.dcm").rename(archive / "y" / "XQ-0815.dcm")
    async with browser_on(archive, size=(160, 48)) as driver:
        await _studies(driver)
        assert not any("XQ-0815" in row for row in _rows(driver))
        await driver.press("f", *"xq", "minus", *"0815")
        await driver.until(lambda: any("XQ-0815.dcm" in row for row in _rows(driver)), "the file")
        assert len(_rows(driver)) == 4
        assert "XQ-0815.dcm" in _rows(driver)[-1]


async def test_the_picture_follows_where_the_filter_leaves_the_cursor(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await _studies(driver)
        await driver.press("f", *"follow", "enter")
        await driver.until_status("archive/y/")
        assert "2021-02-28" in driver.cursor_line(driver.tree) or "MR 3" in driver.cursor_line(driver.tree)


async def test_space_marks_rows_and_the_title_counts_them(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await _studies(driver)
        await driver.press("space", "space")
        assert [row for row in _rows(driver) if "●" in row] == _rows(driver)[:2]
        assert "1 marked" in driver.text() or "2 marked" in driver.text()
        await driver.press("U")
        assert not any("●" in row for row in _rows(driver))
        assert "marked" not in driver.lines(driver.browser.panes.pane("tree"))[0]


async def test_marks_and_cursor_outlive_a_new_scan(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await _studies(driver)
        await driver.press("space", "G")
        last = driver.cursor_line(driver.tree)
        write(
            ct(PatientName="Zoe", PatientID="Z", StudyInstanceUID="1.7", SeriesInstanceUID="1.7.1"),
            archive / "new",
        )
        await driver.press("r")
        await driver.until(lambda: any("Zoe" in row for row in _rows(driver)), "the new patient")
        assert driver.cursor_line(driver.tree) == last
        assert "●" in _rows(driver)[0]


async def test_marks_and_cursor_stay_on_their_instances_when_the_series_grows(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await _studies(driver)
        lung = next(index for index, row in enumerate(_rows(driver)) if "Lung" in row)
        await driver.press(*["j"] * lung, "l")
        await driver.until(lambda: sum("#" in row for row in _rows(driver)) == 7, "the instances")
        await driver.press("j", "space")
        marked = next(row for row in _rows(driver) if "●" in row)
        cursor = driver.cursor_line(driver.tree)
        more = ct(ramp(9), SeriesInstanceUID="1.2.3.4", InstanceNumber=9, ImagePositionPatient=[0, 0, -9])
        write(more, archive / "x" / "2" / "another")
        await driver.press("r")
        await driver.until(lambda: any("another" in row for row in _rows(driver)), "the new instance")
        assert marked in _rows(driver)
        assert driver.cursor_line(driver.tree) == cursor


async def test_a_missing_slice_is_marked_in_the_row_and_explained_in_the_card(tmp_path: Path) -> None:
    write_series(tmp_path / "gap", 9)
    (tmp_path / "gap" / "slice004.dcm").unlink()
    async with browser_on(tmp_path, size=(200, 48)) as driver:
        await _studies(driver)
        await driver.until(lambda: any("! " in row for row in _rows(driver)), "the mark")
        await driver.press("G", "i")
        await driver.until(lambda: "Noticed" in driver.text(), "the card")
        assert "gap" in driver.text().casefold()
        await driver.press("escape")


async def test_a_cut_file_is_marked_in_its_series_and_named_in_the_card(tmp_path: Path) -> None:
    series = write_series(tmp_path / "series", 4)
    path = series / "slice002.dcm"
    path.write_bytes(path.read_bytes()[:-1024])
    async with browser_on(series, size=(160, 48)) as driver:
        await driver.press("t")
        await driver.until(lambda: any("1 cut short" in row for row in _rows(driver)), "the mark")
        await driver.press("home", "j", "j", "i")
        await driver.until(lambda: "slice002.dcm" in driver.text(), "the card")


async def test_the_order_is_chosen_from_a_menu(archive: Path) -> None:
    async with browser_on(archive, size=(160, 48)) as driver:
        await _studies(driver)
        assert "Abel^Ann" in _rows(driver)[0]
        await driver.press("o")
        assert "newest study first" in driver.text()
        await driver.press("j", "enter")
        await driver.until(lambda: "Doe^Jane" in _rows(driver)[0], "the newest study's patient first")


async def test_markup_in_values_is_text(tmp_path: Path) -> None:
    write(
        ct(ramp(), PatientName="[@click=app.quit]x[/]", SeriesDescription="[/x]\x1b[31m"), tmp_path / "evil"
    )
    async with browser_on(tmp_path, size=(160, 48)) as driver:
        await driver.until_status(" ms")
        await driver.press("t")
        await driver.until(lambda: any("[@click=app.quit]x[/]" in row for row in _rows(driver)), "the name")
        await driver.press("G", "i")
        assert "\x1b" not in driver.text()
        await driver.press("escape")


async def test_a_folder_that_may_not_be_listed_is_the_reason_for_an_empty_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.scandir

    def refuse(path: str = ".") -> object:
        if os.fspath(path).startswith(str(tmp_path / "closed")):
            raise PermissionError(13, "Permission denied")
        return original(path)

    (tmp_path / "closed").mkdir()
    monkeypatch.setattr(os, "scandir", refuse)
    async with browser_on(tmp_path / "closed") as driver:
        await driver.press("t")
        await driver.until(lambda: "no instance found: permission denied" in driver.text(), "the reason")
    write(ct(), tmp_path / "a.dcm")
    async with browser_on(tmp_path) as driver:
        await driver.press("t")
        sentence = "1 folder could not be read: permission denied"
        await driver.until(lambda: sentence in driver.text(), "the sentence")
