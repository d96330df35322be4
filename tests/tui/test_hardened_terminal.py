"""The real program in terminals that are tiny, huge, poor, resized without end, stopped, or gone."""

import contextlib
import fcntl
import os
import random
import re
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomtui.tui.paced_driver import LastingFile
from tests.builders import write_series
from tests.tui import thin_line
from tests.tui.test_terminal import Terminal
from tests.tui.thin_line import ThinLine

RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?1004l")
"""Alternate screen left, cursor shown, no mouse, no bracketed paste, no reports of the focus."""
GREYS = {16, 59, 102, 145, 188, 231, *range(232, 256)}
"""Of the 256 colours, those that are none."""
ENVIRONMENT = (
    "TERM",
    "COLORTERM",
    "LC_ALL",
    "PYTHONUTF8",
    "PYTHONIOENCODING",
    "NO_COLOR",
    "COLUMNS",
    "LINES",
)


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return write_series(tmp_path / "series", 4, PatientName="SECRET^NAME")


@pytest.fixture
def running(
    series: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    """Start the program on four slices, with the environment that the test names."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    wanted = {"TERM": "xterm-256color", **getattr(request, "param", {})}
    for name, value in wanted.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal(str(series))
    try:
        yield terminal
    finally:
        with contextlib.suppress(OSError):  # the test has closed its terminal
            terminal.close()


def end(terminal: Terminal) -> int:
    """Wait for a program whose terminal is gone; return its exit code."""
    until = time.monotonic() + 10
    while terminal.code is None:
        assert time.monotonic() < until, "still running"
        pid, status = os.waitpid(terminal.pid, os.WNOHANG)
        if pid:
            terminal.code = os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    return terminal.code


def resize(terminal: Terminal, columns: int, lines: int) -> None:
    """Make the terminal larger or smaller; the kernel tells the program."""
    fcntl.ioctl(terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def living(session: int) -> list[str]:
    """Return the command lines of the processes of a session, those that have ended but are kept left out."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[3]) == session and fields[0] not in "ZX":
                found.append(Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode())
        except (OSError, IndexError):
            continue
    return found


def until_gone(session: int) -> None:
    """Wait until no process of a session is left."""
    until = time.monotonic() + 5
    while left := living(session):
        assert time.monotonic() < until, left
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_signal_restores_all_modes_and_leaves_no_process(running: Terminal, number: int, code: int) -> None:
    running.until(b"image 4/4")
    assert len(living(running.pid)) > 1  # or there is nothing to leave
    os.kill(running.pid, number)
    assert running.end() == code
    assert not [mode for mode in RESTORED if mode not in running.seen]
    assert termios.tcgetattr(running.fd) == running.before
    assert b"Traceback" not in running.seen
    until_gone(running.pid)


def test_a_program_that_is_killed_leaves_no_process(running: Terminal) -> None:
    running.until(b"image 4/4")
    assert len(living(running.pid)) > 1
    os.kill(running.pid, signal.SIGKILL)
    assert running.end() == -signal.SIGKILL
    until_gone(running.pid)


def test_a_terminal_that_hangs_up_ends_the_program_and_all_its_processes(running: Terminal) -> None:
    running.until(b"image 4/4")
    os.close(running.fd)
    try:
        assert end(running) == 129
    except AssertionError:
        os.kill(running.pid, signal.SIGKILL)
        raise
    until_gone(running.pid)


def test_the_shell_gets_its_terminal_while_the_program_is_stopped(running: Terminal) -> None:
    running.until(b"image 4/4")
    running.send("\x1a")
    running.until(b"\x1b[?1049l")
    until = time.monotonic() + 10
    stat = Path(f"/proc/{running.pid}/stat")
    while stat.read_text().rsplit(")", 1)[1].split()[0] != "T":  # as the shell does, which waits for it
        assert time.monotonic() < until, "never stopped"
        running._read()
    assert termios.tcgetattr(running.fd) == running.before
    running.seen = b""
    os.kill(running.pid, signal.SIGCONT)
    running.until(b"\x1b[?1049h")
    running.until(b"image 4/4")
    running.send("\t\tk")
    running.until(b"image 3/4")
    running.send("q")
    assert running.end() == 0
    assert termios.tcgetattr(running.fd) == running.before


def test_a_storm_of_sizes_ends_with_a_program_that_answers(running: Terminal) -> None:
    running.until(b"image 4/4")
    sizes = random.Random(1)
    for columns, lines in [(20, 5), (500, 200), (1, 1), (2, 200), (500, 1)]:
        resize(running, columns, lines)
        for _ in range(20):
            running._read()
    for _ in range(100):
        resize(running, sizes.randint(1, 500), sizes.randint(1, 200))
        running._read()
    resize(running, 100, 30)
    running.send("\t\tk")
    running.until(b"image 3/4", 30)
    running.send("q")
    assert running.end() == 0


@pytest.mark.parametrize(
    "running",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    indirect=True,
    ids=["C"],
)
def test_a_terminal_of_ascii_gets_ascii(running: Terminal) -> None:
    running.until(b"image 4/4")
    seen = running.seen
    running.send("?")
    running.until(b"Keys")
    seen += running.seen
    running.send("\x1b")
    time.sleep(0.5)  # or both are one key
    running.send("q")
    assert running.end() == 0
    assert (seen + running.seen).isascii()


@pytest.mark.parametrize("running", [{"PYTHONIOENCODING": "latin-1"}], indirect=True)
def test_a_terminal_of_latin_1_gets_no_utf_8(running: Terminal) -> None:
    running.until(b"image 4/4")
    running.send("q")
    assert running.end() == 0
    assert not re.search(rb"[\xc2-\xf4][\x80-\xbf]", running.seen)


@pytest.mark.parametrize("term", ["xterm-16color", pytest.param("vt100", marks=pytest.mark.slow)])
def test_a_terminal_of_16_colours_gets_no_others(
    term: str, series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("COLORTERM", raising=False)
    terminal = Terminal(str(series))
    try:
        terminal.until(b"image 4/4")
        terminal.send("q")
        assert terminal.end() == 0
        assert not re.search(rb"[34]8;[25];", terminal.seen)
    finally:
        terminal.close()


@pytest.mark.parametrize("running", [{"NO_COLOR": "1"}], indirect=True)
def test_who_wants_no_colour_gets_greys_alone(running: Terminal) -> None:
    running.until(b"image 4/4")
    seen = running.seen
    for keys in ("\t\tk", "O", "m"):
        running.send(keys)
        time.sleep(0.5)
        running._read()
        seen += running.seen
    colours = {int(number) for number in re.findall(rb"[34]8;5;(\d+)[;m]", seen)}
    assert colours
    assert colours <= GREYS
    named = re.sub(rb"[34]8;5;\d+", b"", seen)
    assert not re.search(rb"\x1b\[(?:[0-9;]*;)?(?:3[1-6]|4[1-6]|9[1-6]|10[1-6])m", named)


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_draw_is_told_so_in_one_line(
    term: str, series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    terminal = Terminal(str(series))
    try:
        assert terminal.end() == 2
        assert terminal.seen.count(b"\n") == 1
        assert b"\x1b" not in terminal.seen
        assert b"TERM" in terminal.seen
    finally:
        terminal.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_picture_of_kitty_is_erased_by_whoever_ends_the_program(
    number: int, series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = (rb"\x1b_Gi=31,[^\x1b]*\x1b\\", b"\x1b_Gi=31;OK\x1b\\")
    monkeypatch.setattr(thin_line, "ANSWERS", (taken, *thin_line.ANSWERS))
    with ThinLine(["--graphics", "kitty", str(series)], environment={"LANG": "C.UTF-8"}) as line:
        line.until_seen(r"\x1b_Ga=T,")
        now = time.monotonic()
        os.kill(line.pid, number)
        line.until_seen(r"\x1b\[\?1049l", now)
        assert 0 <= line.seen(now).find(b"\x1b_Ga=d") < line.seen(now).find(b"\x1b[?1049l")


def test_what_writes_outlives_a_terminal_that_hung_up() -> None:
    master, slave = os.openpty()
    told: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: told.append(number))
    try:
        with os.fdopen(slave, "w") as file:
            lasting = LastingFile(file)
            lasting.write("a")
            lasting.flush()
            assert not told
            os.close(master)
            for _ in range(100):
                lasting.write("b" * 10_000)
                lasting.flush()
            assert told == [signal.SIGHUP]
            with contextlib.suppress(OSError):
                file.close()
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
def test_no_process_tells_a_value_while_the_browser_runs(running: Terminal, series: Path) -> None:
    running.until(b"image 4/4")
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            if int(Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[3]) != running.pid:
                continue
            told = Path(f"/proc/{number}/cmdline").read_bytes() + Path(f"/proc/{number}/comm").read_bytes()
            told += Path(f"/proc/{number}/environ").read_bytes()
        except OSError:
            continue
        assert b"SECRET" not in told
    titles = re.findall(rb"\x1b\][012];([^\x07\x1b]*)", running.seen)
    assert not [title for title in titles if b"SECRET" in title]
    running.send("q")
    assert running.end() == 0
