"""The measurements of this run of the program: looked at, deleted, written to a file."""

import json
import os
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from dicomtui.errors import WriteError
from dicomtui.imaging.measured_text import csv_of, line_of
from dicomtui.text import safe_line
from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.widgets.key_hints import KeyHints
from dicomtui.tui.widgets.line_list import LineList
from dicomtui.tui.widgets.name_line import NameLine
from dicomtui.tui.widgets.pane import Pane
from dicomtui.wording import count_text, path_text
from dicomtui.writing import write_bytes

if TYPE_CHECKING:
    from dicomtui.tui.widgets.measured import Measured, Measurements

_KEYS = (
    ("j k", "move"),
    ("Enter", "go there"),
    ("d", "delete"),
    ("x", "write as CSV or JSON"),
    ("Esc", "back"),
)
_NAME_KEYS = (("Enter", "write the file; its end says whether .csv or .json"), ("Esc", "do not"))


class Wrote(Message):
    """A file was written, or could not be."""

    def __init__(self, remark: str, *, is_error: bool) -> None:
        super().__init__()
        self.remark, self.is_error = remark, is_error


class MeasurementList(LineList):
    """One row a measurement."""

    class Chosen(Message):
        """Enter was pressed on a measurement."""

    def __init__(self, measurements: "Measurements") -> None:
        super().__init__()
        self._measurements = measurements

    @property
    def chosen(self) -> "Measured | None":
        """The measurement under the cursor."""
        rows = self._measurements.all
        return rows[self.cursor] if rows else None

    def row_count(self) -> int:
        """Return how many there are."""
        return len(self._measurements.all)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return file, frame and values."""
        measured = self._measurements.all[index]
        path, frame = measured.subject
        where = safe_line(f"{os.path.basename(path_text(path))} {frame}", 40)
        return [Segment(f" {where}  ", Style(dim=True)), Segment(safe_line(line_of(measured.found), 400))]

    def search(self, query: str) -> None:
        """Move to the next measurement that holds *query*."""
        self.query_text = query
        words = query.casefold()
        lines = (line_of(each.found).casefold() for each in self._measurements.all)
        self.cursor = next((number for number, line in enumerate(lines) if words in line), self.cursor)

    def action_open(self) -> None:
        """Go to the frame of the measurement."""
        if self.chosen is not None:
            self.post_message(self.Chosen())


class MeasurementsScreen(Dialog["Measured | None"], inherit_bindings=False):
    """All measurements; Enter goes to the frame of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", show=False),
        Binding("d,delete", "delete", show=False),
        Binding("x", "export", show=False),
    ]

    def __init__(self, measurements: "Measurements") -> None:
        super().__init__()
        self._measurements = measurements
        self._list = MeasurementList(measurements)
        self._pane = Pane("Measurements", self._list, id="measurements")
        self._whole, self._remark, self._hints = Static(id="whole"), Static(id="remark"), KeyHints()
        self._name_line: NameLine | None = None

    def compose(self) -> ComposeResult:
        """Put the list into a frame."""
        yield self._pane
        yield self._whole
        yield self._remark
        yield self._hints

    def on_mount(self) -> None:
        """Begin at the last one."""
        self._list.rows_changed()
        self._list.cursor = max(0, len(self._measurements.all) - 1)
        self._list.focus()
        self._hints.keys = _KEYS
        self._show_count()

    def _show_count(self) -> None:
        if not self._measurements.all:
            self._say(
                "Nothing is measured yet: s takes up the probe, Enter pins a place, and its keys measure."
            )
        self._show_whole()
        self._pane.border_subtitle = Content(count_text(len(self._measurements.all), "measurement"))

    def on_line_list_moved(self) -> None:
        """Show all of a line that is too long for the list."""
        self._show_whole()

    def _show_whole(self) -> None:
        chosen = self._list.chosen
        self._whole.update(Text(f" {safe_line(line_of(chosen.found), 2000)}" if chosen is not None else ""))

    def on_measurement_list_chosen(self) -> None:
        """Go to the frame of a measurement."""
        self.dismiss(self._list.chosen)

    def action_back(self) -> None:
        """Go back to the picture."""
        self.dismiss(None)

    def action_delete(self) -> None:
        """Take a measurement out of the list and off the picture."""
        if (chosen := self._list.chosen) is not None:
            self._measurements.all.remove(chosen)
            self._list.rows_changed()
            self._show_count()

    # --- a file ---

    async def action_export(self) -> None:
        """Ask for the name of a file."""
        if self._name_line is None and self._measurements.all:
            self._name_line = NameLine("measurements.csv", self._write)
            await self._pane.mount(self._name_line)
            self._name_line.focus()
            self._hints.keys = _NAME_KEYS

    def _write(self, name: str) -> None:
        line, self._name_line = self._name_line, None
        if line is None:
            return
        self._list.focus()
        line.remove()
        self._hints.keys = _KEYS
        if name:
            rows = [(each.subject[0], each.subject[1], each.found) for each in self._measurements.all]
            if name.casefold().endswith(".json"):
                objects = [{"path": path, "frame": frame, **found} for path, frame, found in rows]
                text = json.dumps(objects, indent=2, ensure_ascii=True) + "\n"
            else:
                text = csv_of(rows)
            done = f"{count_text(len(rows), 'measurement')} written to {name}"
            write = partial(self._write_file, os.path.expanduser(name), text.encode(), done)
            self.run_worker(write, thread=True, exit_on_error=False)

    def _write_file(self, path: str, content: bytes, done: str) -> None:
        try:
            write_bytes(path, content)
        except WriteError as error:
            self.post_message(Wrote(str(error), is_error=True))
        else:
            self.post_message(Wrote(done, is_error=False))

    def on_wrote(self, event: Wrote) -> None:
        """Say whether the file is there."""
        self._say(event.remark, is_error=event.is_error)

    def _say(self, remark: str, *, is_error: bool = False) -> None:
        colour = self.app.theme_variables["error"] if is_error else None
        text = Text(f" {safe_line(remark, 512)}", Style(color=colour), no_wrap=True, overflow="ellipsis")
        self._remark.update(text)
