"""What a person types who has not read the manual: each mistake is answered in one sentence."""

import os
from pathlib import Path

import pytest

from tests.builders import ct, write
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        ("tags FILE --jsn", "--json"),
        ("tags --serach=x FILE", "--search"),
        ("find FILE Modality=CT --column PatientID", "--columns"),
        ("completion bas", "bash"),
        ("export FILE OUT --format pgn", "png"),
        ("anonymize FILE OUT --preset basci", "basic"),
        ("report FILE --format htm", "html"),
        ("--indx FILE", "--index"),
        ("--grahpics half FILE", "--graphics"),
        ("--acess-log=x FILE", "--access-log"),
    ],
)
def test_a_mistyped_option_or_word_gets_the_nearest_one(
    run: Run, scan: Path, tmp_path: Path, command: str, meant: str
) -> None:
    result = run(
        *(word.replace("FILE", str(scan)).replace("OUT", f"{tmp_path}/out") for word in command.split())
    )
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert " --help'" in result.err
    assert result.err.endswith(f"; did you mean {meant}?\n")
    assert os.listdir(tmp_path) == [scan.name]


@pytest.mark.parametrize(
    "command", ["tags FILE --zzz", "tags FILE -z", "info FILE --qqqqqq", "--qqqqqq", "demo x"]
)
def test_what_is_near_to_nothing_gets_no_proposal(run: Run, scan: Path, command: str) -> None:
    result = run(*(str(scan) if word == "FILE" else word for word in command.split()))
    assert (result.code, len(result.errors)) == (2, 1)
    assert "did you mean" not in result.err


@pytest.mark.parametrize(
    "steps", ["threshold(low=5, high=1)", "segment(500, 1)", "gaussian | threshold(high=-1)"]
)
def test_thresholds_that_leave_no_value_are_refused(run: Run, scan: Path, tmp_path: Path, steps: str) -> None:
    for words in (["view", scan], ["export", scan, tmp_path / "a.png"]):
        result = run(*words, "--process", steps)
        assert (result.code, result.out, len(result.errors)) == (2, "", 1)
        assert "low is above high" in result.err
    assert os.listdir(tmp_path) == [scan.name]


@pytest.mark.parametrize("steps", ["threshold(1, 1)", "threshold(low=-5, high=0)", "threshold", "~threshold"])
def test_thresholds_that_leave_a_value_are_taken(run: Run, scan: Path, steps: str) -> None:
    assert run("view", scan, "--process", steps).code == 0


@pytest.mark.parametrize(
    "command", ["find {} Modality=CT --paths", "values {} Modality --csv", "varies {} --csv"]
)
def test_a_folder_that_is_named_twice_counts_once(run: Run, tmp_path: Path, command: str) -> None:
    write(ct(), tmp_path / "a.dcm")
    link = tmp_path.parent / f"{tmp_path.name}-link"
    link.symlink_to(tmp_path)
    once = run(*command.format(tmp_path).split())
    for other in (tmp_path, f"{tmp_path}/", link, tmp_path / ".." / tmp_path.name):
        twice = run(*command.format(f"{tmp_path} {other}").split())
        assert (twice.code, twice.out) == (once.code, once.out)
        assert twice.errors == [f"dicomtui: {other}: is named twice, and counts once"]
    link.unlink()


def test_what_lies_in_another_path_is_said_to_count_twice(run: Run, tmp_path: Path) -> None:
    inner = write(ct(), tmp_path / "in" / "a.dcm")
    beside = write(ct(), tmp_path / "in-too" / "a.dcm")
    result = run("find", tmp_path / "in", inner, beside, "Modality=CT")
    assert len(result.out.splitlines()) == 3
    assert result.errors == [
        f"dicomtui: {inner}: warning: lies in {inner.parent}, so what is in it counts twice"
    ]


@pytest.mark.parametrize(
    "command",
    [
        "anonymize FILE -",
        "anonymize FILE out.dcm",
        "anonymize FILE out.DCM --dry-run",
        "anonymize FILE study.zip",
        "anonymize FILE out --mapping -",
        "anonymize FILE out --key-file -",
        "export FILE -",
        "report FILE -o folder",
        "report FILE -o folder/",
    ],
)
def test_nothing_is_made_where_a_folder_or_a_file_was_meant(
    run: Run, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    result = run(*(scan.name if word == "FILE" else word for word in command.split()))
    assert result.code != 0
    assert (result.out, len(result.errors)) == ("", 1)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_called_like_a_file_can_be_insisted_on(run: Run, scan: Path, tmp_path: Path) -> None:
    refused = run("anonymize", scan, tmp_path / "out.dcm")
    assert f"(or write {tmp_path}/out.dcm/)" in refused.err
    assert run("anonymize", scan, f"{tmp_path}/out.dcm/").code == 0
    assert (tmp_path / "out.dcm").is_dir()
    assert run("anonymize", scan, tmp_path / "out.dcm", "--resume").code == 0


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("report FILE -o OUT.html", "--overwrite"),
        ("export FILE OUT.png", "--overwrite"),
        ("anonymize FILE OUT", "--resume"),
    ],
)
def test_what_exists_already_names_the_option_that_goes_on(
    run: Run, scan: Path, tmp_path: Path, command: str, option: str
) -> None:
    words = [word.replace("FILE", str(scan)).replace("OUT", f"{tmp_path}/out") for word in command.split()]
    assert run(*words).code == 0
    assert option in run(*words).err
    again = run(*words, option)
    assert (again.code, again.err) == (0, "")


def test_one_frame_is_called_one(run: Run, scan: Path, tmp_path: Path) -> None:
    for words in (["measure", scan, "--point", "1,1"], ["view", scan], ["export", scan, tmp_path / "a.png"]):
        result = run(*words, "--frame", "2")
        assert result.code != 0
        assert " has 1 frame" in result.errors[0]
        assert "1 frames" not in result.err
