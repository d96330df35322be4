"""An index: what it gives back, what it reads again, and what it does not trust."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.archive.header import Header
from dicomtui.archive.index import (
    Index,
    clear_indexes,
    kept_index,
    list_indexes,
    open_index,
)
from dicomtui.archive.index_file import cache_folder
from dicomtui.archive.scanned_file import ScannedFile
from dicomtui.errors import UsageError
from tests.archive.indexed import WHEN, listing, made_header, no_dicom, scan_into, scanned


@pytest.fixture(params=["in memory", "kept"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """An index about tmp_path, which knows nothing."""
    index = open_index(str(tmp_path), keep=request.param == "kept")
    assert index.kept == (request.param == "kept")
    yield index
    index.close()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Index]:
    """A kept index about tmp_path with one instance in it."""
    index = open_index(str(tmp_path), keep=True)
    scan_into(index, str(tmp_path), [scanned(f"{tmp_path}/a")])
    index.forget_folders_not_in([str(tmp_path)])
    yield index
    index.close()


def database(index_or_root: Index | Path) -> Path:
    (path,) = Path(cache_folder()).glob("*.sqlite")
    return path


def paths(index: Index) -> set[str]:
    return {header.path for header in index.headers()}


# --- what goes in comes out ---

numbers = st.floats(allow_nan=False, allow_infinity=False)
KINDS = {
    str: st.text(max_size=12),
    int: st.integers(0, (1 << 63) - 1),
    int | None: st.none() | st.integers(-(1 << 63), (1 << 63) - 1),
    float | None: st.none() | numbers,
    tuple[float, float] | None: st.none() | st.tuples(*[numbers] * 2),
    tuple[float, float, float] | None: st.none() | st.tuples(*[numbers] * 3),
    tuple[float, float, float, float, float, float] | None: st.none() | st.tuples(*[numbers] * 6),
}


@given(
    st.fixed_dictionaries(
        {name: KINDS[hint] for name, hint in Header.__annotations__.items() if name != "path"}
    )
)
def test_a_header_comes_back_as_it_was_read(fields: dict[str, object]) -> None:
    index = open_index("/data", keep=False)
    header = made_header("/data/a", **fields)
    index.update([ScannedFile("/data/a", 1000, WHEN, header)])
    (found,) = index.headers()
    (row,) = index.series()
    index.close()
    assert found == header
    assert (row.first_path, row.instances, row.images) == ("/data/a", 1, int(header.has_pixels))


def test_text_that_no_encoding_has_costs_its_own_characters_only(index: Index, tmp_path: Path) -> None:
    files = [
        scanned(
            f"{tmp_path}/{number}", patient_name="A\ud800", study_id="\udc80", content_time=f"{number}\udfff"
        )
        for number in range(3)
    ]
    scan_into(index, str(tmp_path), files)
    (row,) = index.series()
    assert (row.patient_name, row.study_id, row.instances) == ("A?", "?", 3)
    assert {header.content_time for header in index.headers_of(row)} == {"0?", "1?", "2?"}


file_names = st.binary(min_size=1, max_size=30).filter(
    lambda name: not set(name) & {0, 0x2F} and name not in (b".", b"..")
)


@given(file_names)
def test_whatever_a_file_is_called_it_is_found_again(name: bytes) -> None:
    index = open_index("/data", keep=False)
    path = f"/data/{os.fsdecode(name)}/{os.fsdecode(name)}"
    folder = os.path.dirname(path)
    assert scan_into(index, folder, [scanned(path)]) == {os.fsdecode(name)}
    assert [header.path for header in index.headers()] == [path]
    assert index.series()[0].first_path == path
    assert not index.wanted(folder, listing(os.fsdecode(name)))
    index.close()


def test_series_are_counted_by_what_their_instances_say(index: Index, tmp_path: Path) -> None:
    files = [
        scanned(f"{tmp_path}/c", instance_number=3, series_time="10"),
        scanned(f"{tmp_path}/b", instance_number=2, number_of_frames=20),
        scanned(f"{tmp_path}/a", instance_number=1, series_time="11", modality="MR"),
        scanned(f"{tmp_path}/d", rows=None),
        scanned(f"{tmp_path}/e", patient_name="Other", number_of_frames=1 << 62),
        scanned(f"{tmp_path}/f", patient_name="Other", number_of_frames=1 << 62),
    ]
    scan_into(index, str(tmp_path), files)
    rows = {row.patient_name: row for row in index.series()}
    jane = rows["Doe^Jane"]
    assert (jane.instances, jane.images, jane.frames, jane.size) == (4, 3, 22, 4000)
    assert (jane.first_path, jane.series_time, jane.modality) == (f"{tmp_path}/a", "11", "MR")
    assert rows["Other"].instances == 2
    assert {header.path[-1] for header in index.headers_of(jane)} == set("abcd")
    assert index.instances == 6
    assert index.count_by("modality") == {"CT": 5, "MR": 1}
    assert index.count_by("rows") == {"512": 5, "": 1}
    with pytest.raises(ValueError, match="nothing"):
        index.count_by("nothing")


def test_the_counts_stay_right_whatever_comes_and_goes(index: Index, tmp_path: Path) -> None:
    """A law: the rows of series are what one gets by counting the headers."""

    @given(
        st.lists(
            st.dictionaries(
                st.sampled_from("abcdefgh"),
                st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(1, 3)),
            ),
            max_size=5,
        )
    )
    def law(steps: list[dict[str, tuple[int, int, int]]]) -> None:
        for step in steps:
            scan_into(
                index,
                str(tmp_path),
                [
                    scanned(
                        f"{tmp_path}/{name}",
                        mtime_ns=stamp,
                        series_instance_uid=str(series),
                        number_of_frames=frames,
                        series_time=name,
                    )
                    for name, (series, stamp, frames) in step.items()
                ],
            )
            assert paths(index) == {f"{tmp_path}/{name}" for name in step}
            expected = Counter(header.series_instance_uid for header in index.headers())
            frames = Counter[str]()
            for header in index.headers():
                frames[header.series_instance_uid] += header.number_of_frames or 1
            rows = index.series()
            assert {row.series_instance_uid: row.instances for row in rows} == expected
            assert {row.series_instance_uid: row.frames for row in rows} == frames
            for row in rows:
                assert row.first_path == min(header.path for header in index.headers_of(row))

    law()


def test_instances_are_found_by_conditions_on_any_field(index: Index, tmp_path: Path) -> None:
    files = [
        scanned(f"{tmp_path}/{number}", instance_number=number, slice_thickness=number / 2)
        for number in range(1200)
    ]
    scan_into(index, str(tmp_path), files)
    found = index.headers("slice_thickness < ? AND \"rows\" = 512 AND patient_name LIKE 'doe%'", [1.5])
    assert {header.instance_number for header in found} == {0, 1, 2}
    assert len(list(index.headers("1"))) == 1200
    assert len(list(index.headers("size = 1000 OR image_position = '-1.5\\0.1\\1e-07'"))) == 1200
    for wrong in ("no_such_field = 1", "1)", "modality LIKE ?"):
        with pytest.raises(UsageError):
            list(index.headers(wrong))
    assert index.instances == 1200
    assert not index.notice


def test_a_condition_is_no_way_to_write(kept: Index) -> None:
    with pytest.raises(UsageError):
        list(kept.headers("1); DELETE FROM file; --"))
    for parameter in (1 << 70, "\ud800", [], "x" * 100_000):
        with pytest.raises(UsageError):
            list(kept.headers("modality LIKE ?", [parameter]))
    assert kept.instances == 1


# --- what is read again ---


def test_only_what_is_new_or_changed_is_read(index: Index, tmp_path: Path) -> None:
    root = str(tmp_path)
    files = [scanned(f"{root}/a"), scanned(f"{root}/b"), no_dicom(f"{root}/notes")]
    assert scan_into(index, root, files) == {"a", "b", "notes"}
    assert scan_into(index, root, files) == set()
    assert set(index.wanted(root, listing("a", "b", "c", "notes"))) == {"c"}
    assert set(index.wanted(root, {**listing("a", "notes"), "b": (1000, WHEN + 1)})) == {"b"}
    assert set(index.wanted(root, {**listing("a", "notes"), "b": (1001, WHEN)})) == {"b"}
    assert [(skipped.source, skipped.reason) for skipped in index.skipped()] == [
        (f"{root}/notes", "not DICOM")
    ]
    assert paths(index) == {f"{root}/a", f"{root}/b"}
    assert not index.wanted(root, listing("b"))
    assert paths(index) == {f"{root}/b"}
    assert index.skipped() == []


def test_what_could_not_be_read_in_time_is_asked_for_again(index: Index, tmp_path: Path) -> None:
    root = str(tmp_path)
    assert set(index.wanted(root, listing("a", "b"))) == {"a", "b"}
    index.update([scanned(f"{root}/a")])  # and the scan is cancelled
    assert set(index.wanted(root, listing("a", "b"))) == {"b"}


def test_a_file_that_changed_while_it_was_read_is_asked_for_again(index: Index, tmp_path: Path) -> None:
    root = str(tmp_path)
    index.wanted(root, listing("a"))
    index.update([scanned(f"{root}/a", mtime_ns=WHEN + 5)])
    index.forget_folders_not_in([root])
    assert set(index.wanted(root, listing("a"))) == {"a"}
    assert not index.wanted(root, listing("a", mtime_ns=WHEN + 5))


@pytest.mark.parametrize("when", [-1, -(10**20), 10**20, 0])
def test_any_time_will_do(index: Index, tmp_path: Path, when: int) -> None:
    assert scan_into(index, str(tmp_path), [scanned(f"{tmp_path}/a", mtime_ns=when)])
    index.forget_folders_not_in([str(tmp_path)])
    assert not index.wanted(str(tmp_path), listing("a", mtime_ns=when))


def test_folders_that_are_gone_are_forgotten(index: Index, tmp_path: Path) -> None:
    root = str(tmp_path)
    for folder in (root, f"{root}/x", f"{root}/x/y"):
        scan_into(index, folder, [scanned(f"{folder}/a")])
    index.forget_folders_not_in([root, f"{root}/x"])
    assert paths(index) == {f"{root}/a", f"{root}/x/a"}
    assert set(index.wanted(f"{root}/x/y", listing("a"))) == {"a"}


def test_what_no_listing_has_is_forgotten_when_no_scan_meets_it_any_more(
    index: Index, tmp_path: Path
) -> None:
    root = str(tmp_path)
    link = ScannedFile(f"{root}/link", 0, 0, None, "a link")
    for _ in range(2):  # in the second scan the folder is as it was
        scan_into(index, root, [scanned(f"{root}/a")])
        index.update([link])
        index.forget_folders_not_in([root])
        assert [skipped.source for skipped in index.skipped()] == [f"{root}/link"]
    scan_into(index, root, [scanned(f"{root}/a")])
    index.forget_folders_not_in([root])
    assert index.skipped() == []
    assert paths(index) == {f"{root}/a"}


def test_a_file_that_becomes_a_link_and_a_file_again_is_read(index: Index, tmp_path: Path) -> None:
    root = str(tmp_path)
    scan_into(index, root, [scanned(f"{root}/a")])
    index.forget_folders_not_in([root])
    assert not index.wanted(root, {})
    index.update([ScannedFile(f"{root}/a", 0, 0, None, "a link")])
    index.forget_folders_not_in([root])
    assert scan_into(index, root, [scanned(f"{root}/a")]) == {"a"}
    assert paths(index) == {f"{root}/a"}
    index.forget_folders_not_in([root])
    assert paths(index) == {f"{root}/a"}
    assert not index.wanted(root, listing("a"))


# --- containers ---


def members(root: str, *names: str, mtime_ns: int = WHEN) -> list[ScannedFile]:
    return [scanned(f"{root}/study.zip!/{name}", mtime_ns=mtime_ns) for name in names]


def scan_container(index: Index, root: str, *names: str, mtime_ns: int = WHEN) -> set[str]:
    wanted = set(index.wanted(root, {**listing("a"), "study.zip": (1000, mtime_ns)}))
    if "a" in wanted:
        index.update([scanned(f"{root}/a")])
    if "study.zip" in wanted:
        index.update(members(root, *names, mtime_ns=mtime_ns))
    index.forget_folders_not_in([root])
    return wanted


def test_members_are_read_again_with_their_container(index: Index, tmp_path: Path) -> None:
    root = str(tmp_path)
    inside = f"{root}/study.zip!/"
    assert scan_container(index, root, "1", "x/2") == {"a", "study.zip"}
    assert paths(index) == {f"{root}/a", f"{inside}1", f"{inside}x/2"}
    assert scan_container(index, root) == set()
    assert scan_container(index, root, "x/2", "./3", mtime_ns=WHEN + 1) == {"study.zip"}
    assert paths(index) == {f"{root}/a", f"{inside}x/2", f"{inside}./3"}
    assert scan_container(index, root, mtime_ns=WHEN + 1) == set()
    assert not index.wanted(root, listing("a"))
    assert paths(index) == {f"{root}/a"}


def test_a_container_without_members_is_not_opened_again(index: Index, tmp_path: Path) -> None:
    assert scan_container(index, str(tmp_path)) == {"a", "study.zip"}
    assert scan_container(index, str(tmp_path)) == set()
    assert index.skipped() == []


def test_a_container_that_was_read_in_part_is_read_again(index: Index, tmp_path: Path) -> None:
    root = str(tmp_path)
    index.wanted(root, listing("study.zip"))
    index.update(members(root, "1", "2"))  # and the scan is cancelled
    assert set(index.wanted(root, listing("study.zip"))) == {"study.zip"}
    assert paths(index) == set()
    index.update(members(root, "1", "2", "3"))
    index.forget_folders_not_in([root])
    assert not index.wanted(root, listing("study.zip"))
    assert len(paths(index)) == 3


def test_members_go_with_their_folder(index: Index, tmp_path: Path) -> None:
    root = str(tmp_path)
    scan_container(index, root, "1", "2")
    index.forget_folders_not_in([])
    assert (paths(index), index.series()) == (set(), [])


def test_a_folder_may_be_called_like_the_inside_of_a_container(index: Index, tmp_path: Path) -> None:
    root = str(tmp_path)
    for _ in range(2):
        scan_into(index, f"{root}/study.zip!", [scanned(f"{root}/study.zip!/1")])
        scan_into(index, root, [scanned(f"{root}/a")])
        index.forget_folders_not_in([root, f"{root}/study.zip!"])
        assert paths(index) == {f"{root}/a", f"{root}/study.zip!/1"}
    assert not index.wanted(f"{root}/study.zip!", listing("1"))


@pytest.mark.parametrize("name", ["../../etc/passwd", "x/../../../y", "..", "a\0b", "\ud800"])
def test_a_member_whose_name_leads_elsewhere_is_no_instance(index: Index, tmp_path: Path, name: str) -> None:
    scan_container(index, str(tmp_path), "1", name)
    assert paths(index) == {f"{tmp_path}/a", f"{tmp_path}/study.zip!/1"}
    assert "name" in index.skipped()[0].reason
    assert not index.notice


# --- on disk ---


def test_nothing_is_on_disk_unless_it_is_asked_for(tmp_path: Path) -> None:
    open_index(str(tmp_path), keep=False).close()
    assert kept_index(str(tmp_path)) is None
    assert not os.path.exists(cache_folder())


@pytest.mark.parametrize("umask", [0o000, 0o777, 0o022])
def test_what_is_kept_is_private_and_its_name_says_nothing(tmp_path: Path, umask: int) -> None:
    folder = tmp_path / "SMITH"
    folder.mkdir()
    before = os.umask(umask)
    try:
        index = open_index(str(folder), keep=True)
        scan_into(index, str(folder), [scanned(f"{folder}/JONES", patient_name="MILLER")])
        assert index.kept, index.notice
        found = list(Path(cache_folder()).iterdir())
        assert {path.suffix for path in found} == {".sqlite", ".sqlite-wal", ".sqlite-shm"}
        assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}
        assert stat.S_IMODE(os.stat(cache_folder()).st_mode) == 0o700
        assert not any(name in str(found) for name in ("SMITH", "JONES", "MILLER"))
        index.close()
    finally:
        os.umask(before)


def test_the_next_start_has_it_at_once(kept: Index, tmp_path: Path) -> None:
    series = kept.series()
    kept.close()
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    for again in (kept_index(str(tmp_path)), open_index(f"{tmp_path}/link", keep=True)):
        assert again is not None
        assert (again.kept, again.series(), again.root) == (True, series, str(tmp_path))
        assert not again.wanted(str(tmp_path), listing("a"))
        again.close()
    assert kept_index(str(tmp_path / "other")) is None


def test_kept_indexes_are_listed_and_cleared(kept: Index, tmp_path: Path) -> None:
    started = time.time()
    other = tmp_path / "other"
    other.mkdir()
    open_index(str(other), keep=True).close()
    Path(cache_folder(), "0" * 32 + ".sqlite").write_bytes(b"no index")
    Path(cache_folder(), "notes.txt").write_bytes(b"not ours")
    mine, empty = list_indexes()
    assert (mine.root, mine.instances, empty.root, empty.instances) == (str(tmp_path), 1, str(other), 0)
    assert started - 60 < mine.when <= time.time()
    assert (empty.when, mine.size > 0) == (0, True)
    assert clear_indexes(str(other)) == 1
    assert clear_indexes(str(other)) == 0
    assert clear_indexes() == 2
    assert [path.name for path in Path(cache_folder()).iterdir()] == ["notes.txt"]
    assert list_indexes() == []
    assert kept.series()  # whoever uses it goes on


def make_directory(path: Path) -> None:
    path.mkdir()


def make_foreign_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE secrets (value)")
    connection.close()


def change(*statements: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        for statement in statements:
            connection.execute(statement)
        connection.close()

    return spoil


def overwrite_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:] = os.urandom(len(content) - 100)
    path.write_bytes(content)


OTHERS: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "noise": lambda path: path.write_bytes(os.urandom(20000)),
    "text": lambda path: path.write_text("hello"),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "overwritten": overwrite_middle,
    "another program's": lambda path: (path.unlink(), make_foreign_database(path)),
    "another version": change("PRAGMA user_version = 99"),
    "with a trigger": change("CREATE TRIGGER t AFTER INSERT ON file BEGIN DELETE FROM file; END"),
    "with another table": change("CREATE TABLE more (value)"),
    "without a table": change("DROP TABLE reason"),
    "about another folder": change("UPDATE about SET value = CAST('/etc' AS BLOB) WHERE name = 'root'"),
    "a FIFO": lambda path: (path.unlink(), os.mkfifo(path)),
    "a link": lambda path: path.rename(path.with_name("target")) and path.symlink_to("target"),
    "a dangling link": lambda path: (path.unlink(), path.symlink_to("nowhere")),
    "a second name": lambda path: path.with_name("other").hardlink_to(path),
    "a log that is a link": lambda path: path.with_name(path.name + "-wal").symlink_to("target"),
    "a log that is noise": lambda path: path.with_name(path.name + "-wal").write_bytes(os.urandom(9000)),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_index_of_ours_is_made_anew(kept: Index, tmp_path: Path, kind: str) -> None:
    kept.close()
    path = database(tmp_path)
    OTHERS[kind](path)
    target = path.with_name("target")
    before = target.read_bytes() if target.exists() else b""
    index = open_index(str(tmp_path), keep=True)
    assert (index.kept, index.notice) == (True, "")
    if index.series():  # noise in place of a log is none
        assert kind == "a log that is noise"
        assert index.series()[0].instances == 1
    scan_into(index, str(tmp_path), [scanned(f"{tmp_path}/b")])
    assert paths(index) == {f"{tmp_path}/b"}
    assert stat.S_ISREG(path.lstat().st_mode)
    index.close()
    assert (target.read_bytes() if target.exists() else b"") == before


def test_what_belongs_to_somebody_else_is_not_used(kept: Index, tmp_path: Path) -> None:
    kept.close()
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(database(tmp_path), 1, 1)
    assert kept_index(str(tmp_path)) is None
    index = open_index(str(tmp_path), keep=True)
    assert (index.kept, index.series()) == (True, [])
    assert database(tmp_path).stat().st_uid == os.geteuid()
    index.close()


@pytest.mark.parametrize("kind", ["noise", "another program's", "a FIFO", "a link", "another version"])
def test_looking_whether_there_is_one_changes_nothing(kept: Index, tmp_path: Path, kind: str) -> None:
    kept.close()
    OTHERS[kind](database(tmp_path))
    assert kept_index(str(tmp_path)) is None
    assert list_indexes() == []


def test_where_nothing_can_be_kept_it_is_in_memory_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    index = open_index(str(tmp_path), keep=True)
    assert not index.kept
    assert "\n" not in index.notice
    assert "memory" in index.notice
    scan_into(index, str(tmp_path), [scanned(f"{tmp_path}/a")])
    assert index.instances == 1
    index.close()


def test_a_directory_in_its_place_is_left_alone(kept: Index, tmp_path: Path) -> None:
    kept.close()
    path = database(tmp_path)
    path.unlink()
    path.mkdir()
    index = open_index(str(tmp_path), keep=True)
    assert not index.kept
    assert index.notice
    index.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_cache_is_not_needed(kept: Index, tmp_path: Path) -> None:
    kept.close()
    os.chmod(database(tmp_path), 0o400)
    os.chmod(cache_folder(), 0o500)
    index = open_index(str(tmp_path), keep=True)
    assert index.instances >= 0
    index.close()


# --- while it is used ---


def fill(index: Index, root: Path, count: int = 2000) -> None:
    scan_into(
        index, str(root), [scanned(f"{root}/{number}", series_number=number) for number in range(count)]
    )


def test_a_file_that_is_damaged_while_it_is_used_costs_a_sentence(tmp_path: Path) -> None:
    index = open_index(str(tmp_path), keep=True)
    fill(index, tmp_path)
    index.close()
    index = open_index(str(tmp_path), keep=True)
    path = database(tmp_path)
    with open(path, "r+b") as stream:
        stream.seek(8192)
        stream.write(os.urandom(path.stat().st_size - 8192))
    list(index.headers())
    index.series()
    assert not index.kept
    assert "\n" not in index.notice
    assert "memory" in index.notice
    assert index.restarts == 1
    fill(index, tmp_path, 10)
    assert index.instances == 10
    index.close()
    again = open_index(str(tmp_path), keep=True)
    assert (again.kept, again.instances) == (True, 0)
    again.close()


def test_when_the_disk_is_full_what_is_known_goes_on_in_memory(kept: Index, tmp_path: Path) -> None:
    pages = kept._store._writer.execute("PRAGMA page_count").fetchone()[0]
    kept._store._writer.execute(f"PRAGMA max_page_count = {pages}")
    fill(kept, tmp_path)
    assert not kept.kept
    assert "full" in kept.notice
    assert kept.restarts == 1
    assert f"{tmp_path}/1999" in paths(kept)


TAMPERED = {
    "a folder above": "UPDATE folder SET path = CAST('../../etc/' AS BLOB)",
    "no separator": "UPDATE folder SET path = CAST('x' AS BLOB)",
    "a name above": "UPDATE file SET name = CAST('../passwd' AS BLOB)",
    "a name in the middle": "UPDATE file SET name = CAST('x/../../../passwd' AS BLOB)",
    "a name of text": "UPDATE file SET name = 'passwd'",
    "an end in the name": "UPDATE file SET name = x'00'",
    "text for a number": "UPDATE shared SET rows = 'many'",
    "bytes for a name": "UPDATE series SET patient_name = x'ff'",
    "no position": "UPDATE file SET image_position = '1\\2'",
    "nothing for a name": "UPDATE series SET patient_name = NULL",
}


@pytest.mark.parametrize("kind", TAMPERED)
def test_no_path_leads_out_of_the_folder_whatever_the_rows_say(
    kept: Index, tmp_path: Path, kind: str
) -> None:
    kept.close()
    connection = sqlite3.connect(database(tmp_path))
    with connection:
        connection.execute(TAMPERED[kind])
    connection.close()
    index = open_index(str(tmp_path), keep=True)
    headers, rows = list(index.headers()), index.series()
    for path in [header.path for header in headers] + [row.first_path for row in rows]:
        assert os.path.realpath(path).startswith(f"{tmp_path}/")
    assert (headers, index.kept) == ([], False)
    assert index.notice
    index.close()


def test_a_row_of_a_container_that_leads_out_is_refused(kept: Index, tmp_path: Path) -> None:
    kept.close()
    change("UPDATE folder SET path = CAST('x/../../a.zip!/' AS BLOB), container = 1")(database(tmp_path))
    index = open_index(str(tmp_path), keep=True)
    assert (list(index.headers()), index.skipped(), index.kept) == ([], [], False)
    index.close()


WRITER = """
import sys
from dicomtui.archive.index import open_index
from tests.archive.indexed import scan_into, scanned
root, letter, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
index = open_index(root, keep=True)
print("ready", flush=True)
sys.stdin.readline()
for step in range(rounds):
    names = [f"{root}/{number}" for number in range(300)]
    scan_into(index, root, [scanned(name, mtime_ns=step, study_time=letter) for name in names])
    scan_into(index, f"{root}/{letter}", [scanned(f"{root}/{letter}/{step}")])
