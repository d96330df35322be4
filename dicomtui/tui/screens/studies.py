"""The studies tree: patients, studies, series and instances, as far as the scan has come."""

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from textual.message import Message

from dicomtui.tui.screens.file_seeking import FileSeeker
from dicomtui.tui.screens.study_orders import ORDERS, Order
from dicomtui.tui.screens.study_rows import (
    SeriesKey,
    findings_of,
    instance_nodes,
    patient_texts,
    series_key,
    series_texts,
    study_texts,
)
from dicomtui.tui.widgets.nodes import Kind, Node

if TYPE_CHECKING:
    from dicomtui.archive.hierarchy import Patient, Study
    from dicomtui.archive.index import Index
    from dicomtui.tui.widgets.tree_pane import TreePane

FEW_SERIES = 30
"""Up to so many series, all studies are open from the start."""


class SeriesListed(Message):
    """The instances of a series are known."""

    def __init__(self, node: Node, children: list[Node], findings: list[tuple[str, str]]) -> None:
        super().__init__()
        self.node, self.children, self.findings = node, children, findings


class Studies:
    """Keeps the studies tree in step with the scan, and knows the stacks in it.

    Parameters
    ----------
    tree : TreePane
        Where it is shown, whenever its root is.
    post : callable
        Sends a message to the screen from a thread.
    run : callable
        Runs a function in a thread.
    indexes : callable
        Returns the indexes of the scan.
    """

    def __init__(
        self,
        tree: "TreePane",
        post: Callable[[Message], object],
        run: Callable[[Callable[[], None]], object],
        indexes: "Callable[[], Sequence[Index]]",
    ) -> None:
        self._tree, self._post, self._run, self._indexes = tree, post, run, indexes
        tree.look_for = self._look_for
        self._seeker = FileSeeker()
        self.root = Node("", Kind.FOLDER, expanded=True)
        self.root.children = []
        self.order = 0
        """Which of :data:`ORDERS` the rows stand in."""
        self._patients: list[Patient] = []
        self._was_complete = False
        self._series: dict[Node, int] = {}
        """The rows of series and where they stand among each other."""
        self._instances: dict[str, Node] = {}
        self._awaited: tuple[Node, int] | None = None
        """A series that is listed because somebody goes there, and which of its instances is shown then."""

    # --- rows ---

    def changed(self, patients: "list[Patient]", *, complete: bool) -> None:
        """Show what the scan has found so far."""
        self._patients = patients
        self._show(anew=False)
        if complete and not self._was_complete:
            self._was_complete = True
            if len(self._series) <= FEW_SERIES:
                for series in self._series:
                    if series.parent is not None:
                        series.parent.expanded = True
        if not self.root.children:
            self.root.adopt([Node(self._why_empty() if complete else "nothing found yet", Kind.OTHER)])
        if self._tree.root is self.root:
            self._tree.nodes_changed()

    def _why_empty(self) -> str:
        from dicomtui.archive.unread import unread_folders  # loads the reader of headers

        reasons = dict.fromkeys(reason for index in self._indexes() for reason in unread_folders(index))
        return ": ".join(filter(None, ("no instance found", ", ".join(reasons))))

    def sort(self, order: int) -> None:
        """Put the rows in another of :data:`ORDERS`."""
        self.order = order
        self._show(anew=True)
        if self._tree.root is self.root:
            self._tree.nodes_changed()

    def _show(self, *, anew: bool) -> None:
        """Bring the rows in step with the patients: unless *anew*, those that are as before stay untouched.

        A scan calls this again and again, while keys wait: what costs counts for new patients only.
        """
        order = ORDERS[self.order]
        before = _by_key(self.root, lambda patient: (patient.patient_id, patient.patient_name))
        nodes = []
        for patient in sorted(self._patients, key=order.patient, reverse=order.backwards):
            node = before.get((patient.patient_id, patient.patient_name))
            if node is None:
                node = Node("", Kind.RECORD, expanded=True)
            if anew or node.about != patient:
                self._show_patient(node, patient, order, anew=anew)
            nodes.append(node)
        self.root.adopt(nodes)
        series = [one for node in nodes for study in node.children or () for one in study.children or ()]
        self._series = {node: place for place, node in enumerate(series)}

    def _show_patient(self, node: Node, patient: "Patient", order: "Order", *, anew: bool) -> None:
        node.about, (node.label, node.detail) = patient, patient_texts(patient)
        before = _by_key(node, lambda study: study.study_instance_uid)
        studies = []
        for study in sorted(patient.studies, key=order.study, reverse=order.backwards):
            below = before.get(study.study_instance_uid) or Node("", Kind.RECORD)
            if anew or below.about != study:
                self._show_study(below, study, order)
            studies.append(below)
        node.adopt(studies)

    def _show_study(self, node: Node, study: "Study", order: "Order") -> None:
        node.about, (node.label, node.detail) = study, study_texts(study)
        before = _by_key(node, lambda series: series.row.series_instance_uid)
        nodes = []
        for series in sorted(study.series, key=order.series, reverse=order.backwards):
            below = before.get(series.row.series_instance_uid) or Node("", Kind.RECORD)
            if below.about != series:
                below.about, (below.label, below.detail) = series, series_texts(series)
                if below.children is not None:
                    self._list(below)
            nodes.append(below)
        node.adopt(nodes)

    def judged(self, findings: "dict[SeriesKey, list[tuple[str, str]]]") -> None:
        """Mark the series about which something is odd."""
        for node in self._series:
            found = findings.get(series_key(node.about.row))  # type: ignore[attr-defined]
            if found is not None:
                node.findings = found
        if self._tree.root is self.root:
            self._tree.nodes_changed()

    # --- instances ---

    def preview(self, node: Node) -> str | None:
        """Return the first instance below a row; None if its series has to be listed first."""
        while node not in self._series and node.children and node.children[0].kind is Kind.RECORD:
            node = node.children[0]
        return self._end_of(node, 0)

    def fill(self, node: Node) -> None:
        """List the instances of a series whose row was opened."""
        node.expanded = True
        self._list(node)

    def _list(self, node: Node) -> None:
        """Read the instances of a series out of the indexes, in a thread."""
        indexes = list(self._indexes())
        self._run(lambda: self._read(node, indexes))

    def _read(self, node: Node, indexes: "Sequence[Index]") -> None:
        from dicomtui.archive.series import stacks

        row = node.about.row  # type: ignore[attr-defined]
        found = stacks([header for index in indexes for header in index.headers_of(row)])
        self._post(SeriesListed(node, instance_nodes(found), findings_of(found)))

    def _look_for(self, query: str) -> None:
        """List series that hold files with a word of a filter in their names, so that it finds these."""
        if self._tree.root is self.root:
            unlisted = {series_key(node.about.row): node for node in self._series if node.children is None}  # type: ignore[attr-defined]
            indexes = list(self._indexes())
            self._seeker.seek(query, unlisted, indexes, lambda node: self._read(node, indexes))

    def listed(self, event: SeriesListed) -> str | None:
        """Show the instances of a series; return the one that somebody waits for."""
        event.node.adopt(_with_known(event.children, event.node))
        event.node.findings = event.findings
        for leaf in _leaves(event.node):
            if leaf.path is not None:
                self._instances[leaf.path] = leaf
        if self._tree.root is self.root:
            self._tree.nodes_changed()
        if self._awaited is None or self._awaited[0] is not event.node:
            return None
        (node, end), self._awaited = self._awaited, None
        return self._end_of(node, end)

    def _end_of(self, node: Node, end: int) -> str | None:
        """Return the first (0) or last (-1) instance below *node*, once it is listed."""
        if node.children is None:
            self._awaited = node, end
            self._list(node)
            return None
        leaves = _leaves(node)
        return leaves[end].path if leaves else None

    def reveal(self, series_instance_uid: str) -> None:
        """List the series of an instance that is shown, so that the cursor can go there."""
        for node in self._series:
            if node.about.row.series_instance_uid == series_instance_uid and node.children is None:  # type: ignore[attr-defined]
                self._list(node)
                return

    # --- stacks ---

    def headers_changed(self) -> None:
        """Nothing is computed ahead here."""

    def find(self, path: str) -> Node | None:
        """Return the node of the instance at *path*, once its series is listed."""
        return self._instances.get(path)

    def of(self, path: str) -> list[str]:
        """Return the stack that *path* stands in."""
        node = self.find(path)
        siblings = node.parent.children if node is not None and node.parent is not None else None
        return [sibling.path for sibling in siblings or () if sibling.path] or [path]

    def step_instance(self, path: str, step: int) -> str | None:
        """Return the instance *step* on, series after series; None where its series is listed first."""
        node, series = self.find(path), self._series_of(path)
        if node is None or series is None:
            return self.step_series(path, step)
        leaves = _leaves(series)
        at = leaves.index(node) + step
        if 0 <= at < len(leaves):
            return leaves[at].path
        return self._step(series, step, 0 if step > 0 else -1)

    def step_series(self, path: str, step: int) -> str | None:
        """Return the first instance of the series *step* on; None where that is listed first."""
        series = self._series_of(path)
        if series is None:
            return self._end_of(list(self._series)[0 if step > 0 else -1], 0) if self._series else ""
        return self._step(series, step, 0)

    def _step(self, series: Node, step: int, end: int) -> str | None:
        at = self._series[series] + step
        return self._end_of(list(self._series)[at], end) if 0 <= at < len(self._series) else ""

    def _series_of(self, path: str) -> Node | None:
        node = self.find(path)
        while node is not None and node not in self._series:
            node = node.parent
        return node


def _with_known(children: list[Node], above: Node) -> list[Node]:
    """Return new rows for those below *above*, as the nodes that there were: cursor and marks need these."""
    known = {(child.path, child.label): child for child in above.children or ()}
    kept = []
    for child in children:
        old = known.get((child.path, child.label))
        if old is not None:
            below = child.children
            child.children = _with_known(below, old) if below is not None else None
            old.detail, old.header, old.about, old.findings = (
                child.detail,
                child.header,
                child.about,
                child.findings,
            )
            if child.children is not None:
                old.adopt(child.children)
            child = old
        kept.append(child)
    return kept


def _by_key(node: Node, key: Callable[[Any], Hashable]) -> dict[Hashable, Node]:
    """Return the rows below *node* by what tells them apart."""
    return {key(child.about): child for child in node.children or () if child.about is not None}


def _leaves(node: Node) -> list[Node]:
    """Return the instances below *node*, in order."""
    found: list[Node] = []
    stack = [node]
    while stack:
        above = stack.pop()
        if above.kind is Kind.INSTANCE:
            found.append(above)
        stack.extend(reversed(above.children or ()))
    return found
