"""What can be asked, while nothing is: examples to take over, and the language on a page."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.message import Message

from dicomtui.text import safe_line
from dicomtui.tui.widgets.list_below import ListBelow

_REMARKS = 34
"""The cell in which remarks begin."""


class GuideLine(NamedTuple):
    """One line of the guide: a heading, a query that can be taken over, or anything else."""

    text: str
    remark: str = ""
    is_query: bool = False
    is_heading: bool = False


class QueryGuide(ListBelow):
    """Examples under the cursor, and what else there is to know below them."""

    class Taken(Message):
        """Enter was pressed on an example."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query = query

    def __init__(self, leave: Callable[[], None], lines: Sequence[GuideLine]) -> None:
        super().__init__(leave)
        self._lines = self._always = tuple(lines)

    def show(self, asked: Sequence[str]) -> None:
        """Put what was asked before, the newest last, above all else."""
        earlier = [GuideLine(query, is_query=True) for query in reversed(asked[-5:])]
        self._lines = (GuideLine("Asked before", is_heading=True), *earlier, GuideLine(""), *self._always)
        self._lines = self._lines if earlier else self._always
        self.rows_changed()
        self.cursor = self._queries()[0]

    def on_mount(self) -> None:
        """Stand on the first example."""
        self.show(())

    def row_count(self) -> int:
        """Return the number of lines."""
        return len(self._lines)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return a heading, or a line with its remark at the right or behind."""
        line, styling = self._lines[index], self.styling
        text = safe_line(line.text, width)
        if line.is_heading:
            return [Segment(f" {text}", styling.strong)]
        gap = max(2, _REMARKS - cell_len(text) - 3)
        style = styling.key if line.is_query else None
        remark = Segment(" " * gap + line.remark, styling.dim) if line.remark else Segment("")
        return [Segment(f"   {text}", style), remark]

    def action_move(self, step: int) -> None:
        """Go to the next example; where there is none, scroll."""
        wanted = self.cursor + step * self.take_count()
        further = [row for row in self._queries() if (row - self.cursor) * step > 0]
        if further:
            self.cursor = min(further, key=lambda row: abs(row - wanted))
        elif step < 0 and self.scroll_offset.y == 0:
            self._leave()
        else:
            self.scroll_relative(y=step, animate=False)

    def action_page(self, pages: float) -> None:
        """Scroll by a part of the height."""
        self.scroll_relative(y=round(pages * max(1, self.size.height - 1)), animate=False)

    def go_to(self, row: int) -> None:
        """Go to the example that is nearest to a row, from 0."""
        self.cursor = min(self._queries(), key=lambda query: abs(query - row))

    def action_open(self) -> None:
        """Take the example over."""
        if self._lines[self.cursor].is_query:
            self.post_message(self.Taken(self._lines[self.cursor].text))

    def _queries(self) -> list[int]:
        return [index for index, line in enumerate(self._lines) if line.is_query]
