"""The nodes of the tree: folders, files, a DICOMDIR and its records."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dicomtui.archive.header import Header


class Kind(Enum):
    """What a node stands for."""

    FOLDER = auto()
    UNREAD = auto()
    """A file whose content was not looked at yet."""
    INSTANCE = auto()
    DICOMDIR = auto()
    CONTAINER = auto()
    """A zip or tar, which opens like a folder."""
    OTHER = auto()
    """A file that is not DICOM, or cannot be opened."""
    RECORD = auto()
    """A Directory Record above the instances: patient, study, series."""


@dataclass(eq=False, slots=True)
class Node:
    """One row of the tree, with the rows below it once they are known."""

    label: str
    kind: Kind
    path: str | None = None
    parent: "Node | None" = None
    detail: str = ""
    """What matters of it: modality, description, date, count; or why it cannot be opened."""
    header: "Header | None" = None
    children: "list[Node] | None" = None
    """None while they are not known."""
    expanded: bool = False
    findings: "Sequence[tuple[str, str]]" = ()
    """What is odd about it: in a word or two for the row, and as a sentence."""
    marked: bool = False
    about: object = None
    """What a row of the studies tree stands for: a Patient, a Study, a Series or a Stack."""

    @property
    def depth(self) -> int:
        """How many nodes stand above it, without the root, which is not shown."""
        return -1 if self.parent is None else self.parent.depth + 1

    @property
    def warning(self) -> str:
        """What is odd about it, in a few words."""
        return "! " + ", ".join(mark for mark, _ in self.findings) if self.findings else ""

    @property
    def expandable(self) -> bool:
        """Whether there can be rows below it."""
        return self.kind in (Kind.FOLDER, Kind.CONTAINER, Kind.DICOMDIR, Kind.RECORD)

    def adopt(self, children: "list[Node]") -> None:
        """Take *children* as the rows below this one."""
        for child in children:
            child.parent = self
        self.children = children

    def visible(self, show_others: bool) -> "Iterator[Node]":
        """Yield the rows below this one that are in view."""
        stack = [iter(self.children or ())]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
            elif show_others or node.kind is not Kind.OTHER:
                yield node
                if node.expanded and node.children:
                    stack.append(iter(node.children))
