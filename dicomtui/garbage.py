"""How seldom Python looks for garbage, and that what was thrown away goes back to the system."""

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctypes import CDLL

_GARBAGE = (2_000, 5, 5_000)
"""Objects between two searches, and how many searches there are before a larger one: the last is for all."""
_PUT_OFF = (2_000, 10, 200)
"""The same while somebody may type."""
_DUE = 10
"""How many of the larger searches there are before one for all is due, if nobody types."""
_APART, _KEPT = 4 << 20, 64 << 20
"""Bytes of a block that is large, and of what may be free at the end of the others."""
_SECONDS = 5.0
"""How long memory that is free is kept at least for what comes next."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""Of glibc's ``malloc.h``."""
_lock = threading.Lock()
_scans = 0
_usual = gc.get_threshold()
_returned = 0.0


@cache
def spare_what_is_loaded() -> None:
    """Leave what there is at the first call out of all searches: it stays, and is most there will be."""
    gc.freeze()


def scatter_little() -> None:
    """Have what is let go leave few holes, and the values of large pictures go back to the system at once.

    The C library gives threads heaps of their own, each with its holes; and it learns from the first large
    block that is freed to put such among the small ones, which then keep its place from going back. What is
    free at the end of all goes back more seldom for it: each step of a picture's processing would ask for it
    again.
    """
    mallopt = getattr(_c_library(), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, _APART)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)


def return_memory() -> None:
    """Give the system back what is free, if that was not done lately; it takes about a millisecond.

    The C library keeps it for the program: after some hundred pictures of different sizes more than half of
    the memory was free, in pieces.
    """
    global _returned
    now = time.monotonic()
    if now - _returned > _SECONDS:
        _returned = now
        malloc_trim = getattr(_c_library(), "malloc_trim", None)
        if malloc_trim is not None:
            malloc_trim(0)


def _c_library() -> "CDLL | None":
    """Return the C library, which may be another than glibc."""
    import ctypes

    try:
        return ctypes.CDLL(None)
    except OSError:
        return None


def put_off_searches() -> None:
    """Leave it to `search_if_due` to look through all there is: everything waits meanwhile."""
    gc.set_threshold(*_PUT_OFF)


def search_if_due() -> None:
    """Look through all there is if much has been made since; give the system back what that frees."""
    if gc.get_count()[2] >= _DUE:
        gc.collect()
        return_memory()


@contextmanager
def few_searches_for_garbage() -> Iterator[None]:
    """Keep Python from looking through all there is, a tenth of a second each time.

    What a scan makes goes by itself.
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
            spare_what_is_loaded()
            gc.set_threshold(*_GARBAGE)


def _end() -> None:
    """Search as usual once the last of several scans, which need not be the first to begin, has ended."""
    global _scans
    with _lock:
        _scans -= 1
        if not _scans:
            gc.set_threshold(*_usual)
