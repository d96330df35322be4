"""From the start to the first picture: a folder of 300 CT instances against a folder with one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import median_costs
from tests.benchmarks.programs import browser
from tests.benchmarks.series import write_ct_series


@pytest.fixture
def series(tmp_path: Path, report: Report) -> Iterator[Path]:
    """A folder of 150 MB, which goes when it was measured."""
    folder = write_ct_series(tmp_path / "series", 300)
    yield folder
    shutil.rmtree(folder)


def test_first_picture_of_a_folder(series: Path, tmp_path: Path, report: Report) -> None:
    alone = write_ct_series(tmp_path / "alone", 1)
    one, many = median_costs((browser(alone), r"\d ms"), (browser(series), r"\d ms"))
    report("time from start to first picture, 300 instances / one", many.wall / one.wall)
    report("CPU from start to first picture, 300 instances / one", many.cpu / one.cpu)
