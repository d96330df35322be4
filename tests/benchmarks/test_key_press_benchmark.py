"""From a window key to what the terminal gets, on a CT of 512 x 512 in 160 x 48 cells."""

import statistics
from itertools import cycle
from pathlib import Path

import pydicom
from rich.console import Console

from dicomtui.tui.widgets.image_view import ImageView
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import SIZE, Terminal, medians
from tests.benchmarks.naive_viewer import display_values, terminal_text
from tests.benchmarks.programs import browser
from tests.benchmarks.series import write_ct
from tests.tui.driving import picture_of

GOAL = 0.010
"""Seconds of computing that a key may take."""


def drawn(image: ImageView, console: Console) -> str:
    """Return what the terminal gets of a picture."""
    return "".join(image.render_line(y).render(console) for y in range(image.size.height))


async def test_window_key(tmp_path: Path, report: Report) -> None:
    path = write_ct(tmp_path / "scan.dcm")
    dataset = pydicom.dcmread(path)
    stored = dataset.pixel_array
    async with picture_of(path, size=SIZE) as driver:
        image, console = driver.image, driver.app.console
        width, height = image.size
        side = min(width, height * 2)
        steps = cycle([1] * 10 + [-1] * 20 + [1] * 10)

        def press() -> str:
            image.action_shift_center(next(steps))
            return drawn(image, console)

        def start_again() -> str:
            return terminal_text(display_values(dataset, stored), side, console)

        before = drawn(image, console)
        picture = len(before.encode())
        assert press() != before
        key, whole = medians(press, start_again, rounds=40)
    report("a window key / pydicom, Pillow and rich-pixels from the stored values on", key / whole)
    report("a window key, windowed and drawn / the goal of 10 ms", key / GOAL)
    costs, sizes = window_keys(path)
    report("CPU of the whole process for a window key / the goal of 10 ms", statistics.median(costs) / GOAL)
    report("bytes written for a window key / the picture in all colours", statistics.median(sizes) / picture)


def window_keys(path: Path) -> tuple[list[float], list[int]]:
    """Press keys in a terminal; return the CPU that each takes, and the bytes that it writes."""
    costs, sizes = [], []
    with Terminal(browser(path)) as terminal:
        terminal.read_until(r"\d ms")
        terminal.read_until_quiet()
        terminal.press("\x1b3")
        terminal.read_until_quiet()
        for key in "," * 10 + "." * 20 + "," * 10:
            before = terminal.cpu
            terminal.press(key)
            sizes.append(terminal.read_until_quiet())
            costs.append(terminal.cpu - before)
    return costs, sizes
