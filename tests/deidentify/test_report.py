"""The report of a batch: what an auditor reads."""

import csv
import json
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui import __version__
from dicomtui.deidentify.options import PRESETS, DeidentifyOptions, Rectangle
from dicomtui.deidentify.records import FileRecord
from dicomtui.deidentify.report import write_report
from dicomtui.errors import WriteError

FILES = ["report-actions.csv", "report.csv", "report.json"]
WRITTEN = FileRecord(
    1,
    "written",
    path="P/S/1.dcm",
    actions=(("(0010,0010)", "Z", 1), ("(0040,0275).(0040,0007)", "X", 3)),
    problems=("(0008,0020): does not parse: emptied",),
    new_sop_instance_uid="2.25.1",
    new_series_instance_uid="2.25.2",
    new_study_instance_uid="2.25.3",
    new_patient_id="ABC",
    codes=("113100", "113101"),
    notes=("Transfer Syntax changed",),
)
RECORDS = [
    WRITTEN,
    FileRecord(2, "skipped", reason="not DICOM"),
    FileRecord(3, "skipped", reason="held back, because it is ultrasound"),
    FileRecord(4, "skipped", reason="held back, because it is ultrasound"),
    FileRecord(5, "failed", reason="cannot be read"),
]


def report(folder: Path) -> Any:
    return json.loads((folder / "report.json").read_text("ascii"))


def table(folder: Path, name: str = "report.csv") -> list[dict[str, str]]:
    with (folder / name).open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_head_says_under_which_rules(tmp_path: Path) -> None:
    write_report(str(tmp_path), RECORDS, PRESETS["research"], project=True)
    run = report(tmp_path)["run"]
    assert run["program"] == f"dicomtui {__version__}"
    assert run["edition"] == "PS3.15 2026d"
    assert (run["preset"], run["options"]["dates"], run["key_of_a_project"]) == ("research", "shifted", True)
    assert [code["value"] for code in run["codes"]] == ["113100", "113107", "113108"]


def test_options_of_ones_own_are_no_preset(tmp_path: Path) -> None:
    write_report(str(tmp_path), [], DeidentifyOptions(retain_uids=True, blank=(Rectangle(0, 1, 2, 3),)))
    run = report(tmp_path)["run"]
    assert run["preset"] is None
    assert run["options"]["blank"] == [[0, 1, 2, 3]]
    assert report(tmp_path)["files"] == []


def test_the_totals_count_outcomes_and_reasons(tmp_path: Path) -> None:
    totals = write_report(str(tmp_path), RECORDS, DeidentifyOptions(), complete=False)
    assert (totals.written, totals.skipped, totals.failed) == (1, 3, 1)
    said = report(tmp_path)["totals"]
    assert (said["written"], said["skipped"], said["failed"], said["complete"]) == (1, 3, 1, False)
    assert said["reasons"] == {
        "skipped": {"held back, because it is ultrasound": 2, "not DICOM": 1},
        "failed": {"cannot be read": 1},
    }
    assert {code["value"]: code["files"] for code in said["codes"]} == {"113100": 1, "113101": 1}


