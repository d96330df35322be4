"""Asking the whole archive: what a user types, and which instances are shown."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from dicomtui.archive.find import FindStep
from dicomtui.tui.screens.find import FindScreen, find_screen
from dicomtui.tui.screens.jump import Jump
from dicomtui.tui.screens.scanning import Scanner
from dicomtui.tui.screens.searching import title_of
from dicomtui.tui.widgets.find_line import FindLine, Pointer
from dicomtui.tui.widgets.instance_table import InstanceTable
from dicomtui.tui.widgets.query_guide import QueryGuide
from tests.builders import ct, write
from tests.tui.archives import scanned
from tests.tui.driving import Driver, browser_on

KEYS = {" ": "space", "=": "equals_sign", "<": "less_than_sign"}
HOSTILE = "[@click=app.quit]x[/] \x1b]0;PWN\x07 [/x]"


class Finder(Driver):
    """A driver with an eye on the screen."""

    scanner: Scanner

    def __init__(self, pilot: Pilot[None]) -> None:
        super().__init__(pilot)
        self.jumps: list[Jump | None] = []

    async def open(self) -> None:
        await self.app.push_screen(find_screen(self.app, self.scanner), self.jumps.append)
        await self.until(lambda: self.screen.focused, "the screen")

    @property
    def screen(self) -> FindScreen:
        screen = self.app.screen
        assert isinstance(screen, FindScreen)
        return screen

    @property
    def line(self) -> FindLine:
        return self.screen.query_one(FindLine)

    @property
    def table(self) -> InstanceTable:
        return self.screen.query_one(InstanceTable)

    @property
    def guide(self) -> QueryGuide:
        return self.screen.query_one(QueryGuide)

    @property
    def said(self) -> str:
        """What the counter in the frame says."""
        return str(self.screen.query_one("#answer").border_subtitle)

    @property
    def pointer(self) -> Pointer:
        return self.screen.query_one(Pointer)

    @property
    def remark(self) -> str:
        return self.pointer.render().plain

    @property
    def rows(self) -> list[str]:
        return [line for line in self.lines(self.table) if line.strip()] if self.table.display else []

    async def type(self, text: str) -> None:
        await self.press(*(KEYS.get(character, character) for character in text))

    async def paste(self, text: str) -> None:
        self.line.post_message(events.Paste(text))
        await self.pilot.pause()

    async def until_said(self, text: str) -> None:
        await self.until(lambda: text in self.said, f"{text!r} in the counter")


@asynccontextmanager
async def finding(folder: Path, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Finder]:
    """Open the screen on a folder that was scanned."""
    with scanned(folder) as scanner:
        async with browser_on(folder, size=size) as driver:
            finder = Finder(driver.pilot)
            finder.scanner = scanner
            await finder.open()
            yield finder


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    people = [("Smith^John", "CT", 1.0), ("Smith^Jane", "MR", 3.0), ("Doe^Jane", "CT", 5.0)]
    for number, (name, modality, thickness) in enumerate(people):
        for instance in range(1, 4):
            dataset = ct(
                PatientName=name,
                PatientID=f"ID-{number}",
                Modality=modality,
                SliceThickness=thickness,
                InstanceNumber=instance,
                StationName=f"STATION{number}",
                SeriesInstanceUID=f"1.2.{number}",
                StudyInstanceUID=f"1.3.{number}",
            )
            write(dataset, folder / f"{number}{instance}.dcm")
    return folder


async def test_words_find_the_instances_with_all_of_them(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.type("smith ct")
        await finder.until_said("3 found")
        assert all("Smith^John" in row and "CT" in row for row in finder.rows)


async def test_a_date_is_found_as_it_is_shown(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste("2020-01")
        await finder.until_said("9 found")
        assert "2020-01-31" in finder.rows[0]


async def test_a_word_may_stand_in_the_path(archive: Path) -> None:
    (archive / "disc 1").mkdir()
    (archive / "02.dcm").rename(archive / "disc 1" / "IM-0001-0002.DCM")
    async with finding(archive) as finder:
        for typed, found in (("im-0001-0002", 1), ("0001-0002 smith", 1), ("12.dcm", 1), ('"disc 1"', 1)):
            finder.line.value = typed
            await finder.until_said(f"{found} found")
            await finder.until(lambda: not finder.screen._searching, "the end of the search")
        finder.line.value = "archive"  # which all of them stand below
        await finder.until_said("0 found")


async def test_words_in_quotes_stand_together(archive: Path) -> None:
    write(ct(PatientName="A", SeriesDescription="Chest (pain)"), archive / "together.dcm")
    write(ct(PatientName="Chest", SeriesDescription="no pain"), archive / "apart.dcm")
    async with finding(archive) as finder:
        for typed, found in (
            ("chest pain", 2),
            ('"chest (pain)" a', 1),
            ('"smith jo', 3),
            ("'smith john' ct", 3),
        ):
            finder.line.value = typed
            await finder.until_said(f"{found} found")
        assert finder.remark == ""


async def test_quotes_with_nothing_in_them_ask_nothing_yet(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste('"')
        assert not finder.rows
        assert finder.remark


async def test_words_mean_themselves_not_wildcards(archive: Path) -> None:
    write(ct(PatientName="A_B"), archive / "underscore.dcm")
    async with finding(archive) as finder:
        await finder.paste("a_b")
        await finder.until_said("1 found")


async def test_the_index_answers_while_a_query_is_typed(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.type("Modality = CT and SliceThickness < 2")
        await finder.until_said("3 found")
        assert all("Smith^John" in row for row in finder.rows)
        assert "SliceThickness" in finder.text()  # has a column of its own
        assert finder.line.has_focus


async def test_files_are_read_after_a_pause(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste("StationName = STATION1")
        assert "read from the files" in finder.remark
        await finder.until_said("3 found")
        assert all("STATION1" in row for row in finder.rows)


async def test_enter_reads_files_at_once_and_goes_to_the_rows(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste("StationName = STATION2")
        await finder.press("enter")
        assert finder.table.has_focus
        await finder.until_said("3 found")
        assert all("Doe^Jane" in row for row in finder.rows)


@pytest.mark.parametrize(
    ("query", "attribute"),
    [
        ("SliceThickness = 5", "SliceThickness"),
        ("Modality = CT and PatientName ~ doe*", "Modality"),
        ("(0018,0050) = 5", "SliceThickness"),
        ("doe", ""),
    ],
)
async def test_enter_on_a_row_goes_to_the_instance_and_the_element(
    archive: Path, query: str, attribute: str
) -> None:
    async with finding(archive) as finder:
        await finder.paste(query)
        await finder.until_said("3 found")
        await finder.press("down", "j", "enter")
        await finder.until(lambda: finder.jumps, "a jump")
        assert finder.jumps == [Jump(str(archive / "22.dcm"), attribute)]
        assert finder.app.screen is finder.browser


async def test_a_mistake_is_pointed_at_in_its_column(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste("Modality = CT and Slise < 2")
        assert finder.remark.index("^") == len("Modality = CT and ")
        assert "Slise" in finder.remark
        assert finder.pointer.loud


@pytest.mark.parametrize(
    "begun", ["Modality =", "Modality = CT and", "Modality = CT and Slise", '(Modality = "C']
)
async def test_what_may_still_come_right_is_no_mistake_until_enter(archive: Path, begun: str) -> None:
    async with finding(archive) as finder:
        await finder.paste(begun)
        assert finder.remark
        assert not finder.pointer.loud
        await finder.press("enter")
        assert finder.pointer.loud
        assert finder.line.has_focus


async def test_what_was_found_stays_while_the_next_term_is_typed(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste("Modality = CT")
        await finder.until_said("6 found")
        rows = finder.rows
        await finder.paste(" and Pat")
        assert finder.rows == rows
        assert finder.said == "of Modality = CT"
        await finder.press(*["backspace"] * 7)
        await finder.until_said("6 found")


@pytest.mark.parametrize("width", [40, 60, 80])
async def test_a_remark_never_leaves_its_line(archive: Path, width: int) -> None:
    async with finding(archive, size=(width, 24)) as finder:
        await finder.paste("Modality = CT and PatientN and")
        assert len(finder.remark) <= width - 4
        assert "no attribute" in finder.remark


async def test_the_caret_follows_a_line_that_is_longer_than_its_place(archive: Path) -> None:
    async with finding(archive, size=(60, 20)) as finder:
        await finder.paste("PatientName = smith and PatientID = 1 and not Modality = CT and Slise < 2")
        await finder.press("enter", "left")
        caret = finder.remark.index("^")
        assert finder.lines(finder.line)[0][caret:].startswith("Slise")


async def test_examples_are_shown_until_something_is_typed(archive: Path) -> None:
    async with finding(archive) as finder:
        assert "Modality = CT" in finder.text()
        assert "What can be used" in finder.text()
        await finder.press("down", "j", "enter")
        assert finder.line.value == "Modality = CT"
        await finder.until_said("6 found")


async def test_up_on_the_first_row_and_slash_go_back_to_the_line(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste("ct")
        await finder.until_said("6 found")
        for key in ("up", "slash", "tab"):
            await finder.press("tab")
            assert finder.table.has_focus
            await finder.press(key)
            assert finder.line.has_focus
        assert finder.line.value == "ct"


async def test_up_in_the_line_brings_back_what_was_asked(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste("smith")
        await finder.press("enter", "slash", "ctrl+u")
        await finder.paste("doe")
        await finder.press("enter", "slash", "ctrl+u")
        await finder.paste("x")
        for expected in ("doe", "smith", "smith"):
            await finder.press("up")
            assert finder.line.value == expected
        await finder.press("down", "down")
        assert finder.line.value == "x"


async def test_escape_goes_back_and_reopening_shows_what_was_found(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste("smith")
        await finder.until_said("6 found")
        rows = finder.rows
        await finder.press("escape")
        assert finder.app.screen is finder.browser
        assert finder.jumps == [None]
        await finder.open()
        assert finder.line.value == "smith"
        assert finder.rows == rows


async def test_reopening_goes_on_at_the_row_that_was_left(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste("smith")
        await finder.until_said("6 found")
        await finder.press("down", "j", "j", "enter")
        await finder.open()
        assert finder.table.has_focus
        assert finder.table.cursor == 2
        await finder.press("ctrl+f")
        assert finder.line.has_focus


async def test_the_command_line_asks_the_same(archive: Path) -> None:
    async with finding(archive, size=(200, 40)) as finder:
        await finder.paste('PatientName ~ "smi*"')
        assert f"dicomtui find {archive} 'PatientName ~ \"smi*\"'" in finder.text()


async def test_hostile_values_are_shown_as_text(archive: Path) -> None:
    write(ct(PatientName=HOSTILE, SeriesDescription=HOSTILE), archive / "hostile.dcm")
    async with finding(archive, size=(160, 40)) as finder:
        await finder.paste("click")
        await finder.until_said("1 found")
        assert "[@click=app.quit]x[/]" in finder.rows[0]
        assert "\x1b" not in finder.text()


async def test_a_keyword_is_completed_with_the_right_arrow(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste("Modality = CT and patientn")
        await finder.until(lambda: finder.line._suggestion, "a suggestion")
        await finder.press("right")
        assert finder.line.value == "Modality = CT and PatientName"


async def test_f1_explains_the_language(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.press("f1")
        await finder.until(lambda: "What can be asked" in finder.text(), "the page")
        await finder.press("escape")
        assert finder.line.has_focus


@pytest.mark.parametrize(
    ("size", "names"), [((80, 24), ("Patient", "Mod", "Series")), ((160, 48), ("Patient ID", "Modality"))]
)
async def test_columns_fit_the_width(archive: Path, size: tuple[int, int], names: tuple[str, ...]) -> None:
    async with finding(archive, size=size) as finder:
        await finder.paste("smith")
        await finder.until_said("6 found")
        for name in (*names, "Description"):
            assert name in finder.text()
        assert all(len(row) <= size[0] for row in finder.text().splitlines())


async def test_what_the_scan_finds_later_is_found_too(archive: Path) -> None:
    async with finding(archive) as finder:
        await finder.paste("smith")
        await finder.until_said("6 found")
        await finder.press("down", "j", "j")
        write(ct(PatientName="Smith^Late"), archive / "late.dcm")
        finder.scanner.rescan()
        await finder.until_said("7 found")
        assert finder.table.cursor == 2


async def test_escape_stops_a_search_before_it_goes_back(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: object) -> Iterator[FindStep]:
        for number in count():
            yield FindStep([], number, 1000, [])
            time.sleep(0.01)

    monkeypatch.setattr("dicomtui.archive.find.find", endless)
    async with finding(archive) as finder:
        await finder.paste("StationName = X")
        await finder.press("enter")
        await finder.until_said("of 1,000 files read, Esc stops")
        assert finder.table.has_focus
        await finder.press("escape")
        assert "stopped" in finder.said
        assert finder.app.screen is finder.screen
        await finder.press("escape")
        assert finder.app.screen is finder.browser


async def test_what_breaks_a_search_is_one_line(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Iterator[FindStep]:
        raise RuntimeError(HOSTILE)
        yield

    monkeypatch.setattr("dicomtui.archive.find.find", broken)
    async with finding(archive) as finder:
        await finder.paste("Modality = CT")
        await finder.until_said("the search failed: RuntimeError")


def test_one_instance_is_called_so_in_the_title(tmp_path: Path) -> None:
    write(ct(), tmp_path / "a.dcm")
    with scanned(tmp_path) as scanner:
        assert title_of(scanner).startswith("1 instance · ")
