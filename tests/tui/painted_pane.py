"""A picture's painter without a browser, and the emulated terminal that gets what it writes."""

from typing import cast

import numpy as np
from rich.console import Console

from dicomtui.picture.cells import Cells, cells_of
from dicomtui.picture.palette import nearest_levels
from dicomtui.picture.terminal import Terminal, terminal_of
from dicomtui.tui.line_rate import LineRate
from dicomtui.tui.widgets.edge_marks import Mark
from dicomtui.tui.widgets.picture_painter import Painter
from dicomtui.tui.widgets.picture_quality import Bandwidth, Quality
from dicomtui.tui.widgets.picture_surface import Look, Surface
from tests.picture.emulated import by_segments, screen, seen

ACROSS, DOWN = 2, 12
"""Pixels of a cell, of which each mode of cells takes its part."""
THIN = 20_000.0
"""Bytes per second of a line that pictures of this size are too much for."""
ENVIRONMENTS = {
    "256 colours": {"TERM": "xterm-256color", "LANG": "C.UTF-8"},
    "true colour": {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"},
    "16 colours": {"TERM": "xterm", "LANG": "C.UTF-8"},
    "no colours": {"TERM": "vt220", "LANG": "C.UTF-8"},
    "no blocks": {"TERM": "xterm-256color", "LANG": "C"},
}


def terminal(name: str) -> Terminal:
    return terminal_of(ENVIRONMENTS[name])


class Pictures:
    """What stands for a surface: greys of a pane."""

    def __init__(self, columns: int = 40, lines: int = 12) -> None:
        self.size = columns, lines
        self.wide: dict[int, list[Mark]] = {}
        self.change(0)

    def change(self, seed: int, noise: int = 255) -> None:
        """Show another picture: with little noise, one that is near to what is shown."""
        rng = np.random.default_rng(seed)
        shape = self.size[1] * DOWN, self.size[0] * ACROSS
        if noise == 255 or self.greys.shape != shape:
            self.greys = rng.integers(0, 256, shape).astype(np.uint8)
        else:
            self.greys = np.clip(self.greys + rng.integers(-noise, noise + 1, shape), 0, 255).astype(np.uint8)

    def cells(self, look: Look) -> Cells:
        across, down = look.mode.pixels
        pixels = self.greys[:: DOWN // down, :: ACROSS // across]
        if look.is_coarse:
            pixels = np.repeat(np.repeat(pixels[::2, ::2], 2, axis=0), 2, axis=1)
            pixels = pixels[: self.size[1] * down, : self.size[0] * across]
        if look.few_greys:
            pixels = nearest_levels()[pixels].astype(np.uint8)
        cells = cells_of(pixels, look.mode, look.depth)
        for part in (cells.glyphs, cells.front, cells.back):
            part.flags.writeable = False  # a surface keeps them
        return cells

    def wide_texts(self) -> dict[int, list[Mark]]:
        return self.wide


class Pane:
    """A painter, and the terminal that gets what it writes."""

    def __init__(self, name: str, rate: float = float("inf"), bandwidth: Bandwidth = Bandwidth.AUTO) -> None:
        line = LineRate()
        line.answered(100_000, 0.0, 100_000 / rate)
        self.quality = Quality(line, bandwidth)
        self.painter = Painter(terminal(name), self.quality)
        self.pictures = Pictures()
        self.place = 0
        self.emulated, self.stream = screen(*self.pictures.size)

    @property
    def lines(self) -> range:
        return range(self.pictures.size[1])

    def prepare(self, *, moving: bool = False) -> None:
        self.painter.begin(moving=moving)
        assert self.painter.prepare(cast("Surface", self.pictures), self.place)

    def texts(self, lines: range | list[int]) -> list[str]:
        """Write lines; return what the terminal got."""
        texts = [self.painter.strip(y).render(Console()) for y in lines]
        for y, text in zip(lines, texts, strict=True):
            self.stream.feed(f"\x1b[{y + 1}H{text}")
        return texts

    def write(self, lines: range | list[int] | None = None) -> int:
        """Write lines as Textual does; return how many bytes they took."""
        return sum(len(text.encode()) for text in self.texts(self.lines if lines is None else lines))

    def show(self, *, moving: bool = False) -> int:
        self.prepare(moving=moving)
        return self.write()

    def rest(self) -> int:
        """Show the picture until it is exact, as a pane does; return how many times it took."""
        for times in range(1, len(self.lines) + 3):
            self.show()
            if self.painter.is_exact:
                return times
        raise AssertionError("it never becomes exact")

    def cover(self, lines: list[int]) -> None:
        """Have something drawn over the right half of lines: they are handed out, and cut."""
        half = self.pictures.size[0] // 2
        for y in lines:
            left = self.painter.strip(y).crop(0, half)
            assert left.cell_length == half
            self.stream.feed(f"\x1b[{y + 1}H\x1b[0m{left.text}{'#' * (self.pictures.size[0] - half)}")

    def scribble(self) -> None:
        """Have the shell write over everything."""
        for y in self.lines:
            self.stream.feed(f"\x1b[{y + 1}H\x1b[0m{'$' * self.pictures.size[0]}")

    def resize(self, columns: int, lines: int) -> None:
        self.pictures.size = columns, lines
        self.pictures.change(columns * lines)
        self.place += 1
        self.emulated, self.stream = screen(columns, lines)

    def is_in_step(self) -> bool:
        """Whether the terminal shows just what the picture is."""
        mode = self.painter.mode or self.painter.look.mode
        cells = self.pictures.cells(Look(mode, self.painter.look.depth))
        return seen(self.emulated) == by_segments(cells)
