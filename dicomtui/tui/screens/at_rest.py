"""What need not keep up with pictures that follow each other: it is done once none has come for a while."""

import asyncio
from collections.abc import Callable

REST_SECONDS = 0.2


class AtRest:
    """Does the newest of what it is given, at rest; what was overtaken is never done."""

    def __init__(self) -> None:
        self._due: asyncio.TimerHandle | None = None

    def do(self, job: Callable[[], None], *, at_once: bool) -> None:
        """Do *job* now, or when nothing else was given for a while.

        Parameters
        ----------
        job : callable
            Takes the place of one that waits.
        at_once : bool
            Whether it may be done now.
        """
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if at_once:
            job()
        else:
            self._due = asyncio.get_running_loop().call_later(REST_SECONDS, job)
