"""``dicomtui values``."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.builders import ct, write
from tests.cli.conftest import HOSTILE, Run, unsafe_characters


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Six instances: three values of Slice Thickness, one empty, one without it."""
    folder = tmp_path / "archive"
    for number, thickness in enumerate(["10", "2.50", "2.5", "1", ""]):
        write(ct(SliceThickness=thickness, InstanceNumber=number), folder / f"{number}.dcm")
    write(ct(InstanceNumber=9), folder / "9.dcm")
    return folder


def test_values_are_counted_the_most_frequent_first(run: Run, archive: Path) -> None:
    result = run("values", archive, "SliceThickness")
    assert result.code == 0
    assert [line.split() for line in result.out.splitlines()] == [
        ["2", "33.3%", "2.5"],
        ["1", "16.7%", "1"],
        ["1", "16.7%", "10"],
        ["1", "16.7%", "(empty)"],
        ["1", "16.7%", "(missing)"],
    ]


def test_numbers_are_ordered_as_numbers(run: Run, archive: Path) -> None:
    rows = list(csv.reader(io.StringIO(run("values", archive, "0018,0050", "--sort", "value", "--csv").out)))
    assert rows == [
        ["value", "count", "share", "state"],
        ["1", "1", "0.1667", "value"],
        ["2.5", "2", "0.3333", "value"],
        ["10", "1", "0.1667", "value"],
        ["", "1", "0.1667", "empty"],
        ["", "1", "0.1667", "missing"],
    ]


def test_json_is_one_object(run: Run, archive: Path) -> None:
    assert json.loads(run("values", archive, "slicethickness", "--json").out) == {
        "attribute": "SliceThickness",
        "instances": 6,
        "missing": 1,
        "empty": 1,
        "values": [
            {"value": 2.5, "count": 2, "share": 0.3333},
            {"value": 1, "count": 1, "share": 0.1667},
            {"value": 10, "count": 1, "share": 0.1667},
        ],
    }


def test_instances_are_listed_with_their_values(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(archive)
    lines = sorted(run("values", "SliceThickness", "--instances").out.splitlines())
    assert lines == ["./0.dcm\t10", "./1.dcm\t2.5", "./2.dcm\t2.5", "./3.dcm\t1", "./4.dcm\t", "./9.dcm\t"]
    rows = list(csv.reader(io.StringIO(run("values", "SliceThickness", "--instances", "--csv").out)))
    assert rows[0] == ["path", "SliceThickness", "state"]
    assert sorted(rows[1:])[-2:] == [["./4.dcm", "", "empty"], ["./9.dcm", "", "missing"]]
    listed = json.loads(run("values", ".", "SliceThickness", "--instances", "--json").out)
    assert sorted(listed, key=lambda one: one["path"])[0] == {
        "path": "./0.dcm",
        "value": 10,
        "state": "value",
    }


def test_no_value_is_one_and_a_mistake_is_two(run: Run, archive: Path) -> None:
    assert run("values", archive, "KVP").code == 1
    result = run("values", archive, "SliceThicknes")
    assert (result.code, result.out) == (2, "")
    assert "did you mean SliceThickness?" in result.errors[0]
    assert run("values", archive / "none", "KVP").code == 2


def test_hostile_values_reach_no_terminal(run: Run, tmp_path: Path) -> None:
    write(ct(StudyDescription=HOSTILE), tmp_path / "x" / "a.dcm")
    for form in ([], ["--json"], ["--csv"], ["--instances"]):
        result = run("values", tmp_path / "x", "StudyDescription", *form)
        assert result.code == 0
        assert not unsafe_characters(result.raw_out) - {"\t"}


def test_long_binary_values_are_told_by_length_and_first_bytes(run: Run, tmp_path: Path) -> None:
    dataset = ct()
    block = dataset.private_block(0x0029, "SOME VENDOR", create=True)
    block.add_new(0x10, "OB", b"\x01\x02" + bytes(9000))
    block.add_new(0x11, "OB", b"\x01\x02\x03\x04")
    path = write(dataset, tmp_path / "a.dcm")
    line = run("values", path, "0029,1010").out
    assert len(line) < 140
    assert "01 02 00" in line
    assert "8.8 KiB" in line
    assert run("values", path, "0029,1011").out.endswith("01 02 03 04\n")


def test_help_says_which_places_are_counted(run: Run) -> None:
    text = " ".join(run("values", "--help").out.split())
    assert "functional groups" in text
    assert "SEQUENCE.KEYWORD" in text
    assert "byte for byte" in " ".join(run("find", "--help").out.split())
