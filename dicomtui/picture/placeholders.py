"""Pictures by kitty's protocol through tmux: the data goes past it, characters that it keeps stand for them.

A picture that was placed directly would be drawn at the outer terminal's cursor, and tmux would not know it.
Here each cell holds a placeholder with marks that tell its line and column, in a colour that tells which
picture; so whatever is drawn over the cells covers the picture, and tmux brings it back with them.
"""

import os
from base64 import standard_b64encode
from functools import cache
from typing import TYPE_CHECKING

from dicomtui.picture.kitty import in_pieces
from dicomtui.picture.multiplexer import passed_through

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from dicomtui.picture.graphics import Hole

PLACEHOLDER = "\U0010eeee"
_FIRST_COLOUR = 16
"""Colours below may be written in other ways, or be drawn as bright ones."""
_MARKED = 8
"""The distance of cells that have marks: those between count on, in far fewer bytes.

tmux 3.3 writes a cell anew for each of its marks. Were only the first of a line marked, all others would be
lost when tmux lays a menu of its own over it.
"""
_RESET, _KEEP, _BACK = "\x1b[0m", "\x1b7", "\x1b8"

_MARKS = """
305 30D-30E 310 312 33D-33F 346 34A-34C 350-352 357 35B 363-36F 483-487 592-595 597-599 59C-5A1 5A8-5A9
5AB-5AC 5AF 5C4 610-617 657-65B 65D-65E 6D6-6DC 6DF-6E2 6E4 6E7-6E8 6EB-6EC 730 732-733 735-736 73A 73D
73F-741 743 745 747 749-74A 7EB-7F1 7F3 816-819 81B-823 825-827 829-82D 951 953-954 F82-F83 F86-F87 135D-135F
17DD 193A 1A17 1A75-1A7C 1B6B 1B6D-1B73 1CD0-1CD2 1CDA-1CDB 1CE0 1DC0-1DC1 1DC3-1DC9 1DCB-1DCC 1DD1-1DE6 1DFE
20D0-20D1 20D4-20D7 20DB-20DC 20E1 20E7 20E9 20F0 2CEF-2CF1 2DE0-2DFF A66F A67C-A67D A6F0-A6F1 A8E0-A8F1 AAB0
AAB2-AAB3 AAB7-AAB8 AABE-AABF AAC1 FE20-FE26 10A0F 10A38 1D185-1D189 1D1AA-1D1AD 1D242-1D244
"""
"""Combining marks of Unicode 6.0 that stand above (class 230), but those that may merge with a letter."""


@cache
def marks() -> str:
    """Return the marks that count: the first is 0. There are 297."""
    ranges = (part.partition("-") for part in _MARKS.split())
    codes = (range(int(first, 16), int(last or first, 16) + 1) for first, _, last in ranges)
    return "".join(chr(code) for part in codes for code in part)


def number() -> int:
    """Return the number of this program's picture: others in other panes have others.

    The highest byte is told by a mark, the lowest by one of 256 colours; those between are zero, as tmux may
    have no more colours.
    """
    process = os.getpid()
    colours = 256 - _FIRST_COLOUR
    return (1 + process // colours % 255) << 24 | (_FIRST_COLOUR + process % colours)


def placed(pixels: "NDArray[np.uint8]", columns: int, lines: int, holes: "Sequence[Hole]" = ()) -> str:
    """Return what draws a picture over so many cells from the cursor on, which it leaves there.

    Text may be written over *holes*; those cells that follow it still know their places. Nothing is answered.
    A pane with more lines or columns than there are marks keeps what it shows.

    References
    ----------
    https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
    """
    from dicomtui.picture.png import png

    if max(columns, lines) > len(marks()):
        return ""
    data = standard_b64encode(png(pixels)).decode("ascii")
    what = f"a=T,U=1,f=100,i={number()},q=2,c={columns},r={lines}"
    return "".join(map(passed_through, in_pieces(what, data))) + _cells(columns, lines, holes)


def erased() -> str:
    """Return what removes the picture and its data; the placeholders are blank then."""
    return passed_through(f"\x1b_Ga=d,d=I,i={number()},q=2\x1b\\")


def _cells(columns: int, lines: int, holes: "Sequence[Hole]") -> str:
    """Return the placeholders; the terminal remembers the place where they begin, in its own colours."""
    style = f"\x1b[0;38;5;{number() & 255};48;5;16m"
    ends: dict[int, set[int]] = {}
    for line, column, length in holes:
        ends.setdefault(line, set()).add(column + length)
    rows = (f"{_KEEP}{style}{_row(line, columns, ends.get(line, set()))}{_BACK}" for line in range(lines))
    up = f"\x1b[{lines - 1}A" if lines > 1 else ""
    return "\x1b[B".join(rows) + f"{up}{_RESET}{_KEEP}"


def _row(line: int, columns: int, marked: set[int]) -> str:
    """Return the placeholders of a line; those at *marked* columns have marks in any case."""
    high = marks()[number() >> 24]
    return "".join(
        f"{PLACEHOLDER}{marks()[line]}{marks()[column]}{high}"
        if column % _MARKED == 0 or column in marked
        else PLACEHOLDER
        for column in range(columns)
    )
