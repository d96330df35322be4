"""What may be opened: regular files and memory, without ever waiting for anything."""

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dicomtui.dataset.reading import read_instance, read_source
from dicomtui.dataset.source import FileSource, MemorySource, open_regular
from dicomtui.errors import ReadError
from tests.builders import ct, write
from tests.dataset.encoded import element, part10

NAME = element(0x00100010, "PN", b"DOE^JANE")


def refusal(path: str | Path) -> str:
    with pytest.raises(ReadError) as error:
        read_instance(path)
    message = str(error.value)
    assert message.isprintable()
    return message


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    source = FileSource(write(ct(), tmp_path / "ct.dcm"))
    with source.open() as first, source.open() as second:
        assert first.read() == second.read() == (tmp_path / "ct.dcm").read_bytes()
    assert source.size == (tmp_path / "ct.dcm").stat().st_size
    assert source.name == str(tmp_path / "ct.dcm")


def test_memory_can_be_opened_again_and_again() -> None:
    source = MemorySource("standard input", b"bytes")
    assert [source.open().read() for _ in range(2)] == [b"bytes"] * 2
    assert (source.name, source.size) == ("standard input", 5)


def test_a_symbolic_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(part10(NAME))
    (tmp_path / "link").symlink_to("scan")
    (tmp_path / "link to the link").symlink_to("link")
    assert read_instance(tmp_path / "link to the link").dataset.PatientName == "DOE^JANE"


def test_a_link_that_is_swapped_after_it_was_resolved_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(part10(NAME))
    source = FileSource(tmp_path / "scan")
    (tmp_path / "scan").rename(tmp_path / "other")
    (tmp_path / "scan").symlink_to("other")
    with pytest.raises(ReadError, match="symbolic link"):
        source.open()


def test_a_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: not a regular file, but a folder"


def test_a_device_is_refused() -> None:
    assert refusal("/dev/null") == "/dev/null: not a regular file, but a device"


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert refusal("socket") == "socket: not a regular file, but a socket"


def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    code = f"from dicomtui.dataset.source import FileSource; FileSource({str(tmp_path / 'pipe')!r})"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert "not a regular file, but a named pipe" in run.stderr


def test_a_pipe_that_takes_the_place_of_a_file_is_refused_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scan").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    regular = os.lstat(tmp_path / "scan")
    monkeypatch.setattr(os, "lstat", lambda _: regular)
    with pytest.raises(ReadError, match="named pipe"):
        open_regular(str(tmp_path / "pipe"))


def test_links_in_a_loop_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert "symbolic link that leads nowhere" in refusal(tmp_path / "a")


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nothing")
    assert refusal(tmp_path / "link") == f"{tmp_path / 'link'}: no such file or directory"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == f"{tmp_path / 'none'}: no such file or directory"


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scan").write_bytes(part10(NAME))
    (tmp_path / "scan").chmod(0)
    if os.geteuid() == 0:  # who may read everything
        monkeypatch.setattr(os, "open", _deny)
    assert refusal(tmp_path / "scan") == f"{tmp_path / 'scan'}: permission denied"


def _deny(path: str, *_: object) -> int:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)


def test_a_name_that_no_file_can_have_is_refused() -> None:
    assert refusal("a\0b") == "a\\x00b: embedded null byte"
    assert "file name too long" in refusal("x" * 5000)


def test_a_hostile_name_cannot_drive_the_terminal(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\x1b]0;PWN\x07\xff")
    assert "\\x1b]0;PWN\\x07\\xff: no such file" in refusal(path)


def test_a_file_that_vanishes_is_one_line(tmp_path: Path) -> None:
    source = FileSource(write(ct(), tmp_path / "ct.dcm"))
    (tmp_path / "ct.dcm").unlink()
    with pytest.raises(ReadError, match="no such file"):
        read_source(source)


def test_a_file_that_shrinks_while_it_is_open_shows_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "scan"
    path.write_bytes(part10(NAME + element(0x00100020, "LO", b"12345678")))
    source = FileSource(path)
    os.truncate(path, source.size - 4)
    instance = read_source(source)
    assert instance.dataset.PatientName == "DOE^JANE"
    assert instance.dataset.PatientID == "1234"
    assert any("stopped at byte" in warning for warning in instance.warnings)


def test_a_file_that_grows_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "scan"
    path.write_bytes(part10(NAME))
    source = FileSource(path)
    path.write_bytes(part10(NAME + element(0x00100020, "LO", b"12345678")))
    instance = read_source(source)
    assert "PatientID" not in instance.dataset
    assert instance.warnings == ()
