"""When nobody types: the time for what would hold a key up."""

import asyncio
import time
from collections.abc import Callable

REST_SECONDS = 0.2
"""After how long without a key the next is not expected at once: one held down comes every thirtieth."""


class Rest:
    """Does something whenever somebody has typed and then stopped for a moment; while nobody types, nothing.

    Parameters
    ----------
    what : callable
        What is done then, in the app's thread.
    """

    def __init__(self, what: Callable[[], object]) -> None:
        self._what = what
        self._typed = 0.0
        self._waits = False

    def typed(self) -> None:
        """Wait from now on."""
        self._typed = time.monotonic()
        if not self._waits:
            self._waits = True
            self._look_in(REST_SECONDS)

    def _look_in(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        left = self._typed + REST_SECONDS - time.monotonic()
        if left > 0:
            self._look_in(left)
        else:
            self._waits = False
            self._what()
