"""The dialog of export: what a user sees, chooses and gets."""

import csv
import re
import shutil
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from textual import events

from dicomtui.tui.screens.export import ExportScreen
from dicomtui.tui.screens.job_screen import JobScreen
from dicomtui.tui.widgets.form_lines import CheckLine, ChoiceLine, FormLine
from dicomtui.tui.widgets.name_list import NameList
from dicomtui.tui.widgets.outcome_table import OutcomeTable
from dicomtui.tui.widgets.pick_line import PickLine
from tests.builders import ct, write, write_series
from tests.tui.driving import Driver, browser_on

HOSTILE = "[@click=app.quit]x[/]^\x1b]0;PWN\x07 [/x]"


class Dialog(Driver):
    """A driver with an eye on the dialog."""

    @property
    def screen(self) -> ExportScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, ExportScreen))

    @property
    def job(self) -> JobScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, JobScreen))

    @property
    def unwritten(self) -> list[str]:
        return [line for line in self.lines(self.job.query_one(OutcomeTable)) if line.strip()]

    @property
    def names(self) -> list[str]:
        return [row.name for row in self.screen.query_one(NameList).rows]

    def said(self, id: str) -> str:
        """Return what stands in a place of the screen."""
        lines = self.lines(self.app.screen.query_one(f"#{id}"))
        return " ".join(" ".join(lines).split())

    def line(self, name: str) -> str:
        """Return a line of the form as a user sees it, ``""`` if it is not shown."""
        found = next(line for line in self.screen.query(FormLine) if line.name == name)
        is_shown = all(one.display for one in found.ancestors_with_self)
        return " ".join(found.render().plain.split()) if is_shown else ""

    async def go_to(self, name: str) -> None:
        """Put the focus on a line of the form that is shown."""
        assert self.line(name), f"no line {name}\n{self.text()}"
        next(line for line in self.screen.query(FormLine) if line.name == name).focus()
        await self.pilot.pause()

    async def type_into(self, name: str, text: str) -> None:
        """Paste a text into a line of the form instead of what is there, but for its last letter."""
        await self.go_to(name)
        await self.press("space", "ctrl+u")
        if text:
            assert self.screen.focused is not None
            self.screen.focused.post_message(events.Paste(text[:-1]))
            await self.pilot.pause()
            await self.pilot.press(text[-1])
        await self.pilot.pause()

    async def choose(self, name: str, word: str) -> None:
        """Step through the words of a line until one is chosen."""
        await self.go_to(name)
        line = next(line for line in self.screen.query(FormLine) if line.name == name)
        assert isinstance(line, ChoiceLine | PickLine)
        words = [choice if isinstance(choice, str) else choice[0] for choice in line.choices]
        steps = words.index(word) - words.index(line.chosen)
        await self.press(*("l" if steps > 0 else "h" for _ in range(abs(steps))))
        assert line.chosen == word

    async def until_name(self, name: str) -> None:
        """Wait until a file of that name would be made."""
        await self.until(lambda: name in self.names, f"the name {name} among {self.names}")

    async def run(self, output: Path) -> None:
        """Start, with the files going to *output*, and wait for the end."""
        await self.type_into("output", str(output))
        await self.press("enter", "enter")
        await self.until(lambda: isinstance(self.app.screen, JobScreen), "the job")
        await self.until(lambda: "close" in self.text(), "the end of the job")

    async def close(self) -> None:
        """Go back to the browser."""
        await self.press("escape")
        await self.until(lambda: self.app.screen is self.browser, "the browser")

    async def open(self) -> None:
        """Open the dialog."""
        await self.press("x")
        await self.until(lambda: isinstance(self.app.screen, ExportScreen), "the dialog")
        await self.until(lambda: self.names or self.screen.query_one(NameList).remark, "the names")


@asynccontextmanager
async def dialog_on(*paths: Path, keys: str = "", size: tuple[int, int] = (160, 48)) -> AsyncIterator[Dialog]:
    """Start the browser, press keys and open the dialog."""
    async with browser_on(*paths, size=size) as driver:
        dialog = Dialog(driver.pilot)
        await dialog.until_status(" ms")
        await dialog.press(*keys.split())
        await dialog.open()
        yield dialog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three CT instances in a folder below another."""
    write_series(tmp_path / "in" / "chest", 3)
    return tmp_path / "in"


def bundled(name: str, folder: Path) -> Path:
    """Copy a file that pydicom brings along."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(str(get_testdata_file(name, download=False)), folder / name))


