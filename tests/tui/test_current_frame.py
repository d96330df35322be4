"""The functional groups of the frame on the screen stand at the top of the attributes and follow it."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from dicomtui.tui.instance_cache import InstanceCache
from tests.builders import ct, ramp, write, write_series
from tests.tui.driving import Driver, picture_of


@pytest.fixture
def enhanced(tmp_path: Path) -> Path:
    frames = np.stack([ramp(number) for number in range(3)])
    dataset = ct(frames)
    groups = []
    for number in range(3):
        group, content = Dataset(), Dataset()
        content.FrameComments = f"comment {number + 1}"
        group.FrameContentSequence = [content]
        groups.append(group)
    dataset.PerFrameFunctionalGroupsSequence = groups
    dataset.SharedFunctionalGroupsSequence = [Dataset()]
    return write(dataset, tmp_path / "enhanced.dcm")


def frame_lines(driver: Driver) -> list[str]:
    """Return the lines of the attributes from the row of the frame on."""
    lines = driver.lines(driver.tags)
    return [*lines[next((at for at, line in enumerate(lines) if "Frame " in line), len(lines)) :], "", ""]


async def test_they_follow_the_picture(enhanced: Path) -> None:
    async with picture_of(enhanced) as driver:
        await driver.until(lambda: "Frame 1" in frame_lines(driver)[0], "the frame's row")
        assert "comment 1" in frame_lines(driver)[1]
        await driver.press("j")
        await driver.until(lambda: "Frame 2" in frame_lines(driver)[0])
        assert "comment 2" in frame_lines(driver)[1]


async def test_enter_goes_to_where_an_element_stands_in_the_file(enhanced: Path) -> None:
    async with picture_of(enhanced) as driver:
        await driver.until(lambda: "Frame 1" in frame_lines(driver)[0])
        await driver.press("alt+2", "home", "h", "j", "j", "enter")
        row = driver.tags.row_at_cursor
        assert row.pointer.startswith("PerFrameFunctionalGroupsSequence[0]")


async def test_they_fold_away(enhanced: Path) -> None:
    async with picture_of(enhanced) as driver:
        await driver.until(lambda: "Frame 1" in frame_lines(driver)[0])
        await driver.press("alt+2", "home", "h", "j", "h")
        assert "comment" not in frame_lines(driver)[1]
        await driver.press("alt+3", "j")
        await driver.until(lambda: "Frame 2" in frame_lines(driver)[0])
        assert "comment" not in frame_lines(driver)[1]


async def test_ordinary_objects_have_no_such_row(tmp_path: Path) -> None:
    async with picture_of(write(ct(), tmp_path / "a.dcm")) as driver:
        await driver.until(lambda: driver.tags.row_count() > 10)
        assert not any("Frame " in line for line in driver.lines(driver.tags)[:3])


# --- what was opened lately ---


async def test_where_a_frame_changes_no_attribute_the_table_is_not_painted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(ct(np.stack([ramp(number) for number in range(3)])), tmp_path / "plain.dcm")
    async with picture_of(path) as driver:
        assert any("Pinned" in line for line in driver.lines(driver.tags))
        painted = []
        monkeypatch.setattr(type(driver.tags), "rows_changed", lambda table: painted.append(table))
        await driver.press("j")
        await driver.until_status("frame 2/3")
        await driver.pilot.pause(0.5)
        assert not painted


def test_what_is_held_is_not_opened_again_until_the_file_changes(tmp_path: Path) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    cache = InstanceCache(1 << 24)
    first = cache.instance(str(path))
    assert cache.instance(str(path)) is first
    assert cache.frame(first, 1) is cache.frame(first, 1)
    write(ct(PatientID="another, longer"), path)
    assert cache.instance(str(path)) is not first


def test_the_cache_never_holds_more_than_its_limit(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", 12)
    cache = InstanceCache(400_000)
    for path in sorted(folder.iterdir()):
        opened = cache.instance(str(path))
        assert cache.frame(opened, 1).values.shape == (32, 32)
        assert cache._bytes <= 400_000
    assert cache._held


def test_without_memory_everything_still_works(tmp_path: Path) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    cache = InstanceCache(0)
    assert cache.frame(cache.instance(str(path)), 1).values.shape == (32, 32)
    assert not cache._held
