"""What a user gets from a scan: every file once, whatever it is, and nothing that waits or breaks."""

import os
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from dicomtui.archive import scan as scans
from dicomtui.archive.header import read_header
from dicomtui.archive.listing import stamp_of
from dicomtui.archive.scan import ScanBatch, scan
from dicomtui.archive.scanned_file import ScannedFile
from dicomtui.pool import Pool
from tests.builders import ct, write, write_series


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(2) as pool:
        yield pool


@pytest.fixture(params=["in processes", "a few here"])
def anywhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the files in processes from the first one on, or all of them here."""
    monkeypatch.setattr(scans, "FEW", 0 if request.param == "in processes" else 1 << 30)


def _files(root: Path | str, pool: Pool) -> dict[str, ScannedFile]:
    batches = list(scan(str(root), pool))
    files = [file for batch in batches for file in batch.files]
    assert len({file.path for file in files}) == len(files)
    assert batches[-1].complete
    assert batches[-1].listed == batches[-1].done == len(files)
    return {file.path: file for file in files}


@pytest.mark.usefixtures("anywhere")
def test_every_file_is_found_once_with_its_header(tmp_path: Path, pool: Pool) -> None:
    write_series(tmp_path / "a", 5)
    write_series(tmp_path / "b" / "c", 3, SeriesInstanceUID="1.2.3")
    (tmp_path / "notes.txt").write_text("nothing to see")
    (tmp_path / "empty").touch()
    files = _files(tmp_path, pool)
    assert len(files) == 10
    for path, file in files.items():
        status = os.stat(path)
        assert (file.size, file.times) == stamp_of(status)
        if file.header is not None:
            assert file.header == read_header(path)
            assert not file.reason
    assert Counter(file.reason for file in files.values() if file.header is None) == {"not DICOM": 2}


@pytest.mark.usefixtures("anywhere")
def test_what_is_no_regular_file_is_said_and_never_opened(tmp_path: Path, pool: Pool) -> None:
    write(ct(), tmp_path / "good")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "linked").symlink_to(tmp_path / "good")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(tmp_path)  # the path of a socket is short
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
        files = _files(tmp_path, pool)
    reasons = {os.path.basename(path): file.reason for path, file in files.items()}
    assert reasons == {
        "good": "",
        "pipe": "named pipe",
        "socket": "socket",
        "loop": "symbolic link",
        "dangling": "symbolic link",
        "linked": "symbolic link",
    }


@pytest.mark.usefixtures("anywhere")
def test_names_may_be_anything(tmp_path: Path, pool: Pool) -> None:
    data = (write(ct(), tmp_path / "plain")).read_bytes()
    names = [b"\xff\xfe", b"line\nbreak", b"\x1b[31m", b"-rf", "ü".encode("latin-1"), b"x" * 255]
    for name in names:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as stream:
            stream.write(data)
    files = _files(tmp_path, pool)
    assert {os.fsencode(os.path.basename(path)) for path in files} == {b"plain", *names}
    assert all(file.header is not None for file in files.values())


def test_names_that_begin_with_a_dot_are_left_out(tmp_path: Path, pool: Pool) -> None:
    write(ct(), tmp_path / ".hidden")
    write(ct(), tmp_path / ".git" / "x")
    write(ct(), tmp_path / "shown")
    assert [os.path.basename(path) for path in _files(tmp_path, pool)] == ["shown"]


def test_a_link_as_root_is_followed_but_none_below(tmp_path: Path, pool: Pool) -> None:
    write(ct(), tmp_path / "real" / "one")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert list(_files(tmp_path / "link", pool)) == [str(tmp_path / "real" / "one")]


def test_a_single_file_is_an_archive_of_one(tmp_path: Path, pool: Pool) -> None:
    path = write(ct(), tmp_path / "one")
    write(ct(), tmp_path / "two")
    assert list(_files(path, pool)) == [str(path)]


def test_members_of_a_zip_are_files(tmp_path: Path, pool: Pool) -> None:
    one = write(ct(), tmp_path / "in" / "one")
    with zipfile.ZipFile(tmp_path / "study.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(one, "folder/one")
        archive.writestr("read.me", b"nothing")
    one.unlink()
    files = _files(tmp_path, pool)
    address = f"{tmp_path}/study.zip!/folder/one"
    assert set(files) == {address, f"{tmp_path}/study.zip!/read.me"}
    header = files[address].header
    assert header is not None
    assert header.path == address
    assert header.patient_name == "Doe^Jane"
    assert files[address].times == stamp_of(os.stat(tmp_path / "study.zip"))[1]


def test_deep_trees_end(tmp_path: Path, pool: Pool) -> None:
    folder = tmp_path
    for _ in range(300):
        folder = folder / "d"
    folder.mkdir(parents=True)
    write(ct(), folder / "deep")
    assert [file.reason for file in _files(tmp_path, pool).values()] == [""]


@pytest.mark.usefixtures("anywhere")
def test_a_dicomdir_is_told_by_its_content(pool: Pool) -> None:
    from pydicom.data import get_testdata_file

    root = os.path.dirname(str(get_testdata_file("DICOMDIR")))
    files = _files(root, pool)
    assert files[os.path.join(root, "DICOMDIR")].reason == "a DICOMDIR"
    assert sum(file.header is not None for file in files.values()) > 20


@pytest.mark.usefixtures("anywhere")
def test_broken_files_are_skipped_with_a_reason_that_can_be_counted(tmp_path: Path, pool: Pool) -> None:
    data = write(ct(), tmp_path / "good").read_bytes()
    for length in (140, 200, 300):
        (tmp_path / f"cut{length}").write_bytes(data[:length])
    files = _files(tmp_path, pool)
    assert len(files) == 4
    assert all(str(tmp_path) not in file.reason for file in files.values())


def test_only_what_is_wanted_is_read(tmp_path: Path, pool: Pool) -> None:
    write_series(tmp_path / "a", 3)
    write_series(tmp_path / "b", 2)
    asked: dict[str, set[str]] = {}

    def wanted(folder: str, files: dict[str, tuple[int, int]]) -> Sequence[str]:
        asked[folder] = set(files)
        for name, (size, times) in files.items():
            status = os.stat(os.path.join(folder, name))
            assert (size, times) == stamp_of(status)
        return [name for name in files if name == "slice001.dcm"]

    batches = list(scan(str(tmp_path), pool, wanted))
    read = [file.path for batch in batches for file in batch.files]
    assert sorted(read) == [str(tmp_path / "a" / "slice001.dcm"), str(tmp_path / "b" / "slice001.dcm")]
    assert asked[str(tmp_path / "a")] == {f"slice00{n}.dcm" for n in range(3)}
    assert batches[-1].listed == batches[-1].done == 5
    assert {folder for batch in batches for folder in batch.folders} == set(asked)


def test_a_mistake_of_the_caller_is_not_swallowed(tmp_path: Path, pool: Pool) -> None:
    write(ct(), tmp_path / "one")

    def wanted(folder: str, files: object) -> Sequence[str]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(scan(str(tmp_path), pool, wanted))


def test_cancelling_takes_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "FEW", 0)
    data = write(ct(), tmp_path / "x").read_bytes()
    for number in range(3000):
        (tmp_path / f"f{number}").write_bytes(data)
    with Pool(2) as pool:
        batches = scan(str(tmp_path), pool)
        first = next(batches)
        assert isinstance(first, ScanBatch)
        started = time.monotonic()
        batches.close()  # type: ignore[attr-defined]
        spent = time.monotonic() - started
    assert spent < 1  # a scan of all would be as long again and again on a slow disk; the goal is 0.2 s


def test_a_file_that_vanishes_or_a_folder_is_one_reason(tmp_path: Path, pool: Pool) -> None:
    write_series(tmp_path / "a", 3)

    def wanted(folder: str, files: dict[str, tuple[int, int]]) -> Sequence[str]:
        for name in files:
            os.unlink(os.path.join(folder, name))
        return list(files)

    batches = list(scan(str(tmp_path), pool, wanted))
    reasons = {file.reason for batch in batches for file in batch.files}
    assert reasons == {"no such file or directory"}


def test_a_container_without_members_counts_for_nothing(tmp_path: Path, pool: Pool) -> None:
    zipfile.ZipFile(tmp_path / "empty.zip", "w").close()
    (tmp_path / "fake.zip").write_bytes(b"no zip at all")
    write(ct(), tmp_path / "one")
    reasons = {os.path.basename(path): file.reason for path, file in _files(tmp_path, pool).items()}
    assert reasons == {"fake.zip": "not DICOM", "one": ""}


def test_a_large_container_is_told_of_while_it_is_read(tmp_path: Path, pool: Pool) -> None:
    data = write(ct(), tmp_path / "one").read_bytes()
    with zipfile.ZipFile(tmp_path / "large.zip", "w") as archive:
        for number in range(4000):
            archive.writestr(f"im{number}", data)
    counts = [sum("!/" in file.path for file in batch.files) for batch in scan(str(tmp_path), pool)]
    assert sum(counts) == 4000
    assert max(counts) < 4000


def test_what_takes_a_parser_is_left_to_a_process(tmp_path: Path) -> None:
    """A file can bring a parser down, or keep it busy; the program that asks must neither notice nor wait."""
    program = (
        "import sys\n"
        "from dicomtui.archive.scan import scan\n"
        "from dicomtui.pool import Pool\n"
        "with Pool(1) as pool:\n"
        f"    files = [file for batch in scan({str(tmp_path)!r}, pool) for file in batch.files]\n"
        "assert [file.header.patient_id for file in files] == ['ID-1'] * 2, files\n"
        "assert 'pydicom' not in sys.modules\n"
    )
    data = write(ct(), tmp_path / "usual").read_bytes()
    at = data.index(b"\x10\0\x20\0LO")
    twice = data[at : at + 12]  # Patient ID, which may stand there once
    (tmp_path / "unusual").write_bytes(data[:at] + twice + data[at:])
    subprocess.run([sys.executable, "-c", program], timeout=60, check=True, cwd=Path(__file__).parents[2])


def test_folders_nested_beyond_what_a_path_can_say_are_one_reason(tmp_path: Path, pool: Pool) -> None:
    top = tmp_path / "top"
    write(ct(), top / "one")
    here = os.getcwd()
    os.chdir(top)
    try:
        for _ in range(5000):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)
    try:
        files = _files(top, pool)
    finally:
        subprocess.run(["rm", "-rf", top], check=True)  # pytest would recurse
    assert Counter(file.reason for file in files.values()) == {"": 1, "folder: file name too long": 1}


def test_a_folder_that_cannot_be_listed_is_one_reason(
    tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(tmp_path / "good", 3)
    write_series(tmp_path / "bad", 3)
    write_series(tmp_path / "worse" / "below", 3)
    real = os.scandir

    class Failing:
        """Fails after the first entry, as a broken disk does."""

        def __init__(self, path: str) -> None:
            self._path = path

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            with real(self._path) as entries:
                yielded = list(entries)[:1]
            if self._path.endswith("bad"):
                raise PermissionError(13, "Permission denied")
            return self._fail(yielded)

        def _fail(self, entries: list[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
            yield from entries
            raise OSError(5, "Input/output error")

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(
        os, "scandir", lambda path: Failing(path) if path.endswith(("bad", "worse")) else real(path)
    )
    reasons = {
        path.removeprefix(f"{tmp_path}/"): file.reason for path, file in _files(tmp_path, pool).items()
    }
    assert reasons == {
        "bad": "folder: permission denied",
        "worse": "folder: input/output error",
        **{f"{folder}/slice00{number}.dcm": "" for folder in ("good", "worse/below") for number in range(3)},
    }


def test_files_appear_before_a_folder_is_wholly_listed(
    tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(tmp_path, 3)
    go_on = threading.Event()
    real = os.scandir

    @contextmanager
    def slow(path: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        def entries() -> Iterator[os.DirEntry[str]]:
            with real(path) as found:
                for number, entry in enumerate(found):
                    if number == 2:
                        go_on.wait(30)
                    yield entry

        yield entries()

    monkeypatch.setattr(os, "scandir", slow)
    seen = 0
    for batch in scan(str(tmp_path), pool):
        seen += len(batch.files)
        assert batch.complete <= go_on.is_set()
        if seen == 2:
            go_on.set()
    assert seen == 3


@pytest.mark.parametrize("root", ["/proc/self/status", "/proc/sys/kernel/random"])
def test_files_that_claim_to_be_empty_and_are_not_are_ordinary(root: str, pool: Pool) -> None:
    if not os.path.exists(root):
        pytest.skip(f"no {root}")
    files = _files(root, pool)
    assert files
    assert all(file.header is None and file.reason for file in files.values())


def test_a_root_that_is_gone_is_one_reason(tmp_path: Path, pool: Pool) -> None:
    assert [file.reason for file in _files(tmp_path / "gone", pool).values()] == ["no such file or directory"]


@pytest.mark.corpus
def test_the_corpus_is_read_as_each_file_alone_is(corpus: Path, pool: Pool) -> None:
    files = _files(corpus, pool)
    assert sum(file.header is not None for file in files.values()) > 450
    for path, file in files.items():
        if file.header is not None and "!/" not in path:
            assert file.header == read_header(path)
