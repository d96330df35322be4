"""How exact a picture is while it moves: as exact as the line can pay, and never less than the user says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.tui.line_rate import LineRate
from dicomtui.tui.widgets.picture_quality import (
    BEFORE_FINER,
    LEAST_BYTES,
    LEVELS,
    LOW_BYTES_PER_SECOND,
    MOVING_SECONDS,
    SMALL,
    Bandwidth,
    Level,
    Quality,
)

MEGABIT = 125e3


def line_of(bytes_per_second: float) -> LineRate:
    """A line that was measured."""
    line = LineRate()
    size = 100_000
    line.answered(size, 0.0, size / bytes_per_second)
    return line


def shown(quality: Quality, sizes: dict[Level, float]) -> float:
    """Show one picture that takes so much at each level; return what the one that is sent takes."""
    for _ in range(len(LEVELS) + 1):
        size = sizes[quality.level]
        if not quality.took(int(size)):
            return size
    raise AssertionError("it is made again and again")


def by_level(size: float, *parts: float) -> dict[Level, float]:
    """Return what pictures take: each coarser level the given part of the finer one."""
    sizes = {LEVELS[0]: size}
    for level, part in zip(LEVELS[1:], parts, strict=True):
        size *= part
        sizes[level] = size
    return sizes


def test_each_level_is_coarser_than_the_one_before() -> None:
    assert LEVELS[0] == Level(0, is_coarse=False)
    assert [(level.is_coarse, level.deadband) for level in LEVELS] == sorted(
        {(level.is_coarse, level.deadband) for level in LEVELS}
    )


def test_as_long_as_nobody_knows_the_line_pictures_are_exact() -> None:
    quality = Quality(LineRate())
    assert not quality.took(10_000_000)
    assert quality.level == LEVELS[0]


@given(st.floats(1e4, 1e8))
def test_a_picture_may_take_a_moment_of_the_line_and_a_little_in_any_case(rate: float) -> None:
    quality = Quality(line_of(rate))
    assert quality.budget == pytest.approx(max(rate * MOVING_SECONDS, LEAST_BYTES))


@given(
    st.floats(1e4, 1e7),
    st.lists(
        st.builds(by_level, st.floats(0, 3e5), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), max_size=40
    ),
)
def test_what_is_sent_fits_or_is_the_coarsest_there_is(
    rate: float, pictures: list[dict[Level, float]]
) -> None:
    quality = Quality(line_of(rate))
    for sizes in pictures:
        assert shown(quality, sizes) <= quality.budget or quality.level == LEVELS[-1]


@given(st.floats(1e5, 1e7), st.integers(1, 30))
def test_pictures_that_take_little_become_exact_again_one_level_at_a_time(rate: float, busy: int) -> None:
    quality = Quality(line_of(rate))
    for _ in range(busy):
        shown(quality, by_level(1e7, 0.9, 0.9, 0.9))
    assert quality.level == LEVELS[-1]
    levels = []
    for _ in range(BEFORE_FINER * len(LEVELS)):
        shown(quality, dict.fromkeys(LEVELS, quality.budget * SMALL / 2))
        levels.append(quality.level)
    each = [[level] * BEFORE_FINER for level in reversed(LEVELS)]
    assert [LEVELS[-1], *levels] == [*(level for some in each for level in some), LEVELS[0]]


def test_one_picture_among_others_that_takes_little_does_not_make_the_next_finer() -> None:
    quality = Quality(line_of(MEGABIT))
    shown(quality, by_level(1e7, 0.9, 0.9, 0.9))
    for number in range(40):
        size = quality.budget * (0.9 if number % BEFORE_FINER == 0 else SMALL / 2)
        shown(quality, dict.fromkeys(LEVELS, size))
        assert quality.level == LEVELS[-1]


def test_a_picture_that_fits_is_not_made_again() -> None:
    quality = Quality(line_of(MEGABIT))
    assert not quality.took(int(quality.budget))
    assert quality.took(int(quality.budget) + 1)
    assert quality.level == LEVELS[1]


@given(st.lists(st.floats(0, 1e8), max_size=20), st.floats(1e4, 1e8))
def test_a_full_line_is_taken_at_the_users_word(sizes: list[float], rate: float) -> None:
    quality = Quality(line_of(rate), Bandwidth.FULL)
    assert quality.is_full
    for size in sizes:
        quality.took_exactly(int(size))
        assert not quality.took(int(size))
        assert not quality.is_thin
        assert quality.level == LEVELS[0]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.none() | st.floats(1e4, 1e9))
def test_a_thin_line_too_however_fast_it_seems(sizes: list[float], rate: float | None) -> None:
    quality = Quality(LineRate() if rate is None else line_of(rate), Bandwidth.LOW)
    assert quality.level.deadband
    assert quality.budget <= max(LOW_BYTES_PER_SECOND * MOVING_SECONDS, LEAST_BYTES)
    for size in sizes:
        shown(quality, by_level(size, 0.5, 0.5, 0.5))
        assert quality.level.deadband == LEVELS[-1].deadband


@given(st.floats(0, 1e6), st.floats(1e4, 1e8))
def test_a_line_is_thin_if_an_exact_picture_takes_too_much_of_it(size: float, rate: float) -> None:
    quality = Quality(line_of(rate))
    assert not quality.is_thin
    quality.took_exactly(int(size))
    assert quality.is_thin == (int(size) > quality.budget)
    quality.took_exactly(0)
    assert not quality.is_thin
