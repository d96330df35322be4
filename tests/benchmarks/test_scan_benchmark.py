"""Scanning an archive of 22,000 files, against walking, opening and reading 8 KiB, and against pydicom."""

import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pydicom
import pytest

from dicomtui.archive.header import compile_patterns, read_header
from dicomtui.archive.scan import scan
from dicomtui.pool import Pool
from dicomtui.processes import prepare
from tests.archive_builder import Archive, drop_from_cache, write_archive
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians, seconds

COUNT = int(os.environ.get("DICOMTUI_BENCHMARK_FILES", "22000"))
PART = 10
"""Pydicom reads one in so many of the series, all instances of each."""
CANCEL_SECONDS = 0.2
"""What a person who cancels may wait."""


@pytest.fixture(scope="module")
def _archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Archive]]:
    kept: list[Archive] = []
    yield kept
    for archive in kept:
        shutil.rmtree(archive.root)


@pytest.fixture
def archive(report: Report, _archive: list[Archive], tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive of mixed kinds, made once; workers can be forked, as in a browser."""
    prepare()
    if not _archive:
        _archive.append(write_archive(tmp_path_factory.mktemp("archive"), COUNT))
    return _archive[0]


def walk_and_read(root: Path) -> int:
    """Do the least that reads the beginning of each file."""
    count = 0
    folders = [str(root)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    read_beginning(entry.path)
                    count += 1
    return count


def read_beginning(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.read(descriptor, 8192)
    os.close(descriptor)


def scan_all(archive: Archive) -> None:
    with Pool(2) as pool:
        files = [file for batch in scan(str(archive.root), pool) for file in batch.files]
    assert len(files) == COUNT
    assert sum(file.header is not None for file in files) == len(archive.instances)


def test_a_warm_archive(archive: Archive, report: Report) -> None:
    floor, whole = medians(lambda: walk_and_read(archive.root), lambda: scan_all(archive))
    report("scan in two processes, warm / walk, open and read 8 KiB", whole / floor)


def test_a_cold_archive(archive: Archive, report: Report) -> None:
    paths = [*archive.instances, *archive.others]

    def cold(call: Callable[[], object]) -> float:
        drop_from_cache(paths)
        return seconds(call)

    times = [(cold(lambda: walk_and_read(archive.root)), cold(lambda: scan_all(archive))) for _ in range(5)]
    floor, whole = map(median, zip(*times, strict=True))
    report("scan in two processes, data not in the cache / walk, open and read 8 KiB", whole / floor)


def test_headers_of_an_archive(archive: Archive, report: Report) -> None:
    paths = archive.instances[: len(archive.instances) // PART]  # has series of all kinds
    compile_patterns()

    def read_by_pydicom() -> None:
        with warnings.catch_warnings(action="ignore"):
            for path in paths:
                pydicom.dcmread(path, stop_before_pixels=True)

    def read_here() -> None:
        for path in paths:
            read_header(path)

    def read_beginnings() -> None:
        for path in paths:
            read_beginning(path)

    theirs, ours, floor = medians(read_by_pydicom, read_here, read_beginnings, rounds=5)
    report("dcmread(stop_before_pixels=True) / read_header, over an archive", theirs / ours)
    report("read_header / opening a file and reading 8 KiB, over an archive", ours / floor)


def test_first_files_and_cancelling(archive: Archive, report: Report) -> None:
    firsts, ends = [], []
    for _ in range(9):
        with Pool(2) as pool:
            began = time.perf_counter()
            batches = scan(str(archive.root), pool)
            found = 0
            for batch in batches:
                if not found and batch.files:
                    firsts.append(time.perf_counter() - began)
                found += len(batch.files)
                if found > COUNT // 4:
                    break
            began = time.perf_counter()
            batches.close()  # type: ignore[attr-defined]
        ends.append(time.perf_counter() - began)
    report("from the start to the first files / 0.1 s", median(firsts) / 0.1)
    report("from cancelling to the end of all workers / 0.2 s, at worst", max(ends) / CANCEL_SECONDS)
