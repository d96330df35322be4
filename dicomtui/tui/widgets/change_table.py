"""Rows with a sign, a name and two texts: what differs between instances, or varies over many."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.message import Message

from dicomtui.tui.widgets.columns import GAP, Column, ColumnNames, fitted, total_width
from dicomtui.tui.widgets.line_list import LineList

_LEAST = 10


class ChangeRow(NamedTuple):
    """One row; its texts are as untrusted as the files."""

    sign: str
    """``-``, ``+`` or ``~``, or a number."""
    name: str
    left: str
    right: str
    place: int
    """Which of the things that the screen has it stands for."""


class ChangeTable(LineList):
    """One row a change; a search lists only the rows that hold the words.

    Parameters
    ----------
    names : ColumnNames
        Stands above.
    titles : sequence of str
        What the four columns are called.
    sign_width : int
        Cells of the first of them.
    """

    class Chosen(Message):
        """Enter was pressed on a row."""

        def __init__(self, row: ChangeRow) -> None:
            super().__init__()
            self.row = row

    class Arranged(Message):
        """What is listed changed."""

    def __init__(self, names: ColumnNames, titles: Sequence[str], sign_width: int) -> None:
        super().__init__()
        self._names, self._titles, self._sign_width = names, titles, sign_width
        self._all: Sequence[ChangeRow] = []
        self._rows: Sequence[ChangeRow] = []

    def show(self, rows: Sequence[ChangeRow]) -> None:
        """Show other rows; the cursor stays on its line."""
        self._all = rows
        self.search(self.query_text)

    @property
    def row_at_cursor(self) -> ChangeRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    @property
    def listed_text(self) -> str:
        """How many rows a search has left, ``""`` where all are listed."""
        return f" · {len(self._rows):,} of {len(self._all):,} listed" if self.query_text else ""

    def row_count(self) -> int:
        """Return the number of rows that are listed."""
        return len(self._rows)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return sign, name and both texts."""
        row = self._rows[index]
        sign, name, left, right = self._columns(width)
        theme = self.app.theme_variables
        colours = {"-": Style(color=theme["error"]), "+": Style(color=theme["success"])}
        colours |= {"error": colours["-"], "warning": Style(color=theme["warning"])}
        colour = colours.get(row.sign, self.styling.key)
        return [
            Segment(" " + fitted(row.sign, sign) + GAP, colour),
            Segment(fitted(row.name, name) + GAP, self.styling.hit if self.query_text else None),
            Segment(fitted(row.left, left) + GAP, colours["-"] if row.sign == "-" else None),
            Segment(fitted(row.right, right), colours["+"] if row.sign == "+" else None),
        ]

    def _columns(self, width: int) -> tuple[Column, ...]:
        sign = Column(self._titles[0], self._sign_width, right=self._sign_width > 1)
        rest = max(3 * _LEAST, width - 2 - total_width((sign,)) - 3 * len(GAP))
        name = min(52, rest * 2 // 5)
        left = (rest - name) // 2
        return (
            sign,
            Column(self._titles[1], name, keep_end=True),
            Column(self._titles[2], left),
            Column(self._titles[3], rest - name - left),
        )

    def on_resize(self) -> None:
        """Fit the names of the columns to the width."""
        self._names.columns = self._columns(self.scrollable_content_region.width)
        super().on_resize()

    def action_open(self) -> None:
        """Choose the row."""
        if (row := self.row_at_cursor) is not None:
            self.post_message(self.Chosen(row))

    def search(self, query: str) -> None:
        """List only the rows that hold every word of *query*."""
        self.query_text = query
        words = query.casefold().split()
        self._rows = [row for row in self._all if all(word in _text(row) for word in words)]
        self.rows_changed()
        self.post_message(self.Arranged())


def _text(row: ChangeRow) -> str:
    return f"{row.name}\n{row.left}\n{row.right}".casefold()
