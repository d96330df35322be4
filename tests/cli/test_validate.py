"""``dicomtui validate``: exit codes, lines, JSON, and that one bad file does not end it."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from dicomtui.__main__ import main
from dicomtui.archive.validation import ValidationStep, check_all
from tests.builders import ct, write, write_series
from tests.dataset.test_validation import good


def test_nothing_is_found_in_a_good_instance(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(write(good(), tmp_path / "a.dcm"))]) == 0
    assert capfd.readouterr() == ("1 instance: nothing found\n", "")


def test_errors_are_exit_code_1_with_severity_element_text_and_clause(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(good(WindowWidth=0), tmp_path / "a.dcm")
    assert main(["validate", str(path)]) == 1
    heading, line, total = capfd.readouterr().out.splitlines()
    assert heading == f"{path}: 1 error"
    assert line.split()[:2] == ["error", "WindowWidth"]
    assert line.endswith("[PS3.3 C.11.2.1.2]")
    assert total == "1 instance: 1 error"


def test_warnings_alone_are_exit_code_0(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(good(PixelData=b"\0" * 2100), tmp_path / "a.dcm")
    assert main(["validate", str(path)]) == 0
    assert "warning" in capfd.readouterr().out
    assert main(["validate", str(path), "--severity", "error"]) == 0
    assert capfd.readouterr().out == "1 instance: 1 warning\n"


@pytest.mark.parametrize("kind", ["text", "missing", "empty folder"])
def test_what_cannot_be_validated_is_exit_code_2(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x"
    if kind == "text":
        path.write_text("no instance")
    elif kind == "empty folder":
        path.mkdir()
    assert main(["validate", str(path)]) == 2
    assert "Traceback" not in capfd.readouterr().err


def test_json_is_one_array_of_instances_and_what_does_not_agree(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_series(tmp_path / "s", 3)
    write(ct(SeriesNumber=9, ImagePositionPatient=[0, 0, 4.0]), tmp_path / "s" / "odd.dcm")
    with ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.write(tmp_path / "s" / "odd.dcm", "1.dcm")
    assert main(["validate", str(tmp_path / "s"), str(tmp_path / "s.zip"), "--json"]) == 1
    found = json.loads(capfd.readouterr().out)
    assert sorted(Path(one["path"]).name for one in found if "path" in one) == [
        "1.dcm", "odd.dcm", "slice000.dcm", "slice001.dcm", "slice002.dcm",
    ]  # fmt: skip
    (missing,) = [one for one in found[0]["findings"] if one["element"] == "FrameOfReferenceUID"]
    assert missing == {
        "severity": "error",
        "element": "FrameOfReferenceUID",
        "tag": "00200052",
        "text": "Frame of Reference UID (0020,0052) is missing: Type 1",
        "clause": "PS3.3 C.7.4.1 Frame Of Reference",
    }
    assert any("Series Number" in one["text"] for row in found if "about" in row for one in row["findings"])


def test_hostile_values_reach_the_terminal_as_escapes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(good(Manufacturer="\x1b]0;owned\x07"), tmp_path / "a.dcm")
    assert main(["validate", str(path)]) == 1
    out, err = capfd.readouterr()
    assert "\x1b" not in out + err
    assert "Manufacturer" in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_run_that_was_interrupted_says_so_and_takes_nothing_for_missing(
    number: signal.Signals,
    form: list[str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = write_series(tmp_path / "in", 40)

    def interrupted(*arguments: Any) -> Iterator[ValidationStep]:
        for step in check_all(*arguments):
            if step.checked:
                os.kill(os.getpid(), number)
            yield step

    monkeypatch.setattr("dicomtui.archive.validation.check_all", interrupted)
    assert main(["validate", str(folder), *form]) == 128 + number
    out, err = capfd.readouterr()
    assert err == "dicomtui: interrupted: not everything was validated\n"
    if form:
        assert all("path" in one for one in json.loads(out))
    else:
        assert " so far: " in out.splitlines()[-1]


@pytest.mark.parametrize("order", [1, -1])
def test_a_named_file_that_is_not_dicom_is_said_and_one_in_a_folder_is_not(
    order: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    good_one = write(good(), tmp_path / "in" / "a.dcm")
    empty = tmp_path / "in" / "empty.dcm"
    empty.touch()
    assert main(["validate", *map(str, [good_one, empty][::order])]) == 2
    out, err = capfd.readouterr()
    assert out == "1 instance: nothing found\n"
    assert err == f"dicomtui: {empty}: not DICOM\n"
    assert main(["validate", str(tmp_path / "in")]) == 0
    assert capfd.readouterr() == ("1 instance: nothing found\n", "")
