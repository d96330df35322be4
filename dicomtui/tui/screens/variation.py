"""What varies between instances: which attributes, their values, and the odd instance."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from dicomtui.archive.variation import HeldValue, Variation, Variations, attribute_name, read_all_of
from dicomtui.dataset.comparable import Ignored
from dicomtui.dataset.dictionary import keyword_of
from dicomtui.errors import DicomTuiError
from dicomtui.outcomes import Skipped
from dicomtui.text import safe_line
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.screens.jump import Jump
from dicomtui.tui.screens.reader import ReaderScreen
from dicomtui.tui.widgets.change_table import ChangeRow, ChangeTable
from dicomtui.tui.widgets.columns import ColumnNames
from dicomtui.tui.widgets.key_hints import KeyHints
from dicomtui.tui.widgets.table_pane import TablePane
from dicomtui.wording import count_text, path_text

Sources = Callable[[Callable[[], bool]], Iterator[list[str] | Skipped]]
"""Yields the addresses of files until it is told to stop."""

_PAUSE_SECONDS = 0.3
_SHOWN = 4  # values besides the most frequent one
_SHARE = 8  # making a message takes at most one part in so many of the time
_KEYS = (
    ("Enter", "go to the odd instance"), ("v", "all values"), ("c", "constant ones"), ("/", "filter"),
    ("Esc", "back"),
)  # fmt: skip


class Varied(Message):
    """More is known."""

    def __init__(self, reading: "Reading", rows: list[Variation], constant: list[tuple[str, str]]) -> None:
        super().__init__()
        self.reading, self.rows, self.constant = reading, rows, constant


class Reading:
    """Reads all attributes of instances in a thread, and says what varies as it goes."""

    def __init__(self, sources: Sources, post: Callable[[Message], object]) -> None:
        self._sources, self._post = sources, post
        self._variations = Variations()
        self.ended = False
        self.reason = ""
        """Why it ended early, as one line."""

    @property
    def instances(self) -> int:
        """Instances that were read."""
        return self._variations.instances

    def stop(self) -> None:
        """Give up; what was read stays."""
        self.ended = True

    def run(self) -> None:
        """Read, in a thread."""
        try:
            self._run()
        except DicomTuiError as error:
            self.reason = str(error)
        except Exception as error:  # noqa: BLE001  a disk that fails, or a mistake of ours, is one line
            self.reason = f"reading failed: {type(error).__name__}"
        self.ended = True
        self._tell()

    def _run(self) -> None:
        from dicomtui.pool import Pool

        due = time.monotonic() + _PAUSE_SECONDS
        with Pool() as pool, closing(read_all_of(self._paths(), 0, pool, Ignored())) as steps:
            for step in steps:
                self._variations.add(step.paths, step.profiles)
                if self.ended:
                    return
                if (now := time.monotonic()) >= due:
                    self._tell()
                    due = now + max(_PAUSE_SECONDS, (time.monotonic() - now) * _SHARE)

    def _paths(self) -> Iterator[str]:
        for found in self._sources(lambda: self.ended):
            if not isinstance(found, Skipped):
                yield from found or [""]

    def _tell(self) -> None:
        constant = [(attribute_name(path), text) for path, text in self._variations.constant()]
        self._post(Varied(self, self._variations.rows(), constant))


class VariationScreen(Dialog[Jump | None], inherit_bindings=False):
    """One row for each attribute that varies; Enter goes to the instance that is unlike the others.

    Parameters
    ----------
    title : str
        What is looked at.
    sources : callable
        Yields the addresses of its files.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", show=False),
        Binding("v,space", "values", show=False),
        Binding("c", "toggle_constant", show=False),
    ]
    AUTO_FOCUS = "ChangeTable"

    def __init__(self, title: str, sources: Sources) -> None:
        super().__init__()
        self._reading = Reading(sources, self.post_message)
        self._worker = LatestWorker("variation")
        self._rows: list[Variation] = []
        self._constant: list[tuple[str, str]] = []
        self._shows_constant = False
        names = ColumnNames()
        self._table = ChangeTable(names, ("Values", "Attribute", "Most have", "Others"), 6)
        self._pane = TablePane(f"What varies in {safe_line(title, 80)}", names, self._table, id="variation")
        self._hints = KeyHints()

    def compose(self) -> ComposeResult:
        """Put the rows into a frame."""
        yield self._pane
        yield self._hints

    def on_mount(self) -> None:
        """Begin to read."""
        self._hints.keys = _KEYS
        self._show_counts()
        self._worker.submit(self._reading.run)

    def on_unmount(self) -> None:
        """Let the thread end."""
        self._reading.stop()

    def on_varied(self, event: Varied) -> None:
        """Show what is known."""
        self._rows, self._constant = event.rows, event.constant
        self._show()

    def _show(self) -> None:
        rows = [_row(place, variation) for place, variation in enumerate(self._rows)]
        if self._shows_constant:
            rows += [ChangeRow("1", name, text or "(empty)", "", -1) for name, text in self._constant]
        self._table.show(rows)
        self._show_counts()

    def _show_counts(self) -> None:
        reading, total = self._reading, len(self._rows) + len(self._constant)
        parts = [f"{len(self._rows):,} of {count_text(total, 'attribute')} vary"]
        parts.append(count_text(reading.instances, "instance"))
        if reading.reason:
            parts.append(safe_line(reading.reason, 200))
        elif not reading.ended:
            parts.append("reading … Esc stops")
        self._pane.border_subtitle = Content(" · ".join(parts) + self._table.listed_text)

    def on_change_table_arranged(self) -> None:
        """Say how many rows are listed."""
        self._show_counts()

    # --- keys ---

    def action_back(self) -> None:
        """Go one level back: reading, the filter, the screen."""
        if not self._reading.ended:
            self._reading.stop()
            self._show_counts()
        elif self._table.query_text:
            self._table.search("")
        else:
            self.dismiss(None)

    def action_toggle_constant(self) -> None:
        """Show the attributes too that are the same everywhere, or hide them."""
        self._shows_constant = not self._shows_constant
        self._show()

    def on_change_table_chosen(self, event: ChangeTable.Chosen) -> None:
        """Go to the odd instance; where none is known, show all values."""
        if event.row.place < 0:
            return
        variation = self._rows[event.row.place]
        odd = next((value for value in reversed(variation.values) if value.paths), None)
        if odd is None:
            self.action_values()
        else:
            self.dismiss(Jump(odd.paths[0], _attribute(variation)))

    def action_values(self) -> None:
        """Show all values of the attribute, and which instances have the rare ones."""
        row = self._table.row_at_cursor
        if row is None or row.place < 0:
            return
        variation = self._rows[row.place]
        lines = [f"{value.instances:>9,}  {_text(value)}{_holders(value)}" for value in variation.values]
        if variation.untold:
            lines.append(f"{variation.untold:>9,}  have still other values")
        self.app.push_screen(ReaderScreen(attribute_name(variation.path), "\n".join(lines)))


