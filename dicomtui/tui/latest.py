"""Work for a thread of which only the newest matters."""

import threading
from collections.abc import Callable
from contextlib import suppress

_IDLE_SECONDS = 5.0
"""How long a thread waits for another job: one that waited for ever would keep the screen that it was for."""


class LatestWorker:
    """Runs jobs one after the other in a daemon thread; a job that waits is replaced by a newer one.

    A key that is held down asks for more than can be done: what was overtaken is never begun, so that the
    screen follows the key instead of replaying a queue.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._waiting: Callable[[], None] | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def submit(self, job: Callable[[], None]) -> None:
        """Run *job* when the one in hand is done, unless another is submitted before that."""
        with self._changed:
            self._waiting = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()

    @property
    def overtaken(self) -> bool:
        """Whether a newer job waits: the one in hand may stop early."""
        return self._waiting is not None

    def _run(self) -> None:
        while (job := self._next()) is not None:
            with suppress(Exception):  # a job says itself what went wrong; the next one must still be done
                job()
            job = None  # nor is what it was about kept while there is none

    def _next(self) -> Callable[[], None] | None:
        """Wait for a job; None after a while without one, when the thread ends."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting is not None, _IDLE_SECONDS):
                self._thread = None
            job, self._waiting = self._waiting, None
            return job
