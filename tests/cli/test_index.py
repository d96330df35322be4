"""``dicomtui index``."""

import json
import os
import re
from datetime import datetime
from pathlib import Path

import pytest

from dicomtui.archive.index_file import cache_folder
from tests.builders import ct, write, write_series
from tests.cli.conftest import HOSTILE, Run, in_terminal, unsafe_characters


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with two series and a file that is not DICOM."""
    root = tmp_path / "archive"
    write_series(root / "one", 3)
    write(ct(SeriesInstanceUID="1.2.3"), root / "two" / "a.dcm")
    (root / "notes.txt").write_text("no DICOM")
    return root


def test_an_index_is_made_and_brought_up_to_date_in_one_line(run: Run, archive: Path) -> None:
    result = run("index", archive)
    assert (result.code, result.err) == (0, "")
    (line,) = result.out.splitlines()
    assert line.startswith(f"{archive}: 4 instances in 2 series, 1 other file; the index takes ")
    (archive / "two" / "a.dcm").unlink()
    assert "3 instances in 1 series" in run("index", archive).out
    assert os.listdir(cache_folder()) != []


def test_progress_is_shown_on_a_terminal_and_gone_in_the_end(archive: Path) -> None:
    for number in range(5000):  # more than is read before anybody would ask
        os.link(archive / "two" / "a.dcm", archive / "two" / f"copy{number}")
    code, shown = in_terminal(["index", str(archive)], columns=80, lines=24)
    assert code == 0
    assert re.search(r"\d of [\d,]+\+? files", shown)
    assert shown.rstrip("\n").rpartition("\x1b[K")[2].startswith(f"{archive}: 5,004 instances")


def test_kept_indexes_are_listed(run: Run, archive: Path) -> None:
    assert "no index is kept" in run("index", "--list").out
    assert json.loads(run("index", "--list", "--json").out) == []
    run("index", archive)
    (line,) = run("index", "--list").out.splitlines()
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d +4 instances +[\d.]+ KiB  {archive}", line)
    (kept,) = json.loads(run("index", "--list", "--json").out)
    assert (kept["root"], kept["instances"]) == (str(archive), 4)
    assert kept["size"] > 1000
    age = datetime.now().astimezone() - datetime.fromisoformat(kept["when"])
    assert 0 <= age.total_seconds() < 60


def test_they_are_cleared_one_or_all(run: Run, archive: Path) -> None:
    run("index", archive)
    run("index", archive / "two")
    assert run("index", "--clear", archive / "two").out == f"removed the index of {archive / 'two'}\n"
    assert run("index", "--clear", archive / "two").out == f"no index of {archive / 'two'} was kept\n"
    assert len(run("index", "--list").out.splitlines()) == 1
    assert run("index", "--clear").out == "removed 1 index\n"
    assert run("index", "--clear").out == "no index was kept\n"
    assert len(list((archive / "one").iterdir())) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which folder"),
        (["--json"], "--list"),
        (["--list", "somewhere"], "--list takes no PATH"),
        (["--list", "--clear"], "not allowed"),
        (["/no/such/folder"], "no such file"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, arguments: list[str], said: str) -> None:
    result = run("index", *arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.errors[0]
    assert len(result.errors) == 1
    assert not os.path.exists(cache_folder())


def test_where_nothing_can_be_kept_the_reason_is_said(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(archive / "notes.txt"))
    result = run("index", archive)
    assert (result.code, result.out) == (1, "")
    assert "notes.txt" in result.errors[0]
    assert len(result.errors) == 1


def test_hostile_names_drive_no_terminal(run: Run, archive: Path) -> None:
    hostile = archive / HOSTILE.replace("/", "")
    write(ct(PatientName=HOSTILE), hostile / "a.dcm")
    for arguments in (["index", hostile], ["index", "--list"], ["index", "--list", "--json"]):
        result = run(*arguments)
        assert result.code == 0
        assert not unsafe_characters(result.raw_out + result.raw_err)
    assert not unsafe_characters(run("index", "--clear", hostile).raw_out)
