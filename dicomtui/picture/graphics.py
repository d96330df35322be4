"""Real pixels on a terminal: one class for each protocol, all used alike.

Text that is drawn later erases sixels and what iTerm2's protocol draws; kitty's pictures lie above the text
and are to be erased, but may have holes in which text is seen.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

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


class Hole(NamedTuple):
    """Cells of one line of a picture that are to show text."""

    line: int
    column: int
    length: int


class Graphics(Protocol):
    """A way to put pixels on the terminal."""

    has_holes: bool
    """Whether text that is there already is seen in holes; otherwise it is to be written again."""

    def cell(self, columns: int, lines: int) -> tuple[int, int]:
        """Return the pixels of a cell, across and down, that a picture over so many cells should have."""

    def place(
        self,
        pixels: "NDArray[np.uint8]",
        columns: int,
        lines: int,
        holes: Sequence[Hole] = (),
        *,
        small: bool = False,
    ) -> str:
        """Return what draws *pixels* (rows, columns[, 3]) over so many cells, from the cursor on.

        The cursor may be anywhere afterwards. *holes* are for texts; *small* takes fewer bytes.
        """

    def erase(self, columns: int, lines: int) -> str:
        """Return what takes the picture away, the cursor where it begins; text is still to be drawn there."""


class Sixel:
    """Pictures in the pixels of the terminal."""

    has_holes = False

    def __init__(self, terminal: "Terminal") -> None:
        self._cell, self._colours = terminal.cell, terminal.sixel_colours
        self._is_in_tmux = terminal.multiplexer == "tmux"

    def cell(self, columns: int, lines: int) -> tuple[int, int]:
        """Return the terminal's own pixels."""
        return self._cell

    def place(
        self,
        pixels: "NDArray[np.uint8]",
        columns: int,
        lines: int,
        holes: Sequence[Hole] = (),
        *,
        small: bool = False,
    ) -> str:
        """Return a device control string; the last rows, fewer than six, are left out."""
        from dicomtui.picture.sixel import sixel

        if pixels.ndim == 2:
            return sixel(pixels, min(self._colours, FEW_GREYS if small else GREYS))
        return sixel(pixels, min(self._colours, FEW_COLOURS if small else COLOURS))

    def erase(self, columns: int, lines: int) -> str:
        """Return nothing: text erases it, but in tmux.

        There the cells are erased first: tmux brings a picture back that text was written over, and does not
        write text that is there already.
        """
        return "\x1b[B".join([f"\x1b[{columns}X"] * lines) if self._is_in_tmux else ""


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
    """One picture above the text, placed anew each time."""

    has_holes = True

    def place(
        self,
        pixels: "NDArray[np.uint8]",
        columns: int,
        lines: int,
        holes: Sequence[Hole] = (),
        *,
        small: bool = False,
    ) -> str:
        """Return commands of kitty's graphics protocol."""
        from dicomtui.picture.kitty import kitty

        opaque = _opaque(pixels, columns, lines, holes) if holes else None
        if small:
            pixels, opaque = _halved(pixels), None if opaque is None else opaque[::2, ::2]
        return kitty(pixels, columns, lines, opaque)

    def erase(self, columns: int, lines: int) -> str:
        """Return the command that deletes the picture."""
        from dicomtui.picture.kitty import kitty_erased

        return kitty_erased()


class KittyThroughTmux(_Scaled):
    """Characters that stand for one picture, unless tmux is now in a terminal that would show characters."""

    has_holes = False

    def place(
        self,
        pixels: "NDArray[np.uint8]",
        columns: int,
        lines: int,
        holes: Sequence[Hole] = (),
        *,
        small: bool = False,
    ) -> str:
        """Return commands of kitty's graphics protocol, passed through, and the characters."""
        from dicomtui.picture.multiplexer import tmux_of
        from dicomtui.picture.placeholders import placed
        from dicomtui.picture.through_tmux import passes_pictures

        tmux = tmux_of(os.environ)
        if tmux.has_answered and not passes_pictures(tmux):
            return ""
        return placed(_halved(pixels) if small else pixels, columns, lines, holes)

    def erase(self, columns: int, lines: int) -> str:
        """Return the command that deletes the picture; text is still to take the place of the characters."""
        from dicomtui.picture.placeholders import erased

        return erased()


class Iterm2(_Scaled):
    """A file in the text."""

    has_holes = False

    def place(
        self,
        pixels: "NDArray[np.uint8]",
        columns: int,
        lines: int,
        holes: Sequence[Hole] = (),
        *,
        small: bool = False,
    ) -> str:
        """Return an operating system command of iTerm2."""
        from dicomtui.picture.iterm2 import iterm2

        return iterm2(_halved(pixels) if small else pixels, columns, lines)

    def erase(self, columns: int, lines: int) -> str:
        """Return nothing: text erases it."""
        return ""


def _halved(pixels: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    return pixels[::2, ::2]


def _opaque(
    pixels: "NDArray[np.uint8]", columns: int, lines: int, holes: Sequence[Hole]
) -> "NDArray[np.bool_]":
    """Return where a picture over so many cells is to be seen."""
    import numpy as np

    opaque = np.ones(pixels.shape[:2], dtype=bool)
    down, across = len(pixels) / lines, pixels.shape[1] / columns
    for line, column, length in holes:
        rows = slice(round(line * down), round((line + 1) * down))
        opaque[rows, round(column * across) : round((column + length) * across)] = False
    return opaque


def graphics_of(mode: Mode, terminal: "Terminal") -> Graphics:
    """Return what draws pictures in a mode that has real pixels.

    Raises
    ------
    KeyError
        If the mode draws cells.
    """
    classes: dict[Mode, type[Sixel | Kitty | KittyThroughTmux | Iterm2]] = {
        Mode.SIXEL: Sixel,
        Mode.KITTY: KittyThroughTmux if terminal.multiplexer == "tmux" else Kitty,
        Mode.ITERM2: Iterm2,
    }
    return classes[mode](terminal)
