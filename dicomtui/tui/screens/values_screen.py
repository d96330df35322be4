"""The values of one attribute over the whole archive: how many instances have each, and which they are."""

import os
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from dicomtui.csv_rows import csv_line
from dicomtui.errors import WriteError
from dicomtui.text import safe_line
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.screens.counting import Count, Counted
from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.screens.jump import Jump
from dicomtui.tui.screens.searching import command_line, progress_text
from dicomtui.tui.widgets.columns import ColumnNames
from dicomtui.tui.widgets.instance_table import InstanceTable
from dicomtui.tui.widgets.key_hints import KeyHints
from dicomtui.tui.widgets.name_line import NameLine
from dicomtui.tui.widgets.table_pane import TablePane
from dicomtui.tui.widgets.value_table import ValueRow, ValueTable
from dicomtui.wording import count_text
from dicomtui.writing import write_bytes

if TYPE_CHECKING:
    from dicomtui.tui.screens.scanning import Scanner

LOOK_SECONDS = 0.5
"""How often it is looked whether the scan has found more."""

_VALUES_KEYS = (
    ("Enter", "instances"), ("o", "order"), ("/", "filter"), ("x", "export as CSV"), ("Esc", "back"),
)  # fmt: skip
_NAME_KEYS = (("Enter", "write the file"), ("Esc", "do not"))
_INSTANCES_KEYS = (("Enter", "go to the instance"), ("j k", "move"), ("G", "last"), ("Esc", "values"))


class Wrote(Message):
    """A file was written, or could not be."""

    def __init__(self, remark: str, *, is_error: bool) -> None:
        super().__init__()
        self.remark, self.is_error = remark, is_error


