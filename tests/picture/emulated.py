"""What a terminal shows of lines of cells: an emulator is the judge."""

import pyte
from rich.color import ColorSystem

from dicomtui.picture.cells import Cells
from dicomtui.picture.glyphs import inverses
from dicomtui.picture.segments import line_segments

Looks = list[list[tuple[str, str, str]]]
"""Of each cell of each line the character, its colour and what is behind it."""


def screen(columns: int, lines: int) -> tuple[pyte.Screen, pyte.Stream]:
    """Return an emulated terminal for so many cells; it has one column more, so that nothing wraps."""
    made = pyte.Screen(columns + 1, lines)
    return made, pyte.Stream(made)


def feed(stream: pyte.Stream, lines: list[str]) -> None:
    """Write lines from the top."""
    for number, line in enumerate(lines, 1):
        stream.feed(f"\x1b[{number}H{line}")


def seen(made: pyte.Screen) -> Looks:
    """Return what each cell looks like: of a space only what is behind it, of exchanged colours either."""
    return [
        [_look(made.buffer[line][column]) for column in range(made.columns - 1)] for line in range(made.lines)
    ]


def _look(char: pyte.screens.Char) -> tuple[str, str, str]:
    code = ord(char.data)
    if char.data == " ":
        return " ", "", char.bg
    if char.data == "█" and char.fg != "default":
        return " ", "", char.fg
    if code in inverses() and char.fg > char.bg:
        return chr(inverses()[code]), char.bg, char.fg
    return char.data, char.fg, char.bg


def by_segments(cells: Cells) -> Looks:
    """Return what cells look like if Rich writes them, with all colours of each."""
    lines, columns = cells.glyphs.shape
    made, stream = screen(columns, lines)
    feed(
        stream,
        [
            "".join(
                part.style.render(part.text, color_system=ColorSystem.TRUECOLOR) if part.style else part.text
                for part in line_segments(cells, line)
            )
            for line in range(lines)
        ],
    )
    return seen(made)
