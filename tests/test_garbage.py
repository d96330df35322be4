"""Searches for garbage are as before when scans have ended, whichever ends first."""

import gc

import pytest

from dicomtui.garbage import few_searches_for_garbage


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
