"""Searches for garbage hold nobody up, and are as before when scans have ended, whichever ends first."""

import ctypes
import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from dicomtui.garbage import few_searches_for_garbage, put_off_searches, search_if_due


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the first ends first", "the last ends first"])
def test_after_scans_that_overlap_garbage_is_searched_as_before(order: tuple[int, int]) -> None:
    before = gc.get_threshold()
    scans = [few_searches_for_garbage(), few_searches_for_garbage()]
    for scan in scans:
        scan.__enter__()
    fewer = gc.get_threshold()
    assert fewer != before
    first, last = order
    scans[first].__exit__(None, None, None)
    assert gc.get_threshold() == fewer
    scans[last].__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_a_scan_that_breaks_leaves_nothing_behind() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyError), few_searches_for_garbage():
        raise KeyError
    assert gc.get_threshold() == before


GLIBC = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library than glibc"
)
HELD = """
import re
from pathlib import Path
import dicomtui.garbage

def held():
    return int(re.search(r"Anonymous: +(\\d+)", Path("/proc/self/smaps_rollup").read_text())[1])

"""
"""For a process of its own: how many KiB it has."""


def _printed(program: str) -> int:
    done = subprocess.run([sys.executable, "-c", HELD + program], capture_output=True, text=True, check=True)
    return int(done.stdout)


@GLIBC
def test_memory_that_is_free_goes_back_to_the_system() -> None:
    """The C library keeps small pieces between others that are in use."""
    program = (
        "pieces = [bytearray(100_000) for _ in range(1000)]\n"
        "kept = pieces[-1]\n"
        "before = held()\n"
        "del pieces\n"
        "dicomtui.garbage.return_memory()\n"
        "print(before - held())\n"
    )
    assert _printed(program) > 90_000


@GLIBC
@pytest.mark.parametrize(("first", "goes_back"), [("scatter_little()", True), ("_c_library()", False)])
def test_a_large_picture_goes_back_although_something_small_came_after(first: str, goes_back: bool) -> None:
    program = (
        f"dicomtui.garbage.{first}\n"
        "for _ in range(2):\n"  # from the first one on the C library takes such for usual
        "    large = bytearray(b'x') * (16 << 20)\n"
        "    small = [bytes(1000) for _ in range(1000)]\n"
        "    before = held()\n"
        "    del large\n"
        "    after = held()\n"
        "print(before - after)\n"
    )
    assert (_printed(program) > 15 << 10) is goes_back


@pytest.fixture
def searches() -> Iterator[list[int]]:
    """Return the searches of everything from now on, and search as before in the end."""
    found: list[int] = []

    def note(phase: str, about: dict[str, int]) -> None:
        if phase == "start" and about["generation"] == 2:
            found.append(about["generation"])

    before = gc.get_threshold()
    gc.collect()
    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)
    gc.set_threshold(*before)


def _busy() -> list[list[int]]:
    """Make what stays, so much that Python would search all of it several times."""
    return [[number] for number in range(2_000_000)]


def test_everything_is_searched_when_asked_for_and_not_before(searches: list[int]) -> None:
    assert _busy()
    assert searches, "this many would not be noticed"
    searches.clear()
    put_off_searches()
    assert _busy()
    assert not searches
    search_if_due()
    search_if_due()
    assert searches == [2]


def test_what_is_thrown_away_is_found_in_time_by_who_never_asks(searches: list[int]) -> None:
    put_off_searches()
    for _ in range(8):
        assert _busy()
    assert searches
