"""``dicomtui scan``."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import data_store
import pydicom
import pytest
from pydicom.data import get_testdata_file

from tests.builders import ct, write, write_series
from tests.cli.conftest import HOSTILE, Run, in_terminal, unsafe_characters

WHEEL = Path(str(get_testdata_file("CT_small.dcm"))).parents[1]
MORE = Path(data_store.__file__).parent / "data"
DICOMDIR_CLASS = "1.2.840.10008.1.3.10"
TELLING = ("SOPClassUID", "PatientName", "PatientID", "StudyInstanceUID", "Modality", "Rows")
"""A file without a preamble is DICOM if it has one of these."""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two patients with three series, a damaged file, and two files that are no DICOM."""
    root = tmp_path / "archive"
    write_series(root / "a", 3)
    write_series(root / "b", 2, SeriesInstanceUID="1.2.3", SeriesNumber=12, SeriesDescription="Lung")
    write(
        ct(PatientName="Abel^Ann", PatientID="ID-2", StudyInstanceUID="1.9", SeriesInstanceUID="1.9.1"),
        root / "c.dcm",
    )
    (root / "notes.txt").write_text("nothing to see")
    (root / "page.html").write_text("<html>")
    return root


def a_damaged_file(path: Path) -> Path:
    path.write_bytes(b"\0" * 128 + b"DICM\xff\xff")
    return path


