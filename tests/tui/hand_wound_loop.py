"""An event loop whose time stands still until it is told to go on."""

import heapq
from collections.abc import Callable
from itertools import count


class Due:
    """What is to be called at some time."""

    def __init__(self, job: Callable[[], object]) -> None:
        self.job: Callable[[], object] | None = job

    def cancel(self) -> None:
        """Have it never called."""
        self.job = None


class HandWoundLoop:
    """As much of an event loop as calls things later."""

    def __init__(self) -> None:
        self._now = 100.0
        self._waiting: list[tuple[float, int, Due]] = []
        self._number = count()

    def time(self) -> float:
        """Return its time, in seconds."""
        return self._now

    def call_at(self, when: float, job: Callable[[], object]) -> Due:
        """Call *job* when it is time."""
        due = Due(job)
        heapq.heappush(self._waiting, (max(when, self._now), next(self._number), due))
        return due

    def call_later(self, seconds: float, job: Callable[[], object]) -> Due:
        """Call *job* after so many seconds."""
        return self.call_at(self._now + seconds, job)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to be called."""
        return all(due.job is None for _, _, due in self._waiting)

    def go_on(self, seconds: float) -> None:
        """Let time pass."""
        end = self._now + seconds
        while self._waiting and self._waiting[0][0] <= end:
            self._now, _, due = heapq.heappop(self._waiting)
            job, due.job = due.job, None
            if job is not None:
                job()
        self._now = end
