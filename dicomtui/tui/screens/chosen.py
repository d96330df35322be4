"""What an operation on many files works on: the marked rows of the tree, or the one under its cursor."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.hierarchy import Patient, Series, Study
from dicomtui.archive.series import Stack
from dicomtui.outcomes import Skipped
from dicomtui.text import safe_line
from dicomtui.tui.widgets.nodes import Kind, Node
from dicomtui.wording import count_text, date_text

if TYPE_CHECKING:
    from dicomtui.archive.index import Index, SeriesRow

_BATCH = 500
_TITLE = 60
"""Characters of a name."""


class Chosen(NamedTuple):
    """Some rows of the tree."""

    nodes: tuple[Node, ...]
    """None of them stands below another."""
    indexes: "tuple[Index, ...]"
    """Where the instances of patients, studies and series are known."""
    text: str
    """What it is, as one safe line."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing."""
        return not self.nodes

    @property
    def paths(self) -> list[str]:
        """The folders, files and containers in which it lies: for rows of an index, all of its places."""
        found = self.places
        if any(node.about is not None for node in self.nodes):
            found += [index.root for index in self.indexes]
        return list(dict.fromkeys(found))

    @property
    def places(self) -> list[str]:
        """The same without those of an index."""
        return [path for node in self.nodes if (path := _place(node))]

    def sources(self, stop: Callable[[], bool] = lambda: False) -> Iterator[list[str] | Skipped]:
        """Yield the addresses of the files, a few at a time, each once; to be called in a thread."""
        from dicomtui.archive.gathering import gather

        paths = [path for node in self.nodes for path in _places(node)]
        if paths:
            yield from gather(paths, stop)
        seen = set(paths)
        for row in (row for node in self.nodes for row in _rows(node)):
            for index in self.indexes:
                if stop():
                    return
                found = [header.path for header in index.headers_of(row) if header.path not in seen]
                seen.update(found)
                for start in range(0, len(found), _BATCH):
                    yield found[start : start + _BATCH]

    def first(self) -> str:
        """Return the first file that is an instance, ``""`` if there is none; to be called in a thread."""
        from dicomtui.archive.opening import open_instance
        from dicomtui.errors import DicomTuiError

        for batch in self.sources():
            for path in () if isinstance(batch, Skipped) else batch:
                try:
                    open_instance(path)
                except DicomTuiError:
                    continue
                return path
        return ""


def chosen(marked: Sequence[Node], node: Node | None, indexes: "Sequence[Index]") -> Chosen:
    """Return what is chosen: the marked rows, or the one under the cursor where there are none."""
    rows = [one for one in marked or filter(None, [node]) if one.kind is not Kind.OTHER]
    known = set(rows)
    nodes = tuple(one for one in rows if not any(above in known for above in _above(one)))
    if len(nodes) == 1:
        text = _one_text(nodes[0])
    else:
        kinds = Counter(_kind(one) for one in nodes)
        text = _marked_text(kinds)
    return Chosen(nodes, tuple(indexes), text)


def _marked_text(kinds: Counter[tuple[str, str]]) -> str:
    """Say how many rows of which kinds are marked."""
    counted = [count_text(number, one, many) for (one, many), number in kinds.items()]
    if len(counted) < 2:
        return f"marked: {counted[0]}" if counted else ""
    return f"{kinds.total():,} marked: {', '.join(counted)}"


def _above(node: Node) -> Iterator[Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def _place(node: Node) -> str:
    """Return the path of a row; of a record, that of its DICOMDIR; ``""`` for a row of an index."""
    if node.about is not None:
        return ""
    return next((one.path for one in (node, *_above(node)) if one.path), "")


def _places(node: Node) -> list[str]:
    """Return the paths that a row stands for, none for a row that stands for instances of an index."""
    if isinstance(node.about, Patient | Study | Series):
        return []
    if node.path is not None:
        return [node.path]
    return [path for child in node.children or () for path in _places(child)]


def _rows(node: Node) -> "Iterator[SeriesRow]":
    """Yield the series in the index that a row stands for."""
    match node.about:
        case Patient() | Study():
            yield from node.about.rows
        case Series():
            yield node.about.row


def _kind(node: Node) -> tuple[str, str]:
    """Return what a row is, for one and for many."""
    match node.about:
        case Patient():
            return "patient", "patients"
        case Study():
            return "study", "studies"
        case Series():
            return "series", "series"
        case Stack():
            return "stack", "stacks"
    names = {
        Kind.FOLDER: ("folder", "folders"),
        Kind.CONTAINER: ("container", "containers"),
        Kind.DICOMDIR: ("DICOMDIR", "DICOMDIRs"),
        Kind.RECORD: ("record", "records"),
        Kind.INSTANCE: ("instance", "instances"),
    }
    return names.get(node.kind, ("file", "files"))


def _one_text(node: Node) -> str:
    """Say what one row is, with its name and what it holds."""
    match node.about:
        case Patient() as patient:
            name = patient.patient_name or patient.patient_id
            return _joined("patient", name, _studies(patient), count_text(patient.instances, "instance"))
        case Study() as study:
            series = count_text(len(study.series), "series", "series")
            named = date_text(study.study_date), study.study_description
            return _joined("study", *named, series, count_text(study.instances, "instance"))
        case Series(row=row):
            number = "series" if row.series_number is None else f"series {row.series_number}"
            return _joined(
                number, row.modality, row.series_description, count_text(row.instances, "instance")
            )
        case Stack() as stack:
            return _joined("stack", stack.label, count_text(len(stack.headers), "instance"))
    below = "and all that is below it" if node.kind in (Kind.FOLDER, Kind.CONTAINER) else ""
    return _joined(_kind(node)[0], node.label, node.detail if node.kind is Kind.INSTANCE else below)


def _studies(patient: Patient) -> str:
    return count_text(len(patient.studies), "study", "studies")


def _joined(*parts: str) -> str:
    return " · ".join(safe_line(part, _TITLE) for part in parts if part)
