"""What was not written, as rows: the file and the reason."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.message import Message

from dicomtui.outcomes import Failed, Skipped
from dicomtui.tui.widgets.columns import GAP, Column, ColumnNames, fitted
from dicomtui.tui.widgets.line_list import LineList
from dicomtui.wording import path_text

Unwritten = Skipped | Failed

_STATE = Column("", 7)
_LEAST_FILE = 12


class OutcomeTable(LineList):
    """One row a file that was left out or failed; a search lists only the rows that hold the words."""

    class Chosen(Message):
        """Enter was pressed on a row."""

        def __init__(self, outcome: Unwritten) -> None:
            super().__init__()
            self.outcome = outcome

    def __init__(self, names: ColumnNames) -> None:
        super().__init__()
        self._names = names
        self._all: list[Unwritten] = []
        self._rows: list[Unwritten] = []
        self._longest = _LEAST_FILE
        """Cells of the longest reason."""

    def add(self, outcomes: Sequence[Unwritten]) -> None:
        """Show more rows below those that are there."""
        self._all.extend(outcomes)
        self._longest = max(self._longest, *(cell_len(outcome.reason) for outcome in outcomes), 0)
        self._rows.extend(outcome for outcome in outcomes if self._matches(outcome))
        self.rows_changed()
        self._tell_count()

    def put_failed_first(self) -> None:
        """Show what failed above what was left out."""
        self._all.sort(key=lambda outcome: isinstance(outcome, Skipped))
        self.search(self.query_text)

    @property
    def row_at_cursor(self) -> Unwritten | None:
        """The file under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def row_count(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return what became of the file, its path and the reason."""
        outcome = self._rows[index]
        state, file, reason = self._columns(width)
        failed = isinstance(outcome, Failed)
        colour = Style(color=self.app.theme_variables["error"]) if failed else self.styling.dim
        return [
            Segment(" " + fitted("failed" if failed else "left", state) + GAP, colour),
            Segment(fitted(path_text(outcome.source), file) + GAP),
            Segment(fitted(outcome.reason, reason), colour if failed else self.styling.key),
        ]

    def _columns(self, width: int) -> tuple[Column, Column, Column]:
        rest = max(2 * _LEAST_FILE, width - 2 - _STATE.width - 2 * len(GAP))
        file = max(_LEAST_FILE, rest // 3, rest - self._longest)
        return _STATE, Column("File", file, keep_end=True), Column("Why", rest - file)

    def on_resize(self) -> None:
        """Fit the names of the columns to the width."""
        self._fit_names()
        super().on_resize()

    def _fit_names(self) -> None:
        self._names.columns = self._columns(self.scrollable_content_region.width)

    def action_open(self) -> None:
        """Choose the row."""
        if (outcome := self.row_at_cursor) is not None:
            self.post_message(self.Chosen(outcome))

    def search(self, query: str) -> None:
        """List only the rows that hold every word of *query*."""
        self.query_text = query
        self._rows = [outcome for outcome in self._all if self._matches(outcome)]
        self.rows_changed()
        self._tell_count()

    def _matches(self, outcome: Unwritten) -> bool:
        text = f"{path_text(outcome.source)}\n{outcome.reason}".casefold()
        return all(word in text for word in self.query_text.casefold().split())

    def _tell_count(self) -> None:
        self._fit_names()
        counter = f"{len(self._rows):,} of {len(self._all):,}" if self.query_text else ""
        self.post_message(self.Searched(self, counter))
