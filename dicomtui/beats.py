"""Signs of life of long work in a worker process, which would be given up otherwise."""

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

R = TypeVar("R")

BEAT_SECONDS = 5.0


def while_working(work: Callable[[], R], beats: int) -> Iterator[list[R]]:
    """Do *work* in a thread and yield now and then until it is done.

    Parameters
    ----------
    work : callable
        It raises nothing.
    beats : int
        How often to say that it goes on, once in :data:`BEAT_SECONDS`; then nothing is said any more, so that
        work without an end is given up.

    Yields
    ------
    list
        None of its result while it works, then the result.
    """
    made: list[R] = []
    thread = threading.Thread(target=lambda: made.append(work()), daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(BEAT_SECONDS if beats > 0 else None)
        beats -= 1
        if not made:
            yield []
    yield made
