"""The elements of an instance before and after, as rows; those that change have a letter and a colour."""

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.message import Message

from dicomtui.tui.widgets.columns import GAP, Column, ColumnNames, fitted, total_width
from dicomtui.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicomtui.deidentify.preview import PreviewRow

LETTERS = {"kept": " ", "removed": "R", "emptied": "E", "changed": "C", "added": "A"}
_COLOURS = {"removed": "error", "emptied": "warning", "changed": "accent", "added": "success"}
"""Variables of the theme."""
_WIDE, _MIDDLE = 120, 90
"""Columns from which the rule, and from which the tag, has a column."""


class PreviewTable(LineList):
    """One row an element; a search lists only the rows that hold the words."""

    class Chosen(Message):
        """Enter was pressed on a row."""

        def __init__(self, row: "PreviewRow") -> None:
            super().__init__()
            self.row = row

    class Arranged(Message):
        """Other rows are listed."""

    def __init__(self, names: ColumnNames, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names = names
        self._all: Sequence[PreviewRow] = ()
        self._rows: list[PreviewRow] = []
        self.only_changed = False
        """Whether rows are hidden that stay as they are."""

    def show(self, rows: "Sequence[PreviewRow]") -> None:
        """Show other rows; the cursor stays on its element, or near to it."""
        self._all = rows
        self._arrange()

    def show_all(self, *, only_changed: bool) -> None:
        """Show all rows, or only those that change."""
        self.only_changed = only_changed
        self._arrange()

    @property
    def rows(self) -> "Sequence[PreviewRow]":
        """All rows, listed or not."""
        return self._all

    @property
    def row_at_cursor(self) -> "PreviewRow | None":
        """The row under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def row_count(self) -> int:
        """Return the number of rows that are listed."""
        return len(self._rows)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return the letter of what happens, tag, name, the value before and after, and the rule."""
        row, styling = self._rows[index], self.styling
        colour = _COLOURS.get(row.action)
        look = Style(color=self.app.theme_variables[colour]) if colour else styling.dim
        depth = row.path.count(".")
        after = row.after if row.action in ("changed", "added") else f"({row.action})"
        texts = {
            "": (LETTERS[row.action], look),
            "Tag": ("  " * depth + row.path.rpartition(".")[2].strip("()"), styling.dim),
            "Attribute": (row.name if width >= _MIDDLE else "  " * depth + row.name, styling.key),
            "Before": (row.before, styling.dim if colour else None),
            "After": (after, look),
            "Rule": (row.rule, styling.dim),
        }
        segments = [Segment(" ")]
        for column in self._columns(width):
            text, style = texts[column.title]
            segments += [Segment(fitted(text, column), style), Segment(GAP)]
        return segments[:-1]

    def _columns(self, width: int) -> list[Column]:
        columns = [Column("", 1)]
        if width >= _MIDDLE:
            columns.append(Column("Tag", 13))
        columns.append(Column("Attribute", max(14, min(30, width // 3 if width < _MIDDLE else width // 4))))
        rest = width - 2 - total_width(columns) - len(GAP)
        rule = max(24, rest // 3) if width >= _WIDE else 0
        value = max(8, (rest - rule - (len(GAP) if rule else 0) - len(GAP)) // 2)
        columns += [Column("Before", value), Column("After", value)]
        return [*columns, Column("Rule", rule)] if rule else columns

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
        self._arrange()

    def _arrange(self) -> None:
        at = self.row_at_cursor
        words = self.query_text.casefold().split()
        self._rows = [
            row
            for row in self._all
            if not (self.only_changed and row.action == "kept") and _holds(row, words)
        ]
        if at is not None:
            self.set_reactive(PreviewTable.cursor, self._place_of(at))
        self.rows_changed()
        self.post_message(self.Arranged())

    def _place_of(self, wanted: "PreviewRow") -> int:
        """Return where an element is listed now, or the one that comes after it."""
        for place, row in enumerate(self._rows):
            if row.path >= wanted.path:
                return place
        return max(0, len(self._rows) - 1)


def _holds(row: "PreviewRow", words: list[str]) -> bool:
    if not words:
        return True
    text = f"{row.path}\n{row.name}\n{row.before}\n{row.after}\n{row.action}\n{row.rule}".casefold()
    return all(word in text for word in words)
