"""``dicomtui report``."""

import json
import os
import stat
import zipfile
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from tests.builders import ct, ramp, write, write_series
from tests.cli.conftest import HOSTILE, Run, unsafe_characters

WHEEL = Path(str(get_testdata_file("CT_small.dcm"))).parents[1]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A series with a missing slice."""
    root = write_series(tmp_path / "archive", 9)
    (root / "slice004.dcm").unlink()
    return root


def test_the_report_is_text_unless_another_form_is_asked_for(run: Run, archive: Path) -> None:
    result = run("report", archive)
    assert (result.code, result.errors) == (0, [])
    assert result.out.startswith(f"DICOM archive {archive}")
    assert "Series that are odd" in result.out
    assert run("report", archive, "-o", "-").out.splitlines()[1:] == result.out.splitlines()[1:]
    assert "A gap where instances are 1 mm apart as a rule: 2 mm between" in result.out
    assert json.loads(run("report", archive, "--format", "json").out)["instances"] == 8
    assert run("report", archive, "--format", "html").out.startswith("<!DOCTYPE html>")


def test_the_name_of_the_file_says_the_form(run: Run, archive: Path, tmp_path: Path) -> None:
    for name, start in [("r.json", "{"), ("r.html", "<!DOCTYPE html>"), ("r.HTM", "<!"), ("r.txt", "DICOM")]:
        result = run("report", archive, "-o", tmp_path / name)
        assert result.code == 0
        assert result.out.startswith(f"{tmp_path / name}: written")
        assert (tmp_path / name).read_text("utf-8").startswith(start)
    assert run("report", archive, "-o", tmp_path / "x.html", "--format", "text").code == 0
    assert (tmp_path / "x.html").read_text("utf-8").startswith("DICOM")


def test_the_file_is_private_and_replaces_none_unless_told_so(
    run: Run, archive: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    assert run("report", archive, "-o", out).code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    out.write_text("mine")
    result = run("report", archive, "-o", out)
    assert (result.code, result.out, len(result.errors)) == (1, "", 1)
    assert out.read_text() == "mine"
    assert run("report", archive, "-o", out, "--overwrite").code == 0
    assert "</html>" in out.read_text("utf-8")
    assert sorted(os.listdir(tmp_path)) == ["archive", "report.html"]


def test_a_wrong_path_leaves_no_file(run: Run, tmp_path: Path) -> None:
    result = run("report", tmp_path / "missing", "-o", tmp_path / "r.html")
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert os.listdir(tmp_path) == []


def test_what_could_not_be_read_is_in_the_report_and_in_the_exit_code(run: Run, archive: Path) -> None:
    (archive / "damaged").write_bytes(b"\0" * 128 + b"DICM\xff\xff")
    result = run("report", archive, "--format", "json")
    assert (result.code, len(result.errors)) == (1, 1)
    (skipped,) = json.loads(result.out)["skipped_by_reason"]
    assert (skipped["files"], skipped["is_failure"]) == (1, True)


def test_odd_series_do_not_change_the_exit_code(run: Run, archive: Path) -> None:
    assert run("report", archive).code == 0


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_hostile_values_drive_no_terminal(run: Run, tmp_path: Path, form: str) -> None:
    write(ct(PatientName=HOSTILE, StudyDescription=HOSTILE, SeriesDescription=HOSTILE), tmp_path / "scan")
    result = run("report", tmp_path, "--format", form)
    assert result.code == 0
    assert unsafe_characters(result.raw_out + result.raw_err) == set()


def test_what_is_odd_about_files_of_pydicom_is_odd(run: Run) -> None:
    """Its files are variants of each other, and of one series four instances of hundreds are left."""
    findings = json.loads(run("report", WHEEL, "--format", "json").out)["findings"]
    others = [finding for finding in findings if "duplicate" not in finding["mark"]]
    assert [(finding["SeriesDescription"], finding["mark"]) for finding in others] == [
        ("Routine Brain", "gap 202.5 mm")
    ]


def test_a_file_that_was_cut_is_named(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    path = write(ct(ramp(0, 128, 128)), folder / "cut.dcm")
    path.write_bytes(path.read_bytes()[:20_000])
    result = run("report", folder)
    assert result.code == 0
    assert any("cut.dcm" in line and "smaller" in line for line in result.out.splitlines())
    (finding,) = json.loads(run("report", folder, "--format", "json").out)["findings"]
    assert finding["mark"] == "1 cut short"


@pytest.mark.parametrize("name", ["r.pdf", "r.txt.gz", "r.docx"])
def test_a_form_that_there_is_not_is_refused_before_anything_is_read(
    run: Run, archive: Path, tmp_path: Path, name: str
) -> None:
    result = run("report", archive, "-o", tmp_path / name)
    assert (result.code, result.out) == (2, "")
    assert ".html" in result.errors[0]
    assert not (tmp_path / name).exists()
    assert run("report", archive, "-o", tmp_path / name, "--format", "text").code == 0


@pytest.mark.parametrize(
    ("name", "said"), [("r", "text"), ("r.txt", "text"), ("r.JSON", "JSON"), ("r.htm", "HTML")]
)
def test_what_was_written_is_said(run: Run, archive: Path, tmp_path: Path, name: str, said: str) -> None:
    assert run("report", archive, "-o", tmp_path / name).out == f"{tmp_path / name}: written as {said}\n"


@pytest.mark.parametrize("read", ["scan.dcm", ".", "scan.zip", "link.dcm"])
def test_nothing_that_is_read_is_replaced_by_its_report(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(ct(), tmp_path / "scan.dcm")
    with zipfile.ZipFile(tmp_path / "scan.zip", "w") as container:
        container.write(path, "scan.dcm")
    (tmp_path / "link.dcm").symlink_to("scan.dcm")
    target = tmp_path / ("scan.zip" if read == "scan.zip" else "scan.dcm")
    before = target.read_bytes()
    for out in (target, tmp_path / "link.dcm") if read != "scan.zip" else (target,):
        result = run("report", read, "-o", out, "--format", "text", "--overwrite")
        assert (result.code, result.out, len(result.errors)) == (1, "", 1)
        assert out.name in result.err
    assert target.read_bytes() == before
    assert (tmp_path / "link.dcm").is_symlink()


def test_a_report_replaces_no_dicom_file_that_lies_elsewhere_either(
    run: Run, archive: Path, tmp_path: Path
) -> None:
    other = write(ct(), tmp_path / "elsewhere" / "scan.dcm")
    before = other.read_bytes()
    result = run("report", archive, "-o", other, "--format", "json", "--overwrite")
    assert result.code == 1
    assert "choose another name" in result.err
    assert other.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"an old report\n"])
def test_an_older_report_is_replaced_where_that_is_allowed(
    run: Run, archive: Path, tmp_path: Path, content: bytes
) -> None:
    out = tmp_path / "report.txt"
    out.write_bytes(content)
    assert run("report", archive, "-o", out, "--overwrite").code == 0
    assert out.read_bytes().startswith(b"DICOM archive")
