"""Playing: time decides which frame is due."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.imaging.cine import Timing
from dicomtui.tui.player import Player, Repeat
from dicomtui.tui.widgets import typed_count
from tests.builders import ct, ramp, write, write_series
from tests.tui.driving import picture_of


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Digits and the key behind them belong together however long a hurried machine paints between them."""
    monkeypatch.setattr(typed_count, "TOGETHER", 60)


@pytest.fixture
def multiframe(tmp_path: Path) -> Path:
    frames = np.stack([ramp(0) * 0 + 100 * number for number in range(30)])
    dataset = ct(frames, WindowCenter=1500, WindowWidth=3000, FrameTime=20)
    dataset.FrameIncrementPointer = 0x00181063
    return write(dataset, tmp_path / "frames.dcm")


@given(count=st.integers(1, 50), start=st.integers(1, 50), spent=st.floats(0, 1e5))
def test_what_is_due_is_always_a_frame(count: int, start: int, spent: float) -> None:
    player = Player(Timing((0.04,)), range(1, count + 1), min(start, count), 100.0)
    assert 1 <= player.number_at(100.0 + spent) <= count


def test_it_begins_where_it_stands_and_begins_again_after_the_last() -> None:
    player = Player(Timing((0.1,)), range(1, 6), 3, 0.0)
    assert [player.number_at(at) for at in (0.01, 0.11, 0.21, 0.31, 0.41)] == [3, 4, 5, 1, 2]


def test_sweeping_turns_round_at_the_ends() -> None:
    player = Player(Timing((0.1,), sweeps=True), range(1, 5), 1, 0.0)
    assert [player.number_at(at / 10 + 0.01) for at in range(8)] == [1, 2, 3, 4, 3, 2, 1, 2]


def test_frames_stay_as_long_as_the_file_says() -> None:
    player = Player(Timing((0.1, 0.5, 0.1)), (1, 2, 3), 1, 0.0)
    assert [player.number_at(at) for at in (0.05, 0.15, 0.55, 0.65, 0.75)] == [1, 2, 2, 3, 1]


def test_another_order_takes_the_times_of_its_frames() -> None:
    player = Player(Timing((0.1, 0.5, 0.1)), (2, 1, 3), 1, 0.0)
    assert [player.number_at(at) for at in (0.05, 0.45, 0.55, 0.65)] == [1, 1, 2, 3]


def test_a_change_of_speed_does_not_jump() -> None:
    player = Player(Timing((0.1,)), range(1, 101), 1, 0.0)
    at = player.number_at(3.05)
    player.change_speed(5, 3.05)
    assert player.number_at(3.051) == at
    assert player.number_at(4.05) > at + 20


def test_once_ends_with_the_last_and_stays_there() -> None:
    player = Player(Timing((0.1,)), range(1, 5), 2, 0.0, Repeat.ONCE)
    assert [player.number_at(at) for at in (0.05, 0.15, 0.25, 0.35, 99.0)] == [2, 3, 4, 4, 4]
    assert [player.is_over(at) for at in (0.05, 0.25, 0.35)] == [False, False, True]


def test_a_chosen_rate_shows_so_many_frames_a_second() -> None:
    player = Player(Timing((0.1,)), range(1, 1001), 1, 0.0, rate=25)
    assert player.number_at(1.01) == 26
    player.play_at(50, 1.01)
    assert player.number_at(2.02) == 76
    assert "50/s (chosen)" in player.text


@given(
    count=st.integers(1, 50),
    start=st.integers(1, 50),
    kinds=st.lists(st.tuples(st.sampled_from(Repeat), st.floats(0, 100)), min_size=1, max_size=6),
)
def test_another_kind_of_repeating_does_not_jump(
    count: int, start: int, kinds: list[tuple[Repeat, float]]
) -> None:
    player, now = Player(Timing((0.04,)), range(1, count + 1), min(start, count), 0.0), 0.0
    for kind, later in kinds:
        now += later
        before = player.number_at(now)
        player.repeat_as(kind, now)
        assert player.number_at(now) == before


@given(
    every=st.floats(0.001, 2),
    now=st.floats(0, 100),
    kind=st.sampled_from(Repeat),
    rate=st.integers(1, 9_999_999),
)
def test_what_is_decoded_ahead_is_what_will_be_due(every: float, now: float, kind: Repeat, rate: int) -> None:
    player = Player(Timing((0.04,)), range(1, 31), 1, 0.0, kind, rate)
    ahead = player.ahead(now, every, 3)
    assert player.number_at(now) not in ahead
    assert set(ahead) <= {player.number_at(now + step * every) for step in (1, 2, 3)}
    assert len(set(ahead)) == len(ahead) <= 3