def _row(place: int, variation: Variation) -> ChangeRow:
    most, *others = variation.values
    if variation.distinct == sum(value.instances for value in variation.values) and not variation.untold:
        left, right = f"{_text(most)} …", f"… {_text(others[-1])}" if others else ""
    else:
        left = f"{_text(most)} ({most.instances:,})"
        right = ", ".join(f"{_text(value)} ({_holder(value)})" for value in others[:_SHOWN])
    expected = " (expected)" if variation.expected else ""
    more = "+" if variation.untold else ""
    return ChangeRow(
        f"{variation.distinct:,}{more}", f"{attribute_name(variation.path)}{expected}", left, right, place
    )


def _text(value: HeldValue) -> str:
    return "(missing)" if value.text is None else safe_line(value.text, 200) or "(empty)"


def _holders(value: HeldValue) -> str:
    return f"  {', '.join(map(path_text, value.paths))}" if value.paths else ""


def _holder(value: HeldValue) -> str:
    """Return the name of the one instance that has a value, or how many have it."""
    alone = value.instances == 1 and value.paths
    return path_text(value.paths[0]).rpartition("/")[2] if alone else f"{value.instances:,}"


def _attribute(variation: Variation) -> str:
    """Return what the browser puts its cursor on: the attribute, or the sequence around it."""
    group, number, creator = variation.path[0]
    if creator:
        return ""
    return keyword_of(group << 16 | number) or f"{group << 16 | number:08x}"
