"""A modal menu: one of a few things is chosen by keyboard."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.widgets.line_list import LineList
from dicomtui.tui.widgets.pane import Pane

_LEAST_WIDTH = 48


class Choices(LineList):
    """The lines of a menu; the one that holds at present has a dot."""

    def __init__(self, choices: Sequence[str], current: int) -> None:
        super().__init__()
        self._choices, self._current = choices, current

    def on_mount(self) -> None:
        """Begin at what holds at present."""
        self.rows_changed()
        self.cursor = self._current

    def row_count(self) -> int:
        """Return the number of choices."""
        return len(self._choices)

    def row(self, index: int, width: int) -> list[Segment]:
        """Return the dot and the words."""
        return [Segment(" ● " if index == self._current else "   "), Segment(self._choices[index])]

    def search(self, query: str) -> None:
        """Move to the next choice that holds *query*."""
        self.query_text = query
        words = query.casefold()
        self.cursor = next(
            (n for n, text in enumerate(self._choices) if words in text.casefold()), self.cursor
        )

    def action_open(self) -> None:
        """Take the choice under the cursor."""
        self.screen.dismiss(self.cursor)


class MenuScreen(Dialog[int | None]):
    """Choices in a frame; Enter takes one, Esc none.

    Parameters
    ----------
    title : str
        What is chosen.
    choices : sequence of str
        Our own words, never those of a file.
    current : int
        Which of them holds at present.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", show=False)]

    def __init__(self, title: str, choices: Sequence[str], current: int) -> None:
        super().__init__()
        self._heading, self._choices, self._current = title, choices, current

    def compose(self) -> ComposeResult:
        """Put the choices in a frame of their size."""
        pane = Pane(self._heading, Choices(self._choices, self._current), id="menu")
        pane.border_subtitle = Content("Enter takes it  Esc back")
        pane.styles.height = len(self._choices) + 2
        pane.styles.width = max(_LEAST_WIDTH, *(len(choice) + 7 for choice in self._choices))
        yield pane
