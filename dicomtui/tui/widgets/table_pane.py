"""A framed table with the names of its columns above its rows."""

from textual.app import ComposeResult

from dicomtui.tui.widgets.columns import ColumnNames
from dicomtui.tui.widgets.line_list import LineList
from dicomtui.tui.widgets.pane import Pane


class TablePane(Pane):
    """A frame around the names of columns and a list of rows."""

    def __init__(self, title: str, names: ColumnNames, rows: LineList, *, id: str) -> None:
        super().__init__(title, rows, id=id)
        self._names = names

    def compose(self) -> ComposeResult:
        """Put the names on top."""
        yield self._names
        yield from super().compose()
