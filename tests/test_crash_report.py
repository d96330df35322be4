"""What a mistake of ours leaves behind: enough to find it, nothing of a patient."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dicomtui import crash_report
from dicomtui.__main__ import main
from dicomtui.crash_report import crash_sentence, report_text

SECRET = "DOE^JANE"


@pytest.fixture(autouse=True)
def _first_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crash_report, "_written", [])


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "dicomtui"


def raised(cause: Callable[[], object]) -> Exception:
    try:
        cause()
    except Exception as error:  # noqa: BLE001  whatever it is
        return error
    raise AssertionError("nothing was raised")


def _fails() -> None:
    patient_name = SECRET
    try:
        dict[str, str]()[patient_name]
    except KeyError as error:
        raise ValueError(f"{patient_name} in /data/{patient_name}.dcm") from error


def _only(folder: Path) -> str:
    (report,) = folder.iterdir()
    return report.read_text("ascii")


def test_a_mistake_leaves_a_report_of_types_and_lines_that_the_line_names(
    reports: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dicomtui.cli.config.run", lambda _: _fails())
    assert main(["config"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    (report,) = reports.iterdir()
    assert line.endswith(f"please report it with {report}")
    text = report.read_text("ascii")
    assert "ValueError\n" in text
    assert "\ncaused by\n\nKeyError\n" in text
    assert re.search(r"^  dicomtui\.cli\.parser:\d+$", text, re.MULTILINE)
    assert "pydicom 3" in text
    for secret in (SECRET, "JANE", "/data", "_fails", "patient_name"):
        assert secret not in text + line


def test_a_report_is_private_whatever_the_umask(reports: Path) -> None:
    before = os.umask(0)
    try:
        crash_sentence(raised(_fails))
    finally:
        os.umask(before)
    (report,) = reports.iterdir()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(reports.stat().st_mode) == 0o700


def test_of_many_mistakes_in_one_run_the_first_is_kept(reports: Path) -> None:
    first = crash_sentence(raised(_fails))
    second = crash_sentence(raised(lambda: [][1]))
    assert "ValueError at" in first
    assert "IndexError at" in second
    assert "IndexError" not in _only(reports)


def test_where_no_report_can_be_written_the_line_stands_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "taken"))
    assert crash_sentence(raised(_fails)).endswith("please report it")


def test_without_the_variable_reports_go_below_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", value)
        assert crash_report.report_folder() == f"{tmp_path}/.local/state/dicomtui"


def _deep(depth: int) -> int:
    return 1 + _deep(depth + 1)


def _group() -> None:
    raise ExceptionGroup(SECRET, [ValueError(SECRET), raised(_fails)])


def _circle() -> None:
    first, second = ValueError(SECRET), KeyError(SECRET)
    first.__cause__, second.__cause__ = second, first
    raise first


def _odd_name() -> None:
    exec("raise ValueError('x')", {"__name__": f"{SECRET}\x1b]0;x\x07"})


@pytest.mark.parametrize("cause", [lambda: _deep(0), _group, _circle, _odd_name])
def test_any_mistake_makes_a_short_report_without_values(cause: Callable[[], object]) -> None:
    text = report_text(raised(cause))
    assert SECRET not in text
    assert "\x1b" not in text
    assert len(text) < 20_000
    assert list(_types(text))


def _types(text: str) -> Iterator[str]:
    yield from re.findall(r"^\w*(?:Error|Group)$", text, re.MULTILINE)


def test_the_errors_of_a_group_are_told() -> None:
    assert list(_types(report_text(raised(_group)))) == [
        "ExceptionGroup",
        "ValueError",
        "ValueError",
        "KeyError",
    ]
