"""Who looked at what is on record, where that is wanted: whole lines, no names, and never in the way."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dicomtui import access_log
from dicomtui.__main__ import main
from dicomtui.access_log import AccessLog
from dicomtui.errors import UsageError
from tests.builders import ct, write

FIELDS = {"time", "user", "host", "action", "sop_instance_uid", "path"}


@pytest.fixture(autouse=True)
def _no_log_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    yield
    access_log.stop()


def entries(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def test_an_entry_says_who_when_where_and_what(tmp_path: Path) -> None:
    log = AccessLog(str(tmp_path / "log"), pytest.fail)
    log.append("opened", "/data/a.dcm", "1.2.3")
    (entry,) = entries(tmp_path / "log")
    assert set(entry) == FIELDS
    assert entry["action"] == "opened"
    assert entry["path"] == "/data/a.dcm"
    assert entry["sop_instance_uid"] == "1.2.3"
    assert entry["host"] == os.uname().nodename
    age = datetime.now(UTC) - datetime.fromisoformat(entry["time"])
    assert 0 <= age.total_seconds() < 60


def test_the_file_is_for_its_owner_alone_even_if_it_was_not(tmp_path: Path) -> None:
    for name in ("new", "old"):
        if name == "old":
            (tmp_path / name).touch(mode=0o644)
        AccessLog(str(tmp_path / name), pytest.fail)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_what_is_there_stays(tmp_path: Path) -> None:
    for number in range(3):
        AccessLog(str(tmp_path / "log"), pytest.fail).append("opened", f"/{number}", "1.2")
    assert [entry["path"] for entry in entries(tmp_path / "log")] == ["/0", "/1", "/2"]


@pytest.mark.parametrize("kind", ["DICOM", "text", "JSON"])
def test_a_file_that_is_no_log_is_refused_and_stays_as_it_is(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(ct(), tmp_path / "b.dcm")
    other = write(ct(), tmp_path / "a.dcm")
    if kind != "DICOM":
        other.write_text({"text": "remember the milk\n", "JSON": '{"time": "12:00"}\n'}[kind])
    other.chmod(0o644)
    before = other.read_bytes()
    assert main(["tags", "--search", "modality", "--access-log", str(other), str(path)]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert str(other) in said.err
    assert "name another file" in said.err
    assert other.read_bytes() == before
    assert stat.S_IMODE(other.stat().st_mode) == 0o644


def test_a_name_in_place_of_a_uid_is_not_recorded(tmp_path: Path) -> None:
    log = AccessLog(str(tmp_path / "log"), pytest.fail)
    log.append("opened", "/a", "Doe^Jane")
    assert entries(tmp_path / "log")[0]["sop_instance_uid"] == ""


def test_a_hostile_path_makes_one_line_of_ascii(tmp_path: Path) -> None:
    log = AccessLog(str(tmp_path / "log"), pytest.fail)
    name = b'/a\n{"user": "root"}\x1b[2J\x7f\xff\xe2\x80\xae'.decode("utf-8", "surrogateescape")
    log.append("opened", name, "1.2")
    content = (tmp_path / "log").read_bytes()
    assert content.count(b"\n") == 1
    assert all(0x20 <= byte < 0x7F for byte in content[:-1])
    assert entries(tmp_path / "log")[0]["path"] == name


@pytest.mark.parametrize("kind", ["folder", "link", "missing"])
def test_a_log_that_cannot_be_written_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "log"
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path = tmp_path / "nowhere" / "log"
    with pytest.raises(UsageError, match="access log"):
        AccessLog(str(path), pytest.fail)


WRITER = """
import sys
from dicomtui.access_log import AccessLog
log = AccessLog(sys.argv[1], print)
for number in range(500):
    log.append("opened", f"/{sys.argv[2]}/{number}/" + "x" * 300, "1.2.3")
"""


def test_two_programs_write_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "log"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in "ab"]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    found = [entry["path"].split("/")[1:3] for entry in entries(path)]
    assert sorted(found) == sorted([name, str(number)] for name in "ab" for number in range(500))
    for name in "ab":
        assert [number for one, number in found if one == name] == [str(number) for number in range(500)]


FULL = """
import resource, signal, sys
from dicomtui.access_log import AccessLog
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
log = AccessLog(sys.argv[1], print)
for number in range(50):
    log.append("opened", f"/{number}", "1.2.3")
print("went on")
"""


def test_a_full_disk_is_said_once_and_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    said = done.stdout.splitlines()
    assert len(said) == 2
    assert "access log" in said[0]
    assert said[1] == "went on"
    assert path.stat().st_size <= 1000


def test_subcommands_record_what_they_open_export_and_deidentify(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    log = tmp_path / "log"
    for argv in (
        ["tags", str(path)],
        ["info", str(path)],
        ["validate", str(path)],
        ["export", str(path), str(tmp_path / "a.png")],
        ["anonymize", str(path), str(tmp_path / "out"), "--forget"],
        ["anonymize", str(path), str(tmp_path / "not"), "--dry-run"],
    ):
        main([*argv, "--access-log", str(log)])
        access_log.stop()
    capfd.readouterr()
    found = entries(log)
    assert [entry["action"] for entry in found] == ["opened"] * 3 + ["exported", "de-identified"]
    assert {entry["path"] for entry in found} == {str(path)}
    assert {entry["sop_instance_uid"] for entry in found} == {str(ct().SOPInstanceUID)}
    assert "Doe" not in log.read_text()
    assert "ID-1" not in log.read_text()


def test_the_configuration_can_ask_for_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config" / "dicomtui").mkdir(parents=True)
    log = tmp_path / "log"
    (tmp_path / "config" / "dicomtui" / "config.toml").write_text(f'access_log = "{log}"\n')
    path = write(ct(), tmp_path / "a.dcm")
    assert main(["info", str(path)]) == 0
    assert len(entries(log)) == 1


def test_nothing_is_recorded_unless_it_is_asked_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    assert main(["info", str(path)]) == 0
    assert not access_log.is_on()
    assert [file.name for file in tmp_path.iterdir()] == ["a.dcm"]
