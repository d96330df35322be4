"""What is known of a run after it was killed."""

from pathlib import Path

import pytest

from dicomtui.deidentify.journal import Entry, Journal
from dicomtui.deidentify.records import FileRecord

ACTIONS = (("(0010,0010)", "Z", 1), ("(0040,0275).(0040,0007)", "X", 3))


def entry(number: int, **words: object) -> Entry:
    record = FileRecord(number, "written", f"a/b/c/{number}.dcm", actions=ACTIONS, notes=("re-encoded",))
    return Entry(record._replace(**words), f"source{number}", "patient", 10 + number)  # type: ignore[arg-type]


def journal(path: Path, *entries: Entry) -> Journal:
    made = Journal(str(path))
    for each in entries:
        made.add(each)
    return made


def earlier(path: Path) -> tuple[Journal, list[Entry]]:
    again = Journal(str(path))
    return again, list(again.load(lambda each: True))


def test_records_come_back_as_they_were_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    entries = [entry(3), entry(1), entry(2, outcome="failed", path="", reason="why", actions=())]
    made = journal(tmp_path / "j", *entries)
    records = [entries[1].record, entries[2].record, entries[0].record]
    assert list(made.records()) == records
    made.close()
    again, found = earlier(tmp_path / "j")
    assert found == entries[:2]
    again.close()


def test_lists_of_actions_are_kept_once(tmp_path: Path) -> None:
    made = journal(tmp_path / "j", *map(entry, range(1, 100)))
    assert (tmp_path / "j").read_text().count("(0040,0275)") == 1
    records = list(made.records())
    assert all(record.actions is records[0].actions for record in records)
    made.close()


@pytest.mark.parametrize("cut", [1, 5, 40, 100])
def test_a_line_that_was_not_written_to_its_end_costs_that_line_alone(tmp_path: Path, cut: int) -> None:
    journal(tmp_path / "j", entry(1), entry(2)).close()
    content = (tmp_path / "j").read_bytes()
    second = content.index(b"\n", content.index(b"source1")) + 1
    (tmp_path / "j").write_bytes(content[: second + cut])
    again, found = earlier(tmp_path / "j")
    assert [each.source for each in found] == ["source1"]
    again.add(entry(3))
    again.close()
    last, found = earlier(tmp_path / "j")
    assert [each.source for each in found] == ["source1", "source3"]
    assert found[1] == entry(3)
    last.close()


def test_a_record_that_is_taken_over_has_the_number_of_this_run(tmp_path: Path) -> None:
    journal(tmp_path / "j", entry(1), entry(2)).close()
    again, _ = earlier(tmp_path / "j")
    assert again.take_over("source2", 1) == entry(2).record._replace(number=1)
    assert again.take_over("source2", 5) is None
    assert again.take_over("other", 6) is None
    assert [(each.number, each.path) for each in again.records()] == [(1, "a/b/c/2.dcm"), (2, "a/b/c/1.dcm")]
    again.close()


def test_nonsense_in_a_journal_is_passed_over(tmp_path: Path) -> None:
    journal(tmp_path / "j", entry(1)).close()
    with (tmp_path / "j").open("ab") as stream:
        stream.write(
            b'\xff\n[]\n{}\nnull\n1\n{"list": []}\n{"record": 5}\n{"record": {"x": 1}, "actions": 0}\n'
        )
    again, found = earlier(tmp_path / "j")
    assert found == [entry(1)]
    again.close()
