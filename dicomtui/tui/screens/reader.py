"""A modal page of text: a whole value, or the keys of a pane."""

from textwrap import wrap
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from dicomtui.text import safe_line
from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.widgets.line_list import LineList
from dicomtui.tui.widgets.pane import Pane


class TextLines(LineList):
    """Lines of safe text that scroll; only a search has a place in them."""

    shows_cursor = False

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def action_move(self, step: int) -> None:
        """Scroll by lines."""
        self.scroll_relative(y=step * self.take_count(), animate=False)

    def action_page(self, pages: float) -> None:
        """Scroll by a part of the height."""
        self.scroll_relative(y=round(pages * max(1, self.size.height - 1)), animate=False)

    def go_to(self, row: int) -> None:
        """Scroll to a line, from 0."""
        self.scroll_to(y=row, animate=False)

    def row_count(self) -> int:
        """Return the number of lines."""
        return len(self._lines)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return one line; what stands before two spaces is the key of what stands behind."""
        line = self._lines[index]
        hit = bool(self.query_text) and self.query_text.casefold() in line.casefold()
        return [Segment(line, self.styling.hit if hit else None)]

    def search(self, query: str) -> None:
        """Find *query* in the lines."""
        self.query_text = query
        self.action_next_hit(0)
        self.refresh()

    def action_next_hit(self, step: int) -> None:
        """Move to the next line with the query."""
        query = self.query_text.casefold()
        hits = [index for index, line in enumerate(self._lines) if query and query in line.casefold()]
        if hits and step >= 0:
            self.cursor = next((hit for hit in hits if hit >= self.cursor + step), hits[0])
        elif hits:
            self.cursor = next((hit for hit in reversed(hits) if hit < self.cursor), hits[-1])

    def on_mount(self) -> None:
        """Take the height of the text."""
        self.rows_changed()


class ReaderScreen(Dialog[None]):
    """Text in a frame; Esc or q goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,question_mark,f1", "dismiss", show=False),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._heading, self._text = title, text

    def compose(self) -> ComposeResult:
        """Put the lines in a frame."""
        pane = Pane(safe_line(self._heading, 100), TextLines(self._text.split("\n")), id="reader")
        pane.border_subtitle = Content("j k PgDn PgUp scroll  / search  Esc back")
        yield pane


def page_width(columns: int) -> int:
    """Return how many cells a line of a page has on a terminal with so many columns."""
    return min(120, columns * 9 // 10) - 4


def broken(text: str, columns: int) -> str:
    """Return *text* in lines that fit on a page of a terminal with so many columns."""
    width = page_width(columns)
    lines: list[str] = []
    for line in text.split("\n"):
        room = max(8, width if line.isascii() else width // 2)
        lines += wrap(
            line, room, drop_whitespace=False, break_on_hyphens=False, replace_whitespace=False
        ) or [""]
    return "\n".join(lines)
