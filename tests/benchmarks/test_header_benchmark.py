"""Reading what a scan needs of a file, against opening it and reading 8 KiB, and against pydicom."""

import os
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from dicomtui.archive.header import read_header
from dicomtui.archive.layouts import Layouts
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians
from tests.benchmarks.series import write_ct

COUNT = 500


@pytest.fixture(params=["260 elements, many private", "65 elements"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, list[str]]:
    """What the files are like, and their names: a series, each with UID, number and place of its own."""
    whole = tmp_path / "whole.dcm"
    if request.param == "65 elements":
        write_ct(whole)
    else:
        whole.write_bytes(Path(str(get_testdata_file("CT_small.dcm"))).read_bytes())
    dataset = pydicom.dcmread(whole)
    paths = [tmp_path / f"{number}.dcm" for number in range(COUNT)]
    for number, path in enumerate(paths, 1):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.InstanceNumber = number
        dataset.ImagePositionPatient = [-100, -100.5, number * 1.25]
        dataset.save_as(path)
    return request.param, [str(path) for path in paths]


@pytest.fixture
def without_layouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every header walked, as the first of each series is."""
    monkeypatch.setattr(Layouts, "read", lambda *_: None)
    monkeypatch.setattr(Layouts, "learn", lambda *_: None)


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


@pytest.mark.usefixtures("without_layouts")
def test_headers_of_which_each_is_walked(files: tuple[str, list[str]], report: Report) -> None:
    kind, paths = files

    def read_here() -> None:
        for path in paths:
            read_header(path)

    def read_there() -> None:
        for path in paths:
            read_by_pydicom(path)

    ours, theirs = medians(read_here, read_there, rounds=5)
    report(f"dcmread(stop_before_pixels=True) / read_header where each is walked, {kind}", theirs / ours)