def files(output: Path) -> list[str]:
    return sorted(str(path.relative_to(output)) for path in output.rglob("*") if path.is_file())


# --- what is written ---


async def test_the_picture_on_the_screen_is_written_through_the_window_on_the_screen(tmp_path: Path) -> None:
    source = bundled("CT_small.dcm", tmp_path / "in")
    async with browser_on(source.parent, size=(160, 48)) as driver:
        dialog = Dialog(driver.pilot)
        await dialog.until_status(" ms")
        await dialog.press("alt+3", "4", "full_stop", "full_stop")  # a preset, and then by hand
        await dialog.open()
        window = dialog.image.window.voi[0]
        assert "as shown" in dialog.line("window")
        assert str(window) in dialog.line("window")
        assert dialog.names == ["CT_small.png"]
        await dialog.run(tmp_path / "out")
        assert dialog.said("counts").startswith("Written 1")
        assert (
            source.read_bytes() == Path(str(get_testdata_file("CT_small.dcm", download=False))).read_bytes()
        )
    low, high = window.limits  # type: ignore[union-attr]
    dataset = pydicom.dcmread(source)
    values = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    expected = np.clip((values - low) / (high - low), 0, 1) * 255
    with Image.open(tmp_path / "out" / "CT_small.png") as picture:
        assert np.abs(np.asarray(picture).astype(float) - expected).max() <= 1
    assert stat.S_IMODE((tmp_path / "out" / "CT_small.png").stat().st_mode) == 0o600


async def test_this_frame_is_the_one_on_the_screen_and_all_frames_are_all(tmp_path: Path) -> None:
    bundled("emri_small.dcm", tmp_path / "in")
    async with dialog_on(tmp_path / "in", keys="alt+3 j j j") as dialog:
        await dialog.until(lambda: "4/10" in dialog.status, "the fourth frame")
        await dialog.choose("what", "this frame")
        assert dialog.said("chosen") == "frame 4 of emri_small.dcm"
        await dialog.until_name("emri_small-04.png")
        await dialog.choose("what", "all frames")
        await dialog.until(lambda: len(dialog.names) == 10, "ten names")
        await dialog.choose("what", "this frame")
        await dialog.choose("format", "npy")
        assert "stored" in dialog.line("stage")
        await dialog.run(tmp_path / "out")
    (name,) = files(tmp_path / "out")
    expected = pydicom.dcmread(tmp_path / "in" / "emri_small.dcm").pixel_array[3]
    np.testing.assert_array_equal(np.load(tmp_path / "out" / name), expected)


async def test_a_folder_is_written_with_all_that_is_below_it(folder: Path, tmp_path: Path) -> None:
    async with dialog_on(folder.parent, keys="g g") as dialog:
        assert dialog.said("chosen") == "folder · in · and all that is below it"
        assert dialog.names == [f"chest/slice00{number}.png" for number in range(3)]
        await dialog.run(tmp_path / "out")
    assert files(tmp_path / "out") == [f"chest/slice00{number}.png" for number in range(3)]


async def test_marked_rows_count_instead_of_the_one_under_the_cursor(folder: Path, tmp_path: Path) -> None:
    async with dialog_on(folder / "chest", keys="space space") as dialog:
        assert dialog.said("chosen") == "marked: 2 instances"
        await dialog.run(tmp_path / "out")
    assert files(tmp_path / "out") == ["slice000.png", "slice001.png"]


