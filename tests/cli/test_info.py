"""``dicomtui info``."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import ct, write
from tests.cli.conftest import Run


def test_the_four_groups_come_in_order(run: Run, scan: Path) -> None:
    lines = run("info", scan).out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["Patient", "Study", "Series", "Image"]
    assert ["Patient's", "Name", "Doe^Jane"] in [line.split() for line in lines]


def test_an_instance_without_pixels_is_described_too(run: Run, report: Path) -> None:
    result = run("info", report)
    assert result.code == 0
    assert "Comprehensive SR Storage" in result.out


def test_json_has_lists_of_values_by_keyword(run: Run, scan: Path) -> None:
    document = json.loads(run("info", "--json", scan).out)
    assert list(document) == ["path", "patient", "study", "series", "image"]
    assert document["path"] == str(scan)
    assert document["patient"]["PatientName"] == ["Doe^Jane"]
    assert document["image"]["PixelSpacing"] == ["1.0", "1.0"]


def test_json_of_several_files_says_which_failed_and_why(run: Run, scan: Path, tmp_path: Path) -> None:
    result = run("info", "--json", scan, tmp_path / "absent", "-", stdin=scan.read_bytes())
    first, second, third = json.loads(result.out)
    assert result.code == 1
    assert "no such file" in second["error"]
    assert third == {**first, "path": "-"}


def test_files_are_told_apart_when_there_are_several(run: Run, scan: Path, report: Path) -> None:
    headings = [line for line in run("info", scan, report).out.splitlines() if line.startswith("==>")]
    assert headings == [f"==> {scan} <==", f"==> {report} <=="]


@pytest.mark.parametrize("command", ["info", "tags", "scan", "validate"])
def test_what_follows_two_dashes_is_a_file_whatever_it_is_called(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(ct(), tmp_path / "-dash.dcm")
    result = run(command, "--", "-dash.dcm")
    assert (result.code in (0, 1), result.err) == (True, "")
    assert result.out


def test_options_and_files_mix_before_two_dashes(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("-dash.dcm", "plain.dcm", "--json"):
        write(ct(), tmp_path / name)
    result = run("info", "plain.dcm", "--json", "--", "-dash.dcm", "--json")
    assert [one["path"] for one in json.loads(result.out)] == ["plain.dcm", "./-dash.dcm", "./--json"]
    assert run("info", "--", "plain.dcm").code == 0
    assert run("info", "--", "-", stdin=(tmp_path / "plain.dcm").read_bytes()).code == 0


def test_an_error_that_cannot_be_written_does_not_swallow_the_output(scan: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(scan.read_bytes()[:-100])
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dicomtui", "info", tmp_path / "nofile", cut],
            stdout=subprocess.PIPE,
            stderr=full,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert b"Doe^Jane" in done.stdout
