"""The real program in a real (pseudo) terminal: start, use, quit, signals, crash."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders import write_series

ALTERNATE_SCREEN_OFF = b"\x1b[?1049l"
CURSOR_ON = b"\x1b[?25h"
MOUSE_OFF = b"\x1b[?1000l"


class Terminal:
    """A program that runs in a terminal of 100x30."""

    def __init__(self, *arguments: str, code: str = "") -> None:
        command = ["-c", code] if code else ["-m", "dicomtui"]
        self.seen = b""
        self.code: int | None = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(sys.executable, [sys.executable, *command, *arguments])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.before = termios.tcgetattr(self.fd)

    def until(self, wanted: bytes, seconds: float = 20) -> None:
        """Read until *wanted* is written; what was read before counts."""
        end = time.monotonic() + seconds
        while wanted not in self.seen:
            assert time.monotonic() < end, f"never seen: {wanted!r} in {self.seen[-2000:]!r}"
            self._read()

    def send(self, keys: str) -> None:
        """Type *keys*; forget what was seen."""
        self.seen = b""
        os.write(self.fd, keys.encode())

    def end(self, seconds: float = 10) -> int:
        """Wait until the program has ended; return its exit code."""
        end = time.monotonic() + seconds
        while self.code is None:
            assert time.monotonic() < end, f"still running: {self.seen[-500:]!r}"
            self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        self._read()
        return self.code

    def close(self) -> None:
        """Leave nothing running."""
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def _read(self) -> None:
        ready, _, _ = select.select([self.fd], [], [], 0.05)
        if ready:
            try:
                self.seen += os.read(self.fd, 1 << 16)
            except OSError:
                time.sleep(0.01)


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return write_series(tmp_path / "series", 4)


Start = Callable[..., Terminal]


@pytest.fixture
def terminal() -> Iterator[Start]:
    running: list[Terminal] = []

    def start(*arguments: str, code: str = "") -> Terminal:
        running.append(Terminal(*arguments, code=code))
        return running[-1]

    yield start
    for one in running:
        one.close()


def test_start_use_and_quit(terminal: Start, series: Path) -> None:
    running = terminal(str(series))
    running.until(b"image 4/4")
    running.send("\t\tk")
    running.until(b"image 3/4")
    running.send("q")
    assert running.end() == 0
    assert ALTERNATE_SCREEN_OFF in running.seen
    assert CURSOR_ON in running.seen
    assert MOUSE_OFF in running.seen


def test_keys_that_come_in_one_piece_reach_what_they_are_meant_for(terminal: Start, series: Path) -> None:
    running = terminal(str(series))
    running.until(b"image 4/4")
    running.send("\t/instance number\r")
    running.until(b"1/1")
    running.send("?q")  # q leaves the help, not the program
    time.sleep(0.5)
    running.send("\t\tk")
    running.until(b"slice")
    running.send("q")
    assert running.end() == 0


def test_the_terminal_is_as_before_after_quitting(terminal: Start, series: Path) -> None:
    running = terminal(str(series))
    running.until(b"image 4/4")
    assert termios.tcgetattr(running.fd)[3] != running.before[3]
    running.send("q")
    running.end()
    assert termios.tcgetattr(running.fd)[3] == running.before[3]


def test_quitting_at_once_does_not_wait_for_anything(terminal: Start, series: Path) -> None:
    running = terminal(str(series))
    running.until(b"Files")
    running.send("q")
    assert running.end(5) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_gives_the_terminal_back(terminal: Start, series: Path, number: int, code: int) -> None:
    running = terminal(str(series))
    running.until(b"image 4/4")
    os.kill(running.pid, number)
    assert running.end() == code
    assert ALTERNATE_SCREEN_OFF in running.seen
    assert termios.tcgetattr(running.fd)[3] == running.before[3]


def test_a_mistake_of_ours_ends_with_one_line_and_no_values(terminal: Start, series: Path) -> None:
    code = (
        "import sys\n"
        "from dicomtui.tui.widgets.tag_table import TagTable\n"
        "def broken(self, index, width):\n"
        "    patient_name = 'SECRET^NAME'\n"
        "    raise ValueError(patient_name)\n"
        "TagTable.row = broken\n"
        "from dicomtui.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    running = terminal(str(series), code=code)
    assert running.end(20) == 1
    assert b"internal error" in running.seen
    (report,) = Path(os.environ["XDG_STATE_HOME"], "dicomtui").glob("crash-*.txt")
    assert "dicomtui.tui.widgets.line_list:" in report.read_text()
    assert "SECRET" not in report.read_text()
    assert b"SECRET" not in running.seen
    assert b"Traceback" not in running.seen
    assert termios.tcgetattr(running.fd)[3] == running.before[3]


def test_a_hostile_name_reaches_the_terminal_as_text(terminal: Start, tmp_path: Path) -> None:
    from tests.builders import ct, write

    hostile = "\x1b]0;PWN\x07\x9b31m\u202e[@click=app.quit]x[/]"
    write(ct(PatientName=hostile, SeriesDescription=hostile), tmp_path / "a\x1b]0;PWN\x07.dcm")
    running = terminal(str(tmp_path))
    running.until(b" ms")
    time.sleep(0.3)
    running.send("\t")
    running.until(b"Attributes")
    for forbidden in (b"\x1b]0;PWN", "\x9b31m".encode(), "\u202e".encode()):
        assert forbidden not in running.seen
    running.send("q")
    assert running.end() == 0


def test_the_browser_draws_on_the_terminal_though_standard_error_is_a_file(
    terminal: Start, series: Path, tmp_path: Path
) -> None:
    code = (
        "import os, sys\n"
        f"os.dup2(os.open({str(tmp_path / 'log')!r}, os.O_WRONLY | os.O_CREAT), 2)\n"
        "from dicomtui.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    running = terminal(str(series), code=code)
    running.until(b"Attributes")
    running.send("q")
    assert running.end() == 0
    assert termios.tcgetattr(running.fd)[3] == running.before[3]
    assert (tmp_path / "log").read_bytes() == b""


def test_without_a_terminal_there_is_one_line_and_no_escape_code(series: Path) -> None:
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "dicomtui", str(series)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2
    assert b"\x1b" not in done.stdout + done.stderr
    assert done.stderr.count(b"\n") == 1
