"""A framed place on the screen with a title, a counter and, while one is typed, a line for a query."""

from typing import TYPE_CHECKING, Self

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region

from dicomtui.text import safe_line
from dicomtui.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.widget import Widget
    from textual.widgets import Input

    from dicomtui.tui.widgets.query_line import QueryLine


class Pane(Vertical):
    """A frame around one widget; a list in it can be searched."""

    def __init__(self, title: str, content: "Widget | None" = None, *, id: str) -> None:
        self._is_titling = False
        super().__init__(id=id, classes="pane")
        self._title = self._shown = title
        self.border_title = Content(title)
        self._line: QueryLine | None = None
        self.content: Widget | None = None
        if content is not None:
            self._take(content)

    def compose(self) -> ComposeResult:
        """Hold the content, if there is one yet."""
        if self.content is not None:
            yield self.content

    async def hold(self, content: "Widget") -> None:
        """Put *content* into the frame, which was empty."""
        self._take(content)
        await self.mount(content)

    def _take(self, content: "Widget") -> None:
        self.content = content
        content.add_class("content")
        if isinstance(content, LineList):
            content.ask_query = self._ask

    def rename(self, title: str) -> None:
        """Give the pane another name, which :meth:`set_title` shows."""
        self._title = title

    def set_title(self, detail: str) -> None:
        """Show *detail* beside the title."""
        text = f"{self._title} · {safe_line(detail, 120)}" if detail else self._title
        if text != self._shown:
            self._shown, self._is_titling = text, True
            self.border_title = Content(text)
            self._is_titling = False

    def refresh(self, *regions: Region, **options: bool) -> Self:
        """Paint the pane again; of another title only its line, though Textual asks for the whole frame."""
        if self._is_titling:
            left, top = self.content_offset
            regions = (Region(-left, -top, self.outer_size.width, 1),)
        return super().refresh(*regions, **options)

    async def _ask(self) -> None:
        """Open a line with the last query in it."""
        from dicomtui.tui.widgets.query_line import QueryLine

        if isinstance(self.content, LineList) and self._line is None:
            self._line = QueryLine(self.content.query_text, self._close)
            await self.mount(self._line)
            self.screen.set_focus(self._line)

    def _close(self, query: str) -> None:
        """Take the line away and go on in the list with *query*."""
        line, self._line = self._line, None
        if line is None:
            return
        if self.screen.focused is line:
            self.screen.set_focus(self.content)
        line.remove()
        if isinstance(self.content, LineList) and query != self.content.query_text:
            self.content.search(query)

    def on_input_changed(self, event: "Input.Changed") -> None:
        """Search as the query is typed."""
        event.stop()
        if isinstance(self.content, LineList) and event.input is self._line:
            self.content.search(event.value)

    def on_line_list_searched(self, event: LineList.Searched) -> None:
        """Show which hit of how many the cursor is on."""
        event.stop()
        self.border_subtitle = Content(event.counter)