def test_every_file_is_in_both_forms(tmp_path: Path) -> None:
    write_report(str(tmp_path), RECORDS, DeidentifyOptions())
    files = report(tmp_path)["files"]
    assert [file["number"] for file in files] == [1, 2, 3, 4, 5]
    assert files[0]["problems"] == list(WRITTEN.problems)
    assert files[4] == {"number": 5, "outcome": "failed", "reason": "cannot be read"}
    rows = table(tmp_path)
    assert [row["number"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert rows[0]["problems"] == WRITTEN.problems[0]
    assert rows[0]["notes"] == "Transfer Syntax changed"
    assert rows[0]["codes"] == "113100; 113101"
    assert rows[4]["reason"] == "cannot be read"
    for row, file in zip(rows, files, strict=True):
        for name in ("Patient ID", "Study Instance UID", "Series Instance UID", "SOP Instance UID"):
            assert row[f"new {name}"] == file.get(f"new_{name.lower().replace(' ', '_')}", "")


tags = st.builds("({:04x},{:04x})".format, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
actions = st.tuples(
    st.lists(tags, min_size=1, max_size=3).map(".".join), st.sampled_from("XZDUK"), st.integers(1, 99)
)


@given(st.lists(st.lists(actions, max_size=4).map(tuple), max_size=6))
def test_what_was_done_to_every_file_can_be_told_from_either_form(
    done: list[tuple[tuple[str, str, int], ...]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        records = [FileRecord(number, "written", actions=each) for number, each in enumerate(done, 1)]
        write_report(folder, records, DeidentifyOptions())
        said = report(Path(folder))
        lists = {
            kind["number"]: tuple(
                (each["tag_path"], each["action"], each["count"]) for each in kind["actions"]
            )
            for kind in said["actions"]
        }
        assert [lists.get(file.get("actions"), ()) for file in said["files"]] == done
        rows = table(Path(folder), "report-actions.csv")
        for row, each in zip(table(Path(folder)), done, strict=True):
            its = [line for line in rows if line["actions"] == row["actions"]]
            assert [(line["tag path"], line["action"], int(line["count"])) for line in its] == list(each)
            assert all(int(line["files"]) == done.count(each) for line in its)


def test_actions_are_named_for_people(tmp_path: Path) -> None:
    write_report(str(tmp_path), RECORDS, DeidentifyOptions())
    names = [row["name"] for row in table(tmp_path, "report-actions.csv")]
    assert names == ["Patient's Name", "Scheduled Procedure Step Description"]
    assert names == [each["name"] for each in report(tmp_path)["actions"][0]["actions"]]


def test_a_series_costs_little_for_each_of_its_files(tmp_path: Path) -> None:
    many = tuple((f"(0019,{element:04x})", "X", 1) for element in range(0x1000, 0x1100))
    uids = {f"new_{level}_instance_uid": "2.25." + "1" * 39 for level in ("study", "series", "sop")}

    def size(count: int) -> int:
        series = (WRITTEN._replace(number=n, actions=many, path="x" * 140, **uids) for n in range(count))  # type: ignore[arg-type]
        write_report(str(tmp_path), series, DeidentifyOptions())
        return sum(path.stat().st_size for path in tmp_path.iterdir())

    assert size(300) - size(100) < 200 * 1000


def test_no_cell_is_a_formula_and_no_text_drives_a_terminal(tmp_path: Path) -> None:
    words = "=cmd()\x1b]0;PWN\x07\x7f\u202e"
    evil = FileRecord(1, "failed", reason=words, actions=((words, "X", 1),), problems=(words,))
    write_report(str(tmp_path), [evil], DeidentifyOptions())
    (row,) = table(tmp_path)
    assert row["reason"].startswith("'=")
    for name in FILES:
        assert not set((tmp_path / name).read_text("utf-8")) & set("\x1b\x07\x7f\u202e")


def test_a_new_report_replaces_the_one_before_and_only_the_owner_may_read_it(tmp_path: Path) -> None:
    write_report(str(tmp_path), RECORDS, DeidentifyOptions())
    write_report(str(tmp_path), RECORDS[:1], DeidentifyOptions())
    assert len(report(tmp_path)["files"]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_what_breaks_off_leaves_the_reports_of_before(tmp_path: Path) -> None:
    write_report(str(tmp_path), RECORDS, DeidentifyOptions())
    before = report(tmp_path)

    def broken() -> Iterator[FileRecord]:
        yield WRITTEN
        raise OSError(28, "No space left on device")

    with pytest.raises(WriteError, match="no space left"):
        write_report(str(tmp_path), broken(), DeidentifyOptions())
    assert report(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES


def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        write_report(str(tmp_path), (WRITTEN._replace(number=n) for n in range(count)), DeidentifyOptions())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(6000) < peak(500) + (1 << 19)  # a list of them would take several MiB
