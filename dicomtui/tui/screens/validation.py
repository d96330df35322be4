"""What instances have otherwise than the standard wants it, as rows."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from dicomtui.archive.validation import Checked, Consistency, check, check_all
from dicomtui.dataset.dictionary import format_tag, name_of
from dicomtui.dataset.elements import pointer_of
from dicomtui.dataset.findings import SEVERITIES, Finding
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
_MOST = 20_000
"""Findings that are listed; the others are counted."""
_KEYS = (
    ("Enter", "go to the element"), ("v", "in full"), ("e", "errors only"), ("/", "filter"), ("Esc", "back"),
)  # fmt: skip


class Found(NamedTuple):
    """One finding, and the instance to go to."""

    about: str
    path: str
    finding: Finding


class Validated(Message):
    """More is known."""

    def __init__(self, found: list[Found]) -> None:
        super().__init__()
        self.found = found


class Validation:
    """Validates instances in a thread, many in worker processes, and says what it finds as it goes."""

    def __init__(self, sources: Sources, post: Callable[[Message], object], *, single: str = "") -> None:
        self._sources, self._post, self._single = sources, post, single
        self._waiting: list[Found] = []
        self.instances = 0
        self.counts: Counter[str] = Counter()
        self.unread = 0
        self.ended = False
        self.reason = ""
        """Why it ended early, as one line."""

    def stop(self) -> None:
        """Give up; what was found stays."""
        self.ended = True

    def run(self) -> None:
        """Validate, in a thread."""
        try:
            if self._single:
                self._take([check(self._single)])
            else:
                self._run()
        except DicomTuiError as error:
            self.reason = str(error)
        except Exception as error:  # noqa: BLE001  a disk that fails, or a mistake of ours, is one line
            self.reason = f"validation failed: {type(error).__name__}"
        self.ended = True
        self._tell()

    def _run(self) -> None:
        from dicomtui.pool import Pool

        consistency = Consistency()
        due = time.monotonic() + _PAUSE_SECONDS
        sources = self._sources(lambda: self.ended)
        with Pool() as pool, closing(check_all(sources, pool)) as steps:
            for step in steps:
                self._take(step.checked)
                self.unread += len(step.skipped)
                consistency.add(step.checked)
                if self.ended:
                    return
                if time.monotonic() >= due:
                    self._tell()
                    due = time.monotonic() + _PAUSE_SECONDS
        self._waiting += [Found(*one) for one in consistency.findings()]

    def _take(self, checked: list[Checked]) -> None:
        self.instances += len(checked)
        for one in checked:
            name = path_text(one.path).rpartition("/")[2]
            self._waiting += [Found(name, one.path, finding) for finding in one.findings]

    def _tell(self) -> None:
        found, self._waiting = self._waiting, []
        self.counts.update(one.finding.severity for one in found)
        self._post(Validated(found))


class ValidationScreen(Dialog[Jump | None], inherit_bindings=False):
    """One row for each finding; Enter goes to its element.

    Parameters
    ----------
    title : str
        What is validated.
    sources : callable
        Yields the addresses of its files.
    single : str
        The instance, where it is one: then *sources* is not asked.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", show=False),
        Binding("v,space", "page", show=False),
        Binding("e", "toggle_errors", show=False),
    ]
    AUTO_FOCUS = "ChangeTable"

    def __init__(self, title: str, sources: Sources, *, single: str = "") -> None:
        super().__init__()
        self._validation = Validation(sources, self.post_message, single=single)
        self._worker = LatestWorker("validation")
        self._is_single = bool(single)
        self._found: list[Found] = []
        self._errors_only = False
        names = ColumnNames()
        last = "Clause" if single else "Instance"
        self._table = ChangeTable(names, ("", "Element", "Finding", last), 7)
        self._pane = TablePane(f"Validation of {safe_line(title, 80)}", names, self._table, id="validation")
        self._hints = KeyHints()

    def compose(self) -> ComposeResult:
        """Put the rows into a frame."""
        yield self._pane
        yield self._hints

    def on_mount(self) -> None:
        """Begin to validate."""
        self._hints.keys = _KEYS
        self._show_counts()
        self._worker.submit(self._validation.run)

    def on_unmount(self) -> None:
        """Let the thread end."""
        self._validation.stop()

    def on_validated(self, event: Validated) -> None:
        """Show what is known."""
        self._found += event.found[: max(0, _MOST - len(self._found))]
        self._show()

    def _show(self) -> None:
        order = {severity: place for place, severity in enumerate(SEVERITIES)}
        places = sorted(range(len(self._found)), key=lambda at: order[self._found[at].finding.severity])
        rows = [self._row(place) for place in places]
        self._table.show([row for row in rows if row.sign == "error"] if self._errors_only else rows)
        self._show_counts()

    def _row(self, place: int) -> ChangeRow:
        found = self._found[place]
        finding = found.finding
        element = pointer_of(finding.path) or ("the file" if self._is_single else "-")
        last = finding.clause if self._is_single else found.about
        return ChangeRow(finding.severity, element, _without_name(finding), last, place)

    def _show_counts(self) -> None:
        validation = self._validation
        counts = [
            count_text(validation.counts[severity], severity)
            for severity in SEVERITIES
            if validation.counts[severity]
        ]
        nothing = "nothing found" if validation.ended and not validation.reason else ""
        parts = [", ".join(counts) or nothing, count_text(validation.instances, "instance")]
        if validation.unread:
            parts.append(f"{count_text(validation.unread, 'file')} not DICOM or unread")
        if validation.counts.total() > len(self._found):
            parts.append(f"the first {len(self._found):,} listed")
        if validation.reason:
            parts.append(safe_line(validation.reason, 200))
        elif not validation.ended:
            parts.append("validating … Esc stops")
        self._pane.border_subtitle = Content(
            " · ".join(part for part in parts if part) + self._table.listed_text
        )

    def on_change_table_arranged(self) -> None:
        """Say how many rows are listed."""
        self._show_counts()

    # --- keys ---

    def action_back(self) -> None:
        """Go one level back: validating, the filter, the screen."""
        if not self._validation.ended:
            self._validation.stop()
            self._show_counts()
        elif self._table.query_text:
            self._table.search("")
        else:
            self.dismiss(None)

    def action_toggle_errors(self) -> None:
        """Show errors only, or all."""
        self._errors_only = not self._errors_only
        self._show()

    def action_page(self) -> None:
        """Show the finding in full."""
        if (row := self._table.row_at_cursor) is None:
            return
        found = self._found[row.place]
        finding = found.finding
        lines = [
            f"{finding.severity}: {safe_line(finding.text, 1000)}",
            "",
            f"element   {safe_line(pointer_of(finding.path)) or '(the file as a whole)'}",
            f"clause    {safe_line(finding.clause)}",
            f"about     {safe_line(found.about)}",
            f"instance  {safe_line(path_text(found.path))}",
        ]
        self.app.push_screen(ReaderScreen("Finding", "\n".join(lines)))

    def on_change_table_chosen(self, event: ChangeTable.Chosen) -> None:
        """Go to the element; where it is missing, to the innermost one around it."""
        found = self._found[event.row.place]
        path = found.finding.path
        tag = path[-1] if path else 0
        if "is missing" in found.finding.text and len(path) > 1:
            tag = path[-3]
        self.dismiss(Jump(found.path, f"{tag:08x}" if path else ""))


def _without_name(finding: Finding) -> str:
    """Return the text without the name of its element, which stands beside it."""
    if not finding.path:
        return finding.text
    tag = finding.path[-1]
    return finding.text.removeprefix(f"{name_of(tag)} {format_tag(tag)} ")