assert index.kept, index.notice
index.close()
"""


def start_writer(root: Path, letter: str, rounds: int) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), letter, str(rounds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def integrity(path: Path) -> str:
    connection = sqlite3.connect(path)
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()


def test_two_programs_update_one_index_at_once(tmp_path: Path) -> None:
    writers = [start_writer(tmp_path, letter, 10) for letter in "xy"]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert (writer.returncode, errors) == (0, b"")
    index = open_index(str(tmp_path), keep=True)
    assert sum(row.instances for row in index.series()) == len(list(index.headers())) == 302
    # whoever signed the folder, its rows are what it says
    assert not index.wanted(str(tmp_path), {str(number): (1000, 9) for number in range(300)})
    index.close()
    assert integrity(database(tmp_path)) == "ok"


def test_a_program_that_is_killed_while_it_writes_leaves_an_index_that_can_be_used(tmp_path: Path) -> None:
    for pause in (0.0, 0.05, 0.2):
        writer = start_writer(tmp_path, "x", 1000)
        assert writer.stdin is not None
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        index = open_index(str(tmp_path), keep=True)
        assert (index.kept, index.notice) == (True, "")
        assert sum(row.instances for row in index.series()) == len(list(index.headers()))
        index.close()
    assert integrity(database(tmp_path)) == "ok"


def test_readers_do_not_wait_long_for_a_writer(index: Index, tmp_path: Path) -> None:
    fill(index, tmp_path, 1000)
    done = threading.Event()

    def write() -> None:
        for step in range(4):
            files = [scanned(f"{tmp_path}/{number}", mtime_ns=step) for number in range(1000)]
            scan_into(index, str(tmp_path), files)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    waits = []
    while not done.is_set():
        started = time.perf_counter()
        assert index.instances == 1000
        waits.append(time.perf_counter() - started)
        time.sleep(0.002)
    writer.join()
    assert sorted(waits)[len(waits) // 2] < 0.05  # on a busy machine


def test_a_reader_that_comes_too_late_is_told(index: Index) -> None:
    index.close()
    with pytest.raises(sqlite3.ProgrammingError):
        index.series()
    assert index.restarts == 0


# --- two programs in one folder, one step after the other ---


def test_what_two_scans_saw_differently_is_looked_at_again(tmp_path: Path) -> None:
    root = str(tmp_path)
    slow, quick = (open_index(root, keep=True) for _ in range(2))
    slow.wanted(root, listing("a", "b"))
    assert scan_into(quick, root, [scanned(f"{root}/a", mtime_ns=2)]) == {"a"}  # meanwhile a changed, b went
    quick.forget_folders_not_in([root])
    slow.update([scanned(f"{root}/{name}") for name in "ab"])
    slow.forget_folders_not_in([root])
    assert set(slow.wanted(root, listing("a", mtime_ns=2))) == {"a"}
    assert paths(quick) == {f"{root}/a"}
    slow.close()
    quick.close()


def test_members_that_two_scans_read_at_once_are_read_again(tmp_path: Path) -> None:
    root = str(tmp_path)
    slow, quick = (open_index(root, keep=True) for _ in range(2))
    slow.wanted(root, listing("study.zip"))
    slow.update(members(root, "1"))
    quick.wanted(root, listing("study.zip", mtime_ns=2))
    quick.update(members(root, "1", mtime_ns=2))
    quick.forget_folders_not_in([root])
    slow.update(members(root, "2"))
    slow.forget_folders_not_in([root])
    assert set(quick.wanted(root, listing("study.zip", mtime_ns=2))) == {"study.zip"}
    assert paths(quick) == set()
    slow.close()
    quick.close()


def test_a_folder_that_another_program_forgot_is_looked_at_again(tmp_path: Path) -> None:
    root = str(tmp_path)
    slow, quick = (open_index(root, keep=True) for _ in range(2))
    slow.wanted(root, listing("a", "b"))
    slow.update([scanned(f"{root}/a")])
    quick.forget_folders_not_in([])  # it found the folder empty
    slow.update([scanned(f"{root}/b")])
    slow.forget_folders_not_in([root])
    assert set(slow.wanted(root, listing("a", "b"))) == {"a"}
    slow.close()
    quick.close()


def test_links_do_not_make_a_folder_look_changed(index: Index, tmp_path: Path) -> None:
    root = str(tmp_path)
    for _ in range(3):
        scan_into(index, root, [scanned(f"{root}/a")])
        index.update([ScannedFile(f"{root}/link", 7, 7, None, "symbolic link")])
        index.forget_folders_not_in([root])
    signed = index._read(lambda connection: connection.execute("SELECT signature FROM folder").fetchone())
    assert signed != (None,)


def test_a_root_that_cannot_be_listed_is_named(index: Index, tmp_path: Path) -> None:
    index.update([ScannedFile(str(tmp_path), 0, 0, None, "folder: permission denied")])
    index.forget_folders_not_in([])
    assert [skipped.source.rstrip("/") for skipped in index.skipped()] == [str(tmp_path)]
    scan_into(index, str(tmp_path), [scanned(f"{tmp_path}/a")])
    index.forget_folders_not_in([str(tmp_path)])
    assert (index.skipped(), index.instances) == ([], 1)
