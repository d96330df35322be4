"""Which character shows which pixels of a cell in the first of its two colours."""

from typing import TYPE_CHECKING

import numpy as np

from dicomtui.picture.modes import Mode

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPACE = ord(" ")
_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""By the pixels in the first colour: upper left 1, upper right 2, lower left 4, lower right 8."""
_SEXTANTS = 0x1FB00
"""The first of the sextants: they are in the order of their bits, without four that exist elsewhere."""
_ELSEWHERE = {0: " ", 0b010101: "▌", 0b101010: "▐", 0b111111: "█"}


def glyph_table(mode: Mode) -> "NDArray[np.uint32]":
    """Return code points by the pixels in the first colour: bit 0 upper left, then to the right, down."""
    if mode is Mode.QUADRANT:
        return np.array([ord(glyph) for glyph in _QUADRANTS], np.uint32)
    if mode is Mode.SEXTANT:
        return np.array([_sextant(bits) for bits in range(64)], np.uint32)
    raise ValueError(f"{mode} has no two colours in a cell")


def _sextant(bits: int) -> int:
    if bits in _ELSEWHERE:
        return ord(_ELSEWHERE[bits])
    return _SEXTANTS + bits - sum(other < bits for other in _ELSEWHERE)
