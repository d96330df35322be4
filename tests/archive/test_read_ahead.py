"""When files are asked for ahead: where reading waits for a disk, and nowhere else."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dicomtui.archive.read_ahead import ReadAhead

COUNT = 20


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    found = [tmp_path / f"{number}" for number in range(COUNT)]
    for path in found:
        path.write_bytes(b"data")
    return [str(path) for path in found]


def _parts(each: Callable[[], object]) -> Iterator[int]:
    for number in range(COUNT):
        each()
        yield number


def _work() -> None:
    end = time.thread_time() + 0.001
    while time.thread_time() < end:
        pass


def _wait() -> None:
    time.sleep(0.001)


def test_all_parts_are_passed_on_whether_the_disk_is_slow_or_not(paths: list[str]) -> None:
    ahead = ReadAhead()
    for _ in range(3):
        assert list(ahead.over(paths, _parts(_wait))) == list(range(COUNT))
    assert list(ahead.over(paths, ())) == []


def test_a_disk_that_lets_each_file_wait_is_asked_ahead(paths: list[str]) -> None:
    ahead = ReadAhead()
    list(ahead.over(paths, _parts(_wait)))
    assert ahead.is_asking


def test_a_disk_that_answers_at_once_is_not(paths: list[str]) -> None:
    ahead = ReadAhead()
    list(ahead.over(paths, _parts(_work)))
    assert not ahead.is_asking


def test_waiting_for_who_takes_the_parts_is_not_the_disks_fault(paths: list[str]) -> None:
    ahead = ReadAhead()
    for _ in ahead.over(paths, _parts(_work)):
        time.sleep(0.005)
    assert not ahead.is_asking


def test_making_room_for_other_processes_is_not_waiting_for_a_disk(paths: list[str]) -> None:
    """A process that has to stand back loses much time at once, and has not asked to wait."""
    ahead = ReadAhead()

    def stand_back_once() -> Iterator[int]:
        for number in range(COUNT):
            if number == COUNT // 2:
                time.sleep(0.1)
            yield number

    list(ahead.over(paths, stand_back_once()))
    assert not ahead.is_asking


def test_a_disk_that_became_quick_is_left_alone_after_a_while(paths: list[str]) -> None:
    ahead = ReadAhead()
    list(ahead.over(paths, _parts(_wait)))
    for _ in range(30):
        list(ahead.over(paths, _parts(_work)))
    assert not ahead.is_asking


def test_what_cannot_be_asked_for_does_no_harm(paths: list[str]) -> None:
    ahead = ReadAhead()
    list(ahead.over(paths, _parts(_wait)))
    odd = [*paths, "/nowhere/at/all", "a\0b"]
    assert list(ahead.over(odd, _parts(_work))) == list(range(COUNT))
