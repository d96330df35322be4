"""How seldom Python looks for garbage while objects are made by the hundred thousand."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_GARBAGE = (2_000, 5, 5_000)
"""Objects between two searches, and how many searches there are before a larger one: the last is for all."""
_lock = threading.Lock()
_scans = 0
_usual = gc.get_threshold()


@contextmanager
def few_searches_for_garbage() -> Iterator[None]:
    """Keep Python from looking through all that the program has loaded, a tenth of a second each time.

    What a scan makes goes by itself. What is loaded when the first one begins stays loaded, and is left out
    from then on.
    """
    _begin()
    try:
        yield
    finally:
        _end()


def _begin() -> None:
    global _scans, _usual
    with _lock:
        _scans += 1
        if _scans == 1:
            _usual = gc.get_threshold()
            if not gc.get_freeze_count():
                gc.freeze()
            gc.set_threshold(*_GARBAGE)


def _end() -> None:
    """Search as usual once the last of several scans, which need not be the first to begin, has ended."""
    global _scans
    with _lock:
        _scans -= 1
        if not _scans:
            gc.set_threshold(*_usual)
