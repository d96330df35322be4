"""Brings what the terminal shows of a picture in step with its surface, in as few bytes as the line wants."""

import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from dicomtui.picture.modes import Mode
from dicomtui.tui.widgets.picture_quality import LEVELS
from dicomtui.tui.widgets.picture_surface import Look, Surface

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dicomtui.picture.cells import Cells
    from dicomtui.picture.terminal import Terminal
    from dicomtui.tui.widgets.edge_marks import Mark
    from dicomtui.tui.widgets.picture_quality import Quality
    from dicomtui.tui.widgets.picture_strip import PictureStrip

UNCHANGED = 8
"""Bytes of a line in which nothing has changed, at most."""
TRAFFIC_SECONDS = 2.0
"""What was written is counted over so long."""


class Painter:
    """Makes the lines of a pane, and remembers which of them the terminal shows.

    A line that was handed out counts as unknown until it was written whole: a modal, a toast or a crop may
    have made something else of it.

    Parameters
    ----------
    terminal : Terminal
        Its colours and modes.
    quality : Quality
        Says how exact a picture may be while it moves.
    """

    def __init__(self, terminal: "Terminal", quality: "Quality") -> None:
        self._terminal, self._quality = terminal, quality
        self.mode: Mode | None = None
        """The mode that the user chose; None for the automatic one."""
        self.is_moving = False
        self.is_exact = True
        """Whether what was prepared is the picture as it is shown at rest."""
        self.is_approximate = False
        """Whether it is less than its mode can show."""
        self.texts: dict[int, list[Mark]] = {}
        """Texts that are no cells, by line."""
        self.look = self._look(is_coarse=False, few_greys=False)
        self._stale = True
        self._cells: Cells | None = None
        self._written: list[str | None] = []
        """What brings each line from what is shown to what is wanted; None once it was handed out."""
        self._place: object = None
        self._shown: Cells | None = None
        self._valid: NDArray[np.bool_] | None = None
        self._traffic: deque[tuple[float, int]] = deque()

    # --- how ---

    def begin(self, *, moving: bool) -> None:
        """Have the lines made anew."""
        self._stale = True
        self.is_moving = moving and not self._quality.is_full

    @property
    def is_thin(self) -> bool:
        """Whether an exact picture would hold up the line."""
        return self._quality.is_thin

    @property
    def graphics_mode(self) -> Mode | None:
        """The mode for real pixels over the cells, if the user chose one."""
        return self.mode if self.mode is not None and self.mode.is_graphics else None

    @property
    def budget(self) -> float:
        """Bytes that one picture may take while pictures move."""
        return self._quality.budget

    @property
    def _cell_mode(self) -> Mode | None:
        return None if self.graphics_mode is not None else self.mode

    def _look(self, *, is_coarse: bool, few_greys: bool) -> Look:
        still = self._terminal.automatic
        moving = Mode.HALF if Mode.HALF in self._terminal.modes else still
        mode = self._cell_mode or (moving if self.is_moving else still)
        return Look(mode, self._terminal.depth, is_coarse, few_greys)

    def next_mode(self) -> None:
        """Go on to the next mode that the terminal has; behind the last comes the automatic one."""
        modes = [None, *(mode for mode in Mode if mode in self._terminal.modes)]
        at = modes.index(self.mode) if self.mode in modes else 0
        self.mode = modes[(at + 1) % len(modes)]
        self._stale = True

    @property
    def mode_text(self) -> str:
        """The mode, as a person chooses it."""
        return self.mode or f"auto: {self._terminal.automatic}"

    @property
    def traffic_text(self) -> str:
        """What pictures take, and how many there are in a second."""
        while self._traffic and self._traffic[0][0] < time.monotonic() - TRAFFIC_SECONDS:
            self._traffic.popleft()
        total = sum(size for _, size in self._traffic)
        count = len(self._traffic)
        return f"{total / 1000 / max(count, 1):.1f} kB  {count / TRAFFIC_SECONDS:.1f}/s"

    # --- lines ---

    def prepare(self, surface: Surface, place: object) -> bool:
        """Make all lines, if something has changed; False if not.

        Parameters
        ----------
        surface : Surface
            What is to be seen.
        place : object
            Where on the terminal; elsewhere nothing is shown yet.
        """
        if place != self._place:
            self.forget()
            self._place = place
        if not self._stale:
            return False
        self._stale = False
        self.texts = surface.wide_texts()
        size = self._prepare_moving(surface) if self.is_moving else self._prepare_still(surface)
        self._traffic.append((time.monotonic(), size))
        return True

    def _prepare_still(self, surface: Surface) -> int:
        self.look = self._look(is_coarse=False, few_greys=False)
        is_whole = self._valid is None or not self._valid.any()
        sizes = self._make(surface.cells(self.look))
        if is_whole:
            self._quality.took_exactly(sum(sizes))
        self.is_exact = sum(sizes) <= self._quality.budget or not self._hold(sizes)
        self.is_approximate = not self.is_exact
        return sum(_size(line or "") for line in self._written)

    def _prepare_moving(self, surface: Surface) -> int:
        from dicomtui.picture.terse import settled

        while True:
            level = self._quality.level
            self.look = self._look(is_coarse=level.is_coarse, few_greys=level.deadband > 0)
            cells = surface.cells(self.look)
            if self._shown is not None and level.deadband:
                cells = settled(cells, self._shown, level.deadband)
            size = sum(self._make(cells))
            if not self._quality.took(size):
                break
        self.is_approximate = level != LEVELS[0]
        self.is_exact = not self.is_approximate and self.look.mode is (
            self._cell_mode or self._terminal.automatic
        )
        return size

    def _make(self, cells: "Cells") -> list[int]:
        """Take *cells* for what is wanted; return how many bytes each line takes."""
        from dicomtui.picture.terse import terse_lines

        if self._shown is not None and self._shown.glyphs.shape != cells.glyphs.shape:
            self._shown = self._valid = None
        self._cells = cells
        lines = terse_lines(cells, self._shown, self._valid)
        self._written = list(lines)
        return [_size(line) for line in lines]

    def _hold(self, sizes: list[int]) -> bool:
        """Leave lines that there is no room for as they are, until the next time; False if there are none."""
        if self._valid is None or self._shown is None or self._cells is None:
            return False
        import numpy as np

        from dicomtui.picture.cells import Cells

        takes = np.array(sizes)
        waits = self._valid & (takes > UNCHANGED)
        spent = np.cumsum(np.where(waits, takes, 0))
        held = waits & (spent > self._quality.budget)
        if waits.any():
            held[waits.argmax()] = False
        kept = held[:, np.newaxis]
        olds, news = self._shown, self._cells
        self._make(
            Cells(
                np.where(kept, olds.glyphs, news.glyphs),
                np.where(kept, olds.front, news.front),
                np.where(kept, olds.back, news.back),
                news.depth,
            )
        )
        return bool(held.any())

    def strip(self, y: int) -> "PictureStrip":
        """Hand out a line; what the terminal shows of it is unknown until it is written."""
        from dicomtui.tui.widgets.picture_strip import PictureStrip

        assert self._cells is not None
        cells, written = self._cells, self._written[y]
        is_valid = self._valid is not None and bool(self._valid[y])
        if written is None:
            from dicomtui.picture.terse import terse_lines

            shown = _one_line(self._shown, y) if self._shown is not None and is_valid else None
            (written,) = terse_lines(_one_line(cells, y), shown)
        self._written[y] = None
        if self._valid is not None:
            self._valid[y] = False
        return PictureStrip(cells, y, partial(self._write, cells, y, written))

    def _write(self, cells: "Cells", y: int, written: str) -> str:
        if self._shown is None or self._valid is None or self._shown.depth is not cells.depth:
            self._take(cells)
        assert self._shown is not None
        assert self._valid is not None
        if self._shown.glyphs.shape == cells.glyphs.shape:
            for into, part in zip(self._shown[:3], cells[:3], strict=True):
                into[y] = part[y]
            self._valid[y] = True
        return written

    def _take(self, cells: "Cells") -> None:
        """Begin to remember a picture of this size; nothing of it is shown yet."""
        import numpy as np

        self._shown = cells._replace(
            glyphs=cells.glyphs.copy(), front=cells.front.copy(), back=cells.back.copy()
        )
        self._valid = np.zeros(cells.glyphs.shape[0], dtype=bool)

    def forget(self) -> None:
        """Take nothing for shown any more."""
        self._shown = self._valid = None
        self._stale = True


def _size(text: str) -> int:
    """Return how many bytes it takes: the characters of a picture take three or four each."""
    return len(text.encode())


def _one_line(cells: "Cells", line: int) -> "Cells":
    only = slice(line, line + 1)
    return cells._replace(glyphs=cells.glyphs[only], front=cells.front[only], back=cells.back[only])
