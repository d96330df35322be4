"""What a user gets from the pool: no poison ends a scan, nothing hangs, nothing is left running."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from dicomtui import worker as workers
from dicomtui.errors import DicomTuiError
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
            bytearray(workers.MEMORY_LIMIT)
    return [2 * item for item in items]


def slept(items: Sequence[float]) -> list[float]:
    for item in items:
        time.sleep(item)
    return list(items)


def told(items: Sequence[int]) -> Iterator[list[int]]:
    """Return twice each item, two at a time; of a single one as many as it says."""
    if len(items) == 1:
        doubled(items)
        for number in range(items[0]):
            yield [number]
    else:
        for start in range(0, len(items), 2):
            yield doubled(items[start : start + 2])


def said(items: Sequence[str]) -> list[str]:
    os.write(1, b"secret")
    os.write(2, b"secret")
    return list(items)


def dies(connection: object) -> None:
    os._exit(1)


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


def test_results_are_told_before_a_batch_is_done() -> None:
    with Pool(1) as pool:
        found = [outcome for outcome in pool.map(told, [[1, 2, 3, 4, 5]]) if outcome]
        assert found == [([1, 2], [2, 4]), ([3, 4], [6, 8]), ([5], [10])]
        found = [outcome for outcome in pool.map(told, [[3], [0]]) if outcome]
        assert found == [([3], [0]), ([3], [1]), ([3], [2])]


def test_what_was_told_before_a_worker_died_is_not_told_again() -> None:
    with Pool(1) as pool:
        found = [outcome for outcome in pool.map(told, [[10, 20, 1, -1]]) if outcome]
    assert found[0] == ([10, 20], [20, 40])
    assert found[1:] == [([1], [0]), ([-1], [Lost(found[-1][1][0].reason)])]  # type: ignore[union-attr]


def test_large_batches_and_results_do_not_wait_for_each_other() -> None:
    batches = [[str(number) * 100_000 for number in range(20)] for _ in range(8)]
    with Pool(2) as pool:
        assert sum(len(outcome[1]) for outcome in pool.map(said, batches) if outcome) == 160


def test_a_worker_writes_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with Pool(1) as pool:
        assert [outcome for outcome in pool.map(said, [["a"]]) if outcome]
    assert "secret" not in "".join(capfd.readouterr())


def test_workers_that_never_begin_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_work", dies)
    with Pool(2) as pool, pytest.raises(DicomTuiError, match="worker processes end"):
        list(pool.map(doubled, [[number] for number in range(100)]))


def test_no_process_is_started_for_nothing() -> None:
    with Pool(2) as pool:
        assert list(pool.map(doubled, [])) == []
        assert pool.pids() == []


def test_a_program_is_not_run_again_by_its_workers(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from pathlib import Path\n"
        "from dicomtui.pool import Pool\n"
        "print('once', flush=True)\n"
        "with Pool(1) as pool: print([o for o in pool.map(sorted, [[2, 1]]) if o])\n"
    )
    done = subprocess.run(
        [sys.executable, program], env=_ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == ["once", "[([2, 1], [1, 2])]"]


_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
PARENT = """
import sys, time
from tests.test_pool import slept
from dicomtui.pool import Pool
from dicomtui.processes import prepare
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


STARTING = """
import os, signal
signal.signal(signal.SIGINT, lambda *_: None)
print("ready", flush=True)
from tests.test_pool import doubled
from dicomtui.pool import Pool
for _ in range(5):
    with Pool(2) as pool:
        assert len([outcome for outcome in pool.map(doubled, [[1], [2], [3]]) if outcome]) == 3
os._exit(0)  # at its end Python lets signals kill it
"""


def test_ctrl_c_while_workers_start_brings_no_traceback_either() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STARTING],
        env=_ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    while process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.005)
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert not said