class ValuesScreen(Dialog[Jump | None], inherit_bindings=False):
    """Each distinct value with its count; Enter shows the instances that have it.

    Parameters
    ----------
    scanner : Scanner
        Holds the indexes of what the browser shows.
    attribute : str
        Keyword, or tag in eight hexadecimal digits.
    name : str
        What the attribute is called.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", show=False),
        Binding("o,s", "change_order", show=False),
        Binding("x", "export", show=False),
    ]
    AUTO_FOCUS = "ValueTable"

    def __init__(self, scanner: "Scanner", attribute: str, name: str) -> None:
        super().__init__()
        self._scanner, self._attribute = scanner, attribute
        self._worker = LatestWorker("values")
        names, instance_names = ColumnNames(), ColumnNames()
        self._values = ValueTable(names)
        label = f"Values of {safe_line(name, 60)}"
        self._pane = TablePane(label, names, self._values, id="values")
        self._instances = InstanceTable(lambda: None, instance_names)
        self._instances_pane = TablePane("Instances", instance_names, self._instances, id="instances")
        self._remark, self._hints = Static(id="remark"), KeyHints()
        self._count: Count | None = None
        self._name_line: NameLine | None = None
        self._seen = (0, False)
        """Instances that were known when counting began, and whether that was all."""

    def compose(self) -> ComposeResult:
        """Put the values into one frame, the instances of a value into another that takes its place."""
        self._instances_pane.display = False
        yield self._pane
        yield self._instances_pane
        yield self._remark
        yield self._hints

    def on_mount(self) -> None:
        """Begin to count."""
        self._scanner.start()
        self._show_command()
        self._start()
        self.set_interval(LOOK_SECONDS, self._look)

    def on_unmount(self) -> None:
        """Let the thread end."""
        if self._count is not None:
            self._count.stop()

    # --- counting ---

    @property
    def _counting(self) -> bool:
        return self._count is not None and not self._count.ended

    def _start(self) -> None:
        self._seen = (self._scanner.known, self._scanner.complete)
        self._count = Count(self._attribute, list(self._scanner.indexes), self.post_message)
        self._worker.submit(self._count.run)
        self._show_counts()

    def on_counted(self, event: Counted) -> None:
        """Show the counts."""
        if event.count is self._count:
            self._values.show(event.rows, event.count.instances)
            self._show_counts()

    def on_value_table_arranged(self) -> None:
        """Say how many values are listed."""
        self._show_counts()

    def _look(self) -> None:
        """Count again once the scan has found all."""
        state = (self._scanner.known, self._scanner.complete)
        stopped = self._count is not None and self._count.stopped
        if not self._counting and not stopped and state != self._seen and (state[1] or not self._seen[0]):
            self._start()
            self._show_command()
        self._show_counts()

    def _show_counts(self) -> None:
        count, listed, known = self._count, self._values.row_count(), self._values.known
        parts = [count_text(known, "value")]
        if listed != known:
            parts.append(f"{listed:,} listed")
        parts.append("in their order" if self._values.by_value else "most frequent first")
        if count is not None:
            parts.append(f"in {count_text(count.instances, 'instance')}")
            parts += [progress] if (progress := progress_text(count)) else []
        self._pane.border_subtitle = Content(" · ".join(parts))
        self._pane.set_title(self._scanner.text)

    # --- keys ---

    def on_descendant_focus(self) -> None:
        """Show the keys of the table that has the focus."""
        if self._name_line is not None and self._name_line.has_focus:
            self._hints.keys = _NAME_KEYS
        else:
            self._hints.keys = _INSTANCES_KEYS if self._instances.has_focus else _VALUES_KEYS

    def action_change_order(self) -> None:
        """Show the most frequent values first, or all in their order."""
        if self._values.has_focus:
            self._values.change_order()

    def on_value_table_chosen(self, event: ValueTable.Chosen) -> None:
        """Show the instances that have a value."""
        if self._count is not None:
            self._instances.show(())
            self._instances.add(self._count.instances_of(event.row.text))
            self._instances_pane.set_title(event.row.shown)
            count = count_text(self._instances.row_count(), "instance")
            self._instances_pane.border_subtitle = Content(count)
            self._pane.display, self._instances_pane.display = False, True
            self._instances.focus()

    def on_instance_table_chosen(self, event: InstanceTable.Chosen) -> None:
        """Go to an instance, at the attribute."""
        self.dismiss(Jump(event.row.path, self._attribute))

    def action_back(self) -> None:
        """Go one level back: the instances of a value, counting, the filter, the screen."""
        if self._instances_pane.display:
            self._pane.display, self._instances_pane.display = True, False
            self._values.focus()
        elif self._counting and self._count is not None:
            self._count.stop()
            self._show_counts()
        elif self._values.query_text:
            self._values.search("")
        else:
            self.dismiss(None)

    # --- export ---

    async def action_export(self) -> None:
        """Ask for the name of a file."""
        if self._name_line is None and self._pane.display:
            self._say("The values that are listed go into a new CSV file of this name.")
            self._name_line = NameLine(f"{self._attribute}.csv", self._write)
            await self._pane.mount(self._name_line)
            self._name_line.focus()

    def _write(self, name: str) -> None:
        """Write the values that are listed, in a thread."""
        line, self._name_line = self._name_line, None
        if line is None:
            return
        self._values.focus()
        line.remove()
        self._show_command()
        if name:
            table = csv_of(self._values.rows, self._count.instances if self._count else 0)
            done = f"{count_text(self._values.row_count(), 'value')} written to {name}"
            write = partial(self._write_file, os.path.expanduser(name), table, done)
            self.run_worker(write, thread=True, exit_on_error=False)

    def _write_file(self, path: str, table: bytes, done: str) -> None:
        try:
            write_bytes(path, table)
        except WriteError as error:
            self.post_message(Wrote(str(error), is_error=True))
        else:
            self.post_message(Wrote(done, is_error=False))

    def on_wrote(self, event: Wrote) -> None:
        """Say whether the file is there."""
        self._say(event.remark, is_error=event.is_error)

    def _show_command(self) -> None:
        """Say how a script asks the same."""
        self._say(f"$ {command_line('values', self._scanner, self._attribute)}")

    def _say(self, remark: str, *, is_error: bool = False) -> None:
        colour = self.app.theme_variables["error"] if is_error else None
        text = Text(f" {safe_line(remark, 512)}", Style(color=colour), no_wrap=True, overflow="ellipsis")
        self._remark.update(text)


def csv_of(rows: list[ValueRow], instances: int) -> bytes:
    """Return the same table as the subcommand ``values`` writes."""
    lines = [csv_line(["value", "count", "share", "state"])]
    for row in rows:
        share = round(row.instances / instances, 4) if instances else 0.0
        state = "missing" if row.text is None else "value" if row.text else "empty"
        lines.append(csv_line([row.text, row.instances, share, state]))
    return "".join(lines).encode()
