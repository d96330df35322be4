"""Which character shows which pixels of a cell in the first of its two colours."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from dicomtui.picture.modes import Mode

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPACE = ord(" ")
FULL = ord("█")
_HALVES = " ▀▄█"
"""By the pixels in the first colour: upper 1, lower 2."""
_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""By the pixels in the first colour: upper left 1, upper right 2, lower left 4, lower right 8."""
_SEXTANTS = 0x1FB00
"""The first of the sextants: they are in the order of their bits, without those that exist elsewhere."""
_OTHER_SEXTANTS = {0: SPACE, 0b010101: ord("▌"), 0b101010: ord("▐"), 0b111111: ord("█")}
_OCTANTS = 0x1CD00
"""The first of the octants (Unicode 16): in the order of their bits, without those that exist elsewhere."""
_OTHER_OCTANTS = {
    0b0000_0001: 0x1CEA8,  # left half upper one quarter block
    0b0000_0010: 0x1CEAB,  # right half upper one quarter block
    0b0000_0011: 0x1FB82,  # upper one quarter block
    0b0001_0100: 0x1FBE6,  # middle left one quarter block
    0b0010_1000: 0x1FBE7,  # middle right one quarter block
    0b0011_1111: 0x1FB85,  # upper three quarters block
    0b0100_0000: 0x1CEA3,  # left half lower one quarter block
    0b1000_0000: 0x1CEA0,  # right half lower one quarter block
    0b1100_0000: ord("▂"),
    0b1111_1100: ord("▆"),
    **{
        sum(0b0101 << at for at, bit in ((0, 1), (1, 2), (4, 4), (5, 8)) if quadrants & bit): ord(glyph)
        for quadrants, glyph in enumerate(_QUADRANTS)
    },
}
_BRAILLE = 0x2800
_DOTS = (0, 3, 1, 4, 2, 5, 6, 7)
"""Which bit of a braille pattern each pixel is: dots count down the columns, the last row came later."""


@cache
def glyph_table(mode: Mode) -> "NDArray[np.uint32]":
    """Return code points by the pixels in the first colour: bit 0 upper left, then to the right, down.

    Raises
    ------
    KeyError
        If the cells of the mode are not made of two colours.
    """
    tables = {
        Mode.HALF: lambda: [ord(glyph) for glyph in _HALVES],
        Mode.QUADRANT: lambda: [ord(glyph) for glyph in _QUADRANTS],
        Mode.SEXTANT: lambda: _without(_OTHER_SEXTANTS, _SEXTANTS, 64),
        Mode.OCTANT: lambda: _without(_OTHER_OCTANTS, _OCTANTS, 256),
        Mode.BRAILLE: lambda: [SPACE, *(_braille(bits) for bits in range(1, 256))],
    }
    return np.array(tables[mode](), np.uint32)


@cache
def inverses() -> dict[int, int]:
    """Return for each glyph the one that shows the same with its two colours exchanged; braille has none."""
    found: dict[int, int] = {}
    for mode in (Mode.HALF, Mode.QUADRANT, Mode.SEXTANT, Mode.OCTANT):
        table = glyph_table(mode).tolist()
        found.update(zip(table, reversed(table), strict=True))
    return found


def _without(elsewhere: dict[int, int], first: int, count: int) -> list[int]:
    own = iter(range(first, first + count - len(elsewhere)))
    return [elsewhere[bits] if bits in elsewhere else next(own) for bits in range(count)]


def _braille(bits: int) -> int:
    return _BRAILLE + sum(1 << dot for pixel, dot in enumerate(_DOTS) if bits >> pixel & 1)
