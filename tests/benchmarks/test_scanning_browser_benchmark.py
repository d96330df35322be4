"""The browser while it scans: how long a key waits, and what 100,000 instances take of memory."""

import statistics
import time
from pathlib import Path

import pytest

from tests.archive_builder import write_archive
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import Terminal
from tests.benchmarks.programs import browser

FILES = 60_000
PRESSES = 200
GOAL = 0.050
"""Seconds that a key may wait, 99 times of 100."""
MEMORY = 250e6
"""Bytes that the browser may take with 100,000 instances."""


@pytest.fixture
def archive(tmp_path: Path, report: Report) -> Path:
    return write_archive(tmp_path / "archive", FILES).root


def test_keys_while_a_scan_runs(archive: Path, report: Report) -> None:
    with Terminal(browser(archive)) as terminal:
        terminal.read_until(r"\d ms")
        terminal.press("t")
        terminal.read_until("Studies")
        terminal.read_until(r"\d instances")
        waits = []
        for _ in range(PRESSES):
            wait, drawn = marked(terminal)
            waits.append(wait)
            if "scanning" not in drawn:
                break
        assert len(waits) > PRESSES // 2, "the scan was over too soon"
        while "scanning" in drawn:
            drawn = terminal.read_until("Studies")
        time.sleep(5)
        terminal.read_until_quiet()
        terminal.press("Ugg")
        terminal.read_until_quiet()
        later = [marked(terminal)[0] for _ in range(PRESSES)]
    report("a key while a scan runs, median / 50 ms", statistics.median(waits) / GOAL)
    report("a key while a scan runs, 99 of 100 / 50 ms", _percentile_99(waits) / GOAL)
    report("a key after the scan, 99 of 100 / 50 ms", _percentile_99(later) / GOAL)
    report(
        "a key while a scan runs / a key after it, medians",
        statistics.median(waits) / statistics.median(later),
    )


def _percentile_99(waits: list[float]) -> float:
    return sorted(waits)[-1 - len(waits) // 100]


def marked(terminal: Terminal) -> tuple[float, str]:
    """Mark a row, which moves on and may show another instance; return the time until the title counts it."""
    start = time.perf_counter()
    terminal.press(" ")
    drawn = terminal.read_until("1 marked")
    wait = time.perf_counter() - start
    terminal.press("U")
    time.sleep(0.05)
    return wait, drawn


def test_memory_with_a_whole_archive(archive: Path, report: Report) -> None:
    with Terminal(browser(archive)) as terminal:
        terminal.read_until(r"\d ms")
        before = terminal.memory
        terminal.press("t")
        terminal.read_until("scanning: [1-9]")
        terminal.read_until(r"Studies · [^s]")
        time.sleep(5)  # every series is judged
        after = terminal.memory
    report("memory of the browser on one folder / 250 MB", before / MEMORY)
    report(
        "with 100,000 instances (2.5 times what 40,000 take) / 250 MB",
        (before + (after - before) * 2.5) / MEMORY,
    )