async def test_the_series_of_the_picture_is_one_table_or_one_movie(folder: Path, tmp_path: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.choose("format", "csv")
        await dialog.choose("what", "this series")
        assert "● all" in dialog.line("per")
        await dialog.type_into("columns", "InstanceNumber, Modality")
        await dialog.press("enter")
        await dialog.until_name("attributes.csv")
        await dialog.choose("format", "gif")
        assert not dialog.line("columns")
        assert "● series" in dialog.line("per")
        await dialog.choose("format", "csv")
        await dialog.run(tmp_path / "out")
    (name,) = files(tmp_path / "out")
    rows = list(csv.reader((tmp_path / "out" / name).read_text().splitlines()))
    assert [row[-1] for row in rows] == ["Modality", "CT", "CT", "CT"]


async def test_marks_in_the_studies_are_exported(folder: Path, tmp_path: Path) -> None:
    write(
        ct(SeriesInstanceUID="1.2.9", SOPInstanceUID="1.2.9.1", SeriesDescription="Other"), folder / "b.dcm"
    )
    async with browser_on(folder, size=(160, 48)) as driver:
        dialog = Dialog(driver.pilot)
        await dialog.until_status(" ms")
        await dialog.press("t")
        await dialog.until(lambda: "Other" in "\n".join(dialog.lines(dialog.tree)), "the series")
        await dialog.press("slash", *"ramp", "enter", "space", "escape", "slash", *"other", "enter", "space")
        await dialog.open()
        assert dialog.said("chosen") == "marked: 2 series"
        await dialog.run(tmp_path / "out")
    assert len(files(tmp_path / "out")) == 4


async def test_copies_are_transcoded_and_get_a_dicomdir(tmp_path: Path) -> None:
    source = bundled("CT_small.dcm", tmp_path / "in")
    async with dialog_on(source.parent) as dialog:
        await dialog.choose("format", "dicom")
        assert not dialog.line("window")
        await dialog.choose("transfer_syntax", "rle")
        await dialog.go_to("dicomdir")
        await dialog.press("space")
        assert not dialog.line("template")
        await dialog.until_name("PT000001/ST000001/SE000001/IM000001")
        await dialog.run(tmp_path / "out")
    assert files(tmp_path / "out") == ["DICOMDIR", "PT000001/ST000001/SE000001/IM000001"]
    copy = pydicom.dcmread(tmp_path / "out" / "PT000001/ST000001/SE000001/IM000001")
    assert copy.file_meta.TransferSyntaxUID == pydicom.uid.RLELossless
    np.testing.assert_array_equal(copy.pixel_array, pydicom.dcmread(source).pixel_array)


# --- what is chosen ---


async def test_only_the_lines_that_matter_for_the_format_are_shown(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        assert dialog.line("window")
        assert dialog.line("annotations").startswith("Draw [ ]")
        assert not dialog.line("sheet")
        await dialog.choose("stage", "modality")
        assert not dialog.line("window")
        assert not dialog.line("annotations")
        await dialog.choose("format", "sheet")
        assert dialog.line("sheet")
        await dialog.choose("format", "json")
        assert not dialog.line("size")
        await dialog.choose("format", "nifti")
        assert dialog.line("engine")


async def test_the_formats_are_listed_with_what_they_are(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.press("space")
        await dialog.until(lambda: "a contact sheet with captions" in dialog.text(), "the list")
        await dialog.press("slash", *"jpeg", "enter", "enter")
        await dialog.until(lambda: "‹ jpeg ›" in dialog.line("format"), "the format")
        await dialog.until_name("slice000.jpg")


async def test_a_format_without_its_package_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "dicomtui.tui.screens.export_choices._MODULES", {"video": "no_av", "nifti": "nibabel"}
    )
    async with dialog_on(folder / "chest") as dialog:
        await dialog.choose("format", "mp4")
        assert "pip install 'dicomtui[video]'" in dialog.said("about")
        await dialog.go_to("output")
        await dialog.press("enter")
        assert dialog.app.screen is dialog.screen
        assert dialog.screen.focused is not None
        assert dialog.screen.focused.name == "format"


async def test_names_follow_the_template_as_it_is_typed(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.choose("what", "this series")
        await dialog.type_into("template", "{Modality}/{InstanceNumber:04}")
        await dialog.until_name("CT/0002.png")
        assert "by itself" not in dialog.text()


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{PatientIDD}", "PatientIDD in column 1"),
        ("a-{patientid}", "did you mean PatientID?"),
        ("x{InstanceNumber", "a single { in column 2"),
        ("", "the template for names is empty"),
    ],
)
async def test_a_mistake_in_the_template_is_said_as_it_is_typed(
    folder: Path, template: str, said: str
) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.type_into("template", template)
        await dialog.until(lambda: said in dialog.said("about"), said)
        if template:
            await dialog.press("enter", "enter")
            assert dialog.app.screen is dialog.screen


async def test_a_name_that_exists_is_marked_and_kept_unless_it_may_be_replaced(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "slice000.png").write_text("kept")
    async with dialog_on(folder / "chest") as dialog:
        await dialog.type_into("output", str(tmp_path / "out"))
        await dialog.until(lambda: "exists" in dialog.said("names"), "the mark")
        await dialog.press("enter", "enter")
        await dialog.until(lambda: "close" in dialog.text(), "the end of the job")
        assert "1 file failed" in dialog.said("state")
        assert (tmp_path / "out" / "slice000.png").read_text() == "kept"
        await dialog.close()
        await dialog.open()
        await dialog.go_to("overwrite")
        await dialog.press("space")
        await dialog.until(lambda: "exists" not in dialog.said("names"), "no mark")
        await dialog.run(tmp_path / "out")
    with Image.open(tmp_path / "out" / "slice000.png") as picture:
        assert picture.size == (32, 32)


async def test_an_original_is_never_replaced_and_the_preview_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(ct(), folder / "c1.dcm")
    other = write(ct(SOPInstanceUID="1.2.77", Modality="MR"), folder / "m.dcm")
    before = other.read_bytes()
    async with dialog_on(folder) as dialog:
        await dialog.choose("format", "dicom")
        await dialog.type_into("template", "m")
        await dialog.type_into("output", str(folder))
        await dialog.until(lambda: "m.dcm exists" in dialog.said("names"), "the mark")
        await dialog.go_to("overwrite")
        await dialog.press("space")
        await dialog.until(lambda: "m.dcm original, stays" in dialog.said("names"), "the mark")
        await dialog.press("enter")
        await dialog.until(lambda: "close" in dialog.text(), "the end of the job")
        assert "original" in dialog.said("counts")
        assert other.read_bytes() == before


async def test_a_table_replaces_no_original_either(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(ct(), folder / "c1.dcm")
    named = write(ct(SOPInstanceUID="1.2.77"), folder / "attributes.csv")
    before = named.read_bytes()
    async with dialog_on(folder.parent, keys="g g") as dialog:
        await dialog.choose("format", "csv")
        await dialog.go_to("overwrite")
        await dialog.press("space")
        await dialog.type_into("output", str(folder))
        await dialog.press("enter", "enter")
        await dialog.until(lambda: "close" in dialog.text(), "the end of the job")
        assert "original" in dialog.said("state")
    assert named.read_bytes() == before


async def test_replacing_is_marked_and_asked_for_each_time(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "slice000.png").write_text("old")
    async with dialog_on(folder / "chest", size=(80, 24)) as dialog:
        await dialog.type_into("output", str(tmp_path / "out"))
        await dialog.press("enter")
        await dialog.until(lambda: "slice000.png exists" in dialog.said("names"), "the mark")
        await dialog.go_to("overwrite")
        await dialog.press("space")
        await dialog.until(lambda: "slice000.png replaces" in dialog.said("names"), "the mark")
        await dialog.press("enter")
        await dialog.until(lambda: "close" in dialog.text(), "the end of the job")
        assert (tmp_path / "out" / "slice000.png").read_bytes().startswith(b"\x89PNG")
        await dialog.close()
        await dialog.open()
        assert "[ ]" in dialog.line("overwrite")


@pytest.mark.parametrize(
    ("name", "said"), [("file", "is no folder"), ("file/below", "none can be made in it")]
)
async def test_a_folder_that_cannot_be_is_refused_as_it_is_typed(
    folder: Path, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "file").touch()
    async with dialog_on(folder / "chest") as dialog:
        await dialog.type_into("output", str(tmp_path / name))
        await dialog.until(lambda: said in dialog.said("about"), said)
        await dialog.press("enter", "enter")
        assert dialog.app.screen is dialog.screen


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("size", "0", "pixels of the longer side"), ("sheet", "4x", "for instance 4x5")],
)
async def test_a_number_that_makes_no_sense_is_refused(folder: Path, name: str, text: str, said: str) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.choose("format", "sheet")
        await dialog.type_into(name, text)
        assert said in dialog.said("about")
        await dialog.press("enter", "enter")
        assert dialog.app.screen is dialog.screen


