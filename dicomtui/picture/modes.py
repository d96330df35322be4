"""The ways in which a terminal can show pixels."""

from enum import StrEnum


class Mode(StrEnum):
    """A way to show pixels: glyphs that divide a cell, or a protocol for real ones."""

    HALF = "half"
    QUADRANT = "quadrant"
    SEXTANT = "sextant"
    OCTANT = "octant"
    BRAILLE = "braille"
    ASCII = "ascii"
    SIXEL = "sixel"
    KITTY = "kitty"
    ITERM2 = "iterm2"

    @property
    def is_graphics(self) -> bool:
        """Whether the terminal gets real pixels, not cells."""
        return self not in _PIXELS

    @property
    def pixels(self) -> tuple[int, int]:
        """How many pixels one cell shows, across and down; for modes of cells only."""
        return _PIXELS[self]


_PIXELS = {
    Mode.HALF: (1, 2),
    Mode.QUADRANT: (2, 2),
    Mode.SEXTANT: (2, 3),
    Mode.OCTANT: (2, 4),
    Mode.BRAILLE: (2, 4),
    Mode.ASCII: (1, 1),
}
