"""What waits until pictures stop following each other: the newest of it is done, and nothing else."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.tui.screens.at_rest import REST_SECONDS, AtRest
from tests.tui.hand_wound_loop import HandWoundLoop


class Doing:
    """Jobs that note that they are done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.loop = HandWoundLoop()
        monkeypatch.setattr("asyncio.get_running_loop", lambda: self.loop)
        self.at_rest = AtRest()
        self.done: list[tuple[object, float]] = []

    def give(self, name: object, *, at_once: bool = False) -> None:
        self.at_rest.do(partial(self._note, name), at_once=at_once)

    def _note(self, name: object) -> None:
        self.done.append((name, self.loop.time()))


@pytest.fixture
def doing(monkeypatch: pytest.MonkeyPatch) -> Doing:
    return Doing(monkeypatch)


def test_while_pictures_follow_each_other_nothing_is_done_and_at_rest_the_newest(doing: Doing) -> None:
    for name in range(20):
        doing.give(name)
        doing.loop.go_on(REST_SECONDS / 2)
    assert not doing.done
    last = doing.loop.time() - REST_SECONDS / 2
    doing.loop.go_on(10)
    assert doing.done == [(19, pytest.approx(last + REST_SECONDS))]
    assert doing.loop.is_idle


def test_what_may_be_done_at_once_is_and_what_waited_never(doing: Doing) -> None:
    doing.give("old")
    doing.give("new", at_once=True)
    assert [name for name, _ in doing.done] == ["new"]
    doing.loop.go_on(10)
    assert [name for name, _ in doing.done] == ["new"]


def test_a_job_may_give_the_next_one(doing: Doing) -> None:
    doing.at_rest.do(partial(doing.give, "next"), at_once=False)
    doing.loop.go_on(10)
    assert [name for name, _ in doing.done] == ["next"]


@given(st.lists(st.tuples(st.floats(0, 2 * REST_SECONDS), st.booleans()), min_size=1, max_size=20))
def test_the_last_one_is_always_done_and_none_after_a_newer_one(given_: list[tuple[float, bool]]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        doing = Doing(monkeypatch)
        for number, (pause, at_once) in enumerate(given_):
            doing.give(number, at_once=at_once)
            assert all(name <= number for name, _ in doing.done)
            doing.loop.go_on(pause)
        doing.loop.go_on(10)
        names = [name for name, _ in doing.done]
        assert names == sorted(set(names))
        assert names[-1] == len(given_) - 1