def instances_of(archive: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the instances in the JSON of an archive."""
    return [
        instance
        for patient in archive["patients"]
        for study in patient["studies"]
        for series in study["series"]
        for instance in series["instances"]
    ]


def counts_of(archive: dict[str, Any]) -> tuple[int, int, int, int]:
    """Return how many patients, studies, series and instances the JSON of an archive has."""
    studies = [study for patient in archive["patients"] for study in patient["studies"]]
    series = [series for study in studies for series in study["series"]]
    return len(archive["patients"]), len(studies), len(series), len(instances_of(archive))


def counts_by_pydicom(paths: list[str]) -> tuple[int, int, int, int]:
    """Return the same counts, by another reader."""
    patients, studies, series = set(), set(), set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in paths:
            dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
            patient = (_text(dataset, "PatientID"), _text(dataset, "PatientName").rstrip("="))
            study = (*patient, _text(dataset, "StudyInstanceUID"))
            patients.add(patient)
            studies.add(study)
            series.add((*study, _text(dataset, "SeriesInstanceUID")))
    return len(patients), len(studies), len(series), len(paths)


def _text(dataset: pydicom.Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    return "" if value is None else str(value).strip()


def dicom_files(root: Path) -> set[str]:
    """Return the files below *root* that pydicom takes for DICOM."""
    found = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in root.rglob("*"):
            if not path.is_file() or path.name.startswith("."):
                continue
            try:
                dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
            except Exception:  # noqa: BLE001  it is not for pydicom
                continue
            sop_class = dataset.file_meta.get("MediaStorageSOPClassUID", "")
            if sop_class != DICOMDIR_CLASS and (sop_class or any(keyword in dataset for keyword in TELLING)):
                found.add(str(path))
    return found


def agree(run: Run, root: Path) -> None:
    """Compare what is printed of *root* with what pydicom reads there."""
    archive = json.loads(run("scan", root, "--json").out)
    paths = [instance["path"] for instance in instances_of(archive)]
    assert dicom_files(root) <= set(paths)
    assert len(set(paths)) == len(paths)
    assert counts_of(archive) == counts_by_pydicom(paths)
    every = sum(len(files) for _, _, files in os.walk(root))
    assert len(paths) + len(archive["skipped"]) == every


@pytest.mark.parametrize("root", [WHEEL, MORE], ids=["pydicom", "pydicom-data"])
def test_the_hierarchy_agrees_with_pydicom(run: Run, root: Path) -> None:
    agree(run, root)


@pytest.mark.corpus
def test_the_hierarchy_of_real_files_agrees_with_pydicom(run: Run, corpus: Path) -> None:
    agree(run, corpus)


def test_people_get_a_tree_with_counts_and_dates(run: Run, archive: Path) -> None:
    result = run("scan", archive)
    assert (result.code, result.errors) == (0, [])
    lines = result.out.splitlines()
    assert lines[0].startswith("Abel^Ann  ID ID-2")
    assert lines[3].startswith("Doe^Jane  ID ID-1")
    assert "2020-01-31  Test study  CT  2 series  5 instances, " in lines[4]
    assert "CT    12  Lung  2 instances, " in lines[6]
    assert lines[-1].startswith("2 patients  2 studies  3 series  6 instances, ")
    assert lines[-1].endswith("2 other files")


def test_json_is_nested_by_keyword_down_to_the_path(run: Run, archive: Path) -> None:
    result = run("scan", archive, "--json")
    values = json.loads(result.out)
    assert counts_of(values) == (2, 2, 3, 6)
    ann = values["patients"][0]
    assert (ann["PatientName"], ann["PatientID"], ann["PatientBirthDate"]) == ("Abel^Ann", "ID-2", None)
    assert ann["NumberOfPatientRelatedInstances"] == 1
    instance = ann["studies"][0]["series"][0]["instances"][0]
    dataset = pydicom.dcmread(instance["path"])
    assert instance["SOPInstanceUID"] == dataset.SOPInstanceUID
    assert instance["ImagePositionPatient"] == [0, 0, 0]
    assert instance["ImageType"] == ["ORIGINAL", "PRIMARY", "AXIAL"]
    skipped = [(Path(one["path"]).name, one["reason"]) for one in values["skipped"]]
    assert sorted(skipped) == [("notes.txt", "not DICOM"), ("page.html", "not DICOM")]


def test_json_comes_a_line_an_instance(run: Run, archive: Path) -> None:
    lines = run("scan", archive, "--json").out.splitlines()
    assert sum(line.startswith('{"SOPInstanceUID"') for line in lines) == 6


def test_instances_stand_in_the_order_of_space(run: Run, archive: Path) -> None:
    instances = instances_of(json.loads(run("scan", archive / "a", "--json").out))
    heights = [instance["ImagePositionPatient"][2] for instance in instances]
    assert heights == sorted(heights)


def test_a_table_has_a_row_for_each_instance(run: Run, archive: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("scan", archive, "--csv").out)))
    assert len(rows) == 6
    assert rows[0]["PatientName"] == "Abel^Ann"
    assert rows[0]["Rows"] == "32"
    assert rows[-1]["ImagePositionPatient"].startswith("0\\0\\")
    for row in rows:
        assert row["SOPInstanceUID"] == pydicom.dcmread(row["path"]).SOPInstanceUID


def test_no_cell_of_a_table_is_a_formula(run: Run, tmp_path: Path) -> None:
    names = ["=1+1", "+cmd", "-2+3", "@SUM(A1)"]
    for at, name in enumerate(names):
        write(
            ct(PatientName=name, SliceThickness="-2.5", ImagePositionPatient=[-1, 0, at], InstanceNumber=-at),
            tmp_path / f"{at}",
        )
    rows = list(csv.DictReader(io.StringIO(run("scan", tmp_path, "--csv").out)))
    assert sorted(row["PatientName"] for row in rows) == sorted(f"'{name}" for name in names)
    for row in rows:
        assert row["SliceThickness"] == "-2.5"
        assert float(row["InstanceNumber"]) <= 0
        assert row["ImagePositionPatient"].startswith("'-1\\0\\")


def test_hostile_values_drive_no_terminal(run: Run, tmp_path: Path) -> None:
    write(ct(PatientName=HOSTILE, StudyDescription=HOSTILE, SeriesDescription=HOSTILE), tmp_path / "scan")
    for options in ([], ["--csv"], ["--json"]):
        result = run("scan", tmp_path, *options)
        assert result.code == 0
        assert unsafe_characters(result.raw_out + result.raw_err) == set()


def test_paths_are_called_as_the_folder_was(run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(archive.parent)
    paths = [one["path"] for one in instances_of(json.loads(run("scan", "archive", "--json").out))]
    assert "archive/c.dcm" in paths
    assert all(Path(path).is_file() for path in paths)


def test_the_current_folder_is_scanned_when_none_is_named(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(archive)
    assert run("scan").out == run("scan", archive).out


def test_a_zip_is_scanned_like_the_folder_it_holds(run: Run, archive: Path) -> None:
    packed = shutil.make_archive(str(archive.parent / "study"), "zip", archive)
    values = json.loads(run("scan", packed, "--json").out)
    assert counts_of(values) == (2, 2, 3, 6)
    assert f"{packed}!/c.dcm" in [instance["path"] for instance in instances_of(values)]


def test_a_damaged_file_is_named_and_costs_the_exit_code_only(run: Run, archive: Path) -> None:
    damaged = a_damaged_file(archive / "damaged.dcm")
    for options in ([], ["--csv"], ["--json"]):
        result = run("scan", archive, *options)
        assert (result.code, len(result.errors)) == (1, 1)
        assert str(damaged) in result.err
    assert counts_of(json.loads(run("scan", archive, "--json").out)) == (2, 2, 3, 6)


@pytest.mark.parametrize("name", ["missing", "missing/below", "notes\0"])
def test_a_wrong_path_is_one_sentence(run: Run, tmp_path: Path, name: str) -> None:
    result = run("scan", tmp_path / name)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)


def test_a_path_that_is_no_file_is_one_sentence(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    result = run("scan", tmp_path / "pipe")
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)


def test_an_empty_folder_is_no_mistake(run: Run, tmp_path: Path) -> None:
    result = run("scan", tmp_path, "--json")
    assert (result.code, result.errors) == (0, [])
    assert json.loads(result.out) == {"patients": [], "skipped": []}


def test_nothing_is_kept_on_disk_unless_it_is_asked_for(run: Run, archive: Path) -> None:
    def kept() -> bool:
        return any(Path(os.environ["XDG_CACHE_HOME"]).rglob("*.sqlite"))

    before = run("scan", archive, "--json").out
    assert not kept()
    assert run("scan", archive, "--json", "--index").out == before
    assert kept()
    assert run("scan", archive, "--json").out == before
    (archive / "c.dcm").unlink()
    for options in ([], ["--no-index"]):
        values = json.loads(run("scan", archive, "--json", *options).out)
        assert counts_of(values) == (1, 1, 2, 5)


def test_the_setting_keeps_an_index_and_the_option_overrides_it(run: Run, archive: Path) -> None:
    config = Path(os.environ["XDG_CONFIG_HOME"]) / "dicomtui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("index = true\n")
    cache = Path(os.environ["XDG_CACHE_HOME"])
    run("scan", archive, "--no-index")
    assert not list(cache.rglob("*.sqlite"))
    run("scan", archive)
    assert list(cache.rglob("*.sqlite"))


def test_a_terminal_is_left_clean_by_the_progress(archive: Path) -> None:
    code, text = in_terminal(["scan", str(archive)], columns=80, lines=24)
    assert code == 0
    assert "2 patients" in text


def test_ctrl_c_ends_a_scan_without_a_word(run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dicomtui.archive.refresh.refresh", interrupted)
    for command in ("scan", "report"):
        result = run(command, archive)
        assert (result.code, result.out, result.err) == (130, "", "")


def test_neither_numpy_nor_pydicom_is_loaded_for_it(archive: Path) -> None:
    script = (
        "import sys; from dicomtui.__main__ import main\n"
        f"code = main(['scan', {str(archive)!r}, '--json'])\n"
        "print({'numpy', 'pydicom', 'textual', 'rich'} & {name.partition('.')[0] for name in sys.modules},"
        " file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == "set()\n"


@pytest.mark.parametrize(
    "command", [["scan"], ["report"], ["values", "Modality"], ["find", "Modality = CT"]], ids=lambda c: c[0]
)
def test_a_named_file_that_is_not_dicom_is_said(run: Run, tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "notes.txt").write_text("no instance")
    name, *rest = command
    result = run(name, tmp_path / "notes.txt", *rest)
    assert (result.code, result.errors) == (1, [f"dicomtui: {tmp_path / 'notes.txt'}: not DICOM"])
    assert run(name, tmp_path, *rest).errors == []


@pytest.mark.parametrize(
    "command", [["export", "--format", "png"], ["anonymize", "--forget"]], ids=lambda c: c[0]
)
def test_a_named_file_that_is_not_dicom_has_failed_in_a_batch(
    run: Run, tmp_path: Path, command: list[str]
) -> None:
    path = write(ct(), tmp_path / "in" / "scan.dcm")
    other = tmp_path / "in" / "notes.txt"
    other.write_text("no instance")
    name, *options = command
    result = run(name, path, other, tmp_path / "out", *options)
    assert result.code == 1
    assert [line.partition(": not DICOM")[0] for line in result.errors] == [f"dicomtui: {other}"]
    result = run(name, tmp_path / "in", tmp_path / "out2", *options)
    assert (result.code, result.errors) == (0, [])
