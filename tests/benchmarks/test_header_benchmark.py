"""Reading what a scan needs of a file, against opening it and reading 8 KiB, and against pydicom."""

import os
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from dicomtui.archive.header import read_header
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians
from tests.benchmarks.series import write_ct

COUNT = 500


@pytest.fixture(params=["260 elements, many private", "65 elements"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, list[str]]:
    """What the files are like, and their names: links to the same one, so that the disk takes no part."""
    whole = tmp_path / "whole.dcm"
    if request.param == "65 elements":
        write_ct(whole)
    else:
        whole.write_bytes(Path(str(get_testdata_file("CT_small.dcm"))).read_bytes())
    paths = [tmp_path / f"{number}.dcm" for number in range(COUNT)]
    for path in paths:
        path.hardlink_to(whole)
    return request.param, [str(path) for path in paths]


def read_beginning(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.read(descriptor, 8192)
    os.close(descriptor)


def read_by_pydicom(path: str) -> None:
    pydicom.dcmread(path, stop_before_pixels=True)


def test_headers(files: tuple[str, list[str]], report: Report) -> None:
    kind, paths = files

    def of_all(read: Callable[[str], object]) -> Callable[[], None]:
        def call() -> None:
            for path in paths:
                read(path)

        return call

    reads = (read_beginning, read_header, read_by_pydicom)
    floor, ours, theirs = medians(*map(of_all, reads), rounds=5)
    report(f"dcmread(stop_before_pixels=True) / read_header, {kind}", theirs / ours)
    report(f"read_header / opening a file and reading 8 KiB, {kind}", ours / floor)
