"""The dialog of de-identification: what a user sees, chooses and gets."""

import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from textual import events

from dicomtui.tui.screens.deidentify import DeidentifyScreen
from dicomtui.tui.screens.job_screen import JobScreen
from dicomtui.tui.widgets.form_lines import CheckLine, ChoiceLine
from dicomtui.tui.widgets.outcome_table import OutcomeTable
from dicomtui.tui.widgets.preview_table import PreviewTable
from tests.builders import ct, write, write_series
from tests.tui.driving import Driver, browser_on

HOSTILE = "[@click=app.quit]x[/]^\x1b]0;PWN\x07 [/x]"


class Dialog(Driver):
    """A driver with an eye on the dialog."""

    @property
    def screen(self) -> DeidentifyScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, DeidentifyScreen))

    @property
    def table(self) -> PreviewTable:
        return self.screen.query_one(PreviewTable)

    @property
    def job(self) -> JobScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, JobScreen))

    @property
    def unwritten(self) -> list[str]:
        return [line for line in self.lines(self.job.query_one(OutcomeTable)) if line.strip()]

    def said(self, id: str) -> str:
        """Return what stands in a place of the screen."""
        lines = self.lines(self.app.screen.query_one(f"#{id}"))
        return " ".join(" ".join(lines).split())

    def preset(self) -> str:
        return self.screen.query_one("#form ChoiceLine", ChoiceLine).render().plain.split("Preset")[1].strip()

    def check(self, name: str) -> CheckLine:
        return next(line for line in self.screen.query(CheckLine) if line.name == name)

    def action_of(self, name: str) -> str:
        """Return what happens to an attribute: kept, removed, emptied, changed, added."""
        return next(row.action for row in self.table.rows if row.name == name)

    async def go_to(self, name: str) -> None:
        """Move down to a line of the form."""
        for _ in range(30):
            if self.screen.focused is not None and self.screen.focused.name == name:
                return
            await self.press("j")
        raise AssertionError(f"no line {name}\n{self.text()}")

    async def type_into(self, name: str, text: str) -> None:
        """Paste a text into a line of the form instead of what is there, but for its last letter."""
        await self.go_to(name)
        await self.press("space", "ctrl+u")
        if text:
            assert self.screen.focused is not None
            self.screen.focused.post_message(events.Paste(text[:-1]))
            await self.pilot.pause()
            await self.press("slash" if text[-1] == "/" else text[-1])

    async def run(self, output: Path) -> None:
        """Start, with the files going to *output*, and wait for the end."""
        await self.type_into("output", str(output))
        await self.press("enter", "enter")
        await self.until(lambda: isinstance(self.app.screen, JobScreen), "the job")
        await self.until(lambda: "close" in self.text(), "the end of the job")


