"""What can no longer be written to standard output is said, and is never taken for an answer."""

import os
import sys
from pathlib import Path

import pytest

from tests.builders import ct, write
from tests.cli.conftest import Run

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")

PRINTING = [
    ("tags FILE", 1),
    ("tags FILE --json", 1),
    ("info FILE", 1),
    ("view FILE", 1),
    ("scan FILE", 1),
    ("report FILE", 1),
    ("measure FILE --point 3,4", 1),
    # 1 would mean that nothing was found, that they differ, that there are errors
    ("find FILE Modality=CT", 2),
    ("find FILE Modality=CT --csv", 2),
    ("find FILE Modality=CT --paths0", 2),
    ("values FILE Modality", 2),
    ("varies FILE", 2),
    ("validate FILE", 2),
    ("diff FILE OTHER", 2),
    ("--help", 1),
]


@pytest.fixture
def words(scan: Path, tmp_path: Path) -> dict[str, Path]:
    other = write(ct(PatientName="Roe^Richard"), tmp_path / "other.dcm")
    return {"FILE": scan, "OTHER": other}


@pytest.mark.parametrize(("command", "code"), PRINTING, ids=str)
def test_an_answer_that_is_lost_is_no_success(
    run: Run, words: dict[str, Path], monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    arguments = [words.get(word, word) for word in command.split()]
    assert run(*arguments).code in (0, 1)
    with open("/dev/full", "w") as full:
        for stream, reason in ((None, "is closed"), (full, "no space left on device")):
            with monkeypatch.context() as patch:
                patch.setattr(sys, "stdout", stream)
                result = run(*arguments)
            assert (result.code, result.errors[-1]) == (code, f"dicomtui: standard output: {reason}")
    assert run(*arguments).code in (0, 1), "nothing is left of it"


@pytest.mark.parametrize("command", ["export FILE OUT.png", "anonymize FILE OUT", "report FILE -o OUT.html"])
def test_who_closes_standard_output_and_gets_the_files_has_lost_nothing(
    run: Run, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    arguments = [
        word.replace("FILE", str(scan)).replace("OUT", str(tmp_path / "out")) for word in command.split()
    ]
    result = run(*arguments)
    assert (result.code, result.err) == (0, "")
    assert list(tmp_path.glob("out*"))


def test_where_nothing_is_to_be_said_nothing_is_lost(
    run: Run, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for unbuffered in (False, True):
        with open("/dev/full", "w") as full, monkeypatch.context() as patch:
            full.reconfigure(write_through=unbuffered)
            patch.setattr(sys, "stdout", full)
            same, missing = run("diff", scan, scan), run("tags", tmp_path / "missing")
        assert (same.code, same.err) == (0, "")
        assert missing.errors == [f"dicomtui: {tmp_path}/missing: no such file or directory"]
