"""The tree of folders, files and DICOMDIR records; knows nodes, opens nothing."""

from collections.abc import Callable, Iterable

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.message import Message

from dicomtui.keys import TREE
from dicomtui.text import safe_line
from dicomtui.tui.bindings import bindings
from dicomtui.tui.widgets.line_list import LineList
from dicomtui.tui.widgets.nodes import Kind, Node
from dicomtui.tui.widgets.tree_filter import filtered, text_of


class TreePane(LineList):
    """Rows that expand in place; the cursor's instance is what the browser shows."""

    BINDINGS = bindings(TREE)

    class ChildrenWanted(Message):
        """A node was expanded whose children are not known."""

        def __init__(self, node: Node) -> None:
            super().__init__()
            self.node = node

    class Chosen(Message):
        """Enter was pressed on an instance."""

        def __init__(self, node: Node) -> None:
            super().__init__()
            self.node = node

    class MarksChanged(Message):
        """A row was marked, or is no longer."""

    def __init__(self, *, show_others: bool = True, id: str | None = None) -> None:
        super().__init__(id=id)
        self.root = Node("", Kind.FOLDER, expanded=True)
        self.root.children = []
        self.show_others = show_others
        self.look_for: Callable[[str], None] | None = None
        """Finds rows for a filter that are not in the tree yet."""
        self._rows: list[Node] = []
        self._marks: int | None = None
        """How many nodes are marked, unless they have to be counted anew."""
        self._opened_by_filter: set[Node] = set()
        self._filtered = False
        self._last: Node | None = None
        """The node under the cursor, or the last one where a filter has left no row."""
        self._typed_from: Node | None = None
        """Where the cursor stood when a filter began to be typed: given up, it leads back there."""
        self._left_at: dict[Node, Node | None] = {}
        """Where the cursor stood in the trees that are not shown."""

    @property
    def node(self) -> Node | None:
        """The node under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def show_tree(self, root: Node) -> None:
        """Show the rows below *root* instead, with the cursor where it was left."""
        if root is not self.root:
            self._left_at[self.root] = self.node
            self.root = root
            self._rebuild(self._left_at.get(root))

    def marked(self) -> list[Node]:
        """Return the marked nodes, in order."""
        found: list[Node] = []
        stack = list(reversed(self.root.children or ()))
        while stack:
            node = stack.pop()
            if node.marked:
                found.append(node)
            stack.extend(reversed(node.children or ()))
        return found

    @property
    def marks(self) -> int:
        """How many nodes are marked."""
        if self._marks is None:
            self._marks = len(self.marked())
        return self._marks

    def set_roots(self, nodes: list[Node]) -> None:
        """Show *nodes* at the top."""
        self.root.adopt(nodes)
        self._rebuild()

    def set_children(self, node: Node, children: list[Node]) -> None:
        """Show *children* below *node*."""
        node.adopt(children)
        node.expanded = True
        self._rebuild()

    def nodes_changed(self) -> None:
        """Draw again after nodes were annotated from outside."""
        self._rebuild()

    def put_cursor(self, node: Node) -> bool:
        """Move to *node*, expanding what hides it; False when it is not shown."""
        above = node.parent
        while above is not None and above is not self.root:
            above.expanded = True
            above = above.parent
        self._rebuild()
        if node not in self._rows:
            return False
        self.cursor = self._rows.index(node)
        return True

    # --- rows ---

    def row_count(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return the icon, the label and, where there is room, warning and detail."""
        node = self._rows[index]
        expanded = node.expanded or node in self._opened_by_filter
        icon = ("▾ " if expanded else "▸ ") if node.expandable else "  "
        left = "  " * node.depth + icon
        name = safe_line(node.label, 256)
        if node.kind is Kind.FOLDER:
            name += "/"
        quiet = node.kind in (Kind.OTHER, Kind.UNREAD)
        hit = bool(self.query_text) and self._matches(node)
        styling = self.styling
        style = styling.hit if hit else styling.dim if quiet else styling.strong if node.expandable else None
        detail, warning = safe_line(node.detail, 256), safe_line(node.warning, 64)
        segments = [Segment(left, styling.dim)]
        if node.marked:
            segments.append(Segment("● ", styling.key))
        room = width - sum(cell_len(segment.text) for segment in segments)
        beside = cell_len(detail) + (cell_len(warning) + 2 if warning else 0)
        name_width = min(cell_len(name), max(room - beside - 2, min(24, room)))
        segments.append(Segment(_cut(name, name_width), style))
        room -= name_width + 2
        for text, look in ((warning, styling.hit), (detail, styling.dim)):
            if text and room > 3:
                text = _cut(text, min(room, cell_len(text)))
                segments += [Segment("  "), Segment(text, look)]
                room -= cell_len(text) + 2
        return segments

    def _rebuild(self, cursor: Node | None = None) -> None:
        kept = cursor or self.node or self._last
        self._marks = None
        self._opened_by_filter = set()
        if self._filtered and self.query_text:
            self._rows, self._opened_by_filter = filtered(self.root, self.query_text, self.show_others)
        else:
            self._rows = list(self.root.visible(self.show_others))
        # in silence: nobody has moved the cursor
        at = self._rows.index(kept) if kept is not None and kept in self._rows else self.cursor
        self.set_reactive(TreePane.cursor, max(0, min(at, len(self._rows) - 1)))
        self._last = self.node or kept
        self.rows_changed()

    # --- actions ---

    def action_expand(self) -> None:
        """Expand the row; on an expanded one, go to its first child."""
        node = self.node
        if node is None or not node.expandable:
            return
        if node.children is None:
            self.post_message(self.ChildrenWanted(node))
        elif node.expanded and node.children:
            self.cursor += 1
        else:
            node.expanded = True
            self._rebuild()

    def action_collapse(self) -> None:
        """Collapse the row; on a collapsed one, go to its parent."""
        node = self.node
        if node is None:
            return
        if node.expanded:
            node.expanded = False
            self._rebuild()
        elif node.parent is not None and node.parent is not self.root:
            self.cursor = self._rows.index(node.parent)

    def action_open(self) -> None:
        """Open an instance, or expand and collapse anything else."""
        node = self.node
        if node is None:
            return
        if not node.expandable:
            self.post_message(self.Chosen(node))
        elif node.expanded:
            node.expanded = False
            self._rebuild()
        else:
            self.action_expand()

    def action_toggle_others(self) -> None:
        """Hide or show the files that are not DICOM."""
        self.show_others = not self.show_others
        self._rebuild()

    def action_mark(self) -> None:
        """Mark the row, or take its mark away, and go on to the next one."""
        for _ in range(min(self.take_count(), len(self._rows) - self.cursor)):
            node = self._rows[self.cursor]
            if node.kind is not Kind.OTHER:
                node.marked = not node.marked
            self._refresh_row(self.cursor)
            self.cursor += 1
        self._marks = None
        self.post_message(self.MarksChanged())

    def action_unmark_all(self) -> None:
        """Take all marks away."""
        for node in self.marked():
            node.marked = False
        self._marks = 0
        self.refresh()
        self.post_message(self.MarksChanged())

    # --- search ---

    def search(self, query: str) -> None:
        """Move to the first row from the cursor on that holds every word of *query*."""
        self.query_text = query
        if self._filtered:
            self._filter()
        hits = self._hits()
        if hits and self.cursor not in hits:
            self.cursor = next((hit for hit in hits if hit > self.cursor), hits[0])
        self.refresh()
        self._count_hits(hits)

    def action_next_hit(self, step: int) -> None:
        """Move to the next row that matches, or the previous one, round the end."""
        hits = self._hits()
        if not hits:
            return
        for _ in range(min(self.take_count(), len(hits))):
            if step > 0:
                self.cursor = next((hit for hit in hits if hit > self.cursor), hits[0])
            else:
                self.cursor = next((hit for hit in reversed(hits) if hit < self.cursor), hits[-1])
        self._count_hits(hits)

    async def action_search(self) -> None:
        """Ask for a query that moves the cursor."""
        self._filtered = self._filtered and bool(self.query_text)
        await super().action_search()

    async def action_filter(self) -> None:
        """Show only the rows that match the query, or all again; without a query, ask for one."""
        self._filtered = not self._filtered
        if not self.query_text:
            self._filtered, self._typed_from = True, self.node
            if self.ask_query is not None:
                await self.ask_query()
        self._filter()
        self._count_hits(self._hits())

    def _filter(self) -> None:
        """Take rows away or give them back; where the cursor's was taken, it stands on another."""
        before = self.node or self._last
        if self._filtered and self.query_text and self.look_for is not None:
            self.look_for(self.query_text)
        self._rebuild(None if self.query_text else self._typed_from)
        if self.node is not None and self.node is not before:
            with self._context():  # in the tree's own name: a message goes no further up than to who sent it
                self.post_message(self.Moved(self))

    def on_focus(self) -> None:
        """Take the place that a filter has led to as chosen."""
        self._typed_from = None

    def _hits(self) -> list[int]:
        if not self.query_text:
            return []
        return [index for index, node in enumerate(self._rows) if self._matches(node)]

    def _matches(self, node: Node) -> bool:
        text = text_of(node)
        return all(word in text for word in self.query_text.casefold().split())

    def _count_hits(self, hits: Iterable[int]) -> None:
        found = list(hits)
        position = found.index(self.cursor) + 1 if self.cursor in found else 0
        closed = any(node.expandable and not node.expanded for node in self._rows)
        counter = f"{position}/{len(found)}" + (" in open folders" if closed else "")
        if self._filtered:
            counter += " filtered"
        if not self.query_text:
            counter = ""
        self.post_message(self.Searched(self, counter))


def _cut(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)) + "…"
