"""A frame with the line in which a question to the archive is typed, and one that points into it."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static

from dicomtui.text import safe_line

_BEGUN = re.compile(r"(?:^|[\s(])([A-Za-z][A-Za-z0-9]+)$")
"""An attribute that is being typed: the last word."""
_BEFORE = re.compile(r"(?:^|\(|\b(?:and|or|not))\s*$", re.IGNORECASE)
"""What may stand before an attribute."""


class KeywordSuggester(Suggester):
    """Completes the keyword of an attribute, the likelier ones first.

    Parameters
    ----------
    likely : sequence of str
        Keywords that come before all others.
    every : callable
        Returns all keywords in alphabetical order without regard to case; called when it is needed.
    """

    def __init__(self, likely: Sequence[str], every: Callable[[], Sequence[str]]) -> None:
        super().__init__(case_sensitive=True)
        self._likely, self._every = likely, every

    async def get_suggestion(self, value: str) -> str | None:
        """Return *value* with its last word completed."""
        begun = _BEGUN.search(value)
        if begun is None or not _BEFORE.search(value[: begun.start(1)]):
            return None
        start = begun[1].casefold()
        found = next((word for word in self._likely if word.casefold().startswith(start)), None)
        if found is None:
            every = self._every()
            at = bisect_left(every, start, key=str.casefold)
            if at == len(every) or not every[at].casefold().startswith(start):
                return None
            found = every[at]
        return value[: begun.start(1)] + found if len(found) > len(start) else None


class FindLine(Input):
    """Where a query is typed; Up and Down bring back those that were asked before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "recall(1)", show=False),
        Binding("down", "recall(-1)", show=False),
    ]

    class Left(Message):
        """The user wants to go to what is below the line."""

    def __init__(self, query: str, suggester: Suggester) -> None:
        super().__init__(
            query,
            placeholder="words, or attributes: Modality = CT and SliceThickness < 2",
            suggester=suggester,
            compact=True,
            select_on_focus=False,
        )
        self.asked: list[str] = []
        """What was asked before, the newest last."""
        self._back = 0
        """How many queries back the line is; 0 for what is typed now."""
        self._typed = ""

    def remember(self) -> None:
        """Keep what stands in the line for later."""
        query = self.value.strip()
        if query:
            self.asked = [*(other for other in self.asked if other != query), query]
        self._back = 0

    def action_recall(self, step: int) -> None:
        """Go to an earlier query, or a later one; down from what is typed now leaves the line."""
        if step < 0 and self._back == 0:
            self.post_message(self.Left())
            return
        if self._back == 0:
            self._typed = self.value
        others = [query for query in self.asked if query != self._typed.strip()]
        self._back = max(0, min(self._back + step, len(others)))
        self.value = others[-self._back] if self._back else self._typed
        self.cursor_position = len(self.value)


class Pointer(Widget):
    """The line below a query: a caret under the column that is wrong, or a remark about the whole."""

    remark: reactive[str] = reactive("")
    column: reactive[int] = reactive(-1)
    """Which cell of the line the remark is about, -1 for no particular one."""
    loud: reactive[bool] = reactive(False)
    """Whether it is a mistake; else it says what may come next."""

    def render(self) -> Text:
        """Write the remark behind the caret, or before it where there is no room behind."""
        width = self.size.width
        colour = self.app.theme_variables["error"] if self.loud else None
        style = Style(color=colour, bold=True) if colour else Style(dim=True)
        remark = safe_line(self.remark, 256)
        if self.column < 0 or not remark:
            return Text(remark, style, no_wrap=True, end="", overflow="ellipsis")
        column = min(self.column, width - 1)
        before, behind = column - 1, width - column - 2
        if cell_len(remark) <= behind or behind >= before:
            text = " " * column + "^ " + _cut(remark, behind)
        else:
            remark = _cut(remark, before)
            text = " " * (before - cell_len(remark)) + remark + " ^"
        return Text(text, style, no_wrap=True, end="", overflow="ellipsis")


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)) + "…"


class FindBox(Vertical):
    """A frame around the line and what is said about it."""

    def __init__(self, line: FindLine) -> None:
        super().__init__(id="question", classes="pane")
        self._line, self._pointer = line, Pointer()
        self._cell: int | None = None
        """Where in the line it is wrong, however far it is scrolled."""
        self.border_title = Content("Find")

    def compose(self) -> ComposeResult:
        """Put the pointer below the line."""
        with Horizontal():
            yield Static("❯ ", id="prompt")
            yield self._line
        yield self._pointer

    def on_mount(self) -> None:
        """Let the caret go where the line scrolls."""
        self.watch(self._line, "scroll_x", self._place)

    def say(self, remark: str) -> None:
        """Say something about the whole query, or nothing."""
        self._show(remark, None, loud=False)

    def point(self, remark: str, column: int, *, loud: bool) -> None:
        """Say what is wrong at a column of the query, from 0."""
        self._show(remark, cell_len(self._line.value[:column]), loud=loud)

    def _show(self, remark: str, cell: int | None, *, loud: bool) -> None:
        self._cell, self._pointer.remark, self._pointer.loud = cell, remark, loud
        self._place()

    def _place(self) -> None:
        scrolled = int(self._line.scroll_x)
        self._pointer.column = -1 if self._cell is None else max(0, self._cell - scrolled)
