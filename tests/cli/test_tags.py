"""``dicomtui tags``."""

import json
import os
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicomtui.dataset.reading import read_instance
from tests.builders import ct, write
from tests.cli.conftest import HOSTILE, Result, Run, in_terminal, unsafe_characters
from tests.corpus_parts import PARTS, files_of


def row(result: Result, tag: str) -> str:
    """Return the only line with a tag."""
    (line,) = (line for line in result.out.splitlines() if tag in line)
    return line


def test_each_element_is_one_line_with_tag_vr_length_name_and_value(run: Run, scan: Path) -> None:
    result = run("tags", scan)
    dataset = pydicom.dcmread(scan)
    assert result.code == 0
    assert not result.errors
    assert len(result.out.splitlines()) == len(dataset) + len(dataset.file_meta)
    assert row(result, "(0010,0020)").split() == ["(0010,0020)", "LO", "4", "Patient", "ID", "ID-1"]
    assert row(result, "(0008,0020)").split()[-1] == "2020-01-31"


def test_items_stand_below_their_sequence_and_further_in(run: Run, report: Path) -> None:
    lines = run("tags", report).out.splitlines()
    start = next(index for index, line in enumerate(lines) if "Content Sequence" in line)
    below = [line for line in lines[start:] if "00e0" not in line]
    indents = [len(line) - len(line.lstrip()) for line in below]
    assert [line.split()[0] for line in below] == [
        "(0040,a730)",
        "Item",
        "Item",
        "(0040,a043)",
        "Item",
        "(0008,0100)",
        "(0008,0102)",
        "(0008,0104)",
        "(0040,a160)",
    ]
    assert indents == [0, 2, 2, 4, 6, 8, 8, 8, 4]


def test_a_line_break_in_a_value_makes_no_second_line(run: Run, report: Path) -> None:
    assert row(run("tags", report), "(0040,a160)").endswith("one↵two")


def test_files_are_told_apart_when_there_are_several(run: Run, scan: Path, report: Path) -> None:
    assert "==>" not in run("tags", scan).out
    headings = [line for line in run("tags", scan, report).out.splitlines() if line.startswith("==>")]
    assert headings == [f"==> {scan} <==", f"==> {report} <=="]


def test_a_search_shows_hits_with_what_holds_them(run: Run, report: Path) -> None:
    lines = run("tags", report, "--search", "code HEAD").out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "(0040,a730)",
        "Item",
        "(0040,a043)",
        "Item",
        "(0008,0104)",
    ]
    assert "Item 2" in lines[1]


@pytest.mark.parametrize("query", ["0010,0020", "00100020", "patientid", "patient id", "ID-1"])
def test_a_search_looks_at_tag_keyword_name_and_value(run: Run, scan: Path, query: str) -> None:
    assert row(run("tags", scan, "--search", query), "(0010,0020)")


def test_a_search_without_hits_prints_nothing_and_is_no_failure(run: Run, scan: Path, report: Path) -> None:
    assert run("tags", scan, report, "--search", "no such thing") == (0, b"", b"")


def test_long_values_are_cut_unless_all_is_wanted(run: Run, tmp_path: Path) -> None:
    dataset = ct(PatientComments="a long story " * 500)
    dataset.add_new(0x00280012, "OB", bytes(range(256)) * 4)
    path = write(dataset, tmp_path / "long.dcm")
    cut, full = run("tags", path), run("tags", path, "--full")
    assert "6.3 KiB" in row(cut, "(0010,4000)")
    assert len(row(cut, "(0010,4000)")) < 1200
    assert row(full, "(0010,4000)").endswith(dataset.PatientComments.strip())
    assert row(full, "(0028,0012)").endswith((bytes(range(256)) * 4).hex(" "))
    assert row(full, "(7fe0,0010)") == row(cut, "(7fe0,0010)")  # never loaded


def test_standard_input_is_read_as_one_file(run: Run, scan: Path) -> None:
    assert run("tags", "-", stdin=scan.read_bytes()).out == run("tags", scan).out


def test_options_may_stand_between_files(run: Run, scan: Path, report: Path) -> None:
    result = run("tags", scan, "--json", report)
    assert len(json.loads(result.out)) == 2


# --- what fails ---


def test_a_bad_file_is_one_line_and_hides_no_good_one(run: Run, scan: Path, tmp_path: Path) -> None:
    bad = tmp_path / "notes.txt"
    bad.write_text("no DICOM here " * 100)
    result = run("tags", bad, tmp_path / "absent.dcm", scan)
    assert result.code == 1
    assert [line.split(": ")[:2] for line in result.errors] == [
        ["dicomtui", str(bad)],
        ["dicomtui", str(tmp_path / "absent.dcm")],
    ]
    assert "Patient ID" in result.out


def test_a_folder_is_an_error_that_says_how_to_open_it(run: Run, tmp_path: Path) -> None:
    result = run("tags", tmp_path)
    assert result.code == 1
    assert result.errors == [f"dicomtui: {tmp_path}: is a folder; open it with 'dicomtui FOLDER'"]


