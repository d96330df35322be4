"""The table of attributes: one row an element or item, sequences expanded in place."""

from bisect import bisect_left
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.message import Message

from dicomtui.keys import ATTRIBUTES
from dicomtui.tui.bindings import bindings
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.widgets.line_list import LineList
from dicomtui.tui.widgets.tag_rows import (
    FRAME,
    PINNED,
    Group,
    Placed,
    TagRows,
    element_of,
    element_segments,
    is_element,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicomtui.dataset.elements import Element
    from dicomtui.dataset.scope import Path
    from dicomtui.dataset.search import SearchIndex
    from dicomtui.tui.widgets.tag_rows import Row


class AboutElement(Message):
    """Something is wanted of one element."""

    def __init__(self, element: "Element") -> None:
        super().__init__()
        self.element = element


class TagTable(LineList):
    """Every element of one instance; the query and the cursor's attribute outlive the instance."""

    BINDINGS = bindings(ATTRIBUTES)

    class ValueWanted(AboutElement):
        """The user wants to see a whole value."""

    class ValuesWanted(AboutElement):
        """The user wants to see an attribute's values in all instances."""

    class ExplanationWanted(AboutElement):
        """The user wants to know what an attribute is."""

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
        self._rows = TagRows()
        self._hits: list[Element] = []
        self._hit_paths: set[Path] = set()
        self._hit_rows_known: list[int] | None = None
        self._index: SearchIndex | None = None
        self._searcher = LatestWorker("search")
        self._filtered = False
        self._kept: Path = ()

    def show(self, elements: "list[Element]", pinned: "Sequence[Element]" = ()) -> None:
        """Show the elements of another instance, at the attribute where the cursor was.

        Parameters
        ----------
        elements : list of Element
            All of them, in the order of the file.
        pinned : sequence of Element
            Those of them that are shown at the top too.
        """
        row = self.row_at_cursor
        if row is not None:
            self._kept = row.path
        self._rows.elements, self._index, self._rows.groups = elements, None, {}
        self._rows.put_group(_pinned(pinned))
        self._hits, self._hit_paths, self._hit_rows_known = [], set(), None
        self._rebuild(self._kept)
        if self.query_text:
            self.search(self.query_text)

    def show_frame(
        self, elements: "Sequence[Element]", number: int, pinned: "Sequence[Element] | None" = None
    ) -> None:
        """Show the functional groups of the frame in the picture at the top.

        Parameters
        ----------
        elements : sequence of Element
            What the groups hold.
        number : int
            The frame, from 1.
        pinned : sequence of Element, optional
            What is pinned from now on: some of it may stand in these groups.
        """
        text = f"{len(elements)} elements of its functional groups"
        changed = self._rows.put_group(Group(FRAME, f"Frame {number}", text, elements))
        if pinned is not None:
            changed = self._rows.put_group(_pinned(pinned)) or changed
        if changed:
            self._rebuild()

    @property
    def row_at_cursor(self) -> "Row | None":
        """The element or item under the cursor."""
        return self._rows.shown[self.cursor] if self._rows.shown else None

    @property
    def element(self) -> "Element | None":
        """The element under the cursor, be it where it stands in the file or at the top."""
        return element_of(self.row_at_cursor)

    # --- rows ---

    def row_count(self) -> int:
        """Return the number of rows."""
        return len(self._rows.shown)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return tag, VR, length, name and value of an element, or what an item holds."""
        row = self._rows.shown[index]
        indent = "  " * row.depth
        icon = "▾ " if row.path in self._rows.expanded else "▸ "
        element = element_of(row)
        if element is not None:
            left = indent + (icon if row.children else "  ")
            hit, in_group = element.path in self._hit_paths, isinstance(row, Placed)
            return element_segments(element, left, width, self.styling, hit=hit, in_group=in_group)
        assert not isinstance(row, Placed)
        name = row.name if isinstance(row, Group) else f"Item {row.path[-1] + 1}"
        return [
            Segment(indent + icon),
            Segment(name, self.styling.key),
            Segment(f"  {row.text}", self.styling.dim),
        ]

    def _rebuild(self, cursor_path: "Path | None" = None) -> None:
        row = self.row_at_cursor
        if cursor_path is None and row is not None:
            cursor_path = row.path
        self._rows.rebuild(self._kept_by_filter() if self._filtered and self.query_text else None)
        self._hit_rows_known = None
        if cursor_path:
            self.set_reactive(TagTable.cursor, self._rows.nearest(cursor_path))
        self.rows_changed()

    # --- actions ---

    def action_expand(self) -> None:
        """Expand a sequence or item; on an expanded one, go to its first row."""
        row = self.row_at_cursor
        if row is None or not row.children:
            return
        if row.path in self._rows.expanded:
            self.cursor += 1
        else:
            self._rows.expand(row)
            self._rebuild()

    def action_collapse(self) -> None:
        """Collapse the row; on a collapsed one, go to what holds it."""
        row = self.row_at_cursor
        if row is None:
            return
        if row.path in self._rows.expanded:
            self._rows.expanded.discard(row.path)
            self._rebuild()
        elif len(row.path) > 1:
            self.cursor = self._rows.nearest(row.path[:-1])

    def action_open(self) -> None:
        """Expand or collapse a sequence; show a whole value."""
        row = self.row_at_cursor
        if row is None:
            return
        if isinstance(row, Placed):
            self._reveal(row.element.path)
        elif not row.children:
            if is_element(row):
                self.post_message(self.ValueWanted(row))
        elif row.path in self._rows.expanded:
            self.action_collapse()
        else:
            self.action_expand()

    def action_values(self) -> None:
        """Ask for the values of this attribute in all instances."""
        if self.element is not None:
            self.post_message(self.ValuesWanted(self.element))
        else:
            self._say_no_attribute()

    def _say_no_attribute(self) -> None:
        self.notify("This row is no attribute: go to one of those below it.", timeout=3, markup=False)

    def action_explain(self) -> None:
        """Ask what this attribute is."""
        if self.element is not None:
            self.post_message(self.ExplanationWanted(self.element))
        else:
            self._say_no_attribute()

    def action_toggle_private(self) -> None:
        """Hide or show private elements."""
        self._rows.show_private = not self._rows.show_private
        self._rebuild()

    def action_toggle_all(self) -> None:
        """Expand all sequences, or collapse all."""
        self._rows.toggle_all()
        self._rebuild()

    def reveal(self, attribute: str) -> None:
        """Go to the first element of an attribute, at whatever depth.

        Parameters
        ----------
        attribute : str
            A keyword, or a tag as eight hexadecimal digits.
        """
        found = self._rows.first(lambda row: attribute in (row.keyword, f"{row.tag:08x}"))
        if found is not None:
            self._reveal(found.path)

    def _reveal(self, path: "Path") -> None:
        """Go to where an element stands in the file."""
        self._rows.expanded.update(path[:length] for length in range(1, len(path)))
        self._rebuild(path)
        self.post_message(self.Moved(self))

    # --- search ---

    def search(self, query: str) -> None:
        """Find *query* in a thread; :class:`Found` comes back."""
        self.query_text = query
        self._filtered = self._filtered and bool(query)
        elements, index = self._rows.elements, self._index

        def find() -> None:
            from dicomtui.dataset.search import SearchIndex

            made = index or SearchIndex(elements)
            hits = made.hits(query)
            if elements is self._rows.elements:
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
        if self._filtered or not event.parents <= self._rows.expanded:
            self._rows.expanded |= event.parents
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
            self._hit_rows_known = [index for index, row in enumerate(self._rows.shown) if row.path in paths]
        return self._hit_rows_known

    def _count_hits(self) -> None:
        counter = ""
        if self.query_text:
            rows = self._hit_rows()
            place = bisect_left(rows, self.cursor)
            position = place + 1 if rows[place : place + 1] == [self.cursor] else 0
            counter = f"{position}/{len(self._hits)}" + (" filtered" if self._filtered else "")
        self.post_message(self.Searched(self, counter))


def _pinned(elements: "Sequence[Element]") -> Group:
    return Group(PINNED, "Pinned", f"{len(elements)} of the attributes below", elements)