async def test_a_count_before_space_is_the_rate_and_leaves_the_window(multiframe: Path) -> None:
    async with picture_of(multiframe) as driver:
        window = driver.image.window_text
        await driver.press("1", "2", "space")
        assert "▶ 12/s (chosen)" in driver.status
        assert driver.image.window_text == window
        await driver.press("2", "5", "c")
        assert "▶ 25/s (chosen)" in driver.status
        await driver.press("c")
        assert "▶" not in driver.status


async def test_l_plays_back_and_forth_and_once(multiframe: Path) -> None:
    async with picture_of(multiframe) as driver:
        await driver.press("L", "5", "space")
        assert "▶ 5/s (chosen) back and forth" in driver.status
        await driver.press("L")
        assert "▶ 5/s (chosen) once" in driver.status
        await driver.press("6", "0", "space")
        await driver.until_status("frame 30/30")
        await driver.until(lambda: "▶" not in driver.status, "the end")
        assert "frame 30/30" in driver.status
        await driver.press("9", "space")
        await driver.until(lambda: "frame 30/30" not in driver.status, "the beginning")
        assert "▶ 9/s (chosen) once" in driver.status


async def test_a_step_by_hand_shows_its_frame_while_frames_are_played(multiframe: Path) -> None:
    async with picture_of(multiframe) as driver:
        await driver.press("space")
        await driver.until(lambda: "frame 1/30" not in driver.status, "another frame")
        await driver.press("1", "7", "G")
        await driver.until_status("frame 17/30")
        assert "▶" not in driver.status


async def test_space_plays_and_stops(multiframe: Path) -> None:
    async with picture_of(multiframe) as driver:
        await driver.press("space")
        assert "▶ 50/s" in driver.status
        await driver.until(lambda: "frame 1/30" not in driver.status, "another frame")
        await driver.press("space")
        assert "▶" not in driver.status
        shown = driver.status
        await driver.pilot.pause(0.3)
        assert driver.status == shown


async def test_parentheses_change_the_speed_and_escape_stops(multiframe: Path) -> None:
    async with picture_of(multiframe) as driver:
        await driver.press("c", "left_parenthesis")
        assert "▶ 40/s" in driver.status
        await driver.press("right_parenthesis", "right_parenthesis")
        assert "▶ 62.5/s" in driver.status
        await driver.press("escape")
        assert "▶" not in driver.status
        assert driver.image.has_focus


async def test_a_series_plays_as_a_stack_and_a_step_by_hand_stops_it(tmp_path: Path) -> None:
    async with picture_of(write_series(tmp_path / "s", 12)) as driver:
        await driver.press("home", "space")
        assert "▶ 10/s (default)" in driver.status
        await driver.until(lambda: "image 1/12" not in driver.status and "image 12/12" not in driver.status)
        await driver.press("k")
        assert "▶" not in driver.status


async def test_a_single_picture_does_not_play(tmp_path: Path) -> None:
    async with picture_of(write(ct(), tmp_path / "a.dcm")) as driver:
        await driver.press("space")
        assert "▶" not in driver.status


async def test_t_changes_the_order_of_frames_and_keeps_the_frame(tmp_path: Path) -> None:
    from pydicom.dataset import Dataset

    frames = np.stack([ramp(0) * 0 + 500 * number for number in range(4)])
    dataset = ct(frames, WindowCenter=1000, WindowWidth=3000)
    shared, groups = Dataset(), []
    orientation = Dataset()
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PlaneOrientationSequence = [orientation]
    for z in (3, 1, 2, 0):
        position, group = Dataset(), Dataset()
        position.ImagePositionPatient = [0, 0, z]
        group.PlanePositionSequence = [position]
        groups.append(group)
    del dataset.ImagePositionPatient, dataset.ImageOrientationPatient
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = groups
    async with picture_of(write(dataset, tmp_path / "a.dcm")) as driver:
        assert "frame 1/4 by position" in driver.status
        brightest = driver.grey(0.5)  # the lowest position is the last frame of the file
        await driver.press("G")
        await driver.until_status("frame 4/4 by position")
        assert driver.grey(0.5) < brightest
        await driver.press("T")
        assert "frame 1/4 by file" in driver.status
