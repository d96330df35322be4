import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dicomtui.errors import WriteError
from dicomtui.writing import (
    TakenError,
    flush_to_disk,
    make_folders,
    new_file,
    nothing_fits,
    part_file,
    private_folder,
    publish,
    write_bytes,
)


def names_in(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def raising(code: int) -> Any:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


def write_while_another_takes_the_name(target: Path) -> None:
    with new_file(target) as stream:
        stream.write(b"late")
        target.write_bytes(b"first")


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277])
def test_a_file_is_written_whole_and_for_the_user_alone_whatever_the_umask(mask: int, tmp_path: Path) -> None:
    target = tmp_path / "image.dcm"
    with umask(mask):
        write_bytes(target, b"pixels")
    assert target.read_bytes() == b"pixels"
    assert mode_of(target) == 0o600
    assert target.stat().st_nlink == 1
    assert names_in(tmp_path) == ["image.dcm"]


def test_a_name_in_the_current_folder_needs_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_bytes("report.txt", b"report")
    assert (tmp_path / "report.txt").read_bytes() == b"report"


def test_a_name_as_long_as_the_file_system_allows_can_be_written(tmp_path: Path) -> None:
    write_bytes(tmp_path / ("n" * 255), b"x")
    assert names_in(tmp_path) == ["n" * 255]


def test_an_existing_file_is_kept_and_the_message_says_what_to_do(tmp_path: Path) -> None:
    target = tmp_path / "image.dcm"
    target.write_bytes(b"original")
    with pytest.raises(WriteError, match="exists already") as caught:
        write_bytes(target, b"new")
    assert "\n" not in str(caught.value)
    assert str(target) in str(caught.value)
    assert target.read_bytes() == b"original"
    assert names_in(tmp_path) == ["image.dcm"]


def test_a_file_that_appears_while_writing_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "image.dcm"
    with pytest.raises(WriteError, match="exists already"):
        write_while_another_takes_the_name(target)
    assert target.read_bytes() == b"first"
    assert names_in(tmp_path) == ["image.dcm"]


def test_overwriting_replaces_the_file_only_when_the_new_one_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "image.dcm"
    target.write_bytes(b"original")
    with new_file(target, overwrite=True) as stream:
        stream.write(b"new")
        stream.flush()
        assert target.read_bytes() == b"original"
    assert target.read_bytes() == b"new"
    assert names_in(tmp_path) == ["image.dcm"]


def test_overwriting_a_link_leaves_what_it_points_to(tmp_path: Path) -> None:
    original = tmp_path / "original.dcm"
    original.write_bytes(b"original")
    link = tmp_path / "link.dcm"
    link.symlink_to(original)
    with pytest.raises(WriteError, match="exists already"):
        write_bytes(link, b"new")
    write_bytes(link, b"new", overwrite=True)
    assert original.read_bytes() == b"original"
    assert not link.is_symlink()
    assert link.read_bytes() == b"new"


def test_a_dangling_link_is_a_taken_name(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "link").symlink_to(elsewhere)
    with pytest.raises(WriteError, match="exists already"):
        write_bytes(tmp_path / "link", b"new")
    assert not elsewhere.exists()


@pytest.mark.parametrize(
    ("kind", "said"), [("folder", "is a folder"), ("fifo", "no regular file"), ("socket", "no regular file")]
)
@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_no_file_is_never_replaced(kind: str, said: str, overwrite: bool, tmp_path: Path) -> None:
    target = tmp_path / "it"
    if kind == "folder":
        target.mkdir()
    elif kind == "fifo":
        os.mkfifo(target)
    else:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(target))
    before = target.lstat()
    with pytest.raises(WriteError, match=said):
        write_bytes(target, b"x", overwrite=overwrite)
    assert target.lstat().st_ino == before.st_ino
    assert names_in(tmp_path) == ["it"]


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt(), MemoryError()])
def test_an_error_of_the_caller_passes_and_leaves_nothing(error: BaseException, tmp_path: Path) -> None:
    def write_half() -> None:
        with new_file(tmp_path / "image.dcm") as stream:
            stream.write(b"half")
            raise error

    with pytest.raises(type(error)):
        write_half()
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("step", ["fsync", "link", "open"])
def test_a_full_disk_is_one_line_and_leaves_nothing(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, step, raising(errno.ENOSPC))
    with pytest.raises(WriteError, match=r"image\.dcm: cannot be written \(no space left on device\)"):
        write_bytes(tmp_path / "image.dcm", b"x")
    monkeypatch.undo()
    assert names_in(tmp_path) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_bytes_that_do_not_fit_are_reported_when_they_are_flushed(tmp_path: Path) -> None:
    def write_to_a_full_device() -> None:
        with new_file(tmp_path / "image.dcm") as stream:
            with open("/dev/full", "wb") as full:
                os.dup2(full.fileno(), stream.fileno())
            stream.write(b"x")

    with pytest.raises(WriteError, match="no space left"):
        write_to_a_full_device()
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_hard_links_serves_too(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", raising(code))
    target = tmp_path / "image.dcm"
    write_bytes(target, b"first")
    assert (target.read_bytes(), mode_of(target)) == (b"first", 0o600)
    with pytest.raises(WriteError, match="exists already"):
        write_while_another_takes_the_name(tmp_path / "late.dcm")
    assert (tmp_path / "late.dcm").read_bytes() == b"first"
    assert names_in(tmp_path) == ["image.dcm", "late.dcm"]


def test_without_hard_links_a_failed_rename_gives_the_name_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", raising(errno.EPERM))
    monkeypatch.setattr(os, "replace", raising(errno.EIO))
    with pytest.raises(WriteError, match="input/output error"):
        write_bytes(tmp_path / "image.dcm", b"x")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    "path", ["no such folder/image.dcm", "a file/image.dcm", "nul\0/image.dcm", "nul\0", "", "n" * 300]
)
def test_an_impossible_name_is_one_line(path: str, tmp_path: Path) -> None:
    (tmp_path / "a file").write_bytes(b"")
    with pytest.raises(WriteError) as caught:
        write_bytes(os.path.join(tmp_path, path), b"x")
    assert str(caught.value).isprintable()
    assert names_in(tmp_path) == ["a file"]