def test_what_is_odd_about_a_file_is_said_and_is_no_failure(run: Run, scan: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(scan.read_bytes()[:-100])
    result = run("tags", cut)
    assert result.code == 0
    assert len(result.errors) == 1
    assert result.errors[0].startswith(f"dicomtui: {cut}: warning: ")


def test_an_empty_standard_input_is_one_line(run: Run) -> None:
    result = run("tags", "-")
    assert result.code == 1
    assert len(result.errors) == 1
    assert "standard input" in result.err


def test_a_terminal_is_not_waited_for() -> None:
    code, received = in_terminal(["tags", "-"], columns=80, lines=24)
    assert code == 2
    assert received.startswith("dicomtui: standard input is a terminal")


def test_a_name_that_is_no_text_is_shown_with_its_bytes(run: Run, scan: Path, tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.dcm")
    scan.rename(odd)
    assert rf"==> {tmp_path}/\xff.dcm <==" in run("tags", odd, odd).out
    assert json.loads(run("info", "--json", odd).out)["path"] == odd


# --- JSON ---


def test_json_of_one_file_is_an_object_and_of_several_an_array(run: Run, scan: Path, report: Path) -> None:
    assert json.loads(run("tags", "--json", scan).out)["00100020"] == {"vr": "LO", "Value": ["ID-1"]}
    both = json.loads(run("tags", "--json", scan, report).out)
    assert [model["00080060"]["Value"] for model in both] == [["CT"], ["SR"]]


def test_json_has_null_in_the_place_of_a_file_that_failed(run: Run, scan: Path, tmp_path: Path) -> None:
    result = run("tags", "--json", tmp_path / "absent", scan, tmp_path)
    assert result.code == 1
    assert [model is None for model in json.loads(result.out)] == [True, False, True]
    assert json.loads(run("tags", "--json", tmp_path / "absent").out) is None


def test_json_of_a_search_keeps_hits_and_their_place(run: Run, report: Path) -> None:
    model = json.loads(run("tags", "--json", "--search", "code meaning", report).out)
    meaning = {"00080104": {"vr": "LO", "Value": ["Head"]}}
    within = {"0040A043": {"vr": "SQ", "Value": [meaning]}}
    assert model == {"0040A730": {"vr": "SQ", "Value": [{}, within]}}


def test_json_is_ascii_and_gives_values_back_as_they_were(run: Run, hostile: Path) -> None:
    result = run("tags", "--json", hostile)
    assert result.raw_out.isascii()
    assert not unsafe_characters(result.raw_out)
    assert json.loads(result.out)["00100020"]["Value"] == [HOSTILE]


# --- hostile files ---


@pytest.mark.parametrize(
    "arguments",
    ["tags", "tags --full", "tags --search evil", "tags --json", "info", "info --json", "view"],
)
def test_hostile_values_and_names_reach_no_stream(
    run: Run, hostile: Path, scan: Path, arguments: str
) -> None:
    files = [hostile] if arguments == "view" else [hostile, Path(f"{hostile}.absent"), scan]
    result = run(*arguments.split(), *files)
    assert result.code == (0 if arguments == "view" else 1)
    assert result.out
    assert not unsafe_characters(result.raw_out)
    assert not unsafe_characters(result.raw_err)
    assert all(line.startswith("dicomtui: ") for line in result.errors)


def test_markup_is_text(run: Run, hostile: Path) -> None:
    assert "[red]x[/][@click=app.quit]y" in row(run("tags", hostile), "(0010,0020)")


def test_deep_nesting_ends_with_a_sentence(run: Run, tmp_path: Path) -> None:
    item = Dataset()
    for _ in range(100):
        outer = Dataset()
        outer.ContentSequence = Sequence([item])
        item = outer
    path = write(ct(ContentSequence=item.ContentSequence), tmp_path / "deep.dcm")
    assert "nested deeper" in run("tags", path).out
    assert run("tags", "--json", path).code == 0


@pytest.mark.corpus
@pytest.mark.parametrize("part", PARTS)
def test_every_real_file_prints_without_a_raw_control_character(run: Run, corpus: Path, part: int) -> None:
    for path in files_of(corpus, part):
        for arguments in (("tags",), ("tags", "--json"), ("info",), ("info", "--json")):
            result = run(*arguments, path)
            assert result.code in (0, 1), path
            assert "internal error" not in result.err, (path, result.err)
            assert not unsafe_characters(result.raw_out + result.raw_err), (arguments, path)
            if arguments == ("tags",) and result.code == 0:
                instance = read_instance(path)
                assert len(result.out.splitlines()) >= len(instance.dataset)


@pytest.mark.parametrize("option", ["--search", "--explain"])
@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_word_is_no_question(run: Run, scan: Path, option: str, text: str) -> None:
    result = run("tags", scan, option, text)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert result.err.startswith(f"dicomtui: {option}: is empty")


def test_a_mistyped_keyword_gets_the_nearest_one(run: Run, scan: Path) -> None:
    assert run("tags", scan, "--explain", "PatientNme").err.endswith("; did you mean PatientName?\n")
    assert "did you mean" not in run("tags", scan, "--explain", "PatientAddress").err
    mistyped = run("anonymize", "--explain", "PatientNme")
    assert (mistyped.code, mistyped.out) == (2, "")
    assert mistyped.err.endswith("; did you mean PatientName?\n")
    for text in ("", "qqqq"):
        assert f"no attribute is called '{text}'; give a keyword" in run("anonymize", "--explain", text).err
