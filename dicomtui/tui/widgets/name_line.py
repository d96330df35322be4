"""The line in which the name of a file to be written is typed."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class NameLine(Input):
    """Where a file name is typed; Enter takes it, Esc or going elsewhere does not.

    Parameters
    ----------
    name : str
        What stands in it at first.
    close : callable
        Takes the name when the line is left, ``""`` when nothing is to be written.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", show=False)]

    def __init__(self, name: str, close: Callable[[str], None]) -> None:
        super().__init__(name, placeholder="name of a new file", compact=True, select_on_focus=False)
        self._close = close

    def action_cancel(self) -> None:
        """Write nothing."""
        self._close("")

    async def action_submit(self) -> None:
        """Take the name."""
        self._close(self.value.strip())

    def on_blur(self) -> None:
        """Write nothing when the focus goes elsewhere."""
        self._close("")
