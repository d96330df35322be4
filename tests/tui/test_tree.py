"""Keys of the tree: what a user sees change."""

import os
from pathlib import Path

import pytest

from dicomtui.settings import Settings
from tests.builders import ct, write, write_series
from tests.tui.driving import Driver, browser_on, picture_of


@pytest.fixture
def study(tmp_path: Path) -> Path:
    root = tmp_path / "study"
    write_series(root / "a first", 3)
    write_series(root / "b second", 2, SeriesInstanceUID="1.2.3.4", SeriesNumber=4, Modality="MR")
    (root / "notes.txt").write_text("nothing to see")
    return root


def _rows(driver: Driver) -> list[str]:
    return [line for line in driver.lines(driver.tree) if line.strip()]


async def test_folders_open_lazily_down_to_the_first_picture(study: Path) -> None:
    async with browser_on(study) as driver:
        await driver.until_status("image 3/3")
        rows = _rows(driver)
        assert rows[0].startswith("▾ a first/")
        assert "slice000.dcm" in rows[1]
        assert any(row.startswith("▸ b second/") for row in rows)
        assert "slice000.dcm" in driver.cursor_line(driver.tree)


async def test_rows_say_what_matters(study: Path) -> None:
    async with browser_on(study, size=(160, 48)) as driver:
        await driver.until_status("image 3/3")
        row = driver.cursor_line(driver.tree)
        for text in ("CT", "#3", "Ramp", "2020-01-31"):
            assert text in row
        await driver.until(lambda: "3 instances" in _rows(driver)[0])


async def test_moving_the_cursor_shows_the_instance_below_it(study: Path) -> None:
    async with browser_on(study) as driver:
        await driver.until_status("image 3/3")
        await driver.press("j")
        await driver.until_status("image 2/3")
        assert "slice001" in driver.status
        await driver.press("k")
        await driver.until_status("image 3/3")


async def test_l_and_h_expand_and_collapse(study: Path) -> None:
    async with browser_on(study) as driver:
        await driver.until_status("image 3/3")
        await driver.press("h")
        assert driver.cursor_line(driver.tree).startswith("▾ a first/")
        await driver.press("h")
        assert driver.cursor_line(driver.tree).startswith("▸ a first/")
        assert not any("slice" in row for row in _rows(driver))
        await driver.press("j", "l")
        await driver.until(lambda: any("slice000" in row for row in _rows(driver)), "the second series")
        assert driver.cursor_line(driver.tree).startswith("▾ b second/")
        await driver.press("l")
        assert "slice000" in driver.cursor_line(driver.tree)


async def test_enter_on_an_instance_goes_to_its_picture(study: Path) -> None:
    async with browser_on(study) as driver:
        await driver.until_status("image 3/3")
        await driver.press("j", "enter")
        assert driver.image.has_focus
        await driver.until_status("image 2/3")


async def test_files_without_extension_are_recognised_by_their_content(tmp_path: Path) -> None:
    write(ct(), tmp_path / "IM000001")
    (tmp_path / "fake.dcm").write_bytes(b"no DICOM at all" * 100)
    async with browser_on(tmp_path, size=(160, 48)) as driver:
        await driver.until_status("IM000001")
        fake = next(row for row in _rows(driver) if "fake.dcm" in row)
        assert "not DICOM" in fake


async def test_files_that_are_not_dicom_can_be_hidden(study: Path) -> None:
    async with browser_on(study) as driver:
        await driver.until_status("image 3/3")
        await driver.until(lambda: any("notes.txt" in row for row in _rows(driver)))
        await driver.press("full_stop")
        assert not any("notes.txt" in row for row in _rows(driver))
        await driver.press("full_stop")
        assert any("notes.txt" in row for row in _rows(driver))


async def test_settings_can_hide_other_files_from_the_start(study: Path) -> None:
    async with browser_on(study, settings=Settings(show_other_files=False)) as driver:
        await driver.until_status("image 3/3")
        await driver.until(lambda: not any("notes.txt" in row for row in _rows(driver)), "no other files")


async def test_search_moves_to_the_row_and_n_walks(study: Path) -> None:
    async with browser_on(study) as driver:
        await driver.until_status("image 3/3")
        await driver.press("slash", *"slice00")
        assert "slice000" in driver.cursor_line(driver.tree)
        await driver.press("enter", "n")
        assert "slice001" in driver.cursor_line(driver.tree)
        assert "2/3" in driver.text()
        await driver.press("f")
        assert all("slice" in row or "/" in row for row in _rows(driver))


