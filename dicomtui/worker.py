"""One process of a pool: what it is given, what comes of it, and how it ends."""

import gc
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any, NamedTuple

from dicomtui.processes import settle, start

Function = Callable[[Sequence[Any]], Sequence[Any] | Iterator[Sequence[Any]]]
"""What a worker does with a batch: see :meth:`dicomtui.pool.Pool.map`."""

ITEM_SECONDS = 60.0
"""How long a worker may say nothing before it is given up."""
_NICENESS = 10
"""How far workers stand back behind the program, which has a user to answer."""
MEMORY_LIMIT = 4 << 30
"""Bytes of address space that a worker may have, so that no file takes all memory of the machine."""
_SMALL = 32 << 10
"""Bytes that fit between two processes at any time: more would let each wait until the other takes them."""
_END_SECONDS = 0.05
_GARBAGE = 10_000
"""Objects after which a worker looks for garbage: one file makes thousands, which go by themselves."""


class Lost(NamedTuple):
    """What became of an item whose worker died or took too long."""

    reason: str


class Answer(NamedTuple):
    """What a worker says."""

    items: Sequence[Any] = ()
    results: Sequence[Any] | None = None
    """Their results, if that is what it says."""
    again: Sequence[Sequence[Any]] = ()
    """Batches that another worker has to try."""


class Worker:
    """One process and what it was given."""

    def __init__(self) -> None:
        self._process, self.connection = start(_work, module="dicomtui.archive.scanned_file")
        self.pid = self._process.pid or 0
        self.alive = True
        self.ready = False
        """Whether it has said that it waits for work."""
        self.batches: deque[Sequence[Any]] = deque()
        """What it was given, with the batch first that it is at."""
        self._unsent: deque[memoryview] = deque()
        self._answered = 0
        """Items of the first batch whose results are known."""
        self._due = 0.0

    def submit(self, function: Function, batch: Sequence[Any]) -> None:
        """Give it a batch; a second one waits until it is done with the first."""
        self.batches.append(batch)
        if len(self.batches) == 1:
            self._due = time.monotonic() + ITEM_SECONDS
        data = ForkingPickler.dumps((function, batch))
        if len(self.batches) == 1 or len(data) <= _SMALL:
            self._send(data)
        else:
            self._unsent.append(data)

    def _send(self, data: memoryview) -> None:
        with suppress(OSError):  # it has died; that is seen when its answer is collected
            self.connection.send_bytes(data)

    def collect(self) -> Answer:
        """Take what it has sent."""
        try:
            message = self.connection.recv()
        except (OSError, EOFError):
            return self._die("its reader crashed")
        self._due = time.monotonic() + ITEM_SECONDS
        if message is None:
            self.ready = True
            return Answer()
        results, error = message
        if results is None:
            return self._finish(error)
        batch = self.batches[0]
        items = batch if len(batch) == 1 else batch[self._answered : self._answered + len(results)]
        self._answered += len(results)
        return Answer(items, results)

    def overdue(self) -> Answer:
        """Give it up if it takes too long."""
        return self._die("reading it took too long") if time.monotonic() > self._due else Answer()

    def _die(self, reason: str) -> Answer:
        self.kill()
        self._unsent.clear()
        answer = self._finish(reason) if self.ready else Answer()
        left = list(self.batches)
        self.batches.clear()
        return answer._replace(again=[*answer.again, *left])

    def _finish(self, error: str | None) -> Answer:
        """End the batch it is at; what went wrong with one of several items is found one by one."""
        batch, answered = self.batches.popleft(), self._answered
        self._answered = 0
        if self._unsent:
            self._send(self._unsent.popleft())
        if error is None:
            return Answer()
        if len(batch) == 1:
            return Answer(batch, [Lost(error)])
        return Answer(again=[[item] for item in batch[answered:]])

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self.alive = False
        self._process.kill()
        self.connection.close()

    def join(self) -> None:
        """Wait until it is gone; one that waits for a disk goes when that answers."""
        self._process.join(_END_SECONDS)


def _work(connection: Connection) -> None:
    """Do what comes over *connection* until it is closed; runs in the worker."""
    settle(MEMORY_LIMIT, _NICENESS)
    connection.send(None)
    begun = False
    while True:
        try:
            function, batch = connection.recv()
        except (EOFError, OSError):
            return
        if not begun:  # modules stay: no need to look through them for garbage with every few files
            gc.freeze()
            gc.set_threshold(_GARBAGE)
            begun = True
        error = None
        try:
            results = function(batch)
            for part in results if isinstance(results, Iterator) else (results,):
                connection.send((part, None))
        except MemoryError:
            error = "not enough memory to read it"
        except Exception as failure:  # noqa: BLE001  what a worker does must not end it
            error = f"its reader failed: {type(failure).__name__}"
        connection.send((None, error))
