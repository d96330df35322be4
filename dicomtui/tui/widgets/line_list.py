"""A list that draws only the rows in view, so that 200,000 rows cost no more than forty."""

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dicomtui.keys import LIST
from dicomtui.tui.bindings import bindings
from dicomtui.tui.line_styles import LineStyles, styles_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

COUNT_LIMIT = 9_999_999


@lru_cache(maxsize=64)
def blank_strip(width: int, style: Style) -> Strip:
    """Return an empty line; one and the same, so that Textual divides it once."""
    return Strip.blank(width, style)


class LineList(ScrollView, can_focus=True):
    """Rows with a cursor, counts (``10j``), ``gg`` and ``G``; subclasses say what a row looks like."""

    BINDINGS = bindings(LIST)
    shows_cursor = True

    cursor: reactive[int] = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor came to another row."""

        def __init__(self, sender: "LineList") -> None:
            super().__init__()
            self.sender = sender

        @property
        def control(self) -> "LineList":
            """The list whose cursor moved."""
            return self.sender

    class Searched(Message):
        """The hits of the query changed, or the cursor moved among them."""

        def __init__(self, sender: "LineList", counter: str) -> None:
            super().__init__()
            self.sender, self.counter = sender, counter

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.query_text = ""
        self.ask_query: Callable[[], Awaitable[None]] | None = None
        """Lets the user type a query: given by what stands around the list."""
        self._count = ""
        self._pending_g = False

    # --- what subclasses provide ---

    def row_count(self) -> int:
        """Return the number of rows."""
        raise NotImplementedError

    def row(self, index: int, width: int) -> list[Segment]:
        """Return what row *index* shows in *width* cells."""
        raise NotImplementedError

    def search(self, query: str) -> None:
        """Find *query*, show where it is, and move to the first hit from the cursor on."""
        raise NotImplementedError

    def action_next_hit(self, step: int) -> None:
        """Move to the next hit, or the previous one."""

    async def action_filter(self) -> None:
        """Show only the rows that match the query, or all again; without a query, ask for one."""

    def action_expand(self) -> None:
        """Expand the row, or go into it."""

    def action_collapse(self) -> None:
        """Collapse the row, or go to its parent."""

    def action_open(self) -> None:
        """Open the row."""

    # --- the cursor ---

    def rows_changed(self) -> None:
        """Draw again after the rows were exchanged; the cursor stays inside."""
        count = self.row_count()
        self.virtual_size = Size(0, count)
        self.cursor = min(self.cursor, max(0, count - 1))
        self._scroll_to_cursor()
        self.refresh()

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, self.row_count() - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the two rows again, keep the cursor in view, tell others."""
        if old != new:
            self._refresh_row(old)
            self._refresh_row(new)
            self._scroll_to_cursor()
            self.post_message(self.Moved(self))

    def take_count(self, default: int = 1) -> int:
        """Return the count that was typed before a key, once."""
        count, self._count = self._count, ""
        return min(int(count), COUNT_LIMIT) if count else default

    def action_move(self, step: int) -> None:
        """Move the cursor by *step* rows, as often as the count says."""
        self.cursor += step * self.take_count()

    def action_page(self, pages: float) -> None:
        """Move the cursor by a part of the height."""
        self.cursor += round(pages * max(1, self.size.height - 1)) * self.take_count()

    def go_to(self, row: int) -> None:
        """Go to a row, from 0."""
        self.cursor = row

    def action_first(self) -> None:
        """Go to the first row."""
        self.take_count()
        self.go_to(0)

    def action_last(self) -> None:
        """Go to the last row, or to the one that the count names."""
        self.go_to(self.take_count(self.row_count()) - 1)

    async def action_search(self) -> None:
        """Ask for a query."""
        if self.ask_query is not None:
            await self.ask_query()

    def on_key(self, event: events.Key) -> None:
        """Collect counts and the two keys of ``gg``."""
        character = event.character or ""
        if character.isascii() and character.isdigit() and (character != "0" or self._count):
            self._count = (self._count + character)[-7:]
            event.stop()
            return
        if character == "g":
            if self._pending_g:
                self.go_to(self.take_count(1) - 1)
            self._pending_g = not self._pending_g
            event.stop()
            return
        self._pending_g = False
        if not any(binding.key == event.key for _, binding in self._bindings):
            self._count = ""

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click opens."""
        row = int(self.scroll_offset.y) + event.y
        if row < self.row_count():
            self.cursor = row
            if event.chain == 2:
                self.action_open()

    # --- drawing ---

    def get_line_filters(self) -> list[LineFilter]:
        """Return the filters of the app but the one for ANSI colours, which rows do not have."""
        filters = super().get_line_filters()
        return [line_filter for line_filter in filters if not isinstance(line_filter, ANSIToTruecolor)]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines without the detour over borders and padding, which a list does not have."""
        if self.get_line_filters():
            return super().render_lines(crop)
        return [self.render_line(y).crop(crop.x, crop.right) for y in range(crop.y, crop.bottom)]

    def render_line(self, y: int) -> Strip:
        """Draw line *y* of what is in view."""
        index = int(self.scroll_offset.y) + y
        width = self.scrollable_content_region.width
        base = self.rich_style
        if index >= self.row_count():
            return blank_strip(width, base)
        if index == self.cursor and self.shows_cursor:
            base += self.styling.cursor if self.has_focus else self.styling.idle_cursor
        segments = [
            Segment(text, base + style if style else base) for text, style, _ in self.row(index, width)
        ]
        strip = Strip(segments)
        if strip.cell_length > width > 0:
            return Strip.join([strip.crop(0, width - 1), Strip([Segment("…", base + self.styling.dim)])])
        return strip.adjust_cell_length(width, base)

    @property
    def styling(self) -> LineStyles:
        """The colours of the parts of a row in the current theme."""
        return styles_of(self.app.theme_variables)

    def _refresh_row(self, index: int) -> None:
        y = index - int(self.scroll_offset.y)
        self.refresh(Region(0, y, self.size.width, 1))

    def _scroll_to_cursor(self) -> None:
        height = self.scrollable_content_region.height
        if height <= 0:
            return
        top = int(self.scroll_target_y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._scroll_to_cursor()
