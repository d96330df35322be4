"""The rows of the table of attributes: which there are, in which order, and what is folded."""

from typing import TYPE_CHECKING, TypeGuard

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dicomtui.dataset.elements import Element, Item
    from dicomtui.dataset.scope import Path
    from dicomtui.tui.line_styles import LineStyles

PINNED: "Path" = (-2,)
"""Path of the row of the pinned attributes: no tag is negative."""
FRAME: "Path" = (-1,)
"""Path of the row of the frame in the picture."""
EXPAND_LIMIT = 100_000
"""Rows that are expanded at once."""
_NARROW = 50
"""Columns below which a row in a group has neither tag nor VR."""
_WIDE = 70
"""Columns from which the length has a column of its own."""


class Group:
    """A row at the top, with elements below it that stand elsewhere in the file."""

    depth = 0

    def __init__(self, path: "Path", name: str, text: str, elements: "Sequence[Element]") -> None:
        self.path, self.name, self.text = path, name, text
        self.children = [Placed(element, path) for element in elements]

    def is_as(self, other: "Group") -> bool:
        """Whether *other* has the same rows."""
        return self._content() == other._content()

    def _content(self) -> "tuple[str, str, list[Element]]":
        return self.name, self.text, [row.element for row in self.children]


class Placed:
    """An element shown a second time, below a group."""

    depth = 1
    children: "tuple[()]" = ()

    def __init__(self, element: "Element", group: "Path") -> None:
        self.element = element
        self.path: Path = (*group, *element.path)


if TYPE_CHECKING:
    Row = Element | Item | Group | Placed


class TagRows:
    """What is shown of one instance; what is expanded outlives it."""

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.groups: dict[Path, Group] = {}
        self.expanded: set[Path] = {PINNED, FRAME}
        self.show_private = True
        self.shown: list[Row] = []

    def put_group(self, group: Group) -> bool:
        """Show a group, or take it away if it is empty; return whether anything changed."""
        known = self.groups.get(group.path)
        if known.is_as(group) if known is not None else not group.children:
            return False
        self.groups.pop(group.path, None)
        if group.children:
            self.groups[group.path] = group
        return True

    def rebuild(self, kept: "set[Path] | None") -> None:
        """List the rows anew: of all, or of the paths in *kept*."""
        rows: list[Row] = []
        groups = [self.groups[path] for path in sorted(self.groups)]
        stack: list[Row] = [*reversed(self.elements), *reversed(groups)]
        while stack:
            row = stack.pop()
            if kept is not None and row.path not in kept:
                continue
            if not self.show_private and is_element(row) and row.tag >> 16 & 1:
                continue
            rows.append(row)
            if row.path in self.expanded:
                stack.extend(reversed(row.children))
        self.shown = rows

    def nearest(self, path: "Path") -> int:
        """Return the row of *path*, of the deepest row above it, or of the place where it would stand."""
        places = {row.path: index for index, row in enumerate(self.shown)}
        for length in range(len(path), 0, -1):
            if path[:length] in places:
                return places[path[:length]]
        behind = (index for index, row in enumerate(self.shown) if row.path[0] > path[0])
        return next(behind, max(0, len(self.shown) - 1))

    def expand(self, row: "Row") -> None:
        """Expand *row*; the only item of a sequence is expanded with it."""
        self.expanded.add(row.path)
        if len(row.children) == 1:
            self.expanded.add(row.children[0].path)

    def toggle_all(self) -> None:
        """Expand all sequences, or collapse all; the groups at the top stay as they are."""
        if self.expanded - {PINNED, FRAME}:
            self.expanded &= {PINNED, FRAME}
            return
        stack: list[Row] = list(self.elements)
        while stack and len(self.expanded) < EXPAND_LIMIT:
            row = stack.pop()
            if row.children:
                self.expanded.add(row.path)
                stack.extend(row.children)

    def first(self, is_wanted: "Callable[[Element], bool]") -> "Element | None":
        """Return the first element in the order of the file, at whatever depth, that is wanted."""
        stack: list[Row] = list(reversed(self.elements))
        while stack:
            row = stack.pop()
            if is_element(row) and is_wanted(row):
                return row
            stack.extend(reversed(row.children))
        return None


def is_element(row: "Row") -> "TypeGuard[Element]":
    """Whether *row* is an element where it stands in the file."""
    return hasattr(row, "tag")


def element_of(row: "Row | None") -> "Element | None":
    """Return the element of a row, be it where it stands in the file or in a group; None for any other."""
    if isinstance(row, Placed):
        return row.element
    return row if row is not None and is_element(row) else None


def element_segments(
    element: "Element", left: str, width: int, styling: "LineStyles", *, hit: bool, in_group: bool
) -> list[Segment]:
    """Return the tag, VR, length, name and value of an element; a mark where its bytes fit no character set.

    Parameters
    ----------
    element : Element
        What the row is about.
    left : str
        What stands before the tag.
    width : int
        Cells that the row has.
    styling : LineStyles
        The colours of its parts.
    hit : bool
        Whether a search found it.
    in_group : bool
        Whether it stands in a group at the top, where a narrow row leaves tag and VR to the other one.
    """
    segments = [Segment(left)]
    if not in_group or width >= _NARROW:
        tag = f"{element.tag >> 16:04x},{element.tag & 0xFFFF:04x}"
        segments.append(Segment(tag, styling.hit if hit else styling.dim))
        segments.append(Segment(f" {element.vr} ", styling.dim))
    if width >= _WIDE:
        length = "undef" if element.length is None else str(element.length)
        segments.append(Segment(f"{length:>7} ", styling.dim))
    used = sum(cell_len(segment.text) for segment in segments)
    name = f"{element.name} [{element.creator}]" if element.creator else element.name
    name_width = max(6, min(34, (width - used) * 9 // 20))
    return [
        *segments,
        Segment(_column(name, name_width), styling.key),
        Segment(" "),
        *([Segment("! ", styling.hit)] if element.misfit else []),
        Segment(element.text, styling.hit if hit else styling.dim if element.vr == "SQ" else None),
    ]


def _column(text: str, width: int) -> str:
    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, width)
