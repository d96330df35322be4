"""``dicomtui tags --explain`` and ``--charset``."""

import json
from pathlib import Path

from tests.builders import a_sequence, ct, write
from tests.cli.conftest import Run
from tests.dataset.encoded import element, part10


def test_an_element_is_explained_by_keyword_tag_or_place(run: Run, tmp_path: Path) -> None:
    path = str(write(ct(AnatomicRegionSequence=[a_sequence(1)]), tmp_path / "a.dcm"))
    place = "AnatomicRegionSequence[0].AnatomicRegionSequence[0].CodeValue"
    for name in ("CodeValue", "0008,0100", "(0008,0100)", place):
        text = run("tags", "--explain", name, path).out
        assert f"{path}::{place}" in text
        assert "T-D1100" in text
        assert "De-identified: not in PS3.15" in text


def test_what_is_not_there_is_one_line_and_exit_code_1(run: Run, tmp_path: Path) -> None:
    path = str(write(ct(), tmp_path / "a.dcm"))
    done = run("tags", "--explain", "Nothing\x1b]0;x", path)
    assert done.code == 1
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert "\x1b" not in done.err


def test_hostile_values_are_escaped(run: Run, tmp_path: Path) -> None:
    path = str(write(ct(PatientName="a\x1b]0;evil\x07"), tmp_path / "a.dcm"))
    done = run("tags", "--explain", "PatientName", path)
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "a\\x1b]0;evil" in done.out


def test_texts_are_read_in_the_character_set_that_is_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "gbk.dcm"
    path.write_bytes(part10(element(0x00100010, "PN", "王^小东".encode("gbk") + b" ")))
    assert "王^小东" not in run("tags", path).out
    for name in ("gbk", "GB18030", "gb-18030"):
        assert "王^小东" in run("tags", "--charset", name, path).out
        assert "ideographs" not in run("tags", "--charset", name, path).out
    assert "family name 王" in run("tags", "--charset", "gbk", "--explain", "PatientName", path).out
    model = json.loads(run("tags", "--charset", "gbk", "--json", path).out)
    assert model["00100010"]["Value"] == [{"Alphabetic": "王^小东"}]


def test_a_character_set_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    done = run("tags", "--charset", "zlib", write(ct(), tmp_path / "a.dcm"))
    assert done.code != 0
    assert "UTF-8" in done.err
