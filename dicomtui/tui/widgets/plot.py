"""Numbers as bars over an axis: a histogram, or values along a line."""

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

EIGHTHS = " ▁▂▃▄▅▆▇█"


class Axis(NamedTuple):
    """What the columns of a plot stand for."""

    first: float
    """The value at the left edge."""
    last: float
    """The value at the right edge."""
    unit: str = ""


def bar_lines(heights: Sequence[float], lines: int) -> list[str]:
    """Return bars as lines of text, the top line first.

    Parameters
    ----------
    heights : sequence of float
        From 0 to 1; NaN leaves a gap. Whatever is above 0 shows at least an eighth of a cell.
    lines : int
        How many lines of cells the bars have.
    """
    eighths = [
        max(1, round(min(height, 1.0) * lines * 8)) if isfinite(height) and height > 0 else 0
        for height in heights
    ]
    return [
        "".join(EIGHTHS[min(max(eighth - line * 8, 0), 8)] for eighth in eighths)
        for line in reversed(range(lines))
    ]


class Plot(Widget, can_focus=True):
    """Bars over an axis; a part of it may be chosen with the mouse."""

    class Dragged(Message):
        """A part of the axis was chosen."""

        def __init__(self, low: float, high: float) -> None:
            super().__init__()
            self.low, self.high = low, high

    def __init__(self) -> None:
        super().__init__()
        self._heights: Sequence[float] = ()
        self._axis = Axis(0.0, 1.0)
        self._chosen: tuple[float, float] | None = None
        self._note = ""
        self._from: float | None = None

    def show(
        self, heights: Sequence[float], axis: Axis, chosen: tuple[float, float] | None = None, note: str = ""
    ) -> None:
        """Show bars, one a column.

        Parameters
        ----------
        heights : sequence of float
            As for :func:`bar_lines`.
        axis : Axis
            What the columns stand for.
        chosen : tuple of float, optional
            The part of the axis whose bars are bright.
        note : str
            Stands in the middle below the axis; our own words and numbers.
        """
        self._heights, self._axis, self._chosen, self._note = heights, axis, chosen, note
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a line of bars, or what stands below the axis."""
        width, height = self.size
        if not self._heights:
            return Strip.blank(width, self.rich_style)
        if y == height - 1:
            return self._scale(width)
        bright, dim = Style(color=self.app.theme_variables["primary"]), Style(dim=True)
        text = bar_lines(self._heights, height - 1)[y][:width]
        first, last = self._columns(len(text))
        parts = (text[:first], text[first:last], text[last:])
        segments = [
            Segment(part, self.rich_style + style)
            for part, style in zip(parts, (dim, bright, dim), strict=True)
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _columns(self, count: int) -> tuple[int, int]:
        """Return the first bright column and the one behind the last."""
        if self._chosen is None:
            return 0, count
        axis = self._axis
        scale = count / (axis.last - axis.first)
        low, high = (round(min(max((at - axis.first) * scale, 0), count)) for at in self._chosen)
        return low, max(high, low + 1)

    def _scale(self, width: int) -> Strip:
        axis = self._axis
        left, right = f"{axis.first:g}", f"{axis.last:g} {axis.unit}".rstrip()
        room = width - len(left) - len(right)
        middle = set_cell_size(self._note.center(room), room) if room > 0 else ""
        return Strip([Segment((left + middle + right)[:width], self.rich_style)]).adjust_cell_length(width)

    # --- the mouse ---

    def _at(self, column: int) -> float:
        axis, width = self._axis, max(1, self.size.width)
        return axis.first + (axis.last - axis.first) * min(max(column / width, 0.0), 1.0)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to choose."""
        self._from = self._at(event.x)
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Choose from where the button was pressed to here."""
        if self._from is not None and (here := self._at(event.x)) != self._from:
            self.post_message(self.Dragged(*sorted((self._from, here))))

    def on_mouse_up(self) -> None:
        """End to choose."""
        self._from = None
        self.release_mouse()
