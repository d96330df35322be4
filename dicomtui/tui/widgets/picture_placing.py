"""Real pixels over a pane at rest: the cells stand below, and are there alone whenever anything happens.

A picture is written when nothing changes any more and nothing lies over the pane. As soon as a line is drawn
again (a key, a dialog, a toast, another size) the picture is taken away, and all lines are written as cells;
so nothing of it is ever left where it does not belong.
"""

import sys
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.message import Message

from dicomtui.picture.graphics import Hole, graphics_of
from dicomtui.tui.latest import LatestWorker

if TYPE_CHECKING:
    from textual.geometry import Region

    from dicomtui.picture.graphics import Graphics
    from dicomtui.tui.app import DicomTuiApp
    from dicomtui.tui.widgets.picture_view import PictureView

REST_SECONDS = 0.2
"""So long nothing may have been drawn before a picture is made."""
BUDGETS = 10
"""A picture may take as many bytes as so many moving ones; what takes more is made smaller."""


_BLACK = "\x1b[0;48;5;16m"
"""The background of what a picture leaves of its last cells."""
_TEXT_STYLE = "\x1b[0;38;5;215;48;5;16m"


class Placed(Message):
    """A picture is ready to be written."""

    def __init__(self, turn: int, region: "Region", text: str, erasure: str) -> None:
        super().__init__()
        self.turn, self.region, self.text, self.erasure = turn, region, text, erasure


class Placing:
    """Places a picture over a view, and takes it away.

    Parameters
    ----------
    view : PictureView
        Where it goes; its painter says in which mode.
    """

    def __init__(self, view: "PictureView") -> None:
        self._view = view
        self._worker = LatestWorker("graphics")
        self._turn = 0
        self._waits = self._again = False
        self._erasure: str | None = None
        """What takes the picture away that is there; None if none is."""

    def disturbed(self) -> None:
        """Take the picture away: lines of the pane are being drawn."""
        self._turn += 1
        if self._erasure is not None:
            _write(self._view, self._erasure)
            self._erasure = None
            self._view.painter.forget()
            self._view.call_later(self._view.refresh)
        if self._view.painter.graphics_mode is None:
            return
        self._again = self._waits
        if not self._waits:
            self._waits = True
            self._view.set_timer(REST_SECONDS, self._rested)

    def _rested(self) -> None:
        self._waits = False
        view = self._view
        if self._again or not _app(view).pacer.may_send() or not view.painter.is_exact:
            self._again, self._waits = False, True
            view.set_timer(REST_SECONDS, self._rested)
            return
        mode = view.painter.graphics_mode
        if mode is None or view.surface.is_blank or self._erasure is not None or _is_covered(view):
            return  # whatever uncovers it draws its lines
        from dicomtui.picture.asking import cell_size

        terminal = _app(view).terminal
        with suppress(AttributeError, ValueError, OSError):
            terminal = replace(terminal, cell=cell_size(sys.__stdout__.fileno()) or terminal.cell)  # type: ignore[union-attr]
        self._worker.submit(partial(self._make, graphics_of(mode, terminal), self._turn))

    def _make(self, graphics: "Graphics", turn: int) -> None:
        """Make what is written; in a thread."""
        view = self._view
        surface, region = view.surface, view.region
        cell = graphics.cell(*surface.size)
        columns, lines = surface.size
        pixels = surface.picture(cell)
        if turn != self._turn:
            return
        texts = [
            (line, column, text)
            for line, column, text in surface.texts()
            if 0 <= line < lines and 0 <= column <= columns - cell_len(text)
        ]
        holes = [Hole(line, column, cell_len(text)) for line, column, text in texts]
        placed = graphics.place(pixels, columns, lines, holes)
        if len(placed) > view.painter.budget * BUDGETS:
            placed = graphics.place(pixels, columns, lines, holes, small=True)
        y, x = region.y + 1, region.x + 1
        parts = [f"\x1b7{_BLACK}\x1b[{y};{x}H{placed}"]
        if not graphics.has_holes:
            parts += [f"\x1b[{y + line};{x + column}H{_TEXT_STYLE}{text}" for line, column, text in texts]
        parts.append("\x1b[0m\x1b8")
        erasure = f"\x1b7\x1b[0m\x1b[{y};{x}H{graphics.erase(columns, lines)}\x1b8"
        view.post_message(Placed(turn, region, "".join(parts), erasure))

    def place(self, placed: Placed) -> None:
        """Write a picture, if nothing has happened since it was wanted."""
        view = self._view
        if placed.turn == self._turn and placed.region == view.region and not _is_covered(view):
            self._erasure = placed.erasure
            _write(view, placed.text)


def _app(view: "PictureView") -> "DicomTuiApp":
    from dicomtui.tui.app import DicomTuiApp

    app = view.app
    assert isinstance(app, DicomTuiApp)
    return app


def _is_covered(view: "PictureView") -> bool:
    """Whether the view is not to be seen as a whole: hidden, under a dialog, a toast, a tooltip."""
    if view.app.screen is not view.screen or view.region.size != view.surface.size:
        return True
    over = view.screen.query("Toast, Tooltip")
    return any(widget.display and widget.region.overlaps(view.region) for widget in over)


def _write(view: "PictureView", text: str) -> None:
    driver = view.app._driver
    if driver is not None and text and not view.app.is_headless:
        driver.write(text)
        driver.flush()
