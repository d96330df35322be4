"""An index in step with the disk."""

import os
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomtui.archive import refresh as refreshing
from dicomtui.archive.header import read_header
from dicomtui.archive.index import Index, open_index
from dicomtui.archive.refresh import Progress, refresh
from dicomtui.archive.scan import ScanBatch
from dicomtui.pool import Pool
from tests.builders import ct, write, write_series


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """One pool for all, because workers take a while to start."""
    with Pool(1) as pool:
        yield pool


@pytest.fixture(params=["in memory", "kept"])
def index(request: pytest.FixtureRequest, archive: Path) -> Iterator[Index]:
    """An index about the archive, which knows nothing."""
    index = open_index(str(archive), keep=request.param == "kept")
    yield index
    index.close()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with two series, a zip of a third, and files that are not DICOM."""
    root = tmp_path / "archive"
    write_series(root / "one", 4, SeriesInstanceUID="1.2.1")
    write_series(root / "deep" / "two", 2, SeriesInstanceUID="1.2.2", PatientName="Other")
    inside = write_series(tmp_path / "three", 3, SeriesInstanceUID="1.2.3")
    with zipfile.ZipFile(root / "three.zip", "w", zipfile.ZIP_DEFLATED) as container:
        for path in sorted(inside.iterdir()):
            container.write(path, f"DICOM/{path.name}")
    (root / "one" / "notes.txt").write_text("no DICOM")
    return root


def paths(index: Index) -> set[str]:
    return {header.path.removeprefix(index.root + "/") for header in index.headers()}


def run(index: Index, pool: Pool) -> Progress:
    *_, last = refresh(index, pool)
    assert last.complete
    return last


def has_changed(index: Index, pool: Pool) -> bool:
    return True in [step.changed for step in refresh(index, pool)]


def read_paths(index: Index, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Refresh, and return the paths of what the scan has read."""
    read: set[str] = set()
    real = refreshing.scan

    def watched(*arguments: object) -> Iterator[ScanBatch]:
        for batch in real(*arguments):
            read.update(file.path.removeprefix(f"{index.root}/") for file in batch.files)
            yield batch

    monkeypatch.setattr(refreshing, "scan", watched)
    run(index, pool)
    monkeypatch.setattr(refreshing, "scan", real)
    return read


def test_everything_is_found(index: Index, pool: Pool, archive: Path) -> None:
    last = run(index, pool)
    counts = {row.series_instance_uid: (row.instances, row.images) for row in index.series()}
    assert counts == {"1.2.1": (4, 4), "1.2.2": (2, 2), "1.2.3": (3, 3)}
    assert last.done == last.listed >= 7
    assert [os.path.basename(skipped.source) for skipped in index.skipped()] == ["notes.txt"]
    for found in index.headers():
        if "!/" not in found.path:
            assert found == read_header(found.path)


