"""The table that leads back to the originals."""

import csv
from pathlib import Path

import pytest

from dicomtui.deidentify.mapping import refusal, write_mapping
from dicomtui.deidentify.records import FileRecord, Identity, MappingRow
from dicomtui.errors import WriteError

NEW = FileRecord(
    1,
    "written",
    path="P/S/1.dcm",
    new_sop_instance_uid="2.25.1",
    new_series_instance_uid="2.25.2",
    new_study_instance_uid="2.25.3",
    new_patient_id="NEW",
)
ROW = MappingRow("/data/a.dcm", Identity("OLD", "1.3", "1.2", "1.1"), NEW)


def test_each_row_has_old_and_new(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    write_mapping(str(path), iter([ROW]))
    (row,) = csv.DictReader(path.read_text().splitlines())
    assert (row["old path"], row["new path"]) == ("/data/a.dcm", "P/S/1.dcm")
    assert (row["old Patient ID"], row["new Patient ID"]) == ("OLD", "NEW")
    for level, old, new in (
        ("SOP", "1.1", "2.25.1"),
        ("Series", "1.2", "2.25.2"),
        ("Study", "1.3", "2.25.3"),
    ):
        assert (row[f"old {level} Instance UID"], row[f"new {level} Instance UID"]) == (old, new)
    assert path.stat().st_mode & 0o777 == 0o600


def test_old_values_cannot_become_formulas_or_drive_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    evil = ROW._replace(source="\x1b]0;PWN\x07.dcm", old=ROW.old._replace(old_patient_id="=1+1"))
    write_mapping(str(path), [evil])
    (row,) = csv.DictReader(path.read_text().splitlines())
    assert row["old Patient ID"] == "'=1+1"
    assert not set(path.read_text()) & {"\x1b", "\x07"}


def test_it_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("mine")
    assert "exists already" in refusal(str(path), str(tmp_path / "out"))
    with pytest.raises(WriteError, match="exists already"):
        write_mapping(str(path), [ROW])
    assert path.read_text() == "mine"


def test_it_is_refused_where_it_would_be_handed_on_or_among_the_originals(tmp_path: Path) -> None:
    out, source = tmp_path / "out", tmp_path / "in"
    for folder in (out / "deep", source):
        folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to(out)
    for place in (
        out / "m.csv",
        out / "deep" / "m.csv",
        out / "deep" / ".." / "m.csv",
        tmp_path / "link" / "m.csv",
    ):
        assert "output folder" in refusal(str(place), str(out)), place
    assert "originals" in refusal(str(source / "m.csv"), str(out), [str(source)])
    assert "no such folder" in refusal(str(tmp_path / "absent" / "m.csv"), str(out))
    assert refusal(str(tmp_path / "outside.csv"), str(out), [str(source)]) == ""
