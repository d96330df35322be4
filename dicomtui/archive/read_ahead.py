"""Asks a slow disk for the beginnings of many files at once, instead of waiting for one after the other."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from resource import RUSAGE_THREAD, getrusage
from stat import S_ISREG
from typing import TYPE_CHECKING, TypeVar

from dicomtui.dataset.encoding import HEAD

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")

_THREADS = 8
"""A network disk answers each open with a delay, so several wait at a time."""
_LASTING = 20
"""Batches for which a disk is taken to be as slow as it was."""
_END = object()
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

    def over(self, paths: Sequence[str], parts: Iterable[T]) -> Iterator[T]:
        """Pass on what comes of reading files; ask for them before if the disk is slow.

        Parameters
        ----------
        paths : sequence of str
            The files.
        parts : iterable
            Reads them as it goes along. How long that waits is what is learnt from, not how long who takes a
            part lets it wait.

        Yields
        ------
        object
            The *parts*.
        """
        if self.is_asking:
            self._ask(paths)
            self._left -= 1
        spent, busy, waits = 0.0, 0.0, 0
        reading = iter(parts)
        part: T | object = None
        while part is not _END:
            before = _Clocks()
            part = next(reading, _END)
            after = _Clocks()
            spent += after.time - before.time
            busy += after.busy - before.busy
            waits += after.waits - before.waits
            if part is not _END:
                yield part  # type: ignore[misc]
        # who only had to make room for other processes has not waited for a disk
        if spent > 2 * busy and 2 * waits > len(paths):
            self._left = _LASTING

    @cached_property
    def _threads(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(_THREADS)

    def _ask(self, paths: Sequence[str]) -> None:
        if len(paths) > 1:  # one that stands alone may be one that a worker has died of
            list(self._threads.map(_ask_for, (paths[start::_THREADS] for start in range(_THREADS))))


class _Clocks:
    """How much time has passed for this thread."""

    def __init__(self) -> None:
        self.time = time.monotonic()
        self.busy = time.thread_time()
        self.waits = getrusage(RUSAGE_THREAD).ru_nvcsw


def _ask_for(paths: Sequence[str]) -> None:
    for path in paths:
        with suppress(OSError, ValueError):  # is said when it is read
            if S_ISREG(os.lstat(path).st_mode):
                descriptor = os.open(path, _READ_ONLY)
                try:
                    os.posix_fadvise(descriptor, 0, HEAD, os.POSIX_FADV_WILLNEED)
                finally:
                    os.close(descriptor)