async def test_what_was_chosen_is_offered_again_in_the_session(folder: Path, tmp_path: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        await dialog.choose("format", "tiff")
        await dialog.choose("stage", "modality")
        await dialog.type_into("template", "{Modality}")
        await dialog.press("enter")
        await dialog.run(tmp_path / "out")
        await dialog.close()
        await dialog.open()
        assert "‹ tiff ›" in dialog.line("format")
        assert "● modality" in dialog.line("stage")
        assert "{Modality}" in dialog.line("template")
        assert str(tmp_path / "out")[-20:] in dialog.line("output")


# --- who the patient is ---


async def test_a_source_that_is_not_marked_as_de_identified_is_warned_of(tmp_path: Path) -> None:
    write(ct(), tmp_path / "a" / "open.dcm")
    write(ct(PatientIdentityRemoved="YES"), tmp_path / "b" / "closed.dcm")
    async with dialog_on(tmp_path / "a") as dialog:
        await dialog.until(lambda: "(0012,0062)" in dialog.said("warning"), "the warning")
    async with dialog_on(tmp_path / "b") as dialog:
        assert not dialog.said("warning")


# --- the job ---


async def test_what_fails_is_listed_and_can_be_opened(folder: Path, tmp_path: Path) -> None:
    broken = folder / "chest" / "z-broken.dcm"
    broken.write_bytes((folder / "chest" / "slice000.dcm").read_bytes()[:-2048])
    (folder / "note.txt").write_text("no DICOM")
    async with dialog_on(folder.parent, keys="g g") as dialog:
        await dialog.run(tmp_path / "out")
        assert "1 file failed" in dialog.said("state")
        assert dialog.said("counts").startswith("Written 3")
        assert [line.split()[0] for line in dialog.unwritten] == ["failed", "left"]
        await dialog.press("slash", *"broken", "enter", "enter")
        await dialog.until(lambda: dialog.app.screen is dialog.browser, "the browser")
        await dialog.until(lambda: "broken.dcm" in dialog.status, "the file")
    assert len(files(tmp_path / "out")) == 3


async def test_what_is_odd_about_what_was_written_is_counted(tmp_path: Path) -> None:
    write(ct(), tmp_path / "in" / "a.dcm")
    async with dialog_on(tmp_path / "in") as dialog:
        await dialog.choose("stage", "modality")
        await dialog.run(tmp_path / "out")
        assert "Noted" in dialog.said("counts")


async def test_escape_stops_the_work_and_nothing_is_half(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 60)
    async with dialog_on(tmp_path / "in", keys="space") as dialog:
        await dialog.choose("what", "this series")
        await dialog.type_into("output", str(tmp_path / "out"))
        await dialog.press("enter", "enter", "escape")
        await dialog.until(lambda: "close" in dialog.text(), "the end of the job")
        was_stopped = "stopped" in dialog.said("state")
        assert was_stopped or len(files(tmp_path / "out")) == 60
        await dialog.close()
    for name in files(tmp_path / "out") if (tmp_path / "out").exists() else ():
        with Image.open(tmp_path / "out" / name) as picture:
            picture.load()


# --- safety, and small terminals ---


async def test_hostile_values_are_text_and_lead_nowhere(tmp_path: Path) -> None:
    write(ct(PatientName=HOSTILE, PatientID="../../x"), tmp_path / "in[" / "[@click=app.quit]a.dcm")
    async with dialog_on(tmp_path / "in[") as dialog:
        assert "[@click=app.quit]" in dialog.text()
        await dialog.type_into("template", "{PatientID}/{PatientName}")
        await dialog.until(lambda: re.fullmatch(r"_x/[\w.-]+", "".join(dialog.names)), "the name")
        assert "\x1b" not in dialog.text()
        await dialog.press("enter")
        await dialog.run(tmp_path / "out")
        assert "\x1b" not in dialog.text()
    (name,) = files(tmp_path / "out")
    assert name.startswith("_x/")


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12)])
async def test_a_small_terminal_shows_the_form_and_the_names(
    folder: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with dialog_on(folder / "chest", size=size) as dialog:
        assert "‹ png ›" in dialog.text()
        assert "slice000.png" in dialog.text() or size == (40, 12)
        await dialog.go_to("output")
        await dialog.until(lambda: "Output folder" in dialog.text(), "the line that has the focus")
        await dialog.run(tmp_path / "out")
        assert "Written" in dialog.text()
    assert files(tmp_path / "out") == ["slice000.png"]


async def test_nothing_to_export_is_said(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("no DICOM")
    async with browser_on(tmp_path) as driver:
        await driver.until(lambda: "not DICOM" in driver.text(), "what the file is")
        await driver.press("x")
        await driver.until(lambda: "Nothing to export" in driver.text(), "a remark")


async def test_tab_reaches_every_line_that_is_shown(folder: Path) -> None:
    async with dialog_on(folder / "chest") as dialog:
        seen = set()
        for _ in range(20):
            assert dialog.screen.focused is not None
            seen.add(dialog.screen.focused.name)
            await dialog.press("tab")
        assert {"format", "what", "template", "output", "overwrite"} <= seen
        assert "sheet" not in seen
        assert all(line.name in seen for line in dialog.screen.query(CheckLine) if line.display)
