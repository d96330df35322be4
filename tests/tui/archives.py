"""Folders that were scanned, for what asks the whole archive."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dicomtui.processes import prepare
from dicomtui.tui.screens.scanning import Scanner


@contextmanager
def scanned(*folders: Path) -> Iterator[Scanner]:
    """Scan *folders* to the end."""
    prepare()
    scanner = Scanner([str(folder) for folder in folders], lambda _: None, keep=False)
    scanner.start()
    try:
        end = time.monotonic() + 20
        while not scanner.complete:
            assert time.monotonic() < end, "the scan does not end"
            time.sleep(0.01)
        yield scanner
    finally:
        scanner.close()
