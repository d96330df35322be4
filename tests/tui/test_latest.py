"""Work of which only the newest matters: the last job is done, and nobody is kept by one that was done."""

import gc
import threading
import time
import weakref
from collections.abc import Callable

import pytest

from dicomtui.tui import latest
from dicomtui.tui.latest import LatestWorker


class Screen:
    """What a job is for."""

    def __init__(self) -> None:
        self.worker = LatestWorker("a screen's")
        self.done = threading.Event()

    def work(self) -> None:
        self.done.set()


def until(seen: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.005)


def named() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "a screen's"]


def test_a_screen_that_was_left_goes_with_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latest, "_IDLE_SECONDS", 0.05)
    screen = Screen()
    screen.worker.submit(screen.work)
    assert screen.done.wait(10)
    kept = weakref.ref(screen)
    del screen
    until(lambda: not named())
    gc.collect()
    assert kept() is None


def test_a_job_after_a_long_rest_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latest, "_IDLE_SECONDS", 0.01)
    screen = Screen()
    for rest in (0.0, 0.05, 0.01, 0.011, 0.009, 0.05):
        screen.done.clear()
        screen.worker.submit(screen.work)
        assert screen.done.wait(10)
        time.sleep(rest)


def test_of_jobs_that_wait_the_newest_is_done_and_a_mistake_stops_nothing() -> None:
    worker, begun, go_on = LatestWorker("held"), threading.Event(), threading.Event()
    done: list[int] = []

    def hold() -> None:
        begun.set()
        go_on.wait(10)
        raise ValueError

    worker.submit(hold)
    assert begun.wait(10)
    for number in range(5):
        worker.submit(lambda number=number: done.append(number))
    assert worker.overtaken
    go_on.set()
    until(lambda: done)
    assert done == [4]
