"""Fills the tree: lists folders in threads, says what each file is, finds the first thing to show."""

import os
from collections.abc import Callable

from textual.message import Message

from dicomtui.archive.containers import is_container, is_member, split_address
from dicomtui.archive.members import SEPARATOR, parts_of
from dicomtui.tui.screens.listing import Finding, directory_nodes, list_nodes, read_headers
from dicomtui.tui.widgets.nodes import Kind, Node
from dicomtui.tui.widgets.tree_pane import TreePane
from dicomtui.wording import count_text

DESCENT = 40
"""Folders that are opened at the start to find something to show."""
MANY = 500
"""Files in one folder from which the progress of looking into them is shown."""


class Listed(Message):
    """The rows below a node are known."""

    def __init__(self, node: Node, children: list[Node]) -> None:
        super().__init__()
        self.node, self.children = node, children


class Found(Message):
    """Headers of some files were read."""

    def __init__(self, parent: Node, findings: list[Finding], *, done: bool) -> None:
        super().__init__()
        self.parent, self.findings, self.done = parent, findings, done


class Filler:
    """Keeps a tree in step with the disk.

    Parameters
    ----------
    tree : TreePane
        The tree to fill.
    post : callable
        Sends a message to the screen from a thread; the screen hands it to :meth:`listed` and :meth:`found`.
    run : callable
        Runs a function in a thread.
    """

    def __init__(
        self,
        tree: TreePane,
        post: Callable[[Message], object],
        run: Callable[[Callable[[], None]], object],
    ) -> None:
        self._tree, self._post, self._run = tree, post, run
        self._places: list[Node] = []
        self._awaited: Node | None = None
        self._sought = ""
        """The member of a container that was asked for; without one, the first instance is."""
        self._opened = 0
        self.searching = True
        """Whether the first instance to show is still looked for."""
        self.stopped = False

    def start(self, paths: list[str]) -> str:
        """Show what stands at *paths* and go down to the first instance.

        Returns
        -------
        str
            The folder or file that the tree shows, ``""`` for several.
        """
        root = self._tree.root
        if len(paths) > 1:
            self._tree.set_roots([_root(path) for path in paths])
            self._awaited = root
            self.look_into(root, root.children or [])
            return ""
        path = paths[0]
        if os.path.isdir(path) or is_container(os.path.realpath(path)):
            root.path = path
        elif _is_dicomdir(path):
            root.path, root.kind = path, Kind.DICOMDIR
        elif (place := split_address(path)) is not None:
            root.path, self._sought = _folder_in_container(path, *place)
        else:
            root.path, self.searching = os.path.dirname(os.path.abspath(path)), False
        self._awaited = root
        self.fill(root)
        return root.path

    @staticmethod
    def shows_as_tree(path: str) -> bool:
        """Whether a file is a DICOMDIR, by its name, or a container."""
        return _is_dicomdir(path) or is_container(os.path.realpath(path))

    def fill(self, node: Node) -> None:
        """List what is below *node*, then look into its files."""

        def work() -> None:
            path = node.path or ""
            children = directory_nodes(path) if node.kind is Kind.DICOMDIR else list_nodes(path)
            self._post(Listed(node, children))
            self._read_headers(node, children)

        self._run(work)

    def look_into(self, parent: Node, nodes: list[Node]) -> None:
        """Read the headers of *nodes*."""
        self._run(lambda: self._read_headers(parent, nodes))

    def _read_headers(self, parent: Node, nodes: list[Node]) -> None:
        files = [node for node in nodes if node.path and node.kind in (Kind.UNREAD, Kind.INSTANCE)]
        for findings in read_headers(files, lambda: self.stopped):
            self._post(Found(parent, findings, done=False))
        self._post(Found(parent, [], done=True))

    def listed(self, event: Listed) -> None:
        """Show the rows of a folder or DICOMDIR."""
        if not event.children:
            event.node.detail = "empty"
        self._tree.set_children(event.node, event.children)

    def found(self, event: Found) -> Node | None:
        """Say beside each file what it is; return the instance to open when the first one is found."""
        for node, kind, header, detail in event.findings:
            record = node.kind is Kind.INSTANCE and bool(node.detail)
            node.header = header
            if kind is Kind.OTHER or not record:  # a record keeps the texts of its DICOMDIR
                node.kind, node.detail = kind, detail
        if event.done:
            count = sum(node.kind is Kind.INSTANCE for node in event.parent.children or ())
            if event.parent.kind in (Kind.FOLDER, Kind.CONTAINER) and count:
                event.parent.detail = count_text(count, "instance")
        self._tree.nodes_changed()
        if not self.searching or event.parent is not self._awaited:
            return None
        found = self._first(event.parent)
        if found is None and event.done:
            return self._show_sought(event.parent) if self._sought else self._go_deeper(event.parent)
        return found

    def progress(self, event: Found) -> str:
        """Return how far looking into a large folder is, ``""`` for a small one or when it is done."""
        nodes = event.parent.children or []
        if event.done or len(nodes) < MANY:
            return ""
        seen = sum(node.kind is not Kind.UNREAD for node in nodes)
        return f"looking into files: {seen:,} of {len(nodes):,}"

    def _first(self, parent: Node) -> Node | None:
        """Return the first instance below *parent* and put the cursor there."""
        instances = (node for node in parent.children or () if node.kind is Kind.INSTANCE)
        first = next((node for node in instances if not self._sought or node.path == self._sought), None)
        if first is not None:
            self.searching = False
            self._tree.put_cursor(first)
        return first

    def _show_sought(self, parent: Node) -> Node | None:
        """Return the member that was asked for, although it is no instance."""
        self.searching = False
        sought = next((node for node in parent.children or () if node.path == self._sought), None)
        if sought is not None:
            self._tree.put_cursor(sought)
        return sought

    def _go_deeper(self, parent: Node) -> Node | None:
        """Look for the first instance in the next place: below *parent*, else where other places are left."""
        if parent is not self._tree.root:
            parent.expanded = False
        kinds = (Kind.DICOMDIR, Kind.RECORD, Kind.FOLDER, Kind.CONTAINER)
        below = [child for kind in kinds for child in parent.children or () if child.kind is kind]
        self._places = below + self._places
        while self._places and self._opened < DESCENT:
            self._opened += 1
            self._awaited = place = self._places.pop(0)
            if place.children is None:
                self.fill(place)
                return None
            if (first := self._first(place)) is not None:
                return first
            self._places = [child for child in place.children if child.expandable] + self._places
        self.searching = False
        self._tree.nodes_changed()
        return None


def _root(path: str) -> Node:
    place = split_address(path)
    if place is not None and parts_of(place[1]):
        kind = Kind.UNREAD if is_member(path) else Kind.FOLDER
        return Node(parts_of(place[1])[-1], kind, path, detail=place[0])
    folder, name = os.path.split(os.path.abspath(path))
    if os.path.isdir(path):
        return Node(name or folder, Kind.FOLDER, path, detail=folder)
    if place is not None or is_container(os.path.realpath(path)):
        return Node(name, Kind.CONTAINER, path, detail=folder)
    return Node(name, Kind.DICOMDIR if _is_dicomdir(path) else Kind.UNREAD, path)


def _is_dicomdir(path: str) -> bool:
    return os.path.basename(path).upper().startswith("DICOMDIR")


def _folder_in_container(address: str, container: str, name: str) -> tuple[str, str]:
    """Return the folder that the tree shows for an address, and the member to open in it, if it names one."""
    if not is_member(address):
        return address if parts_of(name) else container, ""
    return SEPARATOR.join(filter(None, (container, "/".join(parts_of(name)[:-1])))), address