def test_a_name_with_control_characters_is_made_visible_in_the_message(tmp_path: Path) -> None:
    target = tmp_path / "\x1b]0;owned\x07\n.dcm"
    target.write_bytes(b"")
    with pytest.raises(WriteError) as caught:
        write_bytes(target, b"x")
    assert str(caught.value).isprintable()


def test_a_killed_program_leaves_no_file_under_the_final_name(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import os, signal, sys
        from dicomtui.writing import new_file
        with new_file(sys.argv[1]) as stream:
            stream.write(b"half")
            stream.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    target = tmp_path / "image.dcm"
    done = subprocess.run([sys.executable, "-c", program, target], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert not target.exists()
    write_bytes(target, b"whole")
    assert target.read_bytes() == b"whole"


def test_what_is_being_written_can_be_read_back_before_it_has_its_name(tmp_path: Path) -> None:
    with new_file(tmp_path / "image.dcm") as stream:
        stream.write(b"pixels")
        stream.seek(0)
        assert stream.read() == b"pixels"


@pytest.mark.parametrize("mask", [0o000, 0o077, 0o277])
def test_a_private_folder_and_the_new_ones_above_it_are_closed_to_others(mask: int, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with umask(mask):
        folder = private_folder(tmp_path / "cache" / "dicomtui" / "demo")
    for path in (Path(folder), *Path(folder).parents[:2]):
        assert mode_of(path) == 0o700
    assert mode_of(tmp_path) == 0o755


def test_a_private_folder_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o755)
    assert private_folder(tmp_path / "cache") == os.fspath(tmp_path / "cache")
    assert mode_of(tmp_path / "cache") == 0o700


def test_a_file_or_dangling_link_in_the_place_of_a_private_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(WriteError, match="is not a folder"):
        private_folder(tmp_path / "file")
    for path in (tmp_path / "link", tmp_path / "file" / "demo", tmp_path / "nul\0"):
        with pytest.raises(WriteError, match=r"cannot be written|is not a folder"):
            private_folder(path)


def test_a_private_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(tmp_path).st_uid + 1)
    with pytest.raises(WriteError, match="belongs to another user"):
        private_folder(tmp_path)


# --- many files, each written first and named later ---


def test_a_part_gets_its_name_later_and_leaves_no_other(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    with umask(0), part_file(tmp_path / "parts") as part:
        part.stream.write(b"pixels")
    assert names_in(tmp_path / "parts") == [os.path.basename(part.path)]
    publish(part.path, tmp_path / "image.dcm")
    flush_to_disk(tmp_path)
    assert (tmp_path / "image.dcm").read_bytes() == b"pixels"
    assert mode_of(tmp_path / "image.dcm") == 0o600
    assert names_in(tmp_path / "parts") == []


def test_a_part_never_takes_a_name_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "image.dcm").write_bytes(b"first")
    with part_file(tmp_path) as part:
        part.stream.write(b"late")
    with pytest.raises(TakenError):
        publish(part.path, tmp_path / "image.dcm")
    assert (tmp_path / "image.dcm").read_bytes() == b"first"
    assert Path(part.path).read_bytes() == b"late"


def test_a_part_gets_its_name_where_hard_links_are_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", raising(errno.EPERM))
    with part_file(tmp_path) as part:
        part.stream.write(b"pixels")
    publish(part.path, tmp_path / "image.dcm")
    assert names_in(tmp_path) == ["image.dcm"]
    assert (tmp_path / "image.dcm").read_bytes() == b"pixels"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt(), ValueError("no")])
def test_nothing_is_left_of_a_part_that_failed(tmp_path: Path, error: BaseException) -> None:
    expected = WriteError if isinstance(error, OSError) else type(error)

    def write_half() -> None:
        with part_file(tmp_path) as part:
            part.stream.write(b"half")
            raise error

    with pytest.raises(expected) as failure:
        write_half()
    assert names_in(tmp_path) == []
    assert nothing_fits(failure.value) == isinstance(error, OSError)


def test_a_folder_that_is_not_there_cannot_be_flushed(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="missing"):
        flush_to_disk(tmp_path / "missing")


@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_folders_that_are_made_are_private_and_those_that_exist_stay_as_they_are(
    mask: int, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there").chmod(0o755)
    with umask(mask):
        make_folders(tmp_path / "there" / "a" / "b" / "c")
    assert mode_of(tmp_path / "there") == 0o755
    below = list((tmp_path / "there").rglob("*"))
    assert [mode_of(path) for path in below] == [0o700] * 3


@pytest.mark.parametrize("name", ["file", "file/below", "link"])
def test_a_folder_in_whose_place_something_else_is_is_refused_in_a_sentence(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(WriteError, match="the folder cannot be made"):
        make_folders(tmp_path / name)
    assert names_in(tmp_path) == ["file", "link"]
