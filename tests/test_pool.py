"""What a user gets from the pool: no poison ends a scan, nothing hangs, nothing is left running."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from dicomtui import worker as workers
from dicomtui.pool import Lost, Pool


def doubled(items: Sequence[int]) -> list[int]:
    """Return twice each item; some items are poison."""
    for item in items:
        if item == -1:
            os.kill(os.getpid(), signal.SIGKILL)
        elif item == -2:
            raise RecursionError
        elif item == -3:
            time.sleep(1000)
        elif item == -4:
            raise MemoryError
    return [2 * item for item in items]


def slept(items: Sequence[float]) -> list[float]:
    for item in items:
        time.sleep(item)
    return list(items)


def _results(batches: list[list[int]]) -> dict[int, int | Lost]:
    found: dict[int, int | Lost] = {}
    with Pool(2) as pool:
        for outcome in pool.map(doubled, batches):
            if outcome is not None:
                found.update(zip(*outcome, strict=True))
    return found


def test_every_batch_comes_back_once() -> None:
    batches = [list(range(start, start + 10)) for start in range(0, 200, 10)]
    assert _results(batches) == {item: 2 * item for item in range(200)}


@pytest.mark.parametrize("poison", [-1, -2, -4])
def test_poison_costs_itself_and_nothing_else(poison: int) -> None:
    found = _results([[1, 2, poison, 3], [4, 5], [6, 7]])
    lost = found.pop(poison)
    assert isinstance(lost, Lost)
    assert lost.reason
    assert found == {item: 2 * item for item in range(1, 8)}


def test_an_item_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "ITEM_SECONDS", 0.3)
    found = _results([[1, -3], [2, 3]])
    assert isinstance(found.pop(-3), Lost)
    assert found == {1: 2, 2: 4, 3: 6}


def test_a_worker_that_is_killed_from_outside_is_replaced() -> None:
    with Pool(2) as pool:
        outcomes: list[float] = []
        killed = False
        for outcome in pool.map(slept, [[0.2], [0.2], [0.2], [0.2]]):
            if not killed:
                os.kill(pool.pids()[0], signal.SIGKILL)
                killed = True
            if outcome is not None:
                outcomes += [result for result in outcome[1] if not isinstance(result, Lost)]
        assert len(outcomes) >= 3  # the item that the dead worker had in hand may be lost


def test_the_caller_has_a_say_while_nothing_comes() -> None:
    with Pool(1) as pool:
        results = pool.map(slept, [[30.0]], patience=0.05)
        assert next(results) is None
        started = time.monotonic()
        results.close()
        assert time.monotonic() - started < 2  # cancelled: not waited for


def test_an_answer_that_was_not_waited_for_is_never_taken_for_another() -> None:
    with Pool(1) as pool:
        cancelled = pool.map(slept, [[0.3]], patience=0.01)
        next(cancelled)
        cancelled.close()
        assert [outcome for outcome in pool.map(doubled, [[1]]) if outcome] == [([1], [2])]


def test_batches_are_taken_only_as_workers_become_free() -> None:
    taken: list[int] = []

    def batches() -> Iterator[list[int]]:
        for number in range(1000):
            taken.append(number)
            yield [number]

    with Pool(2) as pool:
        results = pool.map(doubled, batches())
        while next(results) is None:
            pass
        assert len(taken) < 10
        results.close()


def test_an_empty_batch_means_that_more_may_come() -> None:
    def batches() -> Iterator[list[int]]:
        yield []
        yield [1]
        yield []
        yield [2]

    with Pool(2) as pool:
        found = [outcome[1] for outcome in pool.map(doubled, batches()) if outcome]
    assert sorted(found) == [[2], [4]]


PARENT = """
import sys, time
from tests.test_pool import slept
from dicomtui.pool import Pool, prepare
from multiprocessing.forkserver import _forkserver
if __name__ == "__main__":
    prepare()
    with Pool(2) as pool:
        for outcome in pool.map(slept, [[60.0], [60.0]], patience=0.05):
            print(*pool.pids(), _forkserver._forkserver_pid, flush=True)
"""


@pytest.fixture
def parent() -> Iterator[Callable[[], tuple[subprocess.Popen[str], list[int]]]]:
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], list[int]]:
        process = subprocess.Popen(
            [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        while len(line.split()) < 3:
            line = process.stdout.readline()
        return process, [int(pid) for pid in line.split()]

    yield start
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def _gone(pids: list[int]) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if not any(_alive(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_the_program(parent: Callable[..., object], number: signal.Signals) -> None:
    process, pids = parent()  # type: ignore[misc]
    process.send_signal(number)
    process.wait(10)
    assert _gone(pids)


def test_ctrl_c_in_the_terminal_brings_no_traceback_of_a_worker(parent: Callable[..., object]) -> None:
    process, pids = parent()  # type: ignore[misc]
    for pid in pids:
        if _alive(pid):
            os.kill(pid, signal.SIGINT)  # the terminal sends it to the whole group
    time.sleep(0.3)
    assert all(_alive(pid) for pid in pids)
    process.kill()
    _, said = process.communicate()
    assert "Traceback" not in said
