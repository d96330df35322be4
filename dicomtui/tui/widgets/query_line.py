"""The line in which a query is typed."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class QueryLine(Input):
    """Where a query is typed; Enter keeps it, Esc clears it.

    Parameters
    ----------
    query : str
        What stands in it at first.
    close : callable
        Takes the query when the line is left, ``""`` to clear the search.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "clear", show=False)]

    def __init__(self, query: str, close: Callable[[str], None]) -> None:
        super().__init__(query, placeholder="search", compact=True, select_on_focus=False)
        self._close = close

    def action_clear(self) -> None:
        """Give up the query."""
        self._close("")

    async def action_submit(self) -> None:
        """Keep the query."""
        self._close(self.value)

    def on_blur(self) -> None:
        """Close when the focus goes elsewhere."""
        self._close(self.value)
