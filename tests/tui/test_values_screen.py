"""The values of one attribute over the whole archive: what a user sees and does."""

import csv
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from dicomtui.archive.attribute_values import ValuesStep
from dicomtui.tui.screens.jump import Jump
from dicomtui.tui.screens.values_screen import ValuesScreen
from dicomtui.tui.widgets.instance_table import InstanceTable
from dicomtui.tui.widgets.value_table import ValueTable
from tests.builders import ct, write
from tests.tui.archives import scanned
from tests.tui.driving import Driver, browser_on

HOSTILE = "[@click=app.quit]x[/] \x1b]0;PWN\x07 [/x]"
STATIONS = ["CT10", "CT2", "CT2", "CT2", "", None, None, HOSTILE]


class Reader(Driver):
    """A driver with an eye on the screen."""

    jumps: list[Jump | None]

    @property
    def screen(self) -> ValuesScreen:
        screen = self.app.screen
        assert isinstance(screen, ValuesScreen)
        return screen

    @property
    def table(self) -> ValueTable:
        return self.screen.query_one(ValueTable)

    @property
    def values(self) -> list[list[str]]:
        """Count, share and value of each row."""
        rows = [line.replace("━", "").replace("╸", "").split() for line in self.lines(self.table)]
        return [[row[0], row[1], " ".join(row[3:])] for row in rows if row]

    @property
    def instances(self) -> list[str]:
        return [line for line in self.lines(self.screen.query_one(InstanceTable)) if line.strip()]

    @property
    def said(self) -> str:
        return str(self.screen.query_one("#values").border_subtitle)


@asynccontextmanager
async def reading(folder: Path, attribute: str, name: str) -> AsyncIterator[Reader]:
    """Open the screen of an attribute."""
    with scanned(folder) as scanner:
        async with browser_on(folder) as driver:
            reader = Reader(driver.pilot)
            reader.jumps = []
            await reader.app.push_screen(ValuesScreen(scanner, attribute, name), reader.jumps.append)
            await reader.until(lambda: reader.table.row_count(), "values")
            yield reader


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    for number, station in enumerate(STATIONS):
        dataset = ct(InstanceNumber=number + 1, SliceThickness=[10, 2, 2, 2, 9, 9, 9, 0.5][number])
        if station is not None:
            dataset.StationName = station
        write(dataset, folder / f"{number}.dcm")
    return folder


async def stations(reader: Reader) -> None:
    await reader.until(lambda: "in 8 instances" in reader.said, "all instances")
    await reader.until(lambda: "Esc stops" not in reader.said, "the end")


async def test_every_value_has_its_count_and_share_the_most_frequent_first(archive: Path) -> None:
    async with reading(archive, "StationName", "Station Name") as reader:
        await stations(reader)
        assert reader.values[:3] == [
            ["3", "37.5", "CT2"],
            ["2", "25.0", "(absent)"],
            ["1", "12.5", "(empty)"],
        ]
        assert "Values of Station Name" in reader.text()
        assert f"dicomtui values {archive} StationName" in reader.text()


@pytest.mark.parametrize("key", ["o", "s"])
async def test_values_are_put_in_their_order(archive: Path, key: str) -> None:
    async with reading(archive, "StationName", "Station Name") as reader:
        await stations(reader)
        await reader.press(key)
        assert [row[2] for row in reader.values[:2]] == ["(absent)", "(empty)"]
        assert [row[2] for row in reader.values[-2:]] == ["CT2", "CT10"]
        await reader.press(key)
        assert reader.values[0][2] == "CT2"


async def test_numbers_come_by_size(archive: Path) -> None:
    async with reading(archive, "SliceThickness", "Slice Thickness") as reader:
        await stations(reader)
        await reader.press("o")
        assert [row[2] for row in reader.values] == ["0.5", "2", "9", "10"]


async def test_a_filter_lists_what_contains_it(archive: Path) -> None:
    async with reading(archive, "StationName", "Station Name") as reader:
        await stations(reader)
        await reader.press("slash", *"ct1")
        assert [row[2] for row in reader.values] == ["CT10"]
        await reader.until(lambda: "1 listed" in reader.said, "the number of them")
        await reader.press("enter", "escape")
        assert len(reader.values) == 5
        assert reader.app.screen is reader.screen


async def test_enter_lists_the_instances_of_a_value_and_goes_to_one(archive: Path) -> None:
    async with reading(archive, "StationName", "Station Name") as reader:
        await stations(reader)
        await reader.press("enter")
        assert len(reader.instances) == 3
        await reader.press("escape", "enter", "j", "enter")
        assert [jump and jump.attribute for jump in reader.jumps] == ["StationName"]
        jump = reader.jumps[0]
        assert jump is not None
        assert jump.path in {str(archive / f"{number}.dcm") for number in (1, 2, 3)}
        assert reader.app.screen is reader.browser


async def test_a_tag_without_a_keyword_has_values_too(archive: Path) -> None:
    dataset = ct(InstanceNumber=9)
    dataset.private_block(0x0009, "GEMS_IDEN_01", create=True).add_new(0x01, "LO", "GE_GENESIS_FF")
    write(dataset, archive / "private.dcm")
    async with reading(archive, "00091001", "Full fidelity") as reader:
        await reader.until(lambda: "in 9 instances" in reader.said)
        assert [row[0::2] for row in reader.values] == [["8", "(absent)"], ["1", "GE_GENESIS_FF"]]


async def test_hostile_values_are_shown_as_text(archive: Path) -> None:
    async with reading(archive, "StationName", "Station Name") as reader:
        await stations(reader)
        assert "[@click=app.quit]x[/] \\x1b]0;PWN\\x07 [/x]" in reader.text()


async def test_x_writes_what_is_listed_into_a_new_file(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with reading(archive, "StationName", "Station Name") as reader:
        await stations(reader)
        await reader.press("x")
        assert "StationName.csv" in reader.text()
        await reader.press("enter")
        await reader.until(lambda: "5 values written to StationName.csv" in reader.text(), "the file")
        with open("StationName.csv", encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        assert rows[:3] == [
            ["value", "count", "share", "state"],
            ["CT2", "3", "0.375", "value"],
            ["", "2", "0.25", "missing"],
        ]
        await reader.press("x", "enter")
        await reader.until(lambda: "exists already" in reader.text(), "a refusal")


async def test_escape_in_the_name_writes_nothing(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with reading(archive, "StationName", "Station Name") as reader:
        await stations(reader)
        await reader.press("x", "escape")
        assert reader.table.has_focus
        assert not (tmp_path / "StationName.csv").exists()


async def test_escape_stops_counting_before_it_goes_back(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: object) -> Iterator[ValuesStep]:
        for number in count():
            yield ValuesStep([], number, 1000, [])
            time.sleep(0.01)

    monkeypatch.setattr("dicomtui.archive.attribute_values.attribute_values", endless)
    with scanned(archive) as scanner:
        async with browser_on(archive) as driver:
            reader = Reader(driver.pilot)
            await reader.app.push_screen(ValuesScreen(scanner, "StationName", "Station Name"))
            await reader.until(lambda: "of 1,000 files read, Esc stops" in reader.said, "progress")
            await reader.press("escape")
            assert "stopped" in reader.said
            await reader.press("escape")
            assert reader.app.screen is reader.browser
