"""A list below a line in which something is typed."""

from collections.abc import Callable

from dicomtui.tui.widgets.line_list import LineList


class ListBelow(LineList):
    """A list that is left through its top: up on the first row goes back to the line above."""

    def __init__(self, leave: Callable[[], None], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._leave = leave

    def action_move(self, step: int) -> None:
        """Move the cursor, or leave the list."""
        if step < 0 and self.cursor == 0:
            self.take_count()
            self._leave()
        else:
            super().action_move(step)

    async def action_search(self) -> None:
        """Go to the line above: what is typed there is the search."""
        self._leave()

    def search(self, query: str) -> None:
        """Find nothing here: the line above does."""
