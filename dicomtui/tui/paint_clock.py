"""When a screen is painted: once for all that a key changes, and when the terminal is ready for more."""

import asyncio
from collections.abc import Callable

GATHER = 0.003
"""Seconds from a change to the paint: what follows from the same key comes into it."""
PERIOD = 1 / 60
"""The least time between two paints."""
LOOK_AGAIN = 0.004
"""Seconds until it is looked again whether the terminal is ready."""


class PaintClock:
    """Stands in for the timer of a Textual screen, which is resumed by every change and paused by a paint.

    That timer paints the first change at once and the next one up to two of its periods later: the row that
    a key moves to, and the picture of it much later.

    Parameters
    ----------
    paint : callable
        Has the screen painted soon.
    may_paint : callable
        Whether the terminal is ready for more.
    """

    def __init__(self, paint: Callable[[], object], may_paint: Callable[[], bool]) -> None:
        self._paint, self._may_paint = paint, may_paint
        self._due: asyncio.TimerHandle | None = None
        self._last = 0.0

    def resume(self) -> None:
        """Have what changed painted."""
        if self._due is None:
            loop = asyncio.get_running_loop()
            self._due = loop.call_at(max(loop.time() + GATHER, self._last + PERIOD), self._look)

    def pause(self) -> None:
        """Forget what was due: it is being painted."""
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        if self._may_paint():
            self._due, self._last = None, loop.time()
            self._paint()
        else:
            self._due = loop.call_later(LOOK_AGAIN, self._look)