async def test_brackets_step_instances_and_braces_series_from_any_pane(tmp_path: Path) -> None:
    write_series(tmp_path / "s", 3)
    write(ct(SeriesInstanceUID="1.2.3", SeriesNumber=9), tmp_path / "s" / "other.dcm")
    async with browser_on(tmp_path / "s") as driver:
        await driver.until_status("other.dcm")
        for pane in ("alt+1", "alt+2", "alt+3"):
            await driver.press(pane, "right_curly_bracket")
            await driver.until_status("image 1/3")
            await driver.press("right_square_bracket")
            await driver.until_status("image 2/3")
            await driver.press("left_square_bracket")
            await driver.until_status("image 1/3")
            assert "slice002.dcm" in driver.cursor_line(driver.tree)  # the tree follows
            await driver.press("left_curly_bracket")
            await driver.until_status("other.dcm")


async def test_a_file_as_path_opens_with_its_series_around_it(study: Path) -> None:
    async with browser_on(study / "a first" / "slice001.dcm") as driver:
        await driver.until_status("image 2/3")
        assert "slice001.dcm" in driver.cursor_line(driver.tree)


async def test_several_paths_stand_side_by_side(study: Path) -> None:
    async with browser_on(study / "b second", study / "a first", size=(160, 48)) as driver:
        await driver.until_status("image 2/2")
        rows = _rows(driver)
        assert any(row.startswith("▾") and "b second" in row for row in rows)
        assert any("a first" in row for row in rows)


async def test_rescan_shows_what_arrived(study: Path) -> None:
    async with browser_on(study / "a first") as driver:
        await driver.until_status("image 3/3")
        write(ct(InstanceNumber=9, ImagePositionPatient=[0, 0, 9]), study / "a first" / "slice009.dcm")
        await driver.press("r")
        await driver.until_status("image 3/4")
        assert any("slice009" in row for row in _rows(driver))


async def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    async with browser_on(tmp_path) as driver:
        await driver.until(lambda: "No instance found here" in driver.text(), "a sentence")


async def test_pipes_and_dangling_links_are_listed_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    write(ct(), tmp_path / "real.dcm")
    (tmp_path / "linked").symlink_to(tmp_path / "real.dcm")
    async with browser_on(tmp_path, size=(160, 48)) as driver:
        await driver.until_status("linked")
        rows = "\n".join(_rows(driver))
        assert "named pipe" in rows
        assert "dangling link" in rows


async def test_names_with_escapes_show_as_text(tmp_path: Path) -> None:
    write(
        ct(PatientName="[red]x[/red]\x1b]0;PWN\x07", SeriesDescription="[/x]\x9b31m"),
        tmp_path / "[b]a\x1b[31m",
    )
    async with picture_of(tmp_path) as driver:
        text = driver.text()
        assert "[b]a\\x1b[31m" in text
        assert "\x1b" not in text
        assert "\x9b" not in text


