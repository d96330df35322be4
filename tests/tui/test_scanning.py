"""The scan behind the studies: what it leaves of the program's settings."""

import gc
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom.data import get_testdata_file

from dicomtui.tui.screens import scanning
from dicomtui.tui.screens.scanning import ArchiveChanged, Scanner

if TYPE_CHECKING:
    from textual.message import Message


def test_a_scan_searches_for_garbage_seldom_and_leaves_that_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").symlink_to(str(get_testdata_file("CT_small.dcm", download=False)))
    (tmp_path / "b.dcm").write_bytes(
        Path(str(get_testdata_file("CT_small.dcm", download=False))).read_bytes()
    )
    before = gc.get_threshold(), gc.get_freeze_count()
    posted: list[Message] = []
    with scanning._few_searches_for_garbage():
        assert gc.get_threshold()[2] > before[0][2]
        assert gc.get_freeze_count() > 10_000  # all that is loaded is left out
    scanner = Scanner([str(tmp_path)], posted.append, keep=False)
    scanner.start()
    assert scanner._thread is not None
    scanner._thread.join(timeout=30)
    try:
        assert scanner.complete
        assert any(isinstance(message, ArchiveChanged) and message.complete for message in posted)
        assert (gc.get_threshold(), gc.get_freeze_count()) == before
    finally:
        scanner.close()
