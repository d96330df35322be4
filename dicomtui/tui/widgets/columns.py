"""Columns of a table: what they are called, how wide they are, and how a row fits into them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from dicomtui.text import safe_line

GAP = "  "
"""What stands between two columns."""


class Column(NamedTuple):
    """A column of a table."""

    title: str
    width: int
    """Cells."""
    right: bool = False
    """Whether its values are numbers, which end below each other."""
    keep_end: bool = False
    """Whether a value that is too long loses its beginning, as a path does, not its end."""


def fitted(text: str, column: Column) -> str:
    """Return untrusted *text* as it stands in *column*: safe, cut with an ellipsis, padded."""
    shown = safe_line(text[-column.width - 1 :] if column.keep_end else text, 4 * column.width)
    missing = column.width - cell_len(shown)
    if missing < 0 and column.keep_end:
        while cell_len(shown) >= column.width:
            shown = shown[1:]
        return "…" + set_cell_size(shown, column.width - 1)
    if missing < 0:
        return set_cell_size(shown, column.width - 1) + "…"
    return " " * missing + shown if column.right else shown + " " * missing


def total_width(columns: Iterable[Column]) -> int:
    """Return how many cells *columns* take with what stands between them."""
    return sum(column.width + len(GAP) for column in columns) - len(GAP)


class ColumnNames(Widget):
    """The line above a table that names its columns."""

    columns: reactive[Sequence[Column]] = reactive(())

    def render(self) -> Text:
        """Write the names over the values."""
        names = (fitted(column.title, column) for column in self.columns)
        return Text(" " + GAP.join(names), no_wrap=True, end="", overflow="ellipsis")
