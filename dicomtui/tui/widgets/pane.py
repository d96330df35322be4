"""A framed place on the screen with a title, a counter and a line to type a query in."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from dicomtui.text import safe_line
from dicomtui.tui.widgets.line_list import LineList


class QueryLine(Input):
    """Where a query is typed; Enter keeps it, Esc clears it.

    Parameters
    ----------
    close : callable
        Takes the query when the line is left, ``""`` to clear the search.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "clear", show=False)]

    def __init__(self, close: Callable[[str], None]) -> None:
        super().__init__(placeholder="search", compact=True, select_on_focus=False)
        self._close = close

    def action_clear(self) -> None:
        """Give up the query."""
        self._close("")

    async def action_submit(self) -> None:
        """Keep the query."""
        self._close(self.value)

    def on_blur(self) -> None:
        """Close when the focus goes elsewhere."""
        if self.display:
            self._close(self.value)


class Pane(Vertical):
    """A frame around one widget; a list in it can be searched."""

    def __init__(self, title: str, content: Widget, *, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self._title, self._content = title, content
        content.add_class("content")
        self._shown = title
        self.border_title = Content(title)
        self._line = QueryLine(self._close)
        self._line.display = False
        if isinstance(content, LineList):
            content.ask_query = self._ask

    def compose(self) -> ComposeResult:
        """Stack the content and, below it, the line for a query."""
        yield self._content
        if isinstance(self._content, LineList):
            yield self._line

    def set_title(self, detail: str) -> None:
        """Show *detail* beside the title."""
        text = f"{self._title} · {safe_line(detail, 120)}" if detail else self._title
        if text != self._shown:  # a title that is set paints the whole pane again
            self._shown = text
            self.border_title = Content(text)

    def _ask(self) -> None:
        """Open the line with the last query in it."""
        if isinstance(self._content, LineList):
            self._line.value = self._content.query_text
            self._line.cursor_position = len(self._line.value)
            self._line.display = True
            self.screen.set_focus(self._line)

    def _close(self, query: str) -> None:
        """Hide the line and go on in the list with *query*."""
        if self.screen.focused is self._line:
            self.screen.set_focus(self._content)
        self._line.display = False
        if isinstance(self._content, LineList) and query != self._content.query_text:
            self._content.search(query)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search as the query is typed."""
        event.stop()
        if isinstance(self._content, LineList) and event.input.display:
            self._content.search(event.value)

    def on_line_list_searched(self, event: LineList.Searched) -> None:
        """Show which hit of how many the cursor is on."""
        event.stop()
        self.border_subtitle = Content(event.counter)
