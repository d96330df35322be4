"""The distinct values of an attribute as rows of a table: how many instances have each, and their share."""

from typing import NamedTuple

from rich.segment import Segment
from textual.message import Message

from dicomtui.archive.query_values import number
from dicomtui.archive.series import NaturalKey, natural_key
from dicomtui.tui.widgets.columns import GAP, Column, ColumnNames, fitted, total_width
from dicomtui.tui.widgets.line_list import LineList

ABSENT, EMPTY = "(absent)", "(empty)"
_FIXED = (Column("Instances", 9, right=True), Column("Share", 7, right=True))


class ValueRow(NamedTuple):
    """A value with its count."""

    text: str | None
    """As untrusted as the files; None for the instances that do not have the attribute."""
    instances: int
    """How many have it."""

    @property
    def shown(self) -> str:
        """The text, or what it means that there is none."""
        return ABSENT if self.text is None else self.text or EMPTY

    @property
    def order(self) -> tuple[int, float, NaturalKey]:
        """Where it stands among other values: absent, empty, numbers by size, texts as people order them."""
        if not self.text:
            return 0 if self.text is None else 1, 0.0, ()
        found = number(self.text)
        if found is not None:
            return 2, found, ()
        return 3, 0.0, natural_key(self.text)


class ValueTable(LineList):
    """One row a value; what is searched for is what is shown."""

    class Chosen(Message):
        """Enter was pressed on a value."""

        def __init__(self, row: ValueRow) -> None:
            super().__init__()
            self.row = row

    class Arranged(Message):
        """What is listed changed, or its order."""

    def __init__(self, names: ColumnNames) -> None:
        super().__init__()
        self._names = names
        self._all: list[ValueRow] = []
        self._rows: list[ValueRow] = []
        self._total = self._most = 1
        self.by_value = False
        """Whether the values come in their order, not the most frequent first."""

    def show(self, rows: list[ValueRow], instances: int) -> None:
        """Show the counts of so many instances, given in the order of their values.

        The cursor stays on its value unless it is at the top.
        """
        self._all = rows
        self._total = max(1, instances)
        self._most = max((row.instances for row in rows), default=1)
        self._arrange()

    @property
    def row_at_cursor(self) -> ValueRow | None:
        """The value under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    @property
    def known(self) -> int:
        """The number of distinct values, listed or not."""
        return len(self._all)

    @property
    def rows(self) -> list[ValueRow]:
        """What is listed, in its order."""
        return self._rows

    def row_count(self) -> int:
        """Return the number of values that are listed."""
        return len(self._rows)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return count, share, a bar of the share and the value."""
        row, styling = self._rows[index], self.styling
        share = f"{100 * row.instances / self._total:.1f} %"
        _, _, bar, value = self._columns(width)
        text = Segment(fitted(row.shown, value), None if row.text else styling.dim)
        if row.text and self.query_text:
            text = Segment(text.text, styling.hit)
        return [
            Segment(" " + fitted(f"{row.instances:,}", _FIXED[0]) + GAP),
            Segment(fitted(share, _FIXED[1]) + GAP, styling.dim),
            Segment(_bar(row.instances / self._most, bar.width) + GAP, styling.key),
            text,
        ]

    def _columns(self, width: int) -> tuple[Column, ...]:
        bar = Column("", max(6, min(24, width // 6)))
        rest = max(4, width - 2 - total_width((*_FIXED, bar)) - len(GAP))
        return (*_FIXED, bar, Column("Value", rest))

    def on_resize(self) -> None:
        """Fit the names of the columns to the width."""
        self._names.columns = self._columns(self.scrollable_content_region.width)
        super().on_resize()

    def action_open(self) -> None:
        """Choose the value."""
        if (row := self.row_at_cursor) is not None:
            self.post_message(self.Chosen(row))

    def change_order(self) -> None:
        """Show the most frequent first, or all in their order."""
        self.by_value = not self.by_value
        self._arrange()

    def search(self, query: str) -> None:
        """List only the values that contain *query*."""
        self.query_text = query
        self._arrange()

    def _arrange(self) -> None:
        at = self.row_at_cursor
        rows = self._all
        if not self.by_value:
            rows = sorted(rows, key=lambda row: -row.instances)
        query = self.query_text.casefold()
        if query:
            rows = [row for row in rows if query in row.shown.casefold()]
        self._rows = rows
        if at is not None and self.cursor:
            places = (index for index, row in enumerate(rows) if row.text == at.text)
            self.set_reactive(ValueTable.cursor, next(places, 0))
        self.rows_changed()
        self.post_message(self.Arranged())


def _bar(share: float, width: int) -> str:
    """Return a line that takes *share* of *width* cells, to half a cell; the smallest share is seen too."""
    halves = max(1, round(share * width * 2))
    return ("━" * (halves // 2) + "╸" * (halves % 2)).ljust(width)
