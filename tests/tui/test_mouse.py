"""The mouse works too: the wheel, a drag with the right button, a click in the filmstrip."""

from pathlib import Path

import pytest
from textual import events

from dicomtui.imaging.window import Window
from tests.builders import write_series
from tests.tui.driving import Driver, picture_of


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return write_series(tmp_path / "series", 12)


async def drag(driver: Driver, by: tuple[int, int], button: int = 3) -> None:
    """Press a button on the picture, move the mouse by columns and lines, and let go."""
    image = driver.image
    start = image.size.width // 2, image.size.height // 2
    end = start[0] + by[0], start[1] + by[1]
    await driver.pilot.mouse_down(image, offset=start, button=button)
    await driver.pilot._post_mouse_events([events.MouseMove], image, offset=end, button=button)
    await driver.pilot._post_mouse_events([events.MouseUp], image, offset=end, button=button)
    await driver.pilot.pause()


async def test_the_wheel_steps_forth_and_back(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("home")
        await driver.until_status("image 1/12")
        for wheel, number in (
            (events.MouseScrollDown, 2),
            (events.MouseScrollDown, 3),
            (events.MouseScrollUp, 2),
        ):
            await driver.pilot._post_mouse_events([wheel], driver.image)
            await driver.until_status(f"image {number}/12")


@pytest.mark.parametrize(("by", "center", "width"), [((6, 0), 0, 1), ((0, 5), 1, 0), ((-6, -5), -1, -1)])
async def test_dragging_with_the_right_button_windows(
    by: tuple[int, int], center: int, width: int, series: Path
) -> None:
    async with picture_of(series) as driver:
        await driver.press("3")
        before, _ = driver.image.window.voi
        assert isinstance(before, Window)
        await drag(driver, by)
        after, _ = driver.image.window.voi
        assert isinstance(after, Window)
        assert sign(after.center - before.center) == center
        assert sign(after.width - before.width) == width
        await driver.pilot._post_mouse_events([events.MouseMove], driver.image, offset=(1, 1))
        assert driver.image.window.voi[0] == after  # it was let go


def sign(number: float) -> int:
    return (number > 0) - (number < 0)


async def test_dragging_with_the_left_button_changes_nothing(series: Path) -> None:
    async with picture_of(series) as driver:
        before, _ = driver.image.window.voi
        await drag(driver, (6, 5), button=1)
        assert driver.image.window.voi[0] == before


async def test_a_double_click_in_the_filmstrip_opens_the_instance_there(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("home", "m")
        await driver.until_status("filmstrip 1/12")
        lines = driver.lines(driver.image)
        line = next(at for at, text in enumerate(lines) if " 3 " in f" {text.replace('▀', ' ')} ")
        column = lines[line].index("3")
        await driver.pilot.click(driver.image, offset=(column + 2, line + 2))
        await driver.until_status("filmstrip 3/12")
        await driver.pilot.click(driver.image, offset=(column + 2, line + 2), times=2)
        await driver.until_status("image 3/12")


async def test_the_wheel_moves_through_the_filmstrip_and_opens_nothing(series: Path) -> None:
    async with picture_of(series, size=(60, 12)) as driver:
        await driver.press("home", "m")
        await driver.until_status("filmstrip 1/12")
        for wheel, number in ((events.MouseScrollDown, 4), (events.MouseScrollUp, 1)):  # three in a row
            await driver.pilot._post_mouse_events([wheel], driver.image)
            await driver.until_status(f"filmstrip {number}/12")
        assert "image 1/12" in driver.status
