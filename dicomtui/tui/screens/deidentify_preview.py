"""What would become of the elements of one instance: computed in a thread, shown beside the choices."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from dicomtui.errors import DicomTuiError
from dicomtui.text import safe_line
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.screens.reader import ReaderScreen, page_width
from dicomtui.tui.widgets.columns import ColumnNames
from dicomtui.tui.widgets.preview_table import PreviewTable
from dicomtui.tui.widgets.table_pane import TablePane

if TYPE_CHECKING:
    from dicomtui.deidentify.keys import Key
    from dicomtui.deidentify.options import DeidentifyOptions
    from dicomtui.deidentify.preview import PreviewRow

ID = "preview"
_ORDER = ("removed", "emptied", "changed", "added", "kept")


class Previewed(Message):
    """The rows of an instance were computed, or could not be."""

    def __init__(self, path: str, rows: "Sequence[PreviewRow]", problem: str) -> None:
        super().__init__()
        self.path, self.rows, self.problem = path, rows, problem


class Previewer:
    """Computes rows in a thread; of what is asked for quickly one after the other, only the last.

    Parameters
    ----------
    first : callable
        Returns the instance that is shown, ``""`` if there is none: called in the thread.
    post : callable
        Sends a message to the screen from a thread.
    """

    def __init__(self, first: Callable[[], str], post: Callable[[Message], object]) -> None:
        self._first, self._post = first, post
        self._worker = LatestWorker("preview")

    def compute(self, options: "DeidentifyOptions", make_key: "Callable[[], Key]") -> None:
        """Have rows computed for some options."""

        def job() -> None:
            from dicomtui.archive.opening import open_instance
            from dicomtui.deidentify.preview import preview_rows

            path = ""
            try:
                path = self._first()
                rows = preview_rows(open_instance(path), options, make_key()) if path else ()
                problem = "" if path else "no instance found"
            except DicomTuiError as error:
                rows, problem = (), safe_line(str(error))
            except Exception as error:  # noqa: BLE001  a mistake of ours is one line
                rows, problem = (), f"the preview failed: {type(error).__name__}"
            if not self._worker.overtaken:
                self._post(Previewed(path, rows, problem))

        self._worker.submit(job)


class PreviewPane(TablePane):
    """The rows in a frame that counts them."""

    def __init__(self) -> None:
        names = ColumnNames()
        self.table = PreviewTable(names)
        super().__init__("Before and after", names, self.table, id=ID)
        self._rule = Static(id="rule")

    def compose(self) -> ComposeResult:
        """Put the rule of the row under the cursor below all of them."""
        yield from super().compose()
        yield self._rule

    def show(self, event: Previewed) -> None:
        """Show what was computed."""
        self.table.show(event.rows)
        self.set_title(event.problem or os.path.basename(event.path))
        self.show_counts()

    def on_preview_table_arranged(self) -> None:
        """Count anew."""
        self.show_counts()
        self.on_line_list_moved()

    def on_line_list_moved(self) -> None:
        """Show the rule of the row under the cursor."""
        row = self.table.row_at_cursor
        said = f" {row.action}  {row.rule}" if row is not None else ""
        self._rule.update(Text(said, no_wrap=True, overflow="ellipsis"))

    def show_counts(self) -> None:
        """Say how many elements are removed, emptied, changed, added and kept."""
        numbers = Counter(row.action for row in self.table.rows)
        parts = [f"{numbers[action]:,} {action}" for action in _ORDER if numbers[action]]
        if self.table.row_count() != len(self.table.rows):
            parts.append(f"{self.table.row_count():,} listed")
        self.border_subtitle = Content(" · ".join(parts))

    def toggle_changed(self) -> None:
        """Show only the rows that change, or all again."""
        self.table.show_all(only_changed=not self.table.only_changed)


def row_page(row: "PreviewRow", width: int) -> ReaderScreen:
    """Return a page with one row as a whole, and what the tables say of the attribute.

    Parameters
    ----------
    row : PreviewRow
        The row.
    width : int
        Cells that the terminal has.
    """
    from dicomtui.deidentify.explanation import explain

    tag = row.path.rpartition(".")[2].partition("[")[0]
    lines = [
        f"{row.path}  {row.vr}  {row.name}",
        "",
        f"{row.action.capitalize()}  {row.rule}".rstrip(),
        "",
        f"before  {row.before}",
        f"after   {row.after or f'({row.action})'}",
        "",
        *explain(tag),
    ]
    room = page_width(width)
    wrapped = (wrap(safe_line(line), room, subsequent_indent="    ") or [""] for line in lines)
    return ReaderScreen(row.name, "\n".join(part for parts in wrapped for part in parts))
