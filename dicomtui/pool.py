"""Worker processes that can die, be cancelled and never outlive the program."""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

T = TypeVar("T")
R = TypeVar("R")

MOST_WORKERS = 8
ITEM_SECONDS = 60.0
"""How long one item may take before its worker is given up."""
_NOTHING_SECONDS = 0.005
"""How long it is waited until batches are asked for again."""
_CONTEXT = get_context("forkserver")


class Lost(NamedTuple):
    """What became of an item whose worker died or took too long."""

    reason: str


def prepare() -> None:
    """Start the process from which workers are forked.

    It has to be started before a program has threads, and before Textual takes the terminal.
    """
    from multiprocessing.forkserver import ensure_running

    _CONTEXT.set_forkserver_preload(["dicomtui.archive.header"])
    ensure_running()


class Pool:
    """A few worker processes, started when there is something to do.

    Parameters
    ----------
    workers : int, optional
        By default one for each core that may be used, at most :data:`MOST_WORKERS`.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._count = workers or min(len(os.sched_getaffinity(0)), MOST_WORKERS)
        self._workers: list[_Worker] = []

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers at once."""
        for worker in self._workers:
            worker.kill()
        self._workers.clear()

    def pids(self) -> list[int]:
        """Return the numbers of the processes that work."""
        return [worker.pid for worker in self._workers]

    def map(
        self,
        function: Callable[[Sequence[T]], Sequence[R]],
        batches: Iterable[Sequence[T]],
        *,
        patience: float = 0.1,
    ) -> Generator[tuple[Sequence[T], Sequence[R | Lost]] | None, None, None]:
        """Apply *function* to batches, in any order.

        Parameters
        ----------
        function : callable
            A function of a module: takes the items of a batch, returns a result for each.
        batches : iterable
            Taken from as workers become free; an empty one says that there is nothing at the moment.
        patience : float
            Seconds after which None is yielded if there is no result, so that the caller can stop.

        Yields
        ------
        tuple or None
            A batch and its results. An item that its worker did not survive is :class:`Lost`, and costs no
            other item: what its batch held is tried again one by one.
        """
        source, again = iter(batches), deque[Sequence[T]]()
        exhausted = False
        try:
            while True:
                while not exhausted or again:
                    worker = self._idle()
                    if worker is None:
                        break
                    batch = again.popleft() if again else next(source, None)
                    exhausted |= batch is None
                    if not batch:
                        break
                    worker.submit(function, batch)
                busy = [worker for worker in self._workers if worker.batch is not None]
                if not busy:
                    if exhausted and not again:
                        return
                    time.sleep(min(patience, _NOTHING_SECONDS))
                    yield None
                    continue
                ready = wait([worker.connection for worker in busy], patience)
                if not ready:
                    yield None
                for worker in busy:
                    done = worker.collect() if worker.connection in ready else worker.overdue()
                    if done is None:
                        continue
                    batch, results = done
                    if results is None and len(batch) > 1:
                        again.extend([item] for item in batch)
                    elif results is None:
                        yield batch, [Lost(worker.reason)]
                    else:
                        yield batch, results
        finally:
            for worker in self._workers:
                if worker.batch is not None:  # its answer would be taken for that of the next batch
                    worker.kill()
            self._workers = [worker for worker in self._workers if worker.batch is None]

    def _idle(self) -> "_Worker | None":
        """Return a worker that has nothing to do, starting one if there may be more."""
        for worker in self._workers:
            if worker.batch is None and worker.alive:
                return worker
        self._workers = [worker for worker in self._workers if worker.alive]
        if len(self._workers) < self._count:
            self._workers.append(_Worker())
            return self._workers[-1]
        return None


class _Worker:
    """One process and what it was given."""

    def __init__(self) -> None:
        self.connection, theirs = _CONTEXT.Pipe()
        self._process: ForkServerProcess = _CONTEXT.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.pid = self._process.pid or 0
        self.alive = True
        self.reason = ""
        self.batch: Sequence[Any] | None = None
        self._due = 0.0

    def submit(self, function: Callable[[Sequence[Any]], Sequence[Any]], batch: Sequence[Any]) -> None:
        self.batch, self._due = batch, time.monotonic() + ITEM_SECONDS * (1 if len(batch) == 1 else 2)
        with suppress(OSError):  # it has died; that is seen when its answer is collected
            self.connection.send((function, batch))

    def collect(self) -> tuple[Sequence[Any], Sequence[Any] | None]:
        """Return the batch and what came of it; None for that if the worker died."""
        batch, self.batch = self.batch or [], None
        try:
            results, error = self.connection.recv()
        except (OSError, EOFError):
            self.reason = "its reader crashed"
            self.kill()
            return batch, None
        if error is not None:
            self.reason = error
        return batch, results

    def overdue(self) -> tuple[Sequence[Any], None] | None:
        """Give up a batch that takes too long."""
        if time.monotonic() < self._due:
            return None
        batch, self.batch = self.batch or [], None
        self.reason = "reading it took too long"
        self.kill()
        return batch, None

    def kill(self) -> None:
        self.alive = False
        self._process.kill()
        self._process.join(1)
        self.connection.close()


def _work(connection: Connection) -> None:
    """Do what comes over *connection* until it is closed; runs in the worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            function, batch = connection.recv()
        except (EOFError, OSError):
            return
        answer: tuple[Sequence[Any] | None, str | None]
        try:
            answer = function(batch), None
        except MemoryError:
            answer = None, "not enough memory to read it"
        except Exception as error:  # noqa: BLE001  what a worker does must not end it
            answer = None, f"its reader failed: {type(error).__name__}"
        connection.send(answer)


def _end_with_parent() -> None:
    """End this process as soon as the program has gone, whatever it is doing."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
