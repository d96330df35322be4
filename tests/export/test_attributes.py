import csv
import io
import json
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from dicomtui.archive.attribute_names import parse_attributes
from dicomtui.dataset.elements import elements_of, walk
from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.export.attributes import (
    COLUMNS,
    csv_lines,
    flat_json_line,
    json_text,
    table_head,
    table_line,
    text_lines,
)
from tests.builders import ct, write


def bundled(name: str) -> Instance:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return read_instance(path)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("name", ["CT_small.dcm", "rtplan.dcm", "reportsi.dcm", "JPEG2000.dcm"])
def test_a_table_of_one_instance_has_a_row_for_every_element(name: str) -> None:
    table = rows("".join(csv_lines(bundled(name))))
    dataset = pydicom.dcmread(bundled(name).source.name)
    expected = [f"({e.tag.group:04x},{e.tag.element:04x})" for e in (*dataset.file_meta, *dataset.iterall())]
    assert sorted(row["tag"].lower() for row in table) == sorted(expected)


def test_nested_elements_are_named_by_their_path() -> None:
    table = {row["path"]: row for row in rows("".join(csv_lines(bundled("rtplan.dcm"))))}
    dataset = pydicom.dcmread(bundled("rtplan.dcm").source.name)
    name = "BeamSequence[0].ControlPointSequence[1].CumulativeMetersetWeight"
    expected = dataset.BeamSequence[0].ControlPointSequence[1].CumulativeMetersetWeight
    assert float(table[name]["value"]) == float(expected)


def test_flat_json_has_the_values_that_pydicom_reads() -> None:
    instance = bundled("CT_small.dcm")
    flat = json.loads(flat_json_line("a.dcm", instance))
    dataset = pydicom.dcmread(instance.source.name)
    assert flat["source"] == "a.dcm"
    assert flat["PatientID"] == dataset.PatientID
    assert [float(part) for part in flat["ImagePositionPatient"]] == list(dataset.ImagePositionPatient)
    assert flat["OtherPatientIDsSequence[1].PatientID"] == dataset.OtherPatientIDsSequence[1].PatientID


def test_flat_json_is_one_line_whatever_the_values_hold(tmp_path: Path) -> None:
    path = write(ct(ImageComments="a\r\nb\u2028c\x1b[31m", PatientName='="x"'), tmp_path / "a.dcm")
    line = flat_json_line("na\udcffme", read_instance(path))
    assert line.count("\n") == 1
    assert "\x1b" not in line
    assert json.loads(line)["ImageComments"].startswith("a\r\nb")


def test_the_json_model_is_the_one_pydicom_reads_back() -> None:
    instance = bundled("MR_small.dcm")
    model = json.loads(json_text(instance))
    model.pop("7FE00010")
    back = Dataset.from_json(model)
    original = pydicom.dcmread(instance.source.name)
    assert {e.tag: e.value for e in back} == {
        e.tag: e.value for e in original if e.tag != 0x7FE00010 and e.tag.element
    }


def test_a_table_over_many_has_a_column_for_each_attribute() -> None:
    columns = parse_attributes("PatientID, BeamSequence.BeamNumber, Modality")
    text = table_head(columns) + table_line("plan", bundled("rtplan.dcm"), columns)
    (row,) = rows(text)
    assert list(row) == ["source", "PatientID", "BeamSequence.BeamNumber", "Modality"]
    assert row["Modality"] == "RTPLAN"
    assert row["BeamSequence.BeamNumber"] == "1"


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    path = write(ct(PatientID="=1+2", PatientName="+cmd|x"), tmp_path / "a.dcm")
    text = table_line("=source", read_instance(path), parse_attributes("PatientID,PatientName"))
    assert next(csv.reader([text])) == ["'=source", "'=1+2", "'+cmd|x"]
    assert all(
        not row["value"].startswith(("=", "@")) for row in rows("".join(csv_lines(read_instance(path))))
    )


def test_the_usual_columns_are_attributes() -> None:
    assert [column.name for column in parse_attributes(",".join(COLUMNS))] == list(COLUMNS)


def test_lines_stand_for_every_element() -> None:
    instance = bundled("rtplan.dcm")
    elements = elements_of(instance)
    lines = [line for line in text_lines(elements) if not line.lstrip().startswith("Item ")]
    assert len(lines) == len(list(walk(elements)))
