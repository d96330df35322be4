"""The table of attributes: one row an element or item, sequences expanded in place."""

from bisect import bisect_left
from typing import TYPE_CHECKING, TypeGuard

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.message import Message

from dicomtui.keys import ATTRIBUTES
from dicomtui.tui.bindings import bindings
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element, Item
    from dicomtui.dataset.scope import Path
    from dicomtui.dataset.search import SearchIndex


_WIDE = 70
"""Columns from which the length has a column of its own."""


_FRAME = (0,)
"""Path of the row of the frame: no element has the tag 0."""


class _FrameRow:
    """What the functional groups say of the frame that is shown, at the top of the table."""

    path: "Path" = _FRAME
    depth = 0

    def __init__(self, elements: "list[Element]", number: int) -> None:
        self.children = [_Placed(element) for element in elements]
        self.name = f"Frame {number}"
        self.text = f"{len(elements)} elements of its functional groups"


class _Placed:
    """An element shown a second time, below the frame."""

    depth = 1
    children: "tuple[()]" = ()

    def __init__(self, element: "Element") -> None:
        self.element = element
        self.path: Path = (*_FRAME, *element.path)


if TYPE_CHECKING:
    Row = Element | Item | _FrameRow | _Placed


class TagTable(LineList):
    """Every element of one instance; the query and the cursor's attribute outlive the instance."""

    BINDINGS = bindings(ATTRIBUTES)

    class ValueWanted(Message):
        """The user wants to see a whole value."""

        def __init__(self, element: "Element") -> None:
            super().__init__()
            self.element = element

    class ValuesWanted(Message):
        """The user wants to see an attribute's values in all instances."""

        def __init__(self, element: "Element") -> None:
            super().__init__()
            self.element = element

    class Found(Message):
        """A search ended."""

        def __init__(self, query: str, hits: "list[Element]") -> None:
            super().__init__()
            self.query, self.hits = query, hits
            self.paths: set[Path] = {element.path for element in hits}
            self.parents: set[Path] = {
                path[:length] for path in self.paths if len(path) > 1 for length in range(1, len(path))
            }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._elements: list[Element] = []
        self._frame: list[_FrameRow] = []
        self._rows: list[Row] = []
        self._expanded: set[Path] = {_FRAME}
        self._hits: list[Element] = []
        self._hit_paths: set[Path] = set()
        self._hit_rows_known: list[int] | None = None
        self._index: SearchIndex | None = None
        self._searcher = LatestWorker("search")
        self._filtered = False
        self._show_private = True
        self._kept: Path = ()

    def show(self, elements: "list[Element]") -> None:
        """Show the elements of another instance, at the attribute where the cursor was."""
        row = self.row_at_cursor
        if row is not None:
            self._kept = row.path
        self._elements, self._index, self._frame = elements, None, []
        self._hits, self._hit_paths, self._hit_rows_known = [], set(), None
        self._rebuild(self._kept)
        if self.query_text:
            self.search(self.query_text)

    def show_frame(self, elements: "list[Element]", number: int) -> None:
        """Show the functional groups of the frame in the picture at the top."""
        if not elements and not self._frame:
            return
        self._frame = [_FrameRow(elements, number)] if elements else []
        self._rebuild()

    @property
    def row_at_cursor(self) -> "Row | None":
        """The element or item under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    # --- rows ---

    def row_count(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return tag, VR, length, name and value of an element, or what an item holds."""
        row = self._rows[index]
        indent = "  " * row.depth
        icon = "▾ " if row.path in self._expanded else "▸ "
        if _is_element(row):
            return self._element_row(row, indent + (icon if row.children else "  "), width)
        if isinstance(row, _Placed):
            return self._element_row(row.element, indent + "  ", width)
        name = row.name if isinstance(row, _FrameRow) else f"Item {row.path[-1] + 1}"
        return [
            Segment(indent + icon),
            Segment(name, self.styling.key),
            Segment(f"  {row.text}", self.styling.dim),
        ]

    def _element_row(self, element: "Element", left: str, width: int) -> list[Segment]:
        hit = element.path in self._hit_paths
        tag = f"{element.tag >> 16:04x},{element.tag & 0xFFFF:04x}"
        segments = [
            Segment(left),
            Segment(tag, self.styling.hit if hit else self.styling.dim),
            Segment(f" {element.vr} ", self.styling.dim),
        ]
        if width >= _WIDE:
            length = "undef" if element.length is None else str(element.length)
            segments.append(Segment(f"{length:>7} ", self.styling.dim))
        used = sum(cell_len(segment.text) for segment in segments)
        name = f"{element.name} [{element.creator}]" if element.creator else element.name
        name_width = max(6, min(34, (width - used) * 9 // 20))
        value_style = self.styling.hit if hit else self.styling.dim if element.vr == "SQ" else None
        return [
            *segments,
            Segment(_column(name, name_width), self.styling.key),
            Segment(" "),
            Segment(element.text, value_style),
        ]

    def _rebuild(self, cursor_path: "Path | None" = None) -> None:
        if cursor_path is None and self._rows:
            cursor_path = self._rows[self.cursor].path
        keep = self._kept_by_filter() if self._filtered and self.query_text else None
        rows: list[Row] = []
        stack: list[Row] = [*reversed(self._elements), *self._frame]
        while stack:
            row = stack.pop()
            if keep is not None and row.path not in keep:
                continue
            if not self._show_private and _is_element(row) and row.tag >> 16 & 1:
                continue
            rows.append(row)
            if row.path in self._expanded:
                stack.extend(reversed(row.children))
        self._rows, self._hit_rows_known = rows, None
        if cursor_path:
            self.set_reactive(TagTable.cursor, self._nearest(cursor_path))
        self.rows_changed()

    def _nearest(self, path: "Path") -> int:
        """Return the row of *path*, of the deepest row above it, or of the place where it would stand."""
        places = {row.path: index for index, row in enumerate(self._rows)}
        for length in range(len(path), 0, -1):
            if path[:length] in places:
                return places[path[:length]]
        behind = (index for index, row in enumerate(self._rows) if row.path[0] > path[0])
        return next(behind, max(0, len(self._rows) - 1))

    # --- actions ---

    def action_expand(self) -> None:
        """Expand a sequence or item; on an expanded one, go to its first row."""
        row = self.row_at_cursor
        if row is None or not self._expandable(row):
            return
        if row.path in self._expanded:
            self.cursor += 1
        else:
            self._expand(row)
            self._rebuild()

    def action_collapse(self) -> None:
        """Collapse the row; on a collapsed one, go to what holds it."""
        row = self.row_at_cursor
        if row is None:
            return
        if row.path in self._expanded:
            self._expanded.discard(row.path)
            self._rebuild()
        elif len(row.path) > 1:
            self.cursor = self._nearest(row.path[:-1])

    def action_open(self) -> None:
        """Expand or collapse a sequence; show a whole value."""
        row = self.row_at_cursor
        if row is None:
            return
        if isinstance(row, _Placed):
            self._reveal(row.element.path)
        elif not self._expandable(row):
            if _is_element(row):
                self.post_message(self.ValueWanted(row))
        elif row.path in self._expanded:
            self.action_collapse()
        else:
            self.action_expand()

    def action_values(self) -> None:
        """Ask for the values of this attribute in all instances."""
        row = self.row_at_cursor
        element = row.element if isinstance(row, _Placed) else row
        if element is not None and _is_element(element):
            self.post_message(self.ValuesWanted(element))

    def action_toggle_private(self) -> None:
        """Hide or show private elements."""
        self._show_private = not self._show_private
        self._rebuild()

    def action_toggle_all(self) -> None:
        """Expand all sequences, or collapse all."""
        if self._expanded - {_FRAME}:
            self._expanded.clear()
        else:
            stack: list[Row] = list(self._elements)
            while stack and len(self._expanded) < 100_000:
                row = stack.pop()
                if self._expandable(row):
                    self._expanded.add(row.path)
                    stack.extend(row.children)
        self._rebuild()

    def reveal(self, attribute: str) -> None:
        """Go to the first element of an attribute, at whatever depth.

        Parameters
        ----------
        attribute : str
            A keyword, or a tag as eight hexadecimal digits.
        """
        stack: list[Row] = list(reversed(self._elements))
        while stack:
            row = stack.pop()
            if _is_element(row) and attribute in (row.keyword, f"{row.tag:08x}"):
                self._reveal(row.path)
                return
            stack.extend(reversed(row.children))

    def _reveal(self, path: "Path") -> None:
        """Go to where an element stands in the file."""
        self._expanded.update(path[:length] for length in range(1, len(path)))
        self._rebuild(path)
        self.post_message(self.Moved(self))

    def _expand(self, row: "Row") -> None:
        """Expand *row*; the only item of a sequence is expanded with it."""
        self._expanded.add(row.path)
        if len(row.children) == 1:
            self._expanded.add(row.children[0].path)

    def _expandable(self, row: "Row") -> bool:
        return bool(row.children)

    # --- search ---

    def search(self, query: str) -> None:
        """Find *query* in a thread; :class:`Found` comes back."""
        self.query_text = query
        self._filtered = self._filtered and bool(query)
        elements, index = self._elements, self._index

        def find() -> None:
            from dicomtui.dataset.search import SearchIndex

            made = index or SearchIndex(elements)
            hits = made.hits(query)
            if elements is self._elements:
                self._index = made
                self.post_message(self.Found(query, hits))

        self._searcher.submit(find)

    def on_tag_table_found(self, event: Found) -> None:
        """Open the parents of the hits, go to the first from the cursor on."""
        event.stop()
        if event.query != self.query_text:
            return
        self._hits, self._hit_paths, self._hit_rows_known = event.hits, event.paths, None
        current = self.row_at_cursor
        if self._filtered or not event.parents <= self._expanded:
            self._expanded |= event.parents
            self._rebuild()
        if self._hits and (current is None or current.path not in self._hit_paths):
            at = self.cursor
            rows = self._hit_rows()
            self.cursor = next((row for row in rows if row >= at), rows[0] if rows else at)
        self.refresh()
        self._count_hits()

    def action_next_hit(self, step: int) -> None:
        """Move to the next hit, or the previous one, round the end."""
        rows = self._hit_rows()
        if not rows:
            return
        for _ in range(min(self.take_count(), len(rows))):
            if step > 0:
                self.cursor = next((row for row in rows if row > self.cursor), rows[0])
            else:
                self.cursor = next((row for row in reversed(rows) if row < self.cursor), rows[-1])
        self._count_hits()

    async def action_filter(self) -> None:
        """Show only the rows that match the query and what holds them, or all again; or ask for a query."""
        self._filtered = not (self._filtered and self.query_text)
        if not self.query_text:
            await self.action_search()
            return
        self._rebuild()
        self._count_hits()

    def _kept_by_filter(self) -> "set[Path]":
        return {path[:length] for path in self._hit_paths for length in range(1, len(path) + 1)}

    def _hit_rows(self) -> list[int]:
        if self._hit_rows_known is None:
            paths = self._hit_paths
            self._hit_rows_known = [index for index, row in enumerate(self._rows) if row.path in paths]
        return self._hit_rows_known

    def _count_hits(self) -> None:
        counter = ""
        if self.query_text:
            rows = self._hit_rows()
            place = bisect_left(rows, self.cursor)
            position = place + 1 if rows[place : place + 1] == [self.cursor] else 0
            counter = f"{position}/{len(self._hits)}" + (" filtered" if self._filtered else "")
        self.post_message(self.Searched(self, counter))


def _is_element(row: "Row") -> "TypeGuard[Element]":
    return hasattr(row, "tag")


def _column(text: str, width: int) -> str:
    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, width)
