"""Stepping through a series of 100 CT instances: open, decode, window, draw."""

import asyncio
import statistics
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import seconds
from tests.benchmarks.naive_viewer import show_file
from tests.benchmarks.series import write_ct_series
from tests.benchmarks.test_key_press_benchmark import drawn
from tests.tui.driving import Driver, picture_of

COUNT = 100
REST = 0.1
"""Seconds after which the screen has nothing left to paint."""
REPEAT = 1 / 30
"""Seconds between two keys of a keyboard that repeats."""


class Watch:
    """Sees when the image view gets a frame."""

    def __init__(self, driver: Driver, patch: pytest.MonkeyPatch) -> None:
        self._driver, self._show = driver, driver.image.show_frame
        self.shown = 0
        patch.setattr(driver.image, "show_frame", self._see)

    def _see(self, *arguments: Any, **options: Any) -> None:
        self._show(*arguments, **options)
        self.shown += 1

    async def seconds_to_next(self) -> float:
        """Wait until a frame is shown, draw it, and return how long that took."""
        before, start = self.shown, time.perf_counter()
        while self.shown == before:
            await asyncio.sleep(0.001)
        drawn(self._driver.image, self._driver.app.console)
        return time.perf_counter() - start


async def test_stepping(tmp_path: Path, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_ct_series(tmp_path / "series", COUNT)
    files = [str(path) for path in sorted(folder.iterdir())]
    async with picture_of(folder, size=(160, 48)) as driver:
        await driver.until_status(f"image 1/{COUNT}")
        image, console = driver.image, Console(color_system="truecolor", force_terminal=True)
        width, height = image.size
        side = min(width, height * 2)
        watch = Watch(driver, monkeypatch)
        steps, wholes = [], []
        for _ in range(40):
            await asyncio.sleep(REST)
            image.action_step(1)
            steps.append(await watch.seconds_to_next())
            await asyncio.sleep(REST)
            wholes.append(seconds(lambda: show_file(files[50], side, console)))
        step, whole = statistics.median(steps), statistics.median(wholes)
        report("a step / reading and showing the file by pydicom, Pillow and rich-pixels", step / whole)

        image.action_go_to(1)
        await watch.seconds_to_next()
        before, start = watch.shown, time.perf_counter()
        for _ in range(COUNT - 1):
            image.action_step(1)
            await asyncio.sleep(REPEAT)
        held = time.perf_counter() - start
        report(
            "pictures shown / keys, while a key is held at 30 a second", (watch.shown - before) / (COUNT - 1)
        )
        await driver.until_status(f"image {COUNT}/{COUNT}")
        behind = time.perf_counter() - start - held
        report("from letting go to the last picture / a step", behind / step)
