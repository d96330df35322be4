"""Real pixels on a terminal: one class for each protocol, all used alike.

Text that is drawn later covers a picture: for good with sixels and iTerm2, which the text erases; as long as
it stands with kitty, where the picture lies beneath the cells.
"""

from typing import TYPE_CHECKING, Protocol

from dicomtui.picture.modes import Mode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dicomtui.picture.terminal import Terminal

GREYS, FEW_GREYS = 64, 16
"""Greys of sixels: each more costs time and bytes."""
COLOURS, FEW_COLOURS = 256, 64
_LONGEST_SIDE = 2048
"""Pixels beyond which a picture is sent smaller where the terminal enlarges it."""


class Graphics(Protocol):
    """A way to put pixels on the terminal."""

    is_beneath_text: bool
    """Whether cells with the default background show the picture through, and others cover it."""

    def cell(self, columns: int, lines: int) -> tuple[int, int]:
        """Return the pixels of a cell, across and down, that a picture over so many cells should have."""

    def place(self, pixels: "NDArray[np.uint8]", columns: int, lines: int, *, small: bool = False) -> str:
        """Return what draws *pixels* (rows, columns[, 3]) over so many cells, from the cursor on.

        The cursor may be anywhere afterwards. *small* takes fewer bytes, and shows less.
        """

    def erase(self) -> str:
        """Return what takes the picture away; text over its place is still to be drawn."""


class Sixel:
    """Pictures in the pixels of the terminal."""

    is_beneath_text = False

    def __init__(self, terminal: "Terminal") -> None:
        self._cell, self._colours = terminal.cell, terminal.sixel_colours

    def cell(self, columns: int, lines: int) -> tuple[int, int]:
        """Return the terminal's own pixels."""
        return self._cell

    def place(
        self,
        pixels: "NDArray[np.uint8]",
        columns: int,
        lines: int,
        *,
        small: bool = False,
    ) -> str:
        """Return a device control string; the last rows, fewer than six, are left out."""
        from dicomtui.picture.sixel import sixel

        if pixels.ndim == 2:
            return sixel(pixels, min(self._colours, FEW_GREYS if small else GREYS))
        return sixel(pixels, min(self._colours, FEW_COLOURS if small else COLOURS))

    def erase(self) -> str:
        """Return nothing: text erases it."""
        return ""


class _Scaled:
    """Pictures that the terminal scales to the cells."""

    def __init__(self, terminal: "Terminal") -> None:
        self._cell = terminal.cell

    def cell(self, columns: int, lines: int) -> tuple[int, int]:
        """Return the terminal's own pixels, or fewer if there are very many."""
        across, down = self._cell
        shrink = -(-max(columns * across, lines * down) // _LONGEST_SIDE)
        return max(1, across // shrink), max(1, down // shrink)


class Kitty(_Scaled):
    """One picture beneath the text, placed anew each time."""

    is_beneath_text = True

    def place(self, pixels: "NDArray[np.uint8]", columns: int, lines: int, *, small: bool = False) -> str:
        """Return commands of kitty's graphics protocol."""
        from dicomtui.picture.kitty import kitty

        return kitty(_halved(pixels) if small else pixels, columns, lines)

    def erase(self) -> str:
        """Return the command that deletes the picture."""
        from dicomtui.picture.kitty import kitty_erased

        return kitty_erased()


class Iterm2(_Scaled):
    """A file in the text."""

    is_beneath_text = False

    def place(self, pixels: "NDArray[np.uint8]", columns: int, lines: int, *, small: bool = False) -> str:
        """Return an operating system command of iTerm2."""
        from dicomtui.picture.iterm2 import iterm2

        return iterm2(_halved(pixels) if small else pixels, columns, lines)

    def erase(self) -> str:
        """Return nothing: text erases it."""
        return ""


def _halved(pixels: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    return pixels[::2, ::2]


def graphics_of(mode: Mode, terminal: "Terminal") -> Graphics:
    """Return what draws pictures in a mode that has real pixels.

    Raises
    ------
    KeyError
        If the mode draws cells.
    """
    classes: dict[Mode, type[Sixel | Kitty | Iterm2]] = {
        Mode.SIXEL: Sixel,
        Mode.KITTY: Kitty,
        Mode.ITERM2: Iterm2,
    }
    return classes[mode](terminal)
