"""What an object without a picture is, as lines of names and texts."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from dicomtui.tui.widgets.columns import Column, fitted

Line = tuple[str, str]
"""A name and a text; without a name a sentence, which is wrapped; without a text a heading."""

_NAMES = 29
"""Cells that names take at most, or half of what there is."""


class Card:
    """Lines that scroll."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = list(lines)
        self._longest = max((cell_len(name) for name, text in lines if text), default=0)
        self._top = 0
        self._wrapped: tuple[int, list[Line]] = (0, [])

    def scroll(self, step: int) -> None:
        """Move by *step* lines, one line staying in view."""
        self._top = max(0, min(self._top + step, len(self._wrapped[1]) - 1))

    def line(self, y: int, width: int, base: Style) -> Strip:
        """Draw line *y* of what is in view."""
        if self._wrapped[0] != width:
            self._wrapped = width, list(self._wrap(width))
        lines = self._wrapped[1]
        index = y + self._top
        if index >= len(lines):
            return Strip.blank(width, base)
        name, text = lines[index]
        if not name:
            segments = [Segment(f" {text}", base)]
        elif not text:
            segments = [Segment(f" {name}", base + Style(bold=True))]
        else:
            names = max(1, min(_NAMES, width // 2, self._longest))
            column, value = Column("", names), Column("", max(1, width - names - 4))
            segments = [
                Segment(f"  {fitted(name, column)} ", base + Style(dim=True)),
                Segment(fitted(text, value), base),
            ]
        return Strip(segments).adjust_cell_length(width, base)

    def _wrap(self, width: int) -> Iterator[Line]:
        for name, text in self._lines:
            if name or not text:
                yield name, text
            else:
                yield from (("", part) for part in wrap(text, max(10, width - 2)))
