"""The table of attributes with 200,000 rows: reading them, painting, searching as one types."""

import asyncio
import io
import struct
import time
from pathlib import Path

import pydicom
import pytest

from dicomtui.dataset.elements import elements_of
from dicomtui.dataset.reading import read_source
from dicomtui.dataset.source import MemorySource
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians
from tests.builders import ct
from tests.tui.driving import Driver, browser_on

ROWS = 200_000
BLOCKS = 0xF0
"""Private blocks in a group, each of 256 elements."""
_LOOK = 0.002
"""Seconds between two looks at the counter of hits; looking all the time would slow the search."""


@pytest.fixture(scope="module")
def private() -> bytes:
    """A file with as many private elements, which stand behind a few of a CT."""
    dataset = ct()
    del dataset.PixelData
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    left, group = ROWS, 0x7001
    while left > 0:
        blocks = range(0x10, 0x10 + min(BLOCKS, -(-left // 256)))
        stream.write(b"".join(element(group, block, "LO", "DICOMTUI BENCHMARK") for block in blocks))
        tags = [block << 8 | number for block in blocks for number in range(256)][:left]
        stream.write(b"".join(element(group, tag, "LO", f"value {group:x} {tag}") for tag in tags))
        left, group = left - len(tags), group + 2
    return stream.getvalue()


def element(group: int, number: int, vr: str, value: str) -> bytes:
    """Return an element in Explicit VR Little Endian."""
    content = value.encode() + b" " * (len(value) % 2)
    return struct.pack("<HH2sH", group, number, vr.encode(), len(content)) + content


def paint(driver: Driver) -> None:
    """Draw every line of the table that is in view."""
    for y in range(driver.tags.size.height):
        driver.tags.render_line(y).render(driver.app.console)


async def searched(driver: Driver, query: str) -> tuple[float, float]:
    """Search, and return how long it took to the painted counter, and how long the screen stood still."""
    pane = driver.browser.panes.pane("attributes")
    start = last = time.perf_counter()
    longest = 0.0
    before = pane.border_subtitle
    driver.tags.search(query)
    while pane.border_subtitle == before:
        await asyncio.sleep(_LOOK)
        now = time.perf_counter()
        longest, last = max(longest, now - last - _LOOK), now
    paint(driver)
    return time.perf_counter() - start, longest


def test_reading(private: bytes, report: Report) -> None:
    ours, pydicoms = medians(
        lambda: elements_of(read_source(MemorySource("private", private))),
        lambda: pydicom.dcmread(io.BytesIO(private)),
        rounds=3,
    )
    report("rows of 200,000 elements / pydicom.dcmread of them", ours / pydicoms)


async def test_painting_and_searching(private: bytes, tmp_path: Path, report: Report) -> None:
    elements = elements_of(read_source(MemorySource("private", private)))
    assert len(elements) > ROWS
    start = time.perf_counter()
    lines = str(pydicom.dcmread(io.BytesIO(private))).casefold().splitlines()
    dumped = time.perf_counter() - start
    async with browser_on(tmp_path, size=(160, 48)) as driver:

        def show(count: int) -> None:
            driver.tags.show(elements[:count])
            paint(driver)

        few, many = medians(lambda: show(200), lambda: show(ROWS), rounds=5)
        report("showing 200,000 rows / showing 200", many / few)
        report("showing 200,000 rows / 0.1 s", many / 0.1)
        first, _ = await searched(driver, "v")
        second, stood = await searched(driver, "va")
        narrow, _ = await searched(driver, "value 7001 49153")
    start = time.perf_counter()
    assert sum("va" in line for line in lines) >= ROWS
    scanned = time.perf_counter() - start
    report("first letter of a search, 200,000 hits / reading and str() of pydicom", first / dumped)
    report("second letter, 200,000 hits / looking through as many lines of plain text", second / scanned)
    report("second letter, 200,000 hits / 0.1 s", second / 0.1)
    report("longest time in which the screen stands still meanwhile / 0.1 s", stood / 0.1)
    report("a query with one hit / 0.1 s", narrow / 0.1)
