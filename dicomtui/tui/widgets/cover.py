"""What stands in an image view in place of its picture."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Cover(Protocol):
    """Draws a whole pane."""

    def pixels(self, size: tuple[int, int], cell: tuple[int, int], height: float) -> "NDArray[np.uint8]":
        """Return display values, shape (lines * down, columns * across, 3).

        Parameters
        ----------
        size : tuple of int
            Columns and lines of the pane.
        cell : tuple of int
            Pixels of one cell, across and down.
        height : float
            Of such a pixel, divided by its width.
        """

    def texts(self, size: tuple[int, int]) -> Iterable[tuple[int, int, str]]:
        """Yield line, column and text of what is written over it, in characters of one cell each."""

    def scroll(self, rows: int) -> None:
        """Go on by rows, as the wheel turned."""

    def click(self, column: int, line: int, *, twice: bool) -> None:
        """Take a click at a cell."""
