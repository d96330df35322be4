"""Where a batch may write to."""

import os
import zipfile
from pathlib import Path

import pytest

from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import PRESETS
from dicomtui.deidentify.output_folder import holds_run, prepared, refusal
from dicomtui.deidentify.output_names import output_path
from dicomtui.deidentify.records import FileRecord
from dicomtui.errors import UsageError
from tests.builders import ct, write, write_series

BASIC = PRESETS["basic"]


def prepare(out: Path, key: Key, *inputs: Path, resume: bool = False, dicomdir: bool = False, options=BASIC):  # type: ignore[no-untyped-def]
    return prepared(str(out), [str(path) for path in inputs], options, key, resume=resume, dicomdir=dicomdir)


def test_a_new_folder_is_made_for_its_owner_alone(tmp_path: Path, key: Key) -> None:
    before = os.umask(0)
    try:
        with prepare(tmp_path / "a" / "out", key):
            assert holds_run(str(tmp_path / "a" / "out"))
    finally:
        os.umask(before)
    assert (tmp_path / "a" / "out").stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "a").rglob("*"))


@pytest.mark.parametrize(
    "out", ["in", "in/out", "in/sub/deep/out", "link", "link/out", "in/../in/out", ".", "sub/.."]
)
def test_a_folder_in_or_around_what_is_read_is_refused(tmp_path: Path, key: Key, out: str) -> None:
    write_series(tmp_path / "in" / "sub", 1)
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "in")
    before = sorted(tmp_path.rglob("*"))
    assert "is read" in refusal(str(tmp_path / out), [str(tmp_path / "in")], resume=True)
    with (
        pytest.raises(UsageError, match="is read"),
        prepare(tmp_path / out, key, tmp_path / "in", resume=True),
    ):
        pass
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_around_a_container_or_file_that_is_read_is_refused(tmp_path: Path) -> None:
    file = write(ct(), tmp_path / "file.dcm")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(file, "CT/1")
    for source in (str(file), f"{tmp_path}/a.zip", f"{tmp_path}/a.zip!/CT"):
        assert "holds what is read" in refusal(str(tmp_path), [source], resume=True)
        assert refusal(str(tmp_path / "out"), [source]) == ""


def test_a_folder_beside_what_is_read_is_allowed_although_its_name_begins_alike(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 1)
    assert refusal(str(tmp_path / "in-deidentified"), [str(tmp_path / "in")]) == ""
    assert not (tmp_path / "in-deidentified").exists()


def test_a_file_and_a_folder_with_other_things_in_it_are_refused(tmp_path: Path) -> None:
    file = write(ct(), tmp_path / "file.dcm")
    assert "is no folder" in refusal(str(file), [])
    for resume in (False, True):
        assert "is not empty" in refusal(str(tmp_path), [], resume=resume)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert "is no folder" in refusal(str(tmp_path / "dangling"), [])


def test_the_name_of_a_folder_cannot_drive_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "a\x1b]0;x\n"
    file.write_bytes(b"")
    assert refusal(str(file), []).isprintable()


def test_an_earlier_run_is_left_alone_unless_it_is_resumed(tmp_path: Path, key: Key) -> None:
    out = tmp_path / "out"
    assert not holds_run(str(out))
    with prepare(out, key):
        pass
    assert holds_run(str(out))
    with pytest.raises(UsageError, match="resume"), prepare(out, key):
        pass
    with prepare(out, key, resume=True):
        pass


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"key": Key(bytes(32))}, "another key or project"),
        ({"key": Key(bytes(range(32))).for_project("p")}, "another key or project"),
        (
            {"options": PRESETS["research"]},
            "retain_patient_characteristics",
        ),
        ({"dicomdir": True}, "DICOMDIR"),
    ],
)
def test_a_run_is_not_resumed_with_other_settings(tmp_path: Path, key: Key, change: dict, words: str) -> None:  # type: ignore[type-arg]
    with prepare(tmp_path / "out", key):
        pass
    given = {"key": key} | change
    with pytest.raises(UsageError, match=words), prepare(tmp_path / "out", resume=True, **given):
        pass


def test_nothing_that_is_kept_of_a_run_holds_the_key(tmp_path: Path, key: Key) -> None:
    with prepare(tmp_path / "out", key):
        pass
    content = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert key.secret not in content
    assert key.secret.hex().encode() not in content.lower()


def test_two_runs_cannot_write_to_one_folder_at_the_same_time(tmp_path: Path, key: Key) -> None:
    out = tmp_path / "out"
    with prepare(out, key), pytest.raises(UsageError, match="another run"), prepare(out, key, resume=True):
        pass
    with prepare(tmp_path / "out", key, resume=True):
        pass


def test_leftovers_of_a_killed_run_are_removed_and_nothing_else(tmp_path: Path, key: Key) -> None:
    with prepare(tmp_path / "out", key):
        pass
    left = tmp_path / "out" / ".dicomtui" / ".0123456789abcdef.part"
    left.write_bytes(b"x")
    (tmp_path / "out" / "mine.part").write_bytes(b"x")
    (tmp_path / "outside.part").write_bytes(b"x")
    with prepare(tmp_path / "out", key, resume=True):
        assert not left.exists()
    assert (tmp_path / "out" / "mine.part").exists()
    assert (tmp_path / "outside.part").exists()


@pytest.mark.parametrize(
    "value", ["../../etc/passwd", "..", ".", "/abs", "a\0b", "-rf", "1" * 300, "é", "a/b", "\udcff"]
)
@pytest.mark.parametrize("dicomdir", [False, True])
def test_no_retained_value_leads_out_of_the_folder(value: str, dicomdir: bool) -> None:
    record = FileRecord(1, "written", "", "", (), (), value, value, value, value)
    parts = output_path(record, dicomdir=dicomdir).split("/")
    assert len(parts) == 4
    assert all(part.isascii() and part.isprintable() and len(part) <= 68 for part in parts)
    assert all(part[0] not in ".-" for part in parts)


def test_names_for_a_dicomdir_are_file_ids() -> None:
    record = FileRecord(1, "written", "", "", (), (), "2.25.1", "2.25.2", "2.25.3", "ABCDEFGHJK")
    parts = output_path(record, dicomdir=True).split("/")
    assert all(len(part) == 8 and set(part) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") for part in parts)
    assert len(set(parts)) == 4
