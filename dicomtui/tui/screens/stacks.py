"""Which instance comes next: the series of a folder or DICOMDIR, each in the order of its stack."""

from typing import TYPE_CHECKING

from dicomtui.archive.series import stack
from dicomtui.tui.widgets.nodes import Kind, Node

if TYPE_CHECKING:
    from dicomtui.archive.header import Header


class Stacks:
    """The series around an instance; computed once until headers change."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._place: Node | None = None
        self._series: list[list[str]] = []
        self._stacks: dict[str, list[str]] = {}
        self._nodes: dict[str, Node] = {}

    def headers_changed(self) -> None:
        """Forget what was computed."""
        self._place = None
        self._nodes.clear()

    def find(self, path: str) -> Node | None:
        """Return the node of the instance at *path*."""
        if path not in self._nodes:
            self._nodes = {
                node.path: node
                for node in reversed(_leaves(self._root))
                if node.path is not None and node.kind not in (Kind.FOLDER, Kind.CONTAINER)
            }
        return self._nodes.get(path)

    def around(self, path: str) -> list[list[str]]:
        """Return the series of the place where *path* stands, each as paths in the order of its stack."""
        node = self.find(path)
        if node is None or node.parent is None:
            return [[path]]
        place = node.parent
        while place.kind is Kind.RECORD and place.parent is not None:
            place = place.parent
        if self._place is not place:
            nodes = _leaves(place) if place.kind is Kind.DICOMDIR else place.children or []
            self._place, self._series = place, series_of(nodes)
            self._stacks = {member: group for group in self._series for member in group}
        return self._series

    def of(self, path: str) -> list[str]:
        """Return the stack that *path* stands in."""
        self.around(path)
        return self._stacks.get(path, [path])

    def step_instance(self, path: str, step: int) -> str:
        """Return the instance *step* on from *path*, series after series, staying inside the place."""
        paths = [member for group in self.around(path) for member in group]
        return _on(paths, paths.index(path) if path in paths else None, step) or path

    def step_series(self, path: str, step: int) -> str:
        """Return the first instance of the series *step* on from that of *path*."""
        groups = self.around(path)
        at = next((index for index, group in enumerate(groups) if path in group), None)
        return _on([group[0] for group in groups], at, step) or path


def series_of(nodes: list[Node]) -> list[list[str]]:
    """Return the paths of the instances among *nodes*: one list for each stack, in the order of the rows.

    An instance whose header is not known yet stands alone.
    """
    instances = [node for node in nodes if node.kind is Kind.INSTANCE]
    by_series: dict[tuple[str, str], list[Header]] = {}
    for node in instances:
        if node.header is not None:
            key = node.header.study_instance_uid, node.header.series_instance_uid
            by_series.setdefault(key, []).append(node.header)
    groups: list[list[str]] = []
    placed: set[str] = set()
    for node in instances:
        if node.path is None or node.path in placed:
            continue
        group = [node.path]
        if node.header is not None:
            key = node.header.study_instance_uid, node.header.series_instance_uid
            group = [member.path for member in stack(by_series[key], node.header)]
            group = [path for path in group if path not in placed]
        groups.append(group)
        placed.update(group)
    return groups


def _on(paths: list[str], at: int | None, step: int) -> str | None:
    """Return the path *step* on; from no place in the list, its first or last; None behind its ends."""
    if at is None:
        at, step = (-1, 1) if step > 0 else (len(paths), -1)
    return paths[at + step] if 0 <= at + step < len(paths) else None


def _leaves(place: Node) -> list[Node]:
    found: list[Node] = []
    stack = [place]
    while stack:
        node = stack.pop()
        found.append(node)
        stack.extend(reversed(node.children or []))
    return found