def test_only_what_changed_is_read_again(
    index: Index, pool: Pool, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(read_paths(index, pool, monkeypatch)) == 10
    before = paths(index)
    assert read_paths(index, pool, monkeypatch) == set()
    write(ct(PatientName="New"), archive / "one" / "slice000.dcm")
    write(ct(PatientName="New"), archive / "new" / "a.dcm")
    (archive / "one" / "slice001.dcm").unlink()
    (archive / "deep" / "two" / "slice000.dcm").rename(archive / "deep" / "moved.dcm")
    assert read_paths(index, pool, monkeypatch) == {
        "one/slice000.dcm",
        "new/a.dcm",
        "deep/moved.dcm",
    }
    gone = {"one/slice001.dcm", "deep/two/slice000.dcm"}
    assert paths(index) == before - gone | {"new/a.dcm", "deep/moved.dcm"}
    assert {row.instances for row in index.series() if row.patient_name == "New"} == {2}


def test_an_edit_that_restores_size_and_mtime_is_seen(
    index: Index, pool: Pool, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive / "one" / "slice000.dcm"
    run(index, pool)
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"Doe^Jane", b"Roe^Mary"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert read_paths(index, pool, monkeypatch) == {"one/slice000.dcm"}
    assert "Roe^Mary" in {row.patient_name for row in index.series()}


def test_a_changed_container_is_read_as_a_whole(
    index: Index, pool: Pool, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(index, pool)
    path = archive / "three.zip"
    with zipfile.ZipFile(path, "a") as container:
        container.write(archive / "one" / "slice000.dcm", "more.dcm")
    assert len(read_paths(index, pool, monkeypatch)) == 4
    assert len({name for name in paths(index) if name.startswith("three.zip!/")}) == 4
    with zipfile.ZipFile(path, "w") as container:
        container.write(archive / "one" / "slice000.dcm", "only.dcm")
    run(index, pool)
    assert {name for name in paths(index) if "!/" in name} == {"three.zip!/only.dcm"}
    path.unlink()
    run(index, pool)
    assert not {name for name in paths(index) if "!/" in name}
    assert read_paths(index, pool, monkeypatch) == set()


def test_a_folder_that_goes_and_comes_is_followed(index: Index, pool: Pool, archive: Path) -> None:
    run(index, pool)
    before = paths(index)
    (archive / "one").rename(archive.parent / "away")
    run(index, pool)
    assert paths(index) == {path for path in before if not path.startswith("one/")}
    (archive.parent / "away").rename(archive / "one")
    assert run(index, pool).listed >= 7
    assert paths(index) == before


def test_what_is_known_of_a_folder_that_cannot_be_listed_stays(
    index: Index, pool: Pool, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(refresh(index, pool))
    before = {header.path for header in index.headers()}
    listed = os.scandir

    def scandir(path: str) -> object:
        if os.fspath(path) == str(archive / "deep"):
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    list(refresh(index, pool))
    assert {header.path for header in index.headers()} == before
    assert any("permission denied" in skipped.reason for skipped in index.skipped())
    monkeypatch.undo()
    list(refresh(index, pool))
    assert {header.path for header in index.headers()} == before
    assert not any("permission denied" in skipped.reason for skipped in index.skipped())


def test_links_and_pipes_are_named_as_long_as_they_are_there(index: Index, pool: Pool, archive: Path) -> None:
    os.mkfifo(archive / "one" / "pipe")
    (archive / "one" / "link").symlink_to("slice000.dcm")
    for _ in range(2):
        run(index, pool)
        names = {os.path.basename(skipped.source) for skipped in index.skipped()}
        assert names == {"notes.txt", "pipe", "link"}
    (archive / "one" / "pipe").unlink()
    (archive / "one" / "link").unlink()
    run(index, pool)
    assert {os.path.basename(skipped.source) for skipped in index.skipped()} == {"notes.txt"}


@pytest.mark.parametrize("name", ["one/slice000.dcm", "three.zip"])
def test_a_single_file_or_container_can_be_indexed(
    pool: Pool, archive: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive / name
    index = open_index(str(path), keep=True)
    run(index, pool)
    count = index.instances
    assert count == (3 if name.endswith("zip") else 1)
    assert read_paths(index, pool, monkeypatch) == set()
    assert index.instances == count
    write(ct(), path.with_name("new.dcm")).replace(path)
    run(index, pool)
    assert {header.path for header in index.headers()} == {str(path)}
    index.close()


def test_a_scan_that_is_cancelled_forgets_nothing(pool: Pool, archive: Path) -> None:
    index = open_index(str(archive), keep=False)
    run(index, pool)
    before = paths(index)
    steps = refresh(index, pool)
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert paths(index) == before
    index.close()


def test_it_says_whether_there_is_something_new(pool: Pool, archive: Path) -> None:
    index = open_index(str(archive), keep=False)
    assert has_changed(index, pool)
    assert not has_changed(index, pool)
    (archive / "one" / "notes.txt").unlink()
    assert has_changed(index, pool)
    index.close()


def test_what_is_lost_with_a_damaged_file_is_read_again(pool: Pool, archive: Path) -> None:
    index = open_index(str(archive), keep=True)
    run(index, pool)
    before = paths(index)
    path = index._store.path

    def damage() -> None:
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("UPDATE folder SET path = CAST('../' || id || '/' AS BLOB)")
        connection.close()

    damage()
    write(ct(), archive / "one" / "new.dcm")
    steps = refresh(index, pool)
    next(steps)
    list(index.headers())  # another thread stumbles over it
    assert not index.kept
    list(steps)
    assert paths(index) == before | {"one/new.dcm"}
    index.close()


def test_names_that_are_no_text_survive(index: Index, pool: Pool, archive: Path) -> None:
    name = os.fsencode(archive) + b"/one/caf\xe9 \n.dcm"
    write(ct(), archive / "x.dcm").rename(os.fsdecode(name))
    run(index, pool)
    assert os.fsdecode(name) in {found.path for found in index.headers()}
    assert read_header(os.fsdecode(name)) in list(index.headers())


@pytest.mark.corpus
def test_real_files_come_back_as_they_were_read(pool: Pool, corpus: Path) -> None:
    index = open_index(str(corpus), keep=True)
    assert run(index, pool).done == len(index.skipped()) + index.instances
    for found in index.headers():
        if "!/" not in found.path:
            assert found == read_header(found.path)
    index.close()
