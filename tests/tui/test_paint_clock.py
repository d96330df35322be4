"""When the screen is painted: soon, once for all that a key changes, and never ahead of the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.tui.paint_clock import GATHER, LOOK_AGAIN, PERIOD, PaintClock
from tests.tui.hand_wound_loop import HandWoundLoop

NEXT_TO_NOTHING = 1e-9


class Painted:
    """A screen that notes when it is painted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.loop = HandWoundLoop()
        monkeypatch.setattr("asyncio.get_running_loop", lambda: self.loop)
        self.at: list[float] = []
        self.terminal_is_ready = True
        self.stops_clock = True
        """Whether the screen stops the clock while it is painted, as Textual's do."""
        self.clock = PaintClock(self._paint, lambda: self.terminal_is_ready)

    def _paint(self) -> None:
        self.at.append(self.loop.time())
        if self.stops_clock:
            self.clock.pause()

    def changes_after(self, seconds: float) -> float:
        """Let something change after a while; return when."""
        self.loop.go_on(seconds)
        self.clock.resume()
        return self.loop.time()


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Painted:
    return Painted(monkeypatch)


def test_all_that_a_key_changes_is_painted_at_once_and_once(screen: Painted) -> None:
    first = screen.changes_after(1)
    for _ in range(4):
        screen.changes_after(GATHER / 5)
    assert not screen.at
    screen.loop.go_on(1)
    assert screen.at == [pytest.approx(first + GATHER)]


def test_where_nothing_changes_nothing_is_painted_and_nobody_wakes(screen: Painted) -> None:
    screen.changes_after(0)
    screen.loop.go_on(1)
    screen.at.clear()
    assert screen.loop.is_idle
    screen.loop.go_on(10)
    assert not screen.at


@given(st.lists(st.floats(0, 2 * PERIOD), min_size=1, max_size=30), st.booleans())
def test_every_change_is_painted_soon_and_no_two_paints_follow_close(
    pauses: list[float], stops_clock: bool
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        screen = Painted(monkeypatch)
        screen.stops_clock = stops_clock
        changed = [screen.changes_after(pause) for pause in pauses]
        screen.loop.go_on(1)
        for at in changed:
            assert any(0 <= paint - at <= PERIOD + NEXT_TO_NOTHING for paint in screen.at)
        for earlier, later in zip(screen.at, screen.at[1:], strict=False):
            assert later - earlier >= PERIOD - NEXT_TO_NOTHING
        assert len(screen.at) <= len(changed)


@pytest.mark.parametrize("seconds", [3.0, 3.0 + 1.4 * LOOK_AGAIN, 3.0 + 2.7 * LOOK_AGAIN])
def test_what_changes_waits_until_the_terminal_is_ready_and_is_painted_then(
    screen: Painted, seconds: float
) -> None:
    screen.terminal_is_ready = False
    screen.changes_after(0)
    screen.loop.go_on(seconds)
    screen.changes_after(0)
    assert not screen.at
    screen.terminal_is_ready = True
    ready = screen.loop.time()
    screen.loop.go_on(1)
    assert len(screen.at) == 1
    assert screen.at[0] - ready <= LOOK_AGAIN + NEXT_TO_NOTHING


@pytest.mark.parametrize("ready", [True, False])
def test_what_was_painted_by_others_meanwhile_is_not_painted_again(screen: Painted, ready: bool) -> None:
    screen.terminal_is_ready = ready
    screen.changes_after(0)
    screen.loop.go_on(0 if ready else 1)
    screen.clock.pause()
    screen.terminal_is_ready = True
    screen.loop.go_on(1)
    assert not screen.at
    screen.changes_after(0)
    screen.loop.go_on(1)
    assert len(screen.at) == 1