@asynccontextmanager
async def dialog_on(*paths: Path, keys: str = "", size: tuple[int, int] = (160, 48)) -> AsyncIterator[Dialog]:
    """Start the browser, press keys in the tree and open the dialog."""
    async with browser_on(*paths, size=size) as driver:
        dialog = Dialog(driver.pilot)
        await dialog.until_status(" ms")
        await dialog.press(*keys.split(), "a")
        await dialog.until(lambda: isinstance(dialog.app.screen, DeidentifyScreen), "the dialog")
        await dialog.until(lambda: dialog.table.rows, "the preview")
        yield dialog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three CT instances and an ultrasound in a folder with a sub-folder."""
    write_series(tmp_path / "in" / "chest", 3)
    write(ct(Modality="US", SOPInstanceUID="1.2.3.9"), tmp_path / "in" / "us" / "heart.dcm")
    return tmp_path / "in"


def written(output: Path) -> list[Path]:
    return sorted(output.rglob("*.dcm"))


# --- what is chosen ---


async def test_an_instance_is_named_and_shown_before_and_after(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        assert dialog.said("chosen").startswith("instance · slice000.dcm")
        text = dialog.text()
        assert "Doe^Jane" in text
        assert "ANON^" in text
        await dialog.until(lambda: "1 of 1 file can be written" in dialog.said("held-back"), "the count")


async def test_a_folder_stands_for_all_that_is_below_it(folder: Path, tmp_path: Path) -> None:
    async with dialog_on(folder.parent, keys="g g") as dialog:
        assert dialog.said("chosen") == "folder · in · and all that is below it"
        await dialog.until(lambda: "3 of 4 files can be written" in dialog.said("held-back"), "the count")
        assert "held back: 1 × ultrasound" in dialog.said("held-back")
        await dialog.run(tmp_path / "out")
        assert len(written(tmp_path / "out")) == 3


async def test_marked_rows_count_instead_of_the_one_under_the_cursor(folder: Path, tmp_path: Path) -> None:
    async with dialog_on(folder / "chest", keys="space space") as dialog:
        assert dialog.said("chosen") == "marked: 2 instances"
        await dialog.run(tmp_path / "out")
        assert len(written(tmp_path / "out")) == 2


async def test_a_series_of_the_studies_is_all_its_instances(folder: Path, tmp_path: Path) -> None:
    async with browser_on(folder, size=(160, 48)) as driver:
        dialog = Dialog(driver.pilot)
        await dialog.until_status(" ms")
        await dialog.press("t")
        await dialog.until(lambda: "Ramp" in "\n".join(dialog.lines(dialog.tree)), "the series")
        await dialog.press("slash", *"ramp", "enter", "a")
        await dialog.until(lambda: isinstance(dialog.app.screen, DeidentifyScreen), "the dialog")
        assert dialog.said("chosen") == "series 3 · CT · Ramp · 4 instances"
        await dialog.run(tmp_path / "out")
        assert len(written(tmp_path / "out")) == 3
        assert "held back, because it is ultrasound" in "\n".join(dialog.unwritten)


async def test_marks_of_studies_and_series_are_said_by_kind(folder: Path) -> None:
    async with browser_on(folder, size=(160, 48)) as driver:
        dialog = Dialog(driver.pilot)
        await dialog.until_status(" ms")
        await dialog.press("t")
        await dialog.until(lambda: "Ramp" in "\n".join(dialog.lines(dialog.tree)), "the series")
        await dialog.press("g", "g", "space", "j", "space", "a")  # a patient and what stands below it
        await dialog.until(lambda: isinstance(dialog.app.screen, DeidentifyScreen), "the dialog")
        assert dialog.said("chosen") == "patient · Doe^Jane · 1 study · 4 instances"


async def test_a_file_that_is_no_dicom_is_not_de_identified(tmp_path: Path) -> None:
    write(ct(), tmp_path / "a.dcm")
    (tmp_path / "b.txt").write_text("no DICOM")
    async with browser_on(tmp_path) as driver:
        await driver.until_status(" ms")
        await driver.until(lambda: "not DICOM" in driver.text(), "what the file is")
        await driver.press("G", "a")
        await driver.until(lambda: "Nothing to de-identify" in driver.text(), "a remark")


# --- choices ---


async def test_a_box_changes_the_preview_and_the_name_of_the_preset(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        assert dialog.preset().startswith("● basic   ○ research")
        assert dialog.action_of("Study Instance UID") == "changed"
        await dialog.go_to("retain_uids")
        assert "instances can be found again in the archive" in dialog.said("about")
        await dialog.press("space")
        await dialog.until(lambda: dialog.action_of("Study Instance UID") == "kept", "the new preview")
        assert dialog.preset().startswith("● basic, changed")
        await dialog.press("space")
        await dialog.until(lambda: dialog.action_of("Study Instance UID") == "changed", "the old preview")
        assert dialog.preset().startswith("● basic   ○ research")


async def test_a_preset_sets_the_options_that_it_stands_for(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.press("l")
        assert dialog.check("retain_patient_characteristics").checked
        assert "● shifted" in dialog.text()
        await dialog.until(lambda: dialog.action_of("Study Date") == "changed", "dates that are shifted")
        await dialog.go_to("dates")
        await dialog.press("l")
        assert "● kept" in dialog.text()
        assert "● research, changed" in dialog.text()
        await dialog.until(lambda: dialog.action_of("Study Date") == "kept", "dates that are kept")


async def test_a_rectangle_that_makes_no_sense_is_refused_with_its_reason(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.type_into("blank", "0,0,8,8; 1,2")
        assert "rectangle 2: four numbers are needed" in dialog.said("about")
        await dialog.press("enter", "g", "g", "enter")
        assert isinstance(dialog.app.screen, DeidentifyScreen)
        await dialog.press("space", "backspace", "backspace", "backspace", "backspace", "backspace", "enter")
        assert "rectangle" in dialog.said("about")  # what the line is for
        await dialog.until(lambda: dialog.action_of("Pixel Data") == "changed", "the pixels")


async def test_escape_puts_back_what_was_typed_over(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.go_to("output")
        await dialog.press("space", "ctrl+u", "x", "escape")
        assert isinstance(dialog.app.screen, DeidentifyScreen)
        assert dialog.screen.query_one("#form").is_mounted
        assert "deidentified" in dialog.text()


@pytest.mark.parametrize(("inside", "reason"), [(True, "inside"), (False, "not empty")])
async def test_an_output_folder_that_must_not_be_used_is_refused_as_it_is_typed(
    folder: Path, tmp_path: Path, inside: bool, reason: str
) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "file").touch()
    async with dialog_on(folder.parent, keys="g g") as dialog:
        output = folder / "out" if inside else taken
        await dialog.type_into("output", str(output))
        await dialog.until(lambda: reason in dialog.said("about"), "the reason")
        await dialog.press("enter", "enter")
        assert isinstance(dialog.app.screen, DeidentifyScreen)
    assert not (folder / "out").exists()


async def test_the_output_that_is_offered_lies_outside_and_does_not_exist(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    async with dialog_on(folder.parent, keys="g g") as dialog:
        output = Path(os.path.expanduser(dialog.screen.query_one("#form").choices.output))  # type: ignore[attr-defined]
        assert output.is_absolute()
        assert not output.exists()
        assert folder not in output.parents


# --- the preview ---


async def test_the_preview_is_filtered_and_shows_only_what_changes(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.press("v")
        every = dialog.table.row_count()
        await dialog.press("c")
        assert 0 < dialog.table.row_count() < every
        assert not any("(kept)" in line for line in dialog.lines(dialog.table))
        await dialog.press("slash", *"patient name", "enter")
        await dialog.press("escape")
        assert dialog.table.row_count() > 1
        await dialog.press("slash", *"doe", "enter")
        assert [line.split()[0] for line in dialog.lines(dialog.table) if line] == ["C"]
        await dialog.press("escape", "escape", "escape")
        assert dialog.app.screen is dialog.browser


async def test_a_row_tells_its_rule_and_what_the_standard_says(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.press("v", "slash", *"doe", "enter")
        assert "changed" in dialog.said("rule")
        await dialog.press("enter")
        await dialog.until(lambda: "Table E.1-1 says" in dialog.text(), "the page")
        assert "before  Doe^Jane" in dialog.text()


async def test_hostile_values_are_text_and_nothing_else(tmp_path: Path) -> None:
    write(ct(PatientName=HOSTILE, StudyDescription=HOSTILE), tmp_path / "in[" / "[@click=app.quit]a[/].dcm")
    async with browser_on(tmp_path / "in[", size=(160, 48)) as driver:
        dialog = Dialog(driver.pilot)
        await dialog.until_status(" ms")
        await dialog.press("t")
        await dialog.until(lambda: "Ramp" in "\n".join(dialog.lines(dialog.tree)), "the series")
        await dialog.press("g", "g", "a")
        await dialog.until(lambda: isinstance(dialog.app.screen, DeidentifyScreen), "the dialog")
        await dialog.until(lambda: dialog.table.rows, "the preview")
        assert "[@click=app.quit]x[/]" in dialog.said("chosen")
        assert "\x1b" not in dialog.text()
        await dialog.run(tmp_path / "out")
        assert "\x1b" not in dialog.text()
        assert len(written(tmp_path / "out")) == 1


# --- the job ---


async def test_what_is_written_is_de_identified_and_the_rest_is_listed(folder: Path, tmp_path: Path) -> None:
    (folder / "broken.dcm").write_bytes((folder / "chest" / "slice000.dcm").read_bytes()[:-100])
    async with dialog_on(folder.parent, keys="g g") as dialog:
        await dialog.run(tmp_path / "out")
        assert "1 file failed" in dialog.said("state")
        assert dialog.said("counts").startswith("Written 3 Left out 1 held back, because it is ultrasound")
        assert [line.split()[0] for line in dialog.unwritten] == ["failed", "left"]
        await dialog.press("slash", *"ultra", "enter")
        assert len(dialog.unwritten) == 1
        await dialog.press("i")
        assert "heart.dcm" in dialog.text()
        await dialog.press("escape", "enter")
        await dialog.until(lambda: dialog.app.screen is dialog.browser, "the browser")
        await dialog.until_status("heart.dcm")
    files = written(tmp_path / "out")
    assert len(files) == 3
    for path in files:
        dataset = pydicom.dcmread(path)
        assert dataset.PatientIdentityRemoved == "YES"
        assert "Doe" not in str(dataset)
        assert dataset.pixel_array.shape == (32, 32)


async def test_the_bundled_ct_is_written_with_its_pixels(tmp_path: Path) -> None:
    source = Path(str(get_testdata_file("CT_small.dcm", download=False)))
    copy = tmp_path / "in" / "ct.dcm"
    copy.parent.mkdir()
    copy.write_bytes(source.read_bytes())
    async with dialog_on(copy.parent) as dialog:
        await dialog.run(tmp_path / "out")
        assert dialog.said("counts").startswith("Written 1")
    (path,) = written(tmp_path / "out")
    new, old = pydicom.dcmread(path), pydicom.dcmread(source)
    assert new.PixelData == old.PixelData
    assert new.PatientName != old.PatientName
    assert copy.read_bytes() == source.read_bytes()


async def test_what_was_chosen_is_offered_again(folder: Path, tmp_path: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.go_to("retain_uids")
        await dialog.press("space")
        await dialog.run(tmp_path / "out")
        await dialog.press("escape")
        await dialog.until(lambda: dialog.app.screen is dialog.browser, "the browser")
        await dialog.press("a")
        await dialog.until(lambda: isinstance(dialog.app.screen, DeidentifyScreen), "the dialog")
        assert dialog.check("retain_uids").checked


async def test_an_earlier_run_in_the_folder_is_gone_on_with(folder: Path, tmp_path: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.run(tmp_path / "out")
    async with dialog_on(folder, keys="g g space j space") as dialog:
        await dialog.type_into("output", str(tmp_path / "out"))
        await dialog.until(lambda: "earlier run" in dialog.said("about"), "a remark")
        await dialog.press("enter", "enter")
        await dialog.until(lambda: "close" in dialog.text(), "the end of the job")
        assert "done already" in "\n".join(dialog.unwritten)
        assert dialog.said("counts").startswith("Written 2")
    assert len(written(tmp_path / "out")) == 3


async def test_a_run_that_was_stopped_is_proposed_to_be_gone_on_with(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dicomtui.deidentify.batch import deidentify

    def slow(sources: object, *arguments: object, **options: object) -> object:
        def first() -> Iterator[list[str]]:
            yield [str(folder / "chest" / "slice000.dcm")]
            while True:
                time.sleep(0.01)
                yield []

        return deidentify(first(), *arguments, **options)  # type: ignore[arg-type]

    async with dialog_on(folder.parent, keys="g g") as dialog:
        with monkeypatch.context() as slowly:
            slowly.setattr("dicomtui.tui.screens.deidentify_task.deidentify", slow)
            await dialog.type_into("output", str(tmp_path / "out"))
            await dialog.press("enter", "enter")
            await dialog.until(lambda: "1 of 1+ files" in dialog.text(), "the first file")
            await dialog.press("escape")
            await dialog.until(lambda: "stopped: 1 of 1+ files" in dialog.text(), "the end of the job")
            assert "start again with the same folder to go on" in dialog.said("state")
            assert "100 %" not in dialog.text()
        await dialog.press("escape", "a")
        await dialog.until(lambda: isinstance(dialog.app.screen, DeidentifyScreen), "the dialog")
        await dialog.go_to("output")
        assert str(tmp_path / "out")[-20:] in dialog.text()
        assert "holds an earlier run" in dialog.said("about")
        await dialog.press("enter")
        await dialog.until(lambda: "close" in dialog.text(), "the end of the job")
        assert len(written(tmp_path / "out")) == 3
        await dialog.press("escape", "a")
        await dialog.until(lambda: isinstance(dialog.app.screen, DeidentifyScreen), "the dialog")
        await dialog.go_to("output")
        assert str(tmp_path / "out")[-20:] not in dialog.text()


async def test_a_dicomdir_is_offered_where_there_was_one(tmp_path: Path) -> None:
    source = Path(str(get_testdata_file("DICOMDIR", download=False))).parent
    disc = tmp_path / "disc"
    disc.mkdir()
    shutil.copy(source / "DICOMDIR", disc)
    shutil.copytree(source / "77654033", disc / "77654033")
    async with dialog_on(tmp_path, keys="g g") as dialog:
        await dialog.until(lambda: dialog.check("dicomdir").checked, "the box")
        await dialog.run(tmp_path / "out")
    (directory,) = (tmp_path / "out").glob("DICOMDIR")
    files = [
        record
        for record in pydicom.dcmread(directory).DirectoryRecordSequence
        if "ReferencedFileID" in record
    ]
    assert files
    for record in files:
        assert (tmp_path / "out").joinpath(*record.ReferencedFileID).is_file()


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_a_small_terminal_shows_the_choices_or_the_preview(folder: Path, size: tuple[int, int]) -> None:
    async with dialog_on(folder / "chest", size=size) as dialog:
        assert "Preset" in dialog.text()
        assert "Before" not in dialog.text()
        await dialog.press("v")
        assert "Before" in dialog.text()
        assert "Preset" not in dialog.text()
        await dialog.press("v")
        await dialog.go_to("key")
        assert "● key file" in dialog.text()
        await dialog.press("l")
        assert "○ key file   ● project" in dialog.text()
        await dialog.type_into("project", "trial")
        assert "trial" in dialog.text()


async def test_tab_goes_through_everything_and_no_key_is_lost(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        seen = []
        for _ in range(40):
            seen.append(dialog.screen.focused)
            await dialog.press("tab")
        assert dialog.table in seen
        assert None not in seen
        assert len({line.name for line in seen if line is not None and line.name}) >= 14
