"""``dicomtui anonymize``."""

import csv
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.fileset import FileSet
from pydicom.uid import SecondaryCaptureImageStorage

from dicomtui.errors import WriteError
from tests.builders import ct, write, write_series
from tests.cli.conftest import Run, in_terminal, unsafe_characters

RTPLAN = Path(str(get_testdata_file("rtplan.dcm")))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with one CT instance that has what options are about."""
    dataset = ct(
        InstitutionName="Charité",
        StationName="CT-7",
        PatientAge="041Y",
        PatientSex="F",
        PatientBirthDate="19790203",
        StudyDescription="Thorax Smith",
        StudyTime="101112",
    )
    write(dataset, tmp_path / "in" / "scan.dcm")
    return tmp_path / "in"


def written(out: Path) -> list[FileDataset]:
    return [pydicom.dcmread(path) for path in sorted(out.rglob("*.dcm"))]


def only(out: Path) -> FileDataset:
    (dataset,) = written(out)
    return dataset


# --- what is written ---


def test_a_file_is_written_without_its_patient_and_in_words(run: Run, source: Path, out: Path) -> None:
    before = (source / "scan.dcm").read_bytes()
    result = run("anonymize", source / "scan.dcm", out)
    assert (result.code, result.errors) == (0, [])
    assert result.out.startswith(f"1 instance written to {out}, without what tells who the patient is.\n")
    assert f"{out}/report.json" in result.out
    dataset = only(out)
    original = pydicom.dcmread(source / "scan.dcm")
    assert "Doe" not in str(dataset)
    assert dataset.PatientIdentityRemoved == "YES"
    assert dataset.SOPInstanceUID != original.SOPInstanceUID
    assert dataset.get("StudyDate", "") == ""
    assert dataset.PixelData == original.PixelData
    assert (source / "scan.dcm").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "keyword", "kept"),
    [
        (["--retain-uids"], "SOPInstanceUID", True),
        (["--retain-device"], "StationName", True),
        (["--retain-institution"], "InstitutionName", True),
        (["--retain-patient-characteristics"], "PatientAge", True),
        (["--dates", "kept"], "StudyDate", True),
        (["--preset", "research"], "PatientAge", True),
        (["--preset", "research"], "StudyDate", False),
        (["--preset", "basic"], "PatientAge", False),
        (["--preset", "research", "--dates", "kept"], "StudyDate", True),
    ],
    ids=str,
)
def test_an_option_keeps_what_it_is_about(
    run: Run, source: Path, out: Path, options: list[str], keyword: str, kept: bool
) -> None:
    original = pydicom.dcmread(source / "scan.dcm")
    assert run("anonymize", source, out).code == 0
    without = only(out)
    other = out.with_name("other")
    assert run("anonymize", source, other, *options).code == 0
    assert without.get(keyword) != original[keyword].value
    assert (only(other).get(keyword) == original[keyword].value) is kept


def test_shifted_dates_are_others_and_stay_dates(run: Run, source: Path, out: Path) -> None:
    assert run("anonymize", source, out, "--dates", "shifted").code == 0
    date = only(out).StudyDate
    assert date != "20200131"
    assert time.strptime(date, "%Y%m%d") < time.strptime("20190201", "%Y%m%d")


def test_descriptors_keep_words_of_technique_alone(run: Run, source: Path, out: Path) -> None:
    assert run("anonymize", source, out, "--clean-descriptors").code == 0
    description = only(out).StudyDescription
    assert "thorax" in description.lower()
    assert "smith" not in description.lower()


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ("--retain-safe-private", "113111"),
        ("--clean-structured-content", "113104"),
        ("--clean-graphics", "113103"),
        ("--retain-uids", "113110"),
    ],
)
def test_an_option_is_claimed_in_the_file_and_in_the_report(
    run: Run, source: Path, out: Path, option: str, code: str
) -> None:
    assert run("anonymize", source, out, option).code == 0
    claimed = [item.CodeValue for item in only(out).DeidentificationMethodCodeSequence]
    assert code in claimed
    report = json.loads((out / "report.json").read_text())
    assert code in [item["value"] for item in report["run"]["codes"]]


def test_rectangles_are_black_afterwards(run: Run, source: Path, out: Path) -> None:
    assert run("anonymize", source, out, "--blank", "4,2,32,10", "--blank", "0,30,2,32").code == 0
    pixels = only(out).pixel_array
    assert (pixels[2:10, 4:32] == pixels[2, 4]).all()
    assert (pixels[30:, :2] == pixels[2, 4]).all()
    assert (pixels[:2] == pydicom.dcmread(source / "scan.dcm").pixel_array[:2]).all()


def test_a_dicomdir_is_written_when_it_is_asked_for(run: Run, source: Path, out: Path) -> None:
    assert run("anonymize", source, out, "--dicomdir").code == 0
    file_set = FileSet(out / "DICOMDIR")
    file_set._stage["t"].cleanup()
    (instance,) = file_set
    assert pydicom.dcmread(instance.path).PatientID == instance.PatientID


# --- keys and mapping ---


def test_the_key_that_was_made_is_named_once_and_makes_the_same_again(
    run: Run, source: Path, tmp_path: Path
) -> None:
    first = run("anonymize", source, tmp_path / "one")
    second = run("anonymize", source, tmp_path / "two")
    assert "A key was made:" in first.out
    assert "A key was made:" not in second.out
    assert only(tmp_path / "one").PatientID == only(tmp_path / "two").PatientID


def test_projects_and_forgotten_keys_cannot_be_joined(run: Run, source: Path, tmp_path: Path) -> None:
    key = tmp_path / "my.key"
    found = set()
    runs: list[list[str]] = [["--project", "one"], ["--project", "two"], ["--forget"], ["--forget"], []]
    for number, options in enumerate(runs):
        if "--forget" not in options:
            options = [*options, "--key-file", str(key)]
        assert run("anonymize", source, tmp_path / f"out{number}", *options).code == 0
        found.add(only(tmp_path / f"out{number}").PatientID)
    assert len(found) == len(runs)
    assert key.stat().st_mode & 0o777 == 0o600


def test_the_mapping_leads_back_and_is_private(run: Run, source: Path, out: Path, tmp_path: Path) -> None:
    assert run("anonymize", source, out, "--mapping", tmp_path / "map.csv").code == 0
    (row,) = csv.DictReader((tmp_path / "map.csv").read_text().splitlines())
    assert (row["old Patient ID"], row["new Patient ID"]) == ("ID-1", only(out).PatientID)
    assert (tmp_path / "map.csv").stat().st_mode & 0o777 == 0o600


def test_the_mapping_is_never_put_into_the_output(run: Run, source: Path, out: Path) -> None:
    result = run("anonymize", source, out, "--mapping", out / "map.csv")
    assert (result.code, len(result.errors)) == (2, 1)
    assert not out.exists()


@pytest.mark.parametrize("place", ["/proc/self/map.csv", "/nowhere/map.csv", "x" * 300])
def test_a_mapping_that_cannot_be_written_is_said_before_the_work(
    run: Run, source: Path, out: Path, place: str
) -> None:
    result = run("anonymize", source, out, "--forget", "--mapping", place)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert "name another place for the mapping" in result.err
    assert not out.exists()


def test_a_run_whose_mapping_fails_in_the_end_does_not_say_that_files_were_left(
    run: Run, source: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise WriteError("map.csv: cannot be written (no space left on device)")

    monkeypatch.setattr("dicomtui.deidentify.batch.write_mapping", fail)
    result = run("anonymize", source, out, "--forget", "--mapping", tmp_path / "map.csv")
    assert result.code == 1
    assert "no space left" in result.err
    assert "not looked at" not in result.out
    assert len(written(out)) == 1


# --- what is not written ---


@pytest.mark.parametrize("name", ["nofile", "-"])
def test_a_source_that_is_not_there_leaves_neither_folder_nor_key(
    run: Run, source: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    key = tmp_path / "my.key"
    result = run("anonymize", source, name, "q1", "--key-file", key, stdin=(source / "scan.dcm").read_bytes())
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert ("standard input is not read" if name == "-" else "nofile: no such file") in result.err
    assert sorted(os.listdir(tmp_path)) == ["in"]


def test_what_is_held_back_is_counted_with_its_reason_and_what_to_do(
    run: Run, source: Path, out: Path
) -> None:
    write(ct(SOPClassUID=SecondaryCaptureImageStorage), source / "capture.dcm")
    (source / "readme.txt").write_text("no DICOM")
    result = run("anonymize", source, out)
    assert result.code == 1
    assert "1 instance held back" in result.out
    assert "secondary capture" in result.out
    assert "--allow-pixel-risk" in result.out
    assert "1 file left out: not DICOM" in result.out
    assert len(written(out)) == 1
    other = out.with_name("other")
    assert run("anonymize", source, other, "--allow-pixel-risk").code == 0
    assert len(written(other)) == 2


def test_a_bad_file_is_one_line_and_the_others_are_written(run: Run, source: Path, out: Path) -> None:
    broken = write(ct(SOPInstanceUID="1.2.3"), source / "broken.dcm")
    broken.write_bytes(broken.read_bytes()[:-200])
    broken.chmod(0o000) if os.geteuid() else None
    link = source / "gone.dcm"
    link.write_bytes(b"\0" * 128 + b"DICM" + b"\2\0\0\0UL\4\0\0\0\0\0")  # nothing behind its first element
    result = run("anonymize", source, out)
    assert result.code == 1
    assert any(line.startswith(f"dicomtui: {source}") for line in result.errors)
    assert written(out)


def test_a_dry_run_writes_nothing_and_makes_no_key(run: Run, source: Path, out: Path, tmp_path: Path) -> None:
    result = run("anonymize", source, out, "--dry-run")
    assert (result.code, result.errors) == (0, [])
    assert "1 instance would be written" in result.out
    assert "A key was made" not in result.out
    assert sorted(os.listdir(tmp_path)) == ["in"]


# --- what is refused ---


@pytest.mark.parametrize(
    "options",
    [
        ["--dates", "moved"],
        ["--preset", "none"],
        ["--blank", "1,2,3"],
        ["--blank", "5,5,5,9"],
        ["--blank", "a,b,c,d"],
        ["--jobs", "0"],
        ["--forget", "--key-file", "k"],
        ["--forget", "--project", "p"],
        ["--forget", "--resume"],
        ["--project", " "],
        ["--explain", "PatientName"],
    ],
    ids=" ".join,
)
def test_options_that_make_no_sense_are_one_line(
    run: Run, source: Path, out: Path, tmp_path: Path, options: list[str]
) -> None:
    result = run("anonymize", source, out, *options)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert sorted(os.listdir(tmp_path)) == ["in"]


def test_folders_that_must_not_be_written_to_are_refused(run: Run, source: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    for target in (source, source / "inside", tmp_path, tmp_path / "full", source / "scan.dcm"):
        result = run("anonymize", source, target)
        assert (result.code, result.out, len(result.errors)) == (2, "", 1), target
    assert run("anonymize", source).code == 2
    assert run("anonymize").code == 2
    assert run("anonymize", tmp_path / "absent", tmp_path / "new").code == 2
    assert sorted(os.listdir(source)) == ["scan.dcm"]
    assert sorted(os.listdir(tmp_path / "full")) == ["mine"]


def test_an_earlier_run_is_resumed_only_when_asked(run: Run, source: Path, out: Path) -> None:
    assert run("anonymize", source, out).code == 0
    write(ct(SOPInstanceUID="1.2.3", InstanceNumber=2), source / "later.dcm")
    refused = run("anonymize", source, out)
    assert (refused.code, len(refused.errors)) == (2, 1)
    resumed = run("anonymize", source, out, "--resume")
    assert resumed.code == 0
    assert "1 instance had been written by an earlier run." in resumed.out
    assert len(written(out)) == 2
    assert run("anonymize", source, out, "--resume", "--dates", "kept").code == 2


# --- how it is said ---


def test_json_is_one_object_with_the_outcomes(run: Run, source: Path, out: Path) -> None:
    (source / "readme.txt").write_text("no DICOM")
    result = run("anonymize", source, out, "--json")
    said = json.loads(result.out)
    assert said["summary"]["written"] == 1
    assert said["summary"]["failed"] == 0
    outcomes = {Path(outcome["source"]).name: outcome for outcome in said["outcomes"]}
    assert outcomes["scan.dcm"]["outcome"] == "written"
    assert Path(outcomes["scan.dcm"]["path"]).is_file()
    assert outcomes["readme.txt"]["outcome"] == "skipped"


@pytest.mark.parametrize("options", [[], ["--json"], ["--dry-run"]], ids=str)
def test_hostile_names_and_values_drive_no_terminal(
    run: Run, hostile: Path, out: Path, tmp_path: Path, options: list[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    hostile.rename(folder / hostile.name)
    (folder / "\x1b]0;PWN\x07.dcm").write_bytes(b"\0" * 128 + b"DICM\2\0")
    result = run("anonymize", folder, out, "--allow-pixel-risk", *options)
    assert result.code in (0, 1)
    assert unsafe_characters(result.raw_out + result.raw_err) == set()
    if (out / "report.json").exists():
        for name in ("report.json", "report.csv"):
            text = (out / name).read_bytes()
            assert unsafe_characters(text) == set()
            assert b"OWNED" not in text
            assert b"PWN" not in text


def test_progress_is_shown_on_a_terminal_and_taken_away(source: Path, out: Path) -> None:
    code, received = in_terminal(["anonymize", str(source), str(out)], columns=80, lines=24)
    assert code == 0
    assert "of 1 files" in received.replace("+", "")
    assert received.replace("\x1b[K", "").count("\x1b") == 0


@pytest.mark.parametrize("attribute", ["PatientName", "0010,0010", "(0010,0010)", "ContentSequence"])
def test_an_attribute_is_explained(run: Run, attribute: str) -> None:
    result = run("anonymize", "--explain", attribute)
    assert (result.code, result.errors) == (0, [])
    assert "Table E.1-1" in result.out
    assert "basic:" in result.out


def test_an_unknown_attribute_is_a_usage_error(run: Run) -> None:
    result = run("anonymize", "--explain", "\x1b[31mnonsense")
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert unsafe_characters(result.raw_err) == set()


def test_help_says_what_is_not_done(run: Run) -> None:
    result = run("anonymize", "--help")
    assert result.code == 0
    for words in ("no OCR", "face", "Exit codes", "--resume"):
        assert words in result.out


# --- signals and pipes, in a process of its own ---


def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dicomtui", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_soon_and_it_can_be_resumed(
    run: Run, tmp_path: Path, out: Path, number: signal.Signals
) -> None:
    folder = write_series(tmp_path / "in", 300)
    process = start("anonymize", folder, out, "--jobs", 1)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not list(out.rglob("*.dcm")):
        time.sleep(0.01)
    process.send_signal(number)
    said, errors = process.communicate(timeout=60)
    count = len(written(out))
    if process.returncode == 0:
        pytest.skip("the run was faster than the signal")
    assert process.returncode == 128 + number, errors
    assert b"--resume" in said
    assert b"Traceback" not in errors
    assert f"{count} instance" in said.decode()
    assert (out / "report.json").exists()
    assert run("anonymize", folder, out, "--resume").code == 0
    assert len(written(out)) == 300


def test_what_does_not_fit_is_said_with_how_to_go_on(run: Run, tmp_path: Path, out: Path) -> None:
    """Files may have 12 kB, which the journal of a few dozen does not keep to."""
    folder = write_series(tmp_path / "in", 60)
    limit = 12_000
    process = start(
        *("anonymize", folder, out, "--jobs", 1),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Traceback" not in errors
    assert b"nothing more can be written (file too large); make room, then resume" in errors
    assert b"Ended early" in said
    assert b"--resume" in said
    assert 0 < len(written(out)) < 60
    assert run("anonymize", folder, out, "--resume").code == 0
    assert len(written(out)) == 60


@pytest.mark.parametrize("closed", [(1,), (0, 1, 2)], ids=str)
def test_a_caller_that_closes_the_streams_gets_all_files(
    tmp_path: Path, out: Path, closed: tuple[int, ...]
) -> None:
    folder = write_series(tmp_path / "in", 30)
    process = start("anonymize", folder, out, "--jobs", 1, preexec_fn=lambda: [os.close(n) for n in closed])
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")
    assert len(written(out)) == 30


def test_a_reader_that_hangs_up_ends_the_program_quietly(source: Path, out: Path) -> None:
    process = start("anonymize", source, out)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 141
    assert errors == b""
    assert len(written(out)) == 1
