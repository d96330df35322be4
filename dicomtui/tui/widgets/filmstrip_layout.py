"""Where the pictures of a filmstrip stand in a pane.

>>> from dicomtui.tui.widgets.filmstrip_layout import Layout
>>> layout = Layout(columns=38, lines=19, across=3)
>>> layout.width, layout.height, layout.rows
(11, 5, 3)
>>> layout.place(4)
(13, 7)
"""

from dataclasses import dataclass

NARROWEST = 4
"""Columns of a picture, at least."""
_USUAL = 16
"""Columns that a picture takes where nobody asked for another size."""
_FEWEST = 3


def usual_across(columns: int) -> int:
    """Return how many pictures stand beside each other at first."""
    return min(max(_FEWEST, columns // _USUAL), most_across(columns))


def most_across(columns: int) -> int:
    """Return how many pictures there is room for beside each other."""
    return max(1, (columns - 1) // (NARROWEST + 1))


@dataclass(frozen=True, slots=True)
class Layout:
    """Pictures in rows, each with a line for its number above it, and a column on either side."""

    columns: int
    """Of the pane, in cells."""
    lines: int
    across: int
    """How many pictures stand beside each other, as far as there is room."""

    @property
    def count_across(self) -> int:
        """How many pictures stand beside each other, at least 1."""
        return max(1, min(self.across, most_across(self.columns)))

    @property
    def width(self) -> int:
        """Columns of a picture, at least 1."""
        return max(1, (self.columns - 1) // self.count_across - 1)

    @property
    def height(self) -> int:
        """Lines of a picture, at least 1: about square, and so that rows fill the pane."""
        return max(1, self.lines // self.rows - 1)

    @property
    def rows(self) -> int:
        """Rows in the pane, at least 1."""
        wanted = round(self.lines / ((self.width + 1) // 2 + 1))
        return max(1, min(wanted, self.lines // 2))

    def place(self, index: int) -> tuple[int, int]:
        """Return the column and line where the picture *index*, from 0 at the top left, begins."""
        row, column = divmod(index, self.count_across)
        return column * (self.width + 1) + 1, row * (self.height + 1) + 1

    def at(self, column: int, line: int) -> int:
        """Return which picture stands at a column and line of the pane, from 0 at the top left."""
        across = min(max(column - 1, 0) // (self.width + 1), self.count_across - 1)
        return line // (self.height + 1) * self.count_across + across

    def top_for(self, cursor: int, top: int, count: int) -> int:
        """Return the row, from 0, that the pane begins with so that the picture *cursor* is seen.

        Parameters
        ----------
        cursor : int
            From 0.
        top : int
            The row that it begins with now.
        count : int
            Of all pictures.
        """
        row, last = cursor // self.count_across, (count - 1) // self.count_across
        top = min(top, max(0, last - self.rows + 1))
        return max(row - self.rows + 1, min(top, row))
