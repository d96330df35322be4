"""What is sent waits for the terminal, whatever the terminal does."""

from collections import deque
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.tui.line_rate import LineRate
from dicomtui.tui.pacing import IN_FLIGHT, LONG_PATIENCE, PATIENCE, SILENT_INTERVAL, Pacer

FRAME = 20_000


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Line:
    """A line on which what is sent is drawn after what was sent before."""

    def __init__(self, rate: float, round_trip: float) -> None:
        self.clock = Clock()
        self.pacer = Pacer(self.clock)
        self._rate, self._round_trip = rate, round_trip
        self._free_at = 0.0
        self._answers: deque[float] = deque()

    def send(self, size: int) -> float:
        """Send an update; return how long it takes until it is drawn."""
        self.pacer.wrote(size)
        self._free_at = max(self.clock.now, self._free_at) + size / self._rate
        if self.pacer.asks():
            self._answers.append(self._free_at + self._round_trip)
        return self._free_at + self._round_trip / 2 - self.clock.now

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        while self._answers and self._answers[0] <= self.clock.now:
            late, self.clock.now = self.clock.now, self._answers.popleft()
            self.pacer.answered()
            self.clock.now = late

    def play(self, seconds: float, size: int = FRAME) -> list[float]:
        """Send whenever it may; return how long each update took to be drawn."""
        end, delays = self.clock.now + seconds, []
        while self.clock.now < end:
            if self.pacer.may_send():
                delays.append(self.send(size))
            self.wait(1 / 60)
        return delays


@given(rate=st.floats(6e4, 1e8), round_trip=st.floats(0.001, 0.4))
def test_nothing_waits_longer_than_the_line_needs_for_two(rate: float, round_trip: float) -> None:
    line = Line(rate, round_trip)
    assert max(line.play(10)) <= 2 * FRAME / rate + round_trip


@pytest.mark.parametrize("rate", [1.25e5, 1.25e6])
def test_a_line_is_kept_busy(rate: float) -> None:
    line = Line(rate, 0.03)
    possible = min(rate / FRAME, 60)
    assert len(line.play(10)) / 10 > 0.6 * possible


def test_the_rate_and_the_latency_of_a_line_are_found() -> None:
    line = Line(1.25e5, 0.03)
    for _ in range(5):
        line.send(400)
        line.wait(0.2)
    line.play(5)
    assert line.pacer.line.latency == pytest.approx(0.03, rel=0.3)
    assert line.pacer.line.bytes_per_second == pytest.approx(1.25e5, rel=0.2)


def test_small_updates_ask_nothing_and_wait_for_nothing() -> None:
    pacer = Pacer(Clock())
    for _ in range(10):
        pacer.wrote(10)
        assert not pacer.asks()
        assert pacer.may_send()


def test_no_more_than_two_are_under_way() -> None:
    pacer = Pacer(Clock())
    for _ in range(IN_FLIGHT):
        assert pacer.may_send()
        pacer.wrote(FRAME)
        assert pacer.asks()
    assert not pacer.may_send()
    pacer.answered()
    assert pacer.may_send()


def test_a_terminal_that_never_answers_gets_four_frames_a_second() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    sent = []
    for _ in range(1200):
        if pacer.may_send():
            pacer.wrote(FRAME)
            pacer.asks()
            sent.append(clock.now)
        clock.now += 1 / 60
    assert pacer.is_silent
    assert sent[2] - sent[1] >= PATIENCE - 0.1
    steady = [later - one for one, later in pairwise(sent[6:])]
    assert min(steady) >= SILENT_INTERVAL - 0.02
    assert max(steady) < SILENT_INTERVAL + 0.1


def test_a_terminal_that_never_answers_gets_small_updates_at_once() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    pacer.wrote(FRAME)
    pacer.asks()
    clock.now += PATIENCE + 0.1
    for _ in range(10):
        assert pacer.may_send()
        pacer.wrote(500)
        pacer.asks()
        clock.now += 0.01


def test_a_slow_line_is_not_taken_for_a_silent_terminal() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    pacer.wrote(FRAME)
    pacer.asks()
    pacer.answered()
    pacer.wrote(FRAME)
    pacer.asks()
    clock.now += LONG_PATIENCE - 1
    assert not pacer.is_silent
    assert pacer.in_flight == 1


def test_an_answer_ends_the_silence() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    pacer.wrote(FRAME)
    pacer.asks()
    clock.now += PATIENCE + 0.1
    assert pacer.in_flight == 0
    assert pacer.is_silent
    pacer.answered()
    assert not pacer.is_silent


def test_answers_that_nobody_asked_for_do_no_harm() -> None:
    pacer = Pacer(Clock())
    for _ in range(5):
        pacer.answered()
    assert pacer.may_send()


def test_an_unknown_line_is_taken_for_a_fast_one() -> None:
    line = LineRate()
    assert line.seconds(FRAME) == 0
    assert line.latency == 0
