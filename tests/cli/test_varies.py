"""``dicomtui varies``."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.builders import ct, write
from tests.cli.conftest import Run, unsafe_characters


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Forty instances, of which one has another KVP and one no Station Name."""
    for number in range(40):
        dataset = ct(
            InstanceNumber=number + 1,
            ImagePositionPatient=[0, 0, number],
            KVP="80" if number == 17 else "120",
            StationName="S1",
        )
        if number == 5:
            del dataset.StationName
        write(dataset, tmp_path / "series" / f"{number:02}.dcm")
    return tmp_path / "series"


def test_the_odd_instances_are_named_first_and_what_is_expected_last(run: Run, series: Path) -> None:
    result = run("varies", series)
    assert result.code == 0
    lines = [line.split() for line in result.out.splitlines()]
    assert lines[0][:4] == ["40", "instances:", "6", "of"]
    assert lines[1:3] == [
        ["1", "StationName", "S1", "(39),", "(missing)", f"({series}/05.dcm)"],
        ["2", "KVP", "120", "(39),", "80", f"({series}/17.dcm)"],
    ]
    assert lines[4] == ["expected", "to", "vary:"]
    assert {line[1] for line in lines[5:]} == {
        "MediaStorageSOPInstanceUID",
        "SOPInstanceUID",
        "InstanceNumber",
        "ImagePositionPatient",
    }


def test_what_is_the_same_everywhere_is_shown_when_asked_for(run: Run, series: Path) -> None:
    assert "PatientID" not in run("varies", series).out
    lines = [line.split() for line in run("varies", series, "--constant").out.splitlines()]
    below = lines[lines.index(["the", "same", "in", "all:"]) :]
    assert ["PatientID", "ID-1"] in below
    assert not [line for line in below if line[0] == "KVP"]


def test_json_and_csv_tell_the_same(run: Run, series: Path) -> None:
    model = json.loads(run("varies", series, "--json", "--constant").out)
    assert model["instances"] == 40
    assert model["constant"]["PatientID"] == "ID-1"
    first, second, *_ = model["varying"]
    assert (first["attribute"], first["distinct"], first["expected"]) == ("StationName", 1, False)
    assert second["values"][1] == {"value": "80", "count": 1, "paths": [f"{series}/17.dcm"]}
    assert first["values"][1] == {"value": None, "count": 1, "paths": [f"{series}/05.dcm"]}
    rows = list(csv.DictReader(io.StringIO(run("varies", series, "--csv").out)))
    assert [(row["attribute"], row["value"], row["state"]) for row in rows[:2]] == [
        ("StationName", "S1", "value"),
        ("StationName", "", "missing"),
    ]
    values = [(v["attribute"], len(v["values"])) for v in model["varying"]]
    assert len(rows) == sum(count for _, count in values)


def test_a_query_narrows_what_is_looked_at(run: Run, series: Path) -> None:
    model = json.loads(run("varies", series, "--query", "InstanceNumber > 20", "--json").out)
    assert model["instances"] == 20
    assert "KVP" not in {row["attribute"] for row in model["varying"]}
    result = run("varies", series, "--query", "InstanceNumber >")
    assert result.code == 2
    assert "^" in result.err


def test_what_is_ignored_does_not_vary(run: Run, series: Path) -> None:
    assert "SOPInstanceUID" not in run("varies", series, "--ignore", "uids").out
    assert run("varies", series, "--ignore", "names").code == 2


def test_several_paths_are_looked_at_together_and_named_as_typed(
    run: Run, series: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as container:
        container.write(write(ct(KVP="100"), tmp_path / "one.dcm"), "CT/1.dcm")
    result = run("varies", series, tmp_path / "other.zip", "--json")
    (kvp,) = (row for row in json.loads(result.out)["varying"] if row["attribute"] == "KVP")
    assert {"value": "100", "count": 1, "paths": [f"{tmp_path}/other.zip!/CT/1.dcm"]} in kvp["values"]


def test_nothing_to_look_at_returns_1_and_no_such_path_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("varies", tmp_path / "empty").code == 1
    assert run("varies", tmp_path / "missing").code == 2


@pytest.mark.parametrize("options", [("--constant",), ("--json",), ("--csv", "--constant")])
def test_no_value_can_drive_the_terminal(
    run: Run, scan: Path, hostile: Path, options: tuple[str, ...]
) -> None:
    assert scan.parent == hostile.parent
    result = run("varies", hostile.parent, *options)
    assert result.code == 0
    assert unsafe_characters(result.raw_out + result.raw_err) == set()
