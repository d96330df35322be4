"""Asks a slow disk for the beginnings of many files at once, instead of waiting for one after the other."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from stat import S_ISREG
from typing import TYPE_CHECKING

from dicomtui.dataset.encoding import HEAD

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_THREADS = 8
"""A network disk answers each open with a delay, so several wait at a time."""
_LASTING = 20
"""Batches for which a disk is taken to be as slow as it was."""
_READ_ONLY = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


class ReadAhead:
    """Notes whether reading is mostly waiting, and if so asks for what is read next.

    On a fast disk or a warm cache to ask would cost more than it gains.
    """

    def __init__(self) -> None:
        self._left = 0

    @property
    def is_asking(self) -> bool:
        """Whether the disk was found to be slow."""
        return self._left > 0

    @contextmanager
    def over(self, paths: Sequence[str]) -> Iterator[None]:
        """Ask for files if the disk is slow, and learn from how long it takes to read them."""
        if self.is_asking:
            self._ask(paths)
            self._left -= 1
        began, busy = time.monotonic(), time.thread_time()
        yield
        busy = time.thread_time() - busy
        if time.monotonic() - began > 2 * busy:
            self._left = _LASTING

    @cached_property
    def _threads(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(_THREADS)

    def _ask(self, paths: Sequence[str]) -> None:
        if len(paths) > 1:  # one that stands alone may be one that a worker has died of
            list(self._threads.map(_ask_for, (paths[start::_THREADS] for start in range(_THREADS))))


def _ask_for(paths: Sequence[str]) -> None:
    for path in paths:
        with suppress(OSError, ValueError):  # is said when it is read
            if S_ISREG(os.lstat(path).st_mode):
                descriptor = os.open(path, _READ_ONLY)
                try:
                    os.posix_fadvise(descriptor, 0, HEAD, os.POSIX_FADV_WILLNEED)
                finally:
                    os.close(descriptor)
