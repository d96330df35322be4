"""The scan behind the studies: what it leaves of the program's settings."""

import asyncio
import gc
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom.data import get_testdata_file

from dicomtui.garbage import few_searches_for_garbage
from dicomtui.tui import key_gate
from dicomtui.tui.screens import scanning
from dicomtui.tui.screens.scanning import ArchiveChanged, Scanner
from tests.tui.driving import browser_on

if TYPE_CHECKING:
    from textual.message import Message


def test_a_scan_searches_for_garbage_seldom_and_leaves_that_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").symlink_to(str(get_testdata_file("CT_small.dcm", download=False)))
    (tmp_path / "b.dcm").write_bytes(
        Path(str(get_testdata_file("CT_small.dcm", download=False))).read_bytes()
    )
    before = gc.get_threshold()
    posted: list[Message] = []
    with few_searches_for_garbage():
        assert gc.get_threshold()[2] > before[2]
        frozen = gc.get_freeze_count()
        assert frozen > 10_000  # all that is loaded is left out
    scanner = Scanner([str(tmp_path)], posted.append, keep=False)
    scanner.start()
    assert scanner._thread is not None
    scanner._thread.join(timeout=30)
    try:
        assert scanner.complete
        assert any(isinstance(message, ArchiveChanged) and message.complete for message in posted)
        assert gc.get_threshold() == before
        assert gc.get_freeze_count() <= frozen  # once, however many scans there are
    finally:
        scanner.close()
        gc.unfreeze()


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Return a folder with more files than the program reads by itself."""
    data = Path(str(get_testdata_file("CT_small.dcm", download=False))).read_bytes()
    for number in range(2_000):
        (tmp_path / f"{number}.dcm").write_bytes(data[:2_000])
    return tmp_path


def test_a_scan_stands_back_while_keys_are_answered_and_goes_on_then(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "STAND_BACK_SECONDS", 60.0)
    answering = threading.Event()
    answering.set()
    scanner = Scanner([str(many)], lambda _: None, keep=False, is_answering=answering.is_set)
    try:
        scanner.start()
        time.sleep(1)
        assert scanner.running
        assert scanner.known < 2_000
        answering.clear()
        assert scanner._thread is not None
        scanner._thread.join(timeout=30)
        assert scanner.complete
        assert scanner.known == 2_000
    finally:
        scanner.close()


def test_a_scan_goes_on_while_a_key_is_held(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "STAND_BACK_SECONDS", 0.02)
    scanner = Scanner([str(many)], lambda _: None, keep=False, is_answering=lambda: True)
    try:
        scanner.start()
        assert scanner._thread is not None
        scanner._thread.join(timeout=30)
        assert scanner.complete
    finally:
        scanner.close()


def test_a_scan_that_stands_back_stops_at_once(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "STAND_BACK_SECONDS", 60.0)
    scanner = Scanner([str(many)], lambda _: None, keep=False, is_answering=lambda: True)
    scanner.start()
    time.sleep(0.2)
    scanner.close()
    assert not scanner.running


async def test_a_scan_that_the_browser_started_stands_back_for_keys(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "STAND_BACK_SECONDS", 60.0)
    monkeypatch.setattr(key_gate, "_ANSWER_SECONDS", 60.0)
    async with browser_on(many) as driver:
        await driver.press("t")
        await asyncio.sleep(1)
        assert driver.browser._archive.scanner.running
        monkeypatch.setattr(scanning, "STAND_BACK_SECONDS", 0.0)
        await driver.press("escape")
        await driver.until(lambda: not driver.browser._archive.scanner.running, "the end of the scan")