async def test_natural_order_puts_two_before_ten(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        write(ct(InstanceNumber=number, ImagePositionPatient=[0, 0, number]), tmp_path / f"IM{number}")
    async with browser_on(tmp_path) as driver:
        await driver.until_status("image 1/3")
        assert [row.split()[0] for row in _rows(driver)] == ["IM1", "IM2", "IM10"]


async def test_twenty_thousand_entries_stay_fluent(tmp_path: Path) -> None:
    for number in range(20_000):
        (tmp_path / f"file{number:05}").touch()
    async with browser_on(tmp_path) as driver:
        await driver.until(lambda: driver.tree.row_count() == 20_000, "all rows")
        await driver.press("G")
        assert "file19999" in driver.cursor_line(driver.tree)
        await driver.press("g", "g", "1", "0", "0", "0", "j")
        assert "file01000" in driver.cursor_line(driver.tree)


async def test_a_dicomdir_opens_as_patients_studies_and_series(tmp_path: Path) -> None:
    from pydicom.data import get_testdata_file

    dicomdir = get_testdata_file("dicomdirtests/DICOMDIR", download=False)
    async with browser_on(dicomdir, size=(160, 48)) as driver:
        await driver.until_status(" ms")
        rows = "\n".join(_rows(driver))
        assert "Doe^Archibald" in rows
        await driver.press("h", "h", "h", "h", "h", "j")
        assert "Doe^Peter" in "\n".join(_rows(driver))
        patient = next(row for row in _rows(driver) if "Doe^Peter" in row)
        assert patient.startswith("▸")


async def test_records_whose_file_is_missing_are_shown_as_missing(tmp_path: Path) -> None:
    from pydicom.data import get_testdata_file

    dicomdir = get_testdata_file("dicomdirtests/DICOMDIR", download=False)
    (tmp_path / "DICOMDIR").write_bytes(Path(dicomdir).read_bytes())
    async with browser_on(tmp_path / "DICOMDIR", size=(160, 60)) as driver:
        await driver.until(lambda: "Doe^Archibald" in driver.text(), "a patient")
        await driver.press("l", "j", "l", "j", "l")
        await driver.until(lambda: "missing" in driver.text(), "missing")


async def test_a_dicomdir_inside_a_folder_opens_in_place(tmp_path: Path) -> None:
    from pydicom.data import get_testdata_file

    sets = Path(get_testdata_file("dicomdirtests/DICOMDIR", download=False)).parent
    async with browser_on(sets, size=(160, 60)) as driver:
        await driver.until_status(" ms")
        assert "Doe^" in driver.text()


async def test_series_stand_below_their_study(tmp_path: Path) -> None:
    from pydicom.data import get_testdata_file

    dicomdir = get_testdata_file("dicomdirtests/DICOMDIR", download=False)
    async with browser_on(dicomdir, size=(160, 48)) as driver:
        await driver.until_status(" ms")
        above = []
        node = driver.tree.node
        while node is not None and node.parent is not None:
            above.append(node.depth)
            node = node.parent
        assert above == [3, 2, 1, 0]
        indents = [len(row) - len(row.lstrip()) for row in _rows(driver)[:4]]
        assert indents == sorted(set(indents))


async def test_a_filter_ends_with_its_search_and_says_that_it_is_on(study: Path) -> None:
    async with browser_on(study) as driver:
        await driver.until_status("image 3/3")
        await driver.press("f", *"slice001")
        assert not any("slice000" in row for row in _rows(driver))  # as it is typed
        await driver.press("escape")
        assert any("slice000" in row for row in _rows(driver))
        await driver.press("slash", *"slice001", "enter", "f")
        assert "filtered" in driver.text()
        assert not any("slice000" in row for row in _rows(driver))
        await driver.press("escape")
        assert any("slice000" in row for row in _rows(driver))
        await driver.press("slash", *"slice001", "enter")
        assert any("slice000" in row for row in _rows(driver))


@pytest.mark.parametrize("trees", ["", "t"])
@pytest.mark.parametrize("keys", ["escape", "enter escape", "backspace backspace backspace backspace"])
async def test_a_filter_without_a_hit_leaves_place_and_picture_as_they_were(
    study: Path, trees: str, keys: str
) -> None:
    async with browser_on(study) as driver:
        await driver.until_status("image 3/3")
        await driver.press(*trees)
        if trees:
            await driver.until(lambda: "#" in driver.cursor_line(driver.tree), "the instance")
        await driver.press("j")
        await driver.until_status("image 2/3" if not trees else "ms")
        row, status = driver.cursor_line(driver.tree), driver.status
        await driver.press("f", *"zzzz")
        assert row not in driver.lines(driver.tree)
        await driver.press(*keys.split())
        await driver.pilot.pause(0.1)
        assert driver.cursor_line(driver.tree) == row
        assert driver.status == status


async def test_a_filter_that_is_given_up_leads_back_and_one_that_is_taken_stays(study: Path) -> None:
    async with browser_on(study) as driver:
        await driver.until_status("image 3/3")
        await driver.press("f", *"slice001", "escape")
        assert "slice000" in driver.cursor_line(driver.tree)
        await driver.until_status("image 3/3")
        await driver.press("f", *"slice001", "enter", "escape")
        assert "slice001" in driver.cursor_line(driver.tree)
        await driver.until_status("image 2/3")


async def test_a_search_says_that_closed_folders_are_not_searched(study: Path) -> None:
    async with browser_on(study) as driver:
        await driver.until_status("image 3/3")
        await driver.press("slash", *"slice", "enter")
        assert "in open folders" in driver.text()


async def test_the_end_of_a_folder_is_said_and_nothing_jumps(study: Path) -> None:
    async with browser_on(study / "a first") as driver:
        await driver.until_status("image 3/3")
        await driver.press("right_square_bracket")
        await driver.until(lambda: "nothing further" in driver.text())
        assert "image 3/3" in driver.status
        await driver.press("right_curly_bracket", "left_curly_bracket")
        assert "image 3/3" in driver.status


async def test_the_status_never_speaks_of_another_file(study: Path) -> None:
    async with browser_on(study) as driver:
        await driver.until_status("image 3/3")
        await driver.press("G")
        await driver.until(lambda: "nothing to see" not in driver.status and "notes.txt" in driver.status)
        assert "image" not in driver.status


async def test_names_that_begin_with_a_dot_are_left_out(tmp_path: Path) -> None:
    write(ct(), tmp_path / "a.dcm")
    (tmp_path / ".hidden").write_text("x")
    async with browser_on(tmp_path) as driver:
        await driver.until_status("a.dcm")
        assert len(_rows(driver)) == 1
