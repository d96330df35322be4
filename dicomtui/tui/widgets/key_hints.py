"""Lines of hints, none of them cut; the last line of a screen of its own: which keys matter there."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

GAP = "  "
"""What stands between two hints."""
_FIRST = ("Esc", "?")
"""Keys whose hints get their room first: the way back, and the way to all others."""


def fitting(hints: Sequence[str], width: int) -> list[int]:
    """Return which hints have room in a line, in their order.

    Parameters
    ----------
    hints : sequence of str
        Each begins with its key; the most important first.
    width : int
        Cells of the line, of which the first stays empty.
    """
    room = width - 1 + len(GAP)
    kept = []
    for place in sorted(range(len(hints)), key=lambda place: hints[place].split()[0] not in _FIRST):
        cells = cell_len(hints[place]) + len(GAP)
        if cells <= room:
            room -= cells
            kept.append(place)
    return sorted(kept)


def hint_line(hints: Sequence[tuple[str, str]], width: int) -> Text:
    """Return the hints that have room, their keys bold."""
    text = Text(no_wrap=True, end="", overflow="ellipsis")
    for place in fitting([f"{key} {meaning}" for key, meaning in hints], width):
        key, meaning = hints[place]
        text.append(f" {key} ", "bold").append(f"{meaning} ")
    return text


class KeyHints(Widget):
    """Keys and what they do, as many as fit."""

    keys: reactive[Sequence[tuple[str, str]]] = reactive(())

    def render(self) -> Text:
        """Write the keys bold."""
        return hint_line(self.keys, self.size.width)
