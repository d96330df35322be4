"""What stands below a query: the instances that fit, or a guide while nothing is asked."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from dicomtui.tui.screens.query_language import guide_lines
from dicomtui.tui.widgets.columns import ColumnNames
from dicomtui.tui.widgets.instance_table import InstanceTable
from dicomtui.tui.widgets.query_guide import QueryGuide

BACK = (("F1", "language"), ("Esc", "back"))
_GUIDE_KEYS = (("Enter", "ask this"), ("j k", "move"), ("/", "query"), *BACK)
_TABLE_KEYS = (("Enter", "go there"), ("j k", "move"), ("G", "last"), ("/", "query"), *BACK)


class Answer(Vertical):
    """A table of instances and a guide, of which one is shown.

    Parameters
    ----------
    leave : callable
        Called when the cursor goes up from the first row.
    """

    def __init__(self, leave: Callable[[], None]) -> None:
        super().__init__(id="answer", classes="pane")
        self._names = ColumnNames()
        self.table = InstanceTable(leave, self._names)
        self._guide = QueryGuide(leave, guide_lines())

    def compose(self) -> ComposeResult:
        """Put the names of the columns above the rows; the guide takes their place."""
        yield self._names
        yield self.table
        yield self._guide

    @property
    def is_guide(self) -> bool:
        """Whether the guide is shown."""
        return self._guide.display

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """What keys do here, for the line of hints."""
        return _GUIDE_KEYS if self.is_guide else _TABLE_KEYS

    def show_guide(self, asked: Sequence[str]) -> None:
        """Show what can be asked, with what was asked before at its top."""
        if not self.is_guide:
            self._guide.show(asked)
        self._show(guide=True)

    def show_table(self) -> None:
        """Show the instances."""
        self._show(guide=False)

    def _show(self, *, guide: bool) -> None:
        self._guide.display = guide
        self.table.display = self._names.display = not guide

    def take_focus(self) -> None:
        """Give the focus to what is shown."""
        (self._guide if self.is_guide else self.table).focus()
