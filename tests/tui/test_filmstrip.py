"""The filmstrip: what a user sees of many frames at once."""

from pathlib import Path

import numpy as np
import pytest

from tests.builders import ct, write, write_series
from tests.tui.driving import Driver, picture_of


@pytest.fixture
def multiframe(tmp_path: Path) -> Path:
    """Write 40 frames, each of one value and brighter than the one before."""
    frames = np.stack([np.full((32, 32), 50 * number, np.int16) for number in range(40)])
    return write(ct(frames, WindowCenter=1000, WindowWidth=2000), tmp_path / "frames.dcm")


def numbers(driver: Driver) -> list[int]:
    """Return the numbers above the pictures in view."""
    found = " ".join(driver.lines(driver.image)).replace("▀", " ").split()
    return [int(word) for word in found if word.isdigit()]


def middle(driver: Driver, number: int) -> int:
    """Return how bright the middle of picture *number* is."""
    width, height = driver.image.size
    for line, text in enumerate(driver.lines(driver.image)):
        padded = f" {text} ".replace("▀", " ")
        at = padded.find(f" {number} ")
        if at >= 0:
            return driver.grey((at + 4.5) / width, (line + 3.5) / height)
    raise AssertionError(f"{number} is not in view\n{driver.text()}")


async def all_there(driver: Driver) -> None:
    """Wait until no picture in view is still waited for."""
    strip = driver.image.tool
    assert strip is not None
    await driver.until(
        lambda: all(strip._thumbnails.get(strip._subjects[at]) for at in strip._visible), "all pictures"
    )
    await driver.pilot.pause(0.2)


async def test_m_shows_frames_by_their_numbers_each_as_bright_as_it_is(multiframe: Path) -> None:
    async with picture_of(multiframe) as driver:
        await driver.press("m")
        await driver.until_status("filmstrip 1/40")
        await all_there(driver)
        assert numbers(driver)[:9] == list(range(1, 10))
        shades = [middle(driver, number) for number in range(1, 10)]
        assert shades == sorted(shades)
        assert len(set(shades)) == 9


async def test_enter_opens_the_frame_under_the_cursor(multiframe: Path) -> None:
    async with picture_of(multiframe) as driver:
        await driver.press("m", "l", "l", "enter")
        await driver.until_status("frame 3/40")
        assert driver.image.tool is None
        assert "filmstrip" not in driver.status


@pytest.mark.parametrize("key", ["m", "escape"])
async def test_m_and_escape_leave_it_at_the_frame_that_was_there(multiframe: Path, key: str) -> None:
    async with picture_of(multiframe) as driver:
        await driver.press("5", "G")
        await driver.until_status("frame 5/40")
        before = driver.lines(driver.image), driver.grey(0.5)
        await driver.press("m", "G")
        await driver.until_status("filmstrip 40/40")
        await driver.press(key)
        await driver.until_status("frame 5/40")
        assert (driver.lines(driver.image), driver.grey(0.5)) == before
        assert driver.image.has_focus


async def test_it_begins_at_the_frame_that_is_shown_and_scrolls_to_the_last(multiframe: Path) -> None:
    async with picture_of(multiframe) as driver:
        await driver.press("7", "G")
        await driver.until_status("frame 7/40")
        await driver.press("m")
        await driver.until_status("filmstrip 7/40")
        await driver.press("end")
        await driver.until_status("filmstrip 40/40")
        assert 40 in numbers(driver)
        assert 1 not in numbers(driver)
        await driver.press("g", "g")
        await driver.until_status("filmstrip 1/40")
        assert numbers(driver)[0] == 1
        await driver.press("1", "2", "l")
        await driver.until_status("filmstrip 13/40")


async def test_down_goes_to_the_picture_below_and_plus_makes_them_larger(multiframe: Path) -> None:
    async with picture_of(multiframe) as driver:
        await driver.press("m")
        await driver.until_status("filmstrip 1/40")
        lines = driver.lines(driver.image)
        across = sum(word.isdigit() for word in lines[0].replace("▀", " ").split())
        assert across >= 3
        await driver.press("j")
        await driver.until_status(f"filmstrip {across + 1}/40")
        await driver.press("k", "plus")
        larger = driver.lines(driver.image)[0].replace("▀", " ").split()
        assert sum(word.isdigit() for word in larger) == across - 1


async def test_windows_work_on_all_pictures(multiframe: Path) -> None:
    async with picture_of(multiframe) as driver:
        await driver.press("m")
        await all_there(driver)
        before = middle(driver, 6)
        await driver.press("v")
        assert middle(driver, 6) == 255 - before


async def test_a_series_is_a_filmstrip_of_its_stack(tmp_path: Path) -> None:
    async with picture_of(write_series(tmp_path / "s", 12)) as driver:
        await driver.press("home")
        await driver.until_status("image 1/12")
        await driver.press("m")
        await driver.until_status("filmstrip 1/12")
        await driver.press("l", "l", "l", "enter")
        await driver.until_status("image 4/12")
        assert driver.image.tool is None


async def test_an_instance_that_cannot_be_decoded_says_so_in_its_place(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", 6)
    write(ct(ImagePositionPatient=[0, 0, 3.5], BitsAllocated=24), folder / "slice003.dcm")
    async with picture_of(folder) as driver:
        await driver.press("home", "m")
        await all_there(driver)
        assert "no pict" in "".join(driver.lines(driver.image))


async def test_another_instance_ends_it(tmp_path: Path) -> None:
    async with picture_of(write_series(tmp_path / "s", 6)) as driver:
        await driver.press("home")
        await driver.until_status("image 1/6")
        await driver.press("m")
        await driver.until_status("filmstrip 1/6")
        await driver.press("right_square_bracket")
        await driver.until_status("image ")
        await driver.until(lambda: driver.image.tool is None, "no filmstrip")
        assert driver.image.surface.cover is None


async def test_a_single_picture_has_no_filmstrip(tmp_path: Path) -> None:
    async with picture_of(write(ct(), tmp_path / "a.dcm")) as driver:
        await driver.press("m")
        await driver.until(lambda: "one picture only" in driver.text(), "a sentence")
        assert driver.image.tool is None


async def test_it_works_in_the_smallest_usual_terminal(multiframe: Path) -> None:
    async with picture_of(multiframe, size=(80, 24)) as driver:
        await driver.press("m")
        await all_there(driver)
        assert len(numbers(driver)) >= 6
        await driver.press("G", "enter")
        await driver.until_status("frame 40/40")
