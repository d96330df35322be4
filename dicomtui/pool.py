"""Worker processes that can die, be cancelled and never outlive the program."""

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from multiprocessing.connection import wait
from typing import Any, TypeVar

from dicomtui.errors import DicomTuiError
from dicomtui.worker import Function, Lost, Worker

__all__ = ["Lost", "Pool"]

T = TypeVar("T")
R = TypeVar("R")

MOST_WORKERS = 8
_AHEAD = 2
"""Batches that a worker is given, so that it has work while its last results are looked at."""
_TRIES = 3
"""Workers in a row that may die before they have begun."""
_NOTHING_SECONDS = 0.005
"""How long it is waited until batches are asked for again."""


class Pool:
    """A few worker processes, started when there is something to do.

    Parameters
    ----------
    workers : int, optional
        By default one for each core that may be used, at most :data:`MOST_WORKERS`.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._count = workers or min(len(os.sched_getaffinity(0)), MOST_WORKERS)
        self._workers: list[Worker] = []
        self._stillborn = 0

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers at once."""
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            worker.join()
        self._workers.clear()

    def pids(self) -> list[int]:
        """Return the numbers of the processes that work."""
        return [worker.pid for worker in self._workers]

    def map(
        self,
        function: Callable[[Sequence[T]], Sequence[R] | Iterator[Sequence[R]]],
        batches: Iterable[Sequence[T]],
        *,
        patience: float = 0.1,
    ) -> Generator[tuple[Sequence[T], Sequence[R | Lost]] | None, None, None]:
        """Apply *function* to batches, in any order.

        Parameters
        ----------
        function : callable
            A function of a module: takes the items of a batch, returns a result for each, or an iterator over
            the results of the first few items, the next few and so on. A single item may have any number.
        batches : iterable
            Taken from as workers become free; an empty one says that there is nothing at the moment.
        patience : float
            Seconds after which None is yielded if there is no result, so that the caller can stop.

        Yields
        ------
        tuple or None
            Items and their results. An item that its worker did not survive is :class:`Lost`, and costs no
            other item: what its batch held is tried again one by one.
        """
        work = _Work(iter(batches))
        spoken = time.monotonic()
        try:
            while True:
                busy = self._hand_out(function, work)
                if not busy and work.over:
                    return
                seconds = _NOTHING_SECONDS if work.starved else patience
                ready = wait([worker.connection for worker in busy], seconds)
                for worker in busy:
                    answer = worker.collect() if worker.connection in ready else worker.overdue()
                    self._require_starts(worker)
                    work.repeat(answer.again)
                    if answer.results is not None:
                        yield answer.items, answer.results
                        spoken = time.monotonic()
                if time.monotonic() - spoken >= patience:
                    yield None
                    spoken = time.monotonic()
        finally:
            busy = [worker for worker in self._workers if worker.batches]
            for worker in busy:  # its answer would be taken for that of the next operation
                worker.kill()
            for worker in busy:
                worker.join()
            self._workers = [worker for worker in self._workers if worker.alive]

    def _require_starts(self, worker: Worker) -> None:
        """Give up when workers die before they are given anything; they would for ever."""
        self._stillborn = 0 if worker.ready else self._stillborn + (not worker.alive)
        if self._stillborn == _TRIES:
            raise DicomTuiError("worker processes end as soon as they are started")

    def _hand_out(self, function: Function, work: "_Work") -> list[Worker]:
        """Give workers what there is to do; return those that have something to do."""
        work.starved = False
        while not work.over and self._has_room() and (batch := work.take()):
            self._least_busy().submit(function, batch)
        return [worker for worker in self._workers if worker.batches]

    def _has_room(self) -> bool:
        """Whether another batch can be given to a worker, be it a new one."""
        self._workers = [worker for worker in self._workers if worker.alive]
        return sum(len(worker.batches) for worker in self._workers) < self._count * _AHEAD

    def _least_busy(self) -> Worker:
        """Return the worker that has least to do, a new one rather than one that has something."""
        worker = min(self._workers, key=lambda worker: len(worker.batches), default=None)
        if (worker is None or worker.batches) and len(self._workers) < self._count:
            try:
                worker = Worker()
            except (OSError, EOFError) as error:  # too many processes or open files
                if worker is None:
                    raise DicomTuiError(f"no worker process can be started: {error}") from error
            else:
                self._workers.append(worker)
        assert worker is not None  # at least one is allowed
        return worker


class _Work:
    """The batches of one operation: those that are to come, and those that are tried again."""

    def __init__(self, source: Iterator[Sequence[Any]]) -> None:
        self._source = source
        self._again: deque[Sequence[Any]] = deque()
        self._exhausted = False
        self.starved = False
        """Whether there was nothing at the moment."""

    @property
    def over(self) -> bool:
        """Whether there is nothing more to be taken."""
        return self._exhausted and not self._again

    def take(self) -> Sequence[Any]:
        """Return the next batch, an empty one if there is none."""
        if self._again:
            return self._again.popleft()
        batch = next(self._source, None)
        self._exhausted = batch is None
        self.starved = batch is not None and not batch
        return batch or ()

    def repeat(self, batches: Iterable[Sequence[Any]]) -> None:
        """Have batches taken again."""
        self._again.extend(batches)
