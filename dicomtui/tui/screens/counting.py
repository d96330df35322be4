"""Counts the values of one attribute in a thread, and keeps which instances have which."""

import time
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from textual.message import Message

from dicomtui.errors import DicomTuiError
from dicomtui.tui.gentle_sort import gently_sorted
from dicomtui.tui.screens.searching import RowMaker, place_of
from dicomtui.tui.widgets.instance_table import InstanceRow
from dicomtui.tui.widgets.value_table import ValueRow

if TYPE_CHECKING:
    from dicomtui.archive.attribute_values import InstanceValue
    from dicomtui.archive.index import Index

PAUSE_SECONDS = 0.2
"""The least time between two messages."""
SHARE = 8
"""Making a message takes at most one part in so many of the time."""


class Counted(Message):
    """The counts changed: *rows* are all of them, in the order of their values."""

    def __init__(self, count: "Count", rows: list[ValueRow]) -> None:
        super().__init__()
        self.count, self.rows = count, rows


class Count:
    """The values of one attribute in some indexes; its thread says what it counted, and how far it is.

    Parameters
    ----------
    attribute : str
        Keyword, or tag in eight hexadecimal digits.
    indexes : sequence of Index
        Where.
    post : callable
        Sends a message to the screen from a thread.
    """

    def __init__(self, attribute: str, indexes: "Sequence[Index]", post: Callable[[Message], object]) -> None:
        self._attribute, self._indexes, self._post = attribute, indexes, post
        self.read = self.to_read = self.skipped = 0
        """Files that were read, that have to be, that could not be."""
        self.instances = 0
        """Instances that were counted."""
        self.ended = self.stopped = False
        self.reason = ""
        """Why it ended early, as one line."""
        self._rows: dict[str | None, list[InstanceRow]] = {}
        self._maker = RowMaker()

    def stop(self) -> None:
        """Give up; what was counted stays."""
        if not self.ended:
            self.ended = self.stopped = True

    def instances_of(self, value: str | None) -> list[InstanceRow]:
        """Return the instances with *value* that are known so far, in order."""
        return sorted(self._rows.get(value, ()), key=place_of)

    def run(self) -> None:
        """Count, in a thread."""
        try:
            self._run()
        except DicomTuiError as error:
            self.reason = str(error)
        except Exception as error:  # noqa: BLE001  a disk that fails, or a mistake of ours, is one line
            self.reason = f"counting failed: {type(error).__name__}"
        self.ended = True
        self._tell()

    def _run(self) -> None:
        from dicomtui.archive.attribute_values import attribute_values
        from dicomtui.pool import Pool

        due = time.monotonic()
        for index in self._indexes:
            read, to_read = self.read, self.to_read
            with Pool() as pool:
                for step in attribute_values(index, pool, self._attribute):
                    self.read, self.to_read = read + step.done, to_read + step.total
                    self.skipped += len(step.skipped)
                    self._add(step.values)
                    if self.ended:
                        return
                    if (now := time.monotonic()) >= due:
                        self._tell()
                        spent = time.monotonic() - now
                        due = now + max(PAUSE_SECONDS, spent * SHARE)

    def _add(self, values: "Sequence[InstanceValue]") -> None:
        self.instances += len(values)
        for header, value in values:
            row = self._maker.row(header)
            texts: list[str | None] = [*value.texts] if value.texts else ["" if value.present else None]
            for text in texts:
                self._rows.setdefault(text, []).append(row)

    def _tell(self) -> None:
        rows = [ValueRow(value, len(instances)) for value, instances in self._rows.items()]
        ordered = gently_sorted(rows, attrgetter("order"), lambda: False)
        self._post(Counted(self, ordered))
