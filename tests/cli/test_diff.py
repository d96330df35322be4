"""``dicomtui diff``."""

import copy
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import RLELossless

from tests.builders import ct, ramp, write
from tests.cli.conftest import Run, in_terminal, unsafe_characters


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The instance of the fixture ``scan`` with one value changed, one added, one removed."""
    dataset = ct()
    dataset.PatientName = "Roe^Richard"
    dataset.SliceThickness = "2.5"
    del dataset.StudyDescription
    return write(dataset, tmp_path / "changed.dcm")


def test_equal_instances_print_nothing_and_return_0(run: Run, scan: Path) -> None:
    result = run("diff", scan, scan)
    assert (result.code, result.raw_out, result.raw_err) == (0, b"", b"")


def test_each_difference_is_a_line_with_a_minus_and_one_with_a_plus(
    run: Run, scan: Path, changed: Path
) -> None:
    result = run("diff", scan, changed)
    assert result.code == 1
    assert result.out.splitlines() == [
        f"--- {scan}",
        f"+++ {changed}",
        "- (0008,1030) LO StudyDescription  Test study",
        "- (0010,0010) PN PatientName  Doe^Jane",
        "+ (0010,0010) PN PatientName  Roe^Richard",
        "+ (0018,0050) DS SliceThickness  2.5",
    ]


def test_what_is_no_dicom_or_missing_returns_2(run: Run, scan: Path, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no DICOM")
    for other in (text, tmp_path / "missing", tmp_path):
        result = run("diff", scan, other)
        assert result.code == 2
        assert len(result.errors) == 1


def test_what_is_ignored_is_not_printed(run: Run, scan: Path, tmp_path: Path) -> None:
    dataset = ct(SOPInstanceUID="1.2.3", StudyDate="20210101")
    dataset.private_block(0x0029, "ACME", create=True).add_new(1, "LO", "x")
    other = write(dataset, tmp_path / "other.dcm")
    assert run("diff", scan, other).code == 1
    assert run("diff", scan, other, "--ignore", "uids,dates,private").code == 0
    assert run("diff", scan, other, "--ignore", "names").code == 2


def test_colours_are_on_a_terminal_only(scan: Path, changed: Path) -> None:
    arguments = ["diff", str(scan), str(changed)]
    code, shown = in_terminal(arguments, columns=200, lines=30)
    assert code == 1
    assert "\x1b[31m- (0010,0010) PN PatientName  Doe^Jane\x1b[0m" in shown
    assert "\x1b[32m+ (0010,0010) PN PatientName  Roe^Richard\x1b[0m" in shown
    assert "\x1b" not in in_terminal(arguments, columns=200, lines=30, NO_COLOR="1")[1]


def test_json_tells_what_changed_and_both_values(run: Run, scan: Path, changed: Path) -> None:
    model = json.loads(run("diff", scan, changed, "--json").out)
    assert (model["old"], model["new"], model["equal"]) == (str(scan), str(changed), False)
    removed, renamed, added = model["differences"]
    assert (removed["change"], removed["path"], removed["old"]) == (
        "removed",
        "StudyDescription",
        "Test study",
    )
    assert "new" not in removed
    assert (renamed["tag"], renamed["old"], renamed["new"]) == ("(0010,0010)", "Doe^Jane", "Roe^Richard")
    assert (added["change"], added["new"], added["new_vr"]) == ("added", 2.5, "DS")
    assert json.loads(run("diff", scan, scan, "--json").out)["equal"] is True


def with_item(number: int) -> Dataset:
    item = Dataset()
    item.ScheduledProcedureStepID = f"S{number}"
    item.RequestedProcedureID = f"R{number}"
    return item


def test_a_removed_item_is_one_line_or_all_that_it_holds(run: Run, tmp_path: Path) -> None:
    old, new = ct(), ct()
    old.RequestAttributesSequence = Sequence(map(with_item, range(4)))
    new.RequestAttributesSequence = Sequence(map(with_item, [0, 2, 3]))
    paths = [write(old, tmp_path / "old.dcm"), write(new, tmp_path / "new.dcm")]
    lines = run("diff", *paths).out.splitlines()[2:]
    assert lines == ["- (0040,0275) item RequestAttributesSequence[1]  2 elements"]
    lines = run("diff", *paths, "--all").out.splitlines()[2:]
    assert [line.split()[-1] for line in lines[1:] if "Request" in line] == ["S1", "R1"]
    model = json.loads(run("diff", *paths, "--json").out)
    (removed,) = model["differences"]
    assert removed["old"] == {"ScheduledProcedureStepID": "S1", "RequestedProcedureID": "R1"}


def test_private_attributes_are_told_by_name_and_creator(run: Run, tmp_path: Path) -> None:
    old, new = ct(), ct()
    for dataset, value in ((old, "a"), (new, "b")):
        dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", ord(value))
    paths = [write(old, tmp_path / "old.dcm"), write(new, tmp_path / "new.dcm")]
    assert run("diff", *paths).out.splitlines()[2:] == [
        "- (0019,100c) IS B_value [SIEMENS MR HEADER]  97",
        "+ (0019,100c) IS B_value [SIEMENS MR HEADER]  98",
    ]


def test_pixels_are_compared_as_numbers_when_asked_for(run: Run, tmp_path: Path) -> None:
    values = np.tile(ramp(), (2, 1, 1))
    louder = values.copy()
    louder[1, 3, 4] += 8
    paths = [write(ct(v), tmp_path / f"{n}.dcm") for n, v in enumerate((values, louder))]
    result = run("diff", *paths, "--ignore", "uids", "--pixels")
    assert result.code == 1
    assert [line.split(",")[0] for line in result.out.splitlines()[4:]] == ["frame 2", "all frames"]
    assert "1 of 1,024 pixels differ, largest difference 8" in result.out
    total = json.loads(run("diff", *paths, "--pixels", "--json").out)["pixels"][-1]
    assert (total["differing"], total["maximum"], total["mean"]) == (1, 8, 8 / 2048)


@pytest.mark.parametrize("options", [(), ("--all",)])
def test_other_pixels_of_the_same_size_are_said_to_be_others(
    run: Run, tmp_path: Path, options: tuple[str, ...]
) -> None:
    paths = [write(ct(ramp(number)), tmp_path / f"{number}.dcm") for number in range(2)]
    lines = run("diff", *paths, "--ignore", "uids", *options).out.splitlines()
    assert lines[-2:] == [f"{sign} (7fe0,0010) OW PixelData (other pixels)  2.0 KiB" for sign in "-+"]


def test_pixels_that_are_compressed_without_loss_are_no_difference(run: Run, tmp_path: Path) -> None:
    old = ct()
    new = copy.deepcopy(old)
    new.compress(RLELossless, generate_instance_uid=False)
    paths = [write(old, tmp_path / "old.dcm"), write(new, tmp_path / "new.dcm")]
    result = run("diff", *paths)
    assert result.code == 1
    assert ["PixelData" in line for line in result.out.splitlines()] == [False] * 4


def test_pixels_of_another_size_are_said_to_be(run: Run, scan: Path, tmp_path: Path) -> None:
    other = write(ct(ramp(rows=8)), tmp_path / "other.dcm")
    result = run("diff", scan, other, "--pixels")
    assert result.code == 1
    assert "cannot be compared" in result.err


def test_contradicting_options_are_refused(run: Run, scan: Path) -> None:
    assert run("diff", scan, scan, "--pixels", "--ignore", "pixels").code == 2
    assert run("diff", "-", "-").code == 2


def test_members_and_standard_input_are_compared(run: Run, scan: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as container:
        container.write(scan, "CT/1.dcm")
    assert run("diff", f"{tmp_path}/a.zip!/CT/1.dcm", scan).code == 0
    assert run("diff", scan, "-", stdin=scan.read_bytes()).code == 0


@pytest.mark.parametrize("options", [(), ("--all",), ("--json",)])
def test_no_value_can_drive_the_terminal(
    run: Run, scan: Path, hostile: Path, options: tuple[str, ...]
) -> None:
    for pair in ((scan, hostile), (hostile, scan)):
        result = run("diff", *pair, *options)
        assert result.code == 1
        assert unsafe_characters(result.raw_out + result.raw_err) == set()


def test_no_value_can_drive_a_terminal_with_colours(scan: Path, hostile: Path) -> None:
    _, shown = in_terminal(["diff", str(scan), str(hostile)], columns=200, lines=50)
    for code in ("\x1b[31m", "\x1b[32m", "\x1b[0m"):
        shown = shown.replace(code, "", -1)
    assert "\x1b" not in shown
    assert unsafe_characters(shown.encode()) == set()
