"""What a user reads and measures with the probe, key by key."""

import csv
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from textual.events import Paste

from dicomtui.tui.screens.measurements import MeasurementList
from dicomtui.tui.screens.plots import PlotScreen
from dicomtui.tui.widgets.plot import Plot, bar_lines
from dicomtui.tui.widgets.status_line import HintLine, StatusLine
from tests.builders import ct, write, write_series
from tests.tui.driving import Driver, picture_of

ROWS, COLUMNS = 24, 40
VALUES = (np.arange(ROWS)[:, None] * 50 + np.arange(COLUMNS)[None]).astype(np.int16) - 200
"""HU that tell where they are: fifty a row, one a column."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    dataset = ct(VALUES, PixelSpacing=[2, 0.5], ImagePositionPatient=[-10, -20, 30])
    return write(dataset, tmp_path / "ct.dcm")


@asynccontextmanager
async def probing(*paths: Path | str) -> AsyncIterator[Driver]:
    async with picture_of(*paths) as driver:
        await driver.press("s")
        yield driver


def hint(driver: Driver) -> str:
    return driver.browser.query_one(HintLine).render().plain


def drawn(driver: Driver, colour: tuple[int, int, int]) -> int:
    """Return how many cells have a colour."""
    cells = 0
    for y in range(driver.image.size.height):
        for segment in driver.image.render_line(y):
            style = segment.style
            colours = [] if style is None else [style.color, style.bgcolor]
            if any(found is not None and tuple(found.get_truecolor()) == colour for found in colours):
                cells += len(segment.text)
    return cells


GREEN = (95, 255, 135)


async def test_the_probe_reads_the_middle_in_all_units(file: Path) -> None:
    async with probing(file) as driver:
        row, column = ROWS // 2, COLUMNS // 2
        assert (
            driver.status.startswith(f" {VALUES[row, column]} HU")
            or f"{VALUES[row, column]} HU" in driver.status
        )
        assert f"stored {VALUES[row, column] + 1024}" in driver.status
        assert f"at {column},{row}" in driver.status
        assert f"{-10 + column * 0.5:.1f}, {-20 + row * 2:.1f}, 30.0 mm" in driver.status
        assert "Enter pin" in hint(driver)


@pytest.mark.parametrize(
    ("keys", "across", "down"),
    [
        ("h", -1, 0),
        ("l", 1, 0),
        ("k", 0, -1),
        ("j", 0, 1),
        ("left", -1, 0),
        ("down", 0, 1),
        ("L", 10, 0),
        ("H", -10, 0),
        ("K", 0, -10),
        ("J", 0, 10),
        ("shift+right", 10, 0),
    ],
)
async def test_keys_move_it_by_a_pixel_or_by_ten(file: Path, keys: str, across: int, down: int) -> None:
    async with probing(file) as driver:
        await driver.press(keys)
        assert f"at {COLUMNS // 2 + across},{ROWS // 2 + down}" in driver.status


async def test_it_stays_in_the_picture(file: Path) -> None:
    async with probing(file) as driver:
        await driver.press(*["L"] * 9, *["J"] * 9)
        assert f"at {COLUMNS - 1},{ROWS - 1}" in driver.status
        assert f"{VALUES[-1, -1]} HU" in driver.status


@pytest.mark.parametrize(("turns", "across", "down"), [(1, 0, -1), (2, -1, 0), (3, 0, 1)])
async def test_right_is_right_on_the_screen_however_the_picture_is_turned(
    file: Path, turns: int, across: int, down: int
) -> None:
    async with picture_of(file) as driver:
        await driver.press(*["R"] * turns, "s")
        column, row = driver.image.tool.at  # type: ignore[union-attr]
        await driver.press("l")
        assert f"at {column + across},{row + down}" in driver.status


async def test_a_flipped_picture_turns_left_and_right(file: Path) -> None:
    async with picture_of(file) as driver:
        await driver.press("F", "s")
        column, row = driver.image.tool.at  # type: ignore[union-attr]
        await driver.press("l")
        assert f"at {column - 1},{row}" in driver.status


async def test_what_is_shown_goes_along_while_zoomed_in(file: Path) -> None:
    async with picture_of(file) as driver:
        await driver.press(*["plus"] * 12, "s", "L", "L")
        region = driver.image.surface.region
        assert region is not None
        left, _, right, _ = region.box
        assert left <= 39 <= right
        assert "at 39," in driver.status


async def test_a_distance_in_millimetres_is_said_drawn_and_listed(file: Path) -> None:
    async with probing(file) as driver:
        await driver.press("enter", *["l"] * 6, *["j"] * 2)
        assert "↔ 5 mm" in driver.status  # 6 columns of 0.5 mm, 2 rows of 2 mm
        await driver.press("d")
        assert "distance  5 mm  (PixelSpacing" in hint(driver)
        assert "↔" not in driver.status
        assert drawn(driver, GREEN)
        await driver.press("i")
        assert "distance  5 mm" in driver.text()


async def test_without_a_spacing_it_is_pixels(tmp_path: Path) -> None:
    dataset = ct(VALUES)
    del dataset.PixelSpacing
    async with probing(write(dataset, tmp_path / "plain.dcm")) as driver:
        await driver.press("enter", *["l"] * 3, *["j"] * 4, "d")
        assert "distance  5 pixels" in hint(driver)


async def test_an_angle_needs_two_pins_and_says_so(file: Path) -> None:
    async with probing(file) as driver:
        await driver.press("enter", "l", "a")
        assert "pin two places" in driver.status
        await driver.press("h", "backspace", *["l"] * 8, "enter", *["h"] * 8, "enter", *["j"] * 2, "a")
        assert "angle  90.00°" in hint(driver)


async def test_a_rectangle_has_the_statistics_of_its_pixels(file: Path) -> None:
    async with probing(file) as driver:
        column, row = driver.image.tool.at  # type: ignore[union-attr]
        await driver.press("enter", *["l"] * 5, *["j"] * 3, "r")
        inside = VALUES[row : row + 4, column : column + 6].astype(float)
        assert f"mean {inside.mean():.6g}" in hint(driver)
        assert f"deviation {inside.std():.6g}" in hint(driver)
        assert f"{inside.size} pixels" in hint(driver)


async def test_an_ellipse_lies_between_its_corners_and_a_polygon_on_its_pins(file: Path) -> None:
    async with probing(file) as driver:
        await driver.press("e")
        assert "pin a place" in driver.status
        await driver.press("enter", *["l"] * 8, *["j"] * 4, "e")
        assert hint(driver).startswith(" ellipse  mean")
        await driver.press("enter", *["l"] * 4, "enter", *["j"] * 4, "g")
        assert hint(driver).startswith(" polygon  mean")


async def test_a_profile_is_plotted(file: Path) -> None:
    async with probing(file) as driver:
        await driver.press("enter", *["j"] * 8, "p")
        await driver.until(lambda: isinstance(driver.app.screen, PlotScreen), "the plot")
        await driver.until(lambda: "from" in driver.text(), "its scale")
        assert "16 mm" in driver.text()
        await driver.press("escape")
        assert not isinstance(driver.app.screen, PlotScreen)


async def test_escape_takes_the_pins_back_first_then_puts_the_probe_down(file: Path) -> None:
    async with probing(file) as driver:
        await driver.press("enter", "l", "escape")
        assert "↔" not in driver.status
        assert "HU" in driver.status
        await driver.press("escape")
        assert driver.image.tool is None
        assert "stored" not in driver.status


async def test_backspace_takes_back_pins_and_then_measurements(file: Path) -> None:
    async with probing(file) as driver:
        await driver.press("enter", "l", "d", "enter", "backspace", "backspace")
        assert driver.image.measurements.all == []
        await driver.press("escape")
        assert not drawn(driver, GREEN)


async def test_measurements_belong_to_their_frame(tmp_path: Path) -> None:
    async with probing(write_series(tmp_path / "series", 4)) as driver:
        await driver.press("enter", *["l"] * 9, "d")
        assert drawn(driver, GREEN)
        before = driver.status
        await driver.press("left_square_bracket")
        await driver.until(lambda: driver.status != before and not drawn(driver, GREEN), "another instance")
        await driver.press("right_square_bracket")
        await driver.until(lambda: drawn(driver, GREEN), "the line again")


async def test_measurements_can_be_deleted(file: Path) -> None:
    async with probing(file) as driver:
        await driver.press("enter", "l", "d", "enter", "j", "d", "i")
        rows = driver.app.screen.query_one(MeasurementList)
        assert rows.row_count() == 2
        await driver.press("d")
        assert rows.row_count() == 1
        await driver.press("d")
        assert "Nothing is measured yet" in driver.text()
        await driver.press("escape")
        assert not drawn(driver, GREEN)


@pytest.mark.parametrize("name", ["out.csv", "out.json"])
async def test_measurements_are_written_to_a_new_file(file: Path, name: str, tmp_path: Path) -> None:
    target = tmp_path / name
    async with probing(file) as driver:
        await driver.press("enter", *["l"] * 6, "d", "enter", "j", "j", "l", "l", "r", "i", "x", "ctrl+u")
        await paste(driver, str(target))
        await driver.until(target.exists, "the file")
        await driver.until(lambda: "2 measurements written" in driver.text(), "what was done")
    text = target.read_text()
    found = json.loads(text) if name.endswith("json") else list(csv.DictReader(text.splitlines()))
    assert [each["kind"] for each in found] == ["distance", "rectangle"]
    assert float(found[0]["length"]) == 3.0
    assert {each["path"] for each in found} == {str(file)}
    assert (target.stat().st_mode & 0o777) == 0o600


async def test_a_file_that_is_there_is_not_replaced(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "kept.csv"
    target.write_text("precious")
    async with probing(file) as driver:
        await driver.press("enter", "l", "d", "i", "x", "ctrl+u")
        await paste(driver, str(target))
        await driver.until(lambda: "exists" in driver.text(), "why not")
    assert target.read_text() == "precious"


async def paste(driver: Driver, text: str) -> None:
    """Paste a text where something is typed, and press Enter."""
    driver.app.post_message(Paste(text))
    await driver.press("enter")


async def test_the_histogram_shows_the_window_and_its_keys_change_it(file: Path) -> None:
    async with picture_of(file) as driver:
        await driver.press("H")
        await driver.until(lambda: "C 0 W 2000" in driver.text().splitlines()[-3], "the histogram")
        lines = driver.text().splitlines()
        assert any(line.count("█") > 5 for line in lines[-14:])
        assert f"{VALUES.min()}" in lines[-3]
        assert f"{VALUES.max()} HU" in lines[-3]
        before = driver.grey(0.5, 0.3)
        await driver.press("up", "up")
        assert "C 0 W 2000" not in driver.status
        await driver.press("escape")
        assert driver.grey(0.5, 0.3) < before


async def test_the_histogram_of_a_region_counts_its_values_alone(file: Path) -> None:
    async with probing(file) as driver:
        column, row = driver.image.tool.at  # type: ignore[union-attr]
        await driver.press("enter", *["l"] * 5, "j", "r", "t")
        await driver.until(lambda: "rectangle" in driver.text() and "HU" in driver.text(), "the histogram")
        inside = VALUES[row : row + 2, column : column + 6]
        await driver.until(lambda: f"{inside.max()} HU" in driver.text().splitlines()[-3], "its last value")
        assert f"{inside.min()} " in driver.text().splitlines()[-3]


async def test_a_window_is_dragged_on_the_histogram(file: Path) -> None:
    async with picture_of(file) as driver:
        await driver.press("H")
        await driver.until(lambda: "W 2000" in driver.text().splitlines()[-3], "the histogram")
        plot = driver.app.screen.query_one(Plot)
        width = plot.size.width
        await driver.pilot.mouse_down(plot, offset=(width // 4, 2))
        await driver.pilot.hover(plot, offset=(3 * width // 4, 2))
        await driver.pilot.mouse_up(plot, offset=(3 * width // 4, 2))
        low, high = driver.image.window.voi[0].limits  # type: ignore[union-attr]
        span = float(VALUES.max() - VALUES.min())
        assert low == pytest.approx(VALUES.min() + span / 4, abs=span / 40)
        assert high == pytest.approx(VALUES.min() + 3 * span / 4, abs=span / 40)


async def test_w_takes_the_window_from_the_region_that_was_measured(file: Path) -> None:
    async with probing(file) as driver:
        column, row = driver.image.tool.at  # type: ignore[union-attr]
        await driver.press("enter", *["l"] * 9, *["j"] * 5, "r", "W")
        inside = VALUES[row : row + 6, column : column + 10]
        low, high = driver.image.window.voi[0].limits  # type: ignore[union-attr]
        assert (low, high) == pytest.approx(tuple(np.percentile(inside, (1, 99))))


async def test_colour_pictures_are_read_but_not_measured(tmp_path: Path) -> None:
    dataset = ct(np.zeros((16, 16), np.int16))
    dataset.PhotometricInterpretation, dataset.SamplesPerPixel, dataset.PlanarConfiguration = "RGB", 3, 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelData = bytes([10, 20, 30]) * 256
    async with probing(write(dataset, tmp_path / "rgb.dcm")) as driver:
        assert "RGB 10, 20, 30" in driver.status
        await driver.press("enter", "l", "j", "r")
        assert "colours are not measured" in driver.status


async def test_a_picture_of_another_size_takes_the_probe_inside(tmp_path: Path) -> None:
    write(ct(VALUES, InstanceNumber=1), tmp_path / "a.dcm")
    write(ct(VALUES[:5, :5], InstanceNumber=2), tmp_path / "b.dcm")
    async with probing(tmp_path) as driver:
        await driver.press("L", "J")
        await driver.press("right_square_bracket")
        await driver.until(lambda: "at 4,4" in driver.status, "the last pixel")


async def test_the_probe_needs_a_picture(tmp_path: Path) -> None:
    dataset = ct()
    del dataset.PixelData
    async with picture_of_none(write(dataset, tmp_path / "none.dcm")) as driver:
        await driver.press("alt+3", "s", "H", "W")
        assert driver.image.tool is None


@asynccontextmanager
async def picture_of_none(path: Path) -> AsyncIterator[Driver]:
    from tests.tui.driving import browser_on

    async with browser_on(path) as driver:
        await driver.until(lambda: driver.image.is_ready, "the card")
        yield driver


def test_bars_show_all_that_is_there() -> None:
    assert bar_lines([0, 1e-9, 0.5, 1, float("nan"), 2], 2) == ["   █ █", " ▁███"[:1] + "▁██ █"]


async def test_a_narrow_terminal_shows_all_that_is_read_and_every_key_that_measures(file: Path) -> None:
    async with picture_of(file, size=(80, 24)) as driver:
        await driver.press("s", "enter", "l")
        read = driver.browser.query_one(StatusLine).render().plain
        assert "HU" in read
        assert f"at {COLUMNS // 2 + 1},{ROWS // 2}" in read
        assert "30.0 mm" in read
        keys = hint(driver)
        assert len(keys) <= 80
        for name in ("pin", "dist", "angle", "rect", "ellipse", "poly", "profile", "list", "Esc"):
            assert name in keys


async def test_the_list_shows_all_of_the_measurement_under_the_cursor(file: Path) -> None:
    async with picture_of(file, size=(80, 24)) as driver:
        await driver.press("s", "enter", *["l"] * 4, *["j"] * 3, "r", "enter", "l", "d", "i")
        assert "perimeter" not in driver.text()
        await driver.press("k")
        assert "perimeter 16 mm" in " ".join(driver.text().split())


async def test_a_count_moves_the_cross_hair_and_leaves_the_window(file: Path) -> None:
    async with probing(file) as driver:
        window = driver.image.window_text
        await driver.press("1", "0", "l", "3", "k")
        assert f"at {COLUMNS // 2 + 10},{ROWS // 2 - 3}" in driver.status
        assert driver.image.window_text == window
