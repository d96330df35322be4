"""``dicomtui find``."""

import csv
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from tests.builders import ct, write
from tests.cli.conftest import HOSTILE, Run, unsafe_characters


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Three instances in a folder: two of CT, one of MR, and a file that is none."""
    folder = tmp_path / "archive"
    write(ct(PatientName="Smith^Anna", SliceThickness="1.250", KVP=120), folder / "a.dcm")
    write(ct(PatientName="Doe^Jane", SliceThickness=5, KVP=80, PatientID="=1+1"), folder / "b.dcm")
    write(ct(Modality="MR", PatientID="-5"), folder / "sub" / "c.dcm")
    (folder / "notes.txt").write_text("no DICOM")
    return folder


def test_a_line_is_a_path_and_what_the_query_names(run: Run, archive: Path) -> None:
    query = 'Modality = CT and SliceThickness < 2 and PatientName ~ "smi*"'
    assert run("find", archive, query) == (0, f"{archive}/a.dcm\tCT\t1.25\tSmith^Anna\n".encode(), b"")


def test_columns_are_chosen_by_keyword_or_tag(run: Run, archive: Path) -> None:
    result = run("find", archive, "KVP > 100", "--columns", "Modality, 0018,0050,(0010,0010),PatientAge")
    assert result.out == f"{archive}/a.dcm\tCT\t1.25\tSmith^Anna\t\n"


def test_paths_are_called_as_the_folder_was(run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(archive)
    assert run("find", "Modality = MR").out == "./sub/c.dcm\tMR\n"
    assert run("find", ".", "Modality = MR", "--paths").out == "./sub/c.dcm\n"
    assert run("find", "sub/", "../archive", "Modality = MR", "--paths").out == (
        "sub/c.dcm\n../archive/sub/c.dcm\n"
    )
    assert run("find", "a.dcm", "Modality = CT", "--paths").out == "a.dcm\n"
    with zipfile.ZipFile("study.zip", "w") as file:
        file.write("a.dcm", "CT/1")
    assert run("find", "study.zip", "KVP = 120", "--paths").out == "study.zip!/CT/1\n"


def test_paths_for_xargs_are_those_of_the_disk_byte_for_byte(run: Run, tmp_path: Path) -> None:
    name = os.fsdecode(b"line\nbreak \xff\x1b[31m.dcm")
    path = write(ct(), tmp_path / "odd" / name)
    assert run("find", tmp_path / "odd", "Modality = CT", "--paths0").raw_out == os.fsencode(path) + b"\0"
    assert not unsafe_characters(run("find", tmp_path / "odd", "Modality = CT").raw_out) - {"\t"}


def test_json_has_numbers_and_null(run: Run, archive: Path) -> None:
    result = run(
        "find", archive, "KVP > 100", "--json", "--columns", "KVP,PixelSpacing,ImageType,PatientAge,PatientID"
    )
    assert json.loads(result.out) == [
        {
            "path": f"{archive}/a.dcm",
            "KVP": 120,
            "PixelSpacing": [1, 1],
            "ImageType": "ORIGINAL\\PRIMARY\\AXIAL",
            "PatientAge": None,
            "PatientID": "ID-1",
        }
    ]


def test_csv_holds_no_formula(run: Run, archive: Path) -> None:
    result = run("find", archive, "PatientID != ID-1", "--csv", "--columns", "PatientID,SliceThickness")
    rows = sorted(csv.reader(io.StringIO(result.out)))
    assert rows == [
        [f"{archive}/b.dcm", "'=1+1", "5"],
        [f"{archive}/sub/c.dcm", "-5", ""],
        ["path", "PatientID", "SliceThickness"],
    ]


@pytest.mark.parametrize("query", ["PatientID != ''", "KVP != 99", "not exists StudyID"])
def test_lines_stand_in_the_order_of_paths_whatever_was_read_first(
    run: Run, tmp_path: Path, query: str
) -> None:
    folder = tmp_path / "archive"
    write(ct(KVP=1), folder / "z.dcm")
    write(ct(KVP=1), folder / "b" / "a.dcm")
    assert run("find", folder, query, "--index").code == 0
    for name in ("a/x", "a.dcm", "b/0", "m.dcm"):
        write(ct(KVP=1), folder / name)
    result = run("find", folder, query, "--paths")
    expected = [f"{folder}/{name}" for name in ("a.dcm", "m.dcm", "z.dcm", "a/x", "b/0", "b/a.dcm")]
    assert result.out.splitlines() == expected
    for form, key in (("--json", "path"), ("--csv", "path")):
        out = run("find", folder, query, form).out
        rows = json.loads(out) if form == "--json" else csv.DictReader(io.StringIO(out))
        assert [row[key] for row in rows] == expected
    out = run("values", folder, "PatientID", "--instances").out
    assert [line.partition("\t")[0] for line in out.splitlines()] == expected


def test_nothing_found_is_one_and_a_mistake_is_two_as_with_grep(run: Run, archive: Path) -> None:
    assert run("find", archive, "Modality = US") == (1, b"", b"")
    assert json.loads(run("find", archive, "Modality = US", "--json").out) == []
    for arguments in (
        [archive, "Modality ="],
        [archive / "none", "Modality = CT"],
        [archive],
        [],
        [archive, ""],
        [archive, "Modality = CT", "--columns", "Modality,,PatientID"],
        [archive, "Modality = CT", "--columns", "Colour"],
        [archive, "Modality = CT", "--json", "--csv"],
    ):
        result = run("find", *arguments)
        assert (result.code, result.out) == (2, ""), arguments
        assert result.errors


@pytest.mark.parametrize(
    ("query", "column"),
    [("Modality = CT and SliceThicknes < 2", 18), ("PatientName = 山 and Foo = 1", 21), ("x" * 300 + "!", 0)],
)
def test_a_caret_stands_below_the_mistake(run: Run, archive: Path, query: str, column: int) -> None:
    result = run("find", archive, query)
    message, shown, caret = result.errors
    assert message.startswith("dicomtui: no attribute is called")
    assert query.startswith(shown.strip())
    assert caret == " " * (2 + column) + "^"
    assert len(shown) < 150


def test_a_file_that_cannot_be_read_is_reported_once_and_ends_nothing(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dicomtui.archive import refresh

    original = refresh.refresh

    def and_lose_files(*arguments):  # type: ignore[no-untyped-def]
        yield from original(*arguments)
        for name in ("b.dcm", "sub/c.dcm"):
            (archive / name).unlink(missing_ok=True)

    monkeypatch.setattr(refresh, "refresh", and_lose_files)
    result = run("find", archive, "KVP > 1", "--paths")
    assert (result.code, result.out) == (0, f"{archive}/a.dcm\n")
    assert result.errors == ["dicomtui: 2 files could not be read: no such file or directory"]


def test_hostile_values_reach_no_terminal(run: Run, tmp_path: Path) -> None:
    write(ct(PatientName=HOSTILE, StudyDescription=HOSTILE), tmp_path / "x" / "a.dcm")
    for form in ([], ["--json"], ["--csv"]):
        result = run("find", tmp_path / "x", "PatientName != '' and StudyDescription != ''", *form)
        assert result.code == 0
        assert not unsafe_characters(result.raw_out) - {"\t"}
    result = run("find", tmp_path, f"Modality = '{HOSTILE}' and {HOSTILE}")
    assert not unsafe_characters(result.raw_err)


def test_help_holds_the_language(run: Run) -> None:
    result = run("find", "--help")
    assert "RequestAttributesSequence.ScheduledProcedureStepID" in result.out
    assert "functional groups" in result.out


@pytest.mark.parametrize("words", [["CT"], ["Doe^Jane"], ["Jane Doe"], ["smith", "jones"], [""]], ids=str)
def test_plain_words_are_answered_with_what_a_query_looks_like(
    run: Run, tmp_path: Path, words: list[str]
) -> None:
    result = run("find", tmp_path, *words)
    assert (result.code, result.out) == (2, "")
    examples = result.errors[0].split("with a value: ")[1]
    assert examples == """'Modality = CT' or 'PatientName ~ "smi*"'"""
    for example in examples.split(" or "):
        assert run("find", tmp_path, example.strip("'")).code == 1, "what is proposed can be asked"


def test_a_query_that_compares_hears_only_what_is_wrong_with_it(run: Run, tmp_path: Path) -> None:
    assert run("find", tmp_path, "Modalty = CT").errors[0].endswith("did you mean Modality?")
