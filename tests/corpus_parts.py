"""The corpus in parts: one is in every run of the tests, the others are slow."""

from pathlib import Path

import pytest

COUNT = 4
PARTS = [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, COUNT))]


def files_of(corpus: Path, part: int) -> list[Path]:
    """Return the files of a part: every fourth, so that each has some of every source."""
    return sorted(path for path in corpus.rglob("*") if path.is_file())[part::COUNT]
