"""A framed place on the screen with a title, a counter and a line to type a query in."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from dicomtui.text import safe_line
from dicomtui.tui.widgets.line_list import LineList


class QueryLine(Input):
    """Where a query is typed; Enter keeps it, Esc clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "clear", show=False)]

    class Closed(Message):
        """The line was left; a query of "" clears the search."""

        def __init__(self, sender: "QueryLine", query: str) -> None:
            super().__init__()
            self.sender, self.query = sender, query

    def action_clear(self) -> None:
        """Give up the query."""
        self.post_message(self.Closed(self, ""))

    async def action_submit(self) -> None:
        """Keep the query."""
        self.post_message(self.Closed(self, self.value))

    def on_blur(self, event: events.Blur) -> None:
        """Close when the focus goes elsewhere."""
        if self.display:
            self.post_message(self.Closed(self, self.value))


class Pane(Vertical):
    """A frame around one widget; a list in it can be searched."""

    def __init__(self, title: str, content: Widget, *, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self._title, self._content = title, content
        content.add_class("content")
        self.border_title = Content(title)

    def compose(self) -> ComposeResult:
        """Stack the content and, below it, the line for a query."""
        yield self._content
        if isinstance(self._content, LineList):
            line = QueryLine(placeholder="search", compact=True, select_on_focus=False)
            line.display = False
            yield line

    def set_title(self, detail: str) -> None:
        """Show *detail* beside the title."""
        text = f"{self._title} · {safe_line(detail, 120)}" if detail else self._title
        self.border_title = Content(text)

    def on_line_list_search_wanted(self, event: LineList.SearchWanted) -> None:
        """Open the line with the last query in it."""
        event.stop()
        line = self.query_one(QueryLine)
        line.value = event.sender.query_text
        line.cursor_position = len(line.value)
        line.display = True
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search as the query is typed."""
        event.stop()
        if isinstance(self._content, LineList) and event.input.display:
            self._content.search(event.value)

    def on_query_line_closed(self, event: QueryLine.Closed) -> None:
        """Hide the line and go on in the list."""
        event.stop()
        if event.sender.has_focus:
            self._content.focus()
        event.sender.display = False
        if isinstance(self._content, LineList) and event.query != self._content.query_text:
            self._content.search(event.query)

    def on_line_list_searched(self, event: LineList.Searched) -> None:
        """Show which hit of how many the cursor is on."""
        event.stop()
        self.border_subtitle = Content(event.counter)
