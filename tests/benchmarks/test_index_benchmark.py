"""Opening an index of 100,000 files that have not changed, against walking the folders with a stat each."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomtui.archive.header import Header, read_header
from dicomtui.archive.index import Index, open_index
from dicomtui.archive.listing import stamp_of
from dicomtui.archive.refresh import refresh
from dicomtui.archive.scanned_file import ScannedFile
from dicomtui.pool import Pool
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians, seconds
from tests.benchmarks.series import write_ct

SERIES, INSTANCES = 1000, 100
MEGABYTE = 1e6
SECONDS_TO_SHOW = 0.3
"""What a person may wait for the list of series."""
MOST_MEGABYTES = 250
"""What the whole browser may take with 100,000 instances."""


@pytest.fixture
def archive(tmp_path: Path, report: Report) -> Iterator[Path]:
    """A folder with 1,000 folders of 100 files each; they are empty, for nobody opens them."""
    root = tmp_path / "archive"
    for number in range(SERIES):
        folder = root / f"{number // 50:02}" / f"{number:04}"
        folder.mkdir(parents=True)
        for instance in range(INSTANCES):
            os.mknod(folder / f"IM{instance:06}.dcm")
    yield root
    shutil.rmtree(root)


@pytest.fixture
def header(tmp_path: Path) -> Header:
    """The header of a CT instance."""
    write_ct(tmp_path / "ct.dcm")
    header = read_header(str(tmp_path / "ct.dcm"))
    assert header is not None
    return header


def fill(index: Index, root: Path, header: Header) -> None:
    """Put in what a scan would, each instance with values of its own where instances have these."""
    folders = []
    for number, (folder, _, names) in enumerate(os.walk(root)):
        folders.append(folder)
        stamps = {}
        for name in names:
            status = os.stat(os.path.join(folder, name))
            stamps[name] = stamp_of(status)
        index.wanted(folder, stamps)
        index.update(
            ScannedFile(
                path := f"{folder}/{name}",
                *stamps[name],
                header._replace(
                    path=path,
                    series_instance_uid=f"{header.series_instance_uid[:50]}.{number}",
                    series_number=number,
                    sop_instance_uid=f"{header.sop_instance_uid[:50]}.{number}.{instance}",
                    instance_number=instance,
                    image_position=(-250.5, -250.5, instance * 1.25),
                    content_time=f"1010{instance % 60:02}.123000",
                ),
            )
            for instance, name in enumerate(names)
        )
    index.forget_folders_not_in(folders)


def walk(root: Path) -> int:
    """Do the least that tells whether a file has changed."""
    total = 0
    folders = [str(root)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_mtime_ns > 0
    return total


def test_memory(archive: Path, header: Header, report: Report) -> None:
    before = resident()
    index = open_index(str(archive), keep=False)
    fill(index, archive, header)
    taken = resident() - before
    report("memory of an index of 100,000 instances in MB", taken / MEGABYTE)
    report(
        "memory of an index of 100,000 instances / what the browser may take",
        taken / MEGABYTE / MOST_MEGABYTES,
    )
    report(
        "reading the headers of 100,000 instances, in seconds",
        seconds(lambda: sum(1 for _ in index.headers())),
    )
    report("listing 1,000 series of an index in memory / 20 ms", medians(index.series)[0] / 0.02)
    index.close()


def test_opening_again(archive: Path, header: Header, report: Report) -> None:
    index = open_index(str(archive), keep=True)
    fill(index, archive, header)
    assert index.instances == SERIES * INSTANCES
    index.close()

    def open_and_show() -> None:
        index = open_index(str(archive), keep=True)
        assert len(index.series()) == SERIES
        index.close()

    def open_and_refresh() -> None:
        index = open_index(str(archive), keep=True)
        with Pool() as pool:
            *_, last = refresh(index, pool)
        assert (last.done, last.changed) == (SERIES * INSTANCES, False)
        index.close()

    floor, whole, shown = medians(lambda: walk(archive), open_and_refresh, open_and_show, rounds=5)
    report("bringing an index of 100,000 unchanged files up to date / walk and stat", whole / floor)
    report("listing its 1,000 series / walk and stat", shown / floor)
    report("listing its 1,000 series / 0.3 s", shown / SECONDS_TO_SHOW)


def resident() -> int:
    """Return how many bytes of memory this process has."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
