"""A line of a picture: real segments for whoever cuts or styles it, terse bytes for the terminal."""

from collections.abc import Callable

from rich.console import Console
from rich.segment import Segment
from textual.strip import Strip

from dicomtui.picture.cells import Cells
from dicomtui.picture.segments import line_segments


class PictureStrip(Strip):
    """One line of cells.

    Parameters
    ----------
    cells : Cells
        The whole picture.
    line : int
        Which line of it.
    write : callable
        Returns what the terminal needs to show the line, and takes it for shown.
    """

    __slots__ = ("_cells", "_line", "_made", "_write")

    def __init__(self, cells: Cells, line: int, write: Callable[[], str]) -> None:
        self._cells, self._line, self._write = cells, line, write
        self._made: list[Segment] | None = None
        super().__init__([], cells.glyphs.shape[1])

    @property
    def _segments(self) -> list[Segment]:
        """The segments that Strip's own methods work on, made when somebody asks for them."""
        if self._made is None:
            self._made = line_segments(self._cells, self._line)
        return self._made

    @_segments.setter
    def _segments(self, segments: list[Segment]) -> None:
        """Take no segments: they are made of the cells."""

    def render(self, console: Console) -> str:
        """Return what the terminal needs; only a strip that nobody cut or styled is asked."""
        return self._write()
