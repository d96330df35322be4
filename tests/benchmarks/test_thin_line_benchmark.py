"""The browser behind a line of 1 Mbit/s and 30 ms: frames that arrive, and how long keys wait."""

import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyte
import pytest

from tests.archive_builder import write_archive
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import SIZE
from tests.builders import ct, write, write_series
from tests.tui.thin_line import ThinLine

THIN = {"bits": 1e6, "round_trip": 0.03}
SECONDS = 8.0
PRESSES = 40
FRAMES = 60
PER_SECOND = 25
FILES = 60_000


class Screen:
    """What the terminal shows after each arrival."""

    def __init__(self, line: ThinLine) -> None:
        self._line = line
        self._screen = pyte.Screen(*line.size)
        self._stream = pyte.ByteStream(self._screen)
        self._taken = 0

    @property
    def window(self) -> str:
        """The window that it says."""
        return window_in("\n".join(self._screen.display[-3:]))

    def after_each_arrival(self) -> Iterator[tuple[float, str]]:
        """Yield when something came and what the last lines, with the status, say then."""
        arrivals = list(self._line.arrivals)
        for arrival in arrivals[self._taken :]:
            self._stream.feed(re.sub(rb"\x1b\[[<=>][0-9;]*[a-z]", b"", arrival.data))
            self._taken += 1
            yield arrival.at, "\n".join(self._screen.display[-3:])


@pytest.fixture
def cine(tmp_path: Path, report: Report) -> Path:
    """A disc that circles in noise, 25 frames a second: nothing of a frame is as in the one before."""
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[:512, :512]
    moving = [
        np.hypot(rows - 256 - 120 * np.sin(t / 5), columns - 256 - 120 * np.cos(t / 5)) for t in range(FRAMES)
    ]
    frames = np.stack([np.where(one < 100, 200, -100) + rng.normal(0, 20, one.shape) for one in moving])
    dataset = ct(frames.astype(np.int16), WindowCenter=40, WindowWidth=400, FrameTime=1000 / PER_SECOND)
    dataset.FrameIncrementPointer = 0x00181063
    return write(dataset, tmp_path / "cine.dcm")


def frames_a_second(line: ThinLine) -> float:
    """Play, and count the frames that the terminal shows."""
    line.until_seen(r"\d ms")
    line.press("\x1b3")
    line.until_quiet()
    line.press(" ")
    time.sleep(2)  # the line is known by then
    screen = Screen(line)
    list(screen.after_each_arrival())
    began = time.monotonic()
    time.sleep(SECONDS)
    shown: list[str] = []
    for at, text in screen.after_each_arrival():
        number = re.search(r"frame (\d+)/", text)
        if at >= began and number and number[1] not in shown[-1:]:
            shown.append(number[1])
    return len(shown) / SECONDS


@pytest.mark.parametrize(
    ("deflated", "goal"), [pytest.param(False, 6, id="plain"), pytest.param(True, 20, id="deflated")]
)
def test_frames_of_a_cine(cine: Path, report: Report, deflated: bool, goal: int) -> None:
    with ThinLine([str(cine)], SIZE, deflated=deflated, **THIN) as line:  # type: ignore[arg-type]
        found = frames_a_second(line)
    how = "deflated as by ssh -C" if deflated else "as it is"
    report(f"{goal} frames a second / frames of a cine that arrive, {how}", goal / found)


def waits(line: ThinLine, keys: str, seconds: float) -> list[float]:
    """Press keys in turns, each of which changes the window; return how long each waits to be shown."""
    screen = Screen(line)
    found = []
    list(screen.after_each_arrival())
    for number in range(PRESSES):
        before = screen.window
        pressed = line.press(keys[number % len(keys)])
        time.sleep(seconds)
        for at, text in screen.after_each_arrival():
            if at >= pressed and window_in(text) not in (before, ""):
                found.append(at - pressed)
                break
        list(screen.after_each_arrival())
    assert len(found) > PRESSES * 0.9, "keys have changed nothing"
    return found


def window_in(text: str) -> str:
    """Return the window that a status line says."""
    window = re.search(r"C -?\d+ W \d+", text)
    return window[0] if window else ""


def percentile_95(found: list[float]) -> float:
    return statistics.quantiles(found, n=20)[-1]


def test_a_key_while_nothing_else_happens(tmp_path: Path, report: Report) -> None:
    with ThinLine([str(write_series(tmp_path, 3))], SIZE) as line:
        line.until_seen(r"\d ms")
        line.press("\x1b3")
        line.until_quiet()
        report(
            "a key to its picture, idle, 95 of 100 / 20 ms", percentile_95(waits(line, "345", 0.15)) / 0.02
        )


def test_a_key_while_a_scan_runs(tmp_path: Path, report: Report) -> None:
    with ThinLine([str(write_archive(tmp_path, FILES).root)], SIZE) as line:
        line.until_seen(r"\d ms")
        line.press("t")
        line.until_seen(r"\d instances")
        line.press("\x1b3")
        found = waits(line, "345", 0.08)
    report("a key to its picture during a scan, 95 of 100 / 50 ms", percentile_95(found) / 0.05)


def test_a_key_while_a_cine_plays(cine: Path, report: Report) -> None:
    with ThinLine([str(cine)], SIZE, **THIN) as line:  # type: ignore[arg-type]
        line.until_seen(r"\d ms")
        line.press("\x1b3")
        line.until_quiet()
        line.press(" ")
        time.sleep(2)
        found = waits(line, "345", 0.6)
    report(
        "a key to its picture while a cine plays, 1 Mbit/s, 95 of 100 / 300 ms", percentile_95(found) / 0.3
    )
