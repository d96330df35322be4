"""Instances as rows of a table: whose they are, where they belong, and some of their values."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message

from dicomtui.tui.widgets.columns import GAP, Column, ColumnNames, fitted, total_width
from dicomtui.tui.widgets.list_below import ListBelow
from dicomtui.wording import date_text

_WIDE = 110
"""Columns from which patient and series have more than one column each."""
_LEAST_DESCRIPTION, _DESCRIPTION = 12, 32
_LEAST_FILE = 16
_FIELDS = 8
"""Fields of a row that have a column, besides the values."""
_VALUE_WIDTHS = (10, 20)


class InstanceRow(NamedTuple):
    """What a table shows of one instance; the texts are as untrusted as the file."""

    path: str
    patient_name: str
    patient_id: str
    study_date: str
    modality: str
    series_number: str
    instance_number: str
    description: str
    """Series Description, or that of the study."""
    values: tuple[str, ...] = ()
    """What the instance has for the attributes that the table was told of."""


class InstanceTable(ListBelow):
    """One row an instance; knows no files."""

    class Chosen(Message):
        """Enter was pressed on an instance."""

        def __init__(self, row: InstanceRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, leave: Callable[[], None], names: ColumnNames) -> None:
        super().__init__(leave)
        self._names = names
        self._rows: list[InstanceRow] = []
        self._attributes: tuple[str, ...] = ()
        self._columns: list[tuple[Column, int]] = []

    def show(self, attributes: Sequence[str]) -> None:
        """Begin anew, with a column for each of *attributes*."""
        self._rows, self._attributes = [], tuple(attributes)
        self.set_reactive(InstanceTable.cursor, 0)
        self._lay_out()
        self.rows_changed()

    def add(self, rows: Sequence[InstanceRow]) -> None:
        """Show more instances below those that are there, without moving what is in view."""
        in_view = len(self._rows) <= self.scroll_offset.y + self.size.height
        self._rows.extend(rows)
        self.virtual_size = Size(0, len(self._rows))
        if in_view:
            self.refresh()

    def replace(self, rows: list[InstanceRow]) -> None:
        """Show these instances; the cursor stays on its own, unless it is still at the top."""
        at = self.row_at_cursor
        self._rows = rows
        if at is not None and self.cursor:
            places = (index for index, row in enumerate(rows) if row.path == at.path)
            self.set_reactive(InstanceTable.cursor, next(places, 0))
        self.rows_changed()

    @property
    def row_at_cursor(self) -> InstanceRow | None:
        """The instance under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def row_count(self) -> int:
        """Return the number of instances."""
        return len(self._rows)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return the fields that have a column, then the values."""
        row, styling = self._rows[index], self.styling
        patient = row.patient_name or row.patient_id
        texts = (
            patient, row.patient_id, date_text(row.study_date), row.modality,
            row.series_number, row.instance_number, row.description, row.path,
        )  # fmt: skip
        styles = (None, styling.dim, None, None, None, None, None, styling.dim)
        segments = [Segment(" ")]
        for column, field in self._columns:
            if field < len(texts):
                segments.append(Segment(fitted(texts[field], column), styles[field]))
            else:
                segments.append(Segment(fitted(row.values[field - len(texts)], column), styling.key))
            segments.append(Segment(GAP))
        return segments[:-1]

    def action_open(self) -> None:
        """Choose the instance."""
        if (row := self.row_at_cursor) is not None:
            self.post_message(self.Chosen(row))

    def on_resize(self) -> None:
        """Fit the columns to the width."""
        self._lay_out()
        super().on_resize()

    def _lay_out(self) -> None:
        room = self.scrollable_content_region.width - 2  # a cell at either side
        self._columns = _columns(room, self._attributes)
        self._names.columns = tuple(column for column, _ in self._columns)
        self.refresh()


def _columns(room: int, attributes: Sequence[str]) -> list[tuple[Column, int]]:
    """Return the columns for *room* cells with the number of the field that each one shows.

    What was asked for matters most: where there is little room, its columns take that of the description.
    """
    wide = room >= _WIDE
    fields = [
        (Column("Patient", 26 if wide else 18), 0),
        *([(Column("Patient ID", 14), 1)] if wide else []),
        (Column("Study date", 10), 2),
        (Column("Modality", 8) if wide else Column("Mod", 4), 3),
        (Column("Series", 6, right=True), 4),
        (Column("Inst", 5, right=True), 5),
    ]
    rest = room - total_width(column for column, _ in fields)
    values: list[tuple[Column, int]] = []
    for number, attribute in enumerate(attributes):
        width = max(_VALUE_WIDTHS[0], min(_VALUE_WIDTHS[1], len(attribute)))
        if rest < width + len(GAP):
            break
        values.append((Column(attribute, width), _FIELDS + number))
        rest -= width + len(GAP)
    return [*fields, *_descriptions(rest - len(GAP)), *values]


def _descriptions(room: int) -> Iterator[tuple[Column, int]]:
    """Yield the columns of text for what is left: a description, and the file where there is much."""
    file = room - _DESCRIPTION - len(GAP)
    if room >= _LEAST_DESCRIPTION:
        yield Column("Description", _DESCRIPTION if file >= _LEAST_FILE else room), 6
    if file >= _LEAST_FILE:
        yield Column("File", file, keep_end=True), 7
