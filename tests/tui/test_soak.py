"""The browser under somebody who presses whatever there is: it lives, answers, and takes no more memory.

How long keys wait is printed and not judged: it depends on what else the machine does.
"""

import json
import os
import re
import select
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pydicom.data
import pytest

from tests.tui.random_user import Act, RandomUser
from tests.tui.test_hardened_terminal import resize, until_gone
from tests.tui.test_terminal import Terminal
from tests.tui.thin_line import ANSWERS

BELL, RUNG = "\x1b[24~", b"\x1b]777;answered\x07"
"""F12, which does nothing; and what the program below writes when all before it is done and drawn."""
PROGRAM = """
import sys
from dicomtui.tui.key_gate import KeyGate
from dicomtui.__main__ import main
release = KeyGate.release

def ring(app):
    app._driver.write("\\x1b]777;answered\\x07")
    app._driver.flush()

def release_and_ring(gate, key):
    if key is gate._in_hand and key.key == "f12":
        gate._app.call_after_refresh(ring, gate._app)
    release(gate, key)

KeyGate.release = release_and_ring
sys.exit(main(sys.argv[1:]))
"""
HUNG = 30.0
"""Seconds without an answer after which the program counts as hung."""
ESCAPE, BETWEEN_KEYS, A_MOMENT = 0.15, 0.033, 0.25
"""Seconds until an Escape is one, between keys of a keyboard that repeats, and of looking at the screen."""
MINUTE = 60.0
MEMORY = 50e6
"""Bytes by which all processes together may grow after the first minute."""
BETWEEN = 5.0
"""Seconds between two looks at the memory."""
KNOWN = (("SEED", 1), ("MINUTES", 10))


def _crashes() -> list[Path]:
    return list(Path(os.environ["XDG_STATE_HOME"]).glob("dicomtui/crash-*.txt"))


class Answered(NamedTuple):
    """How long the program took for what was typed last."""

    seconds: float
    act: Act


class Used(NamedTuple):
    """How much memory the browser and its processes had at a time."""

    at: float
    bytes: int


class Soaked(Terminal):
    """The browser on a terminal that answers and keeps nothing; a bell says when it is done with a key."""

    def __init__(self, *arguments: str) -> None:
        super().__init__(*arguments, code=PROGRAM)
        self._began = time.monotonic()
        self.answers: list[Answered] = []
        self.memory: list[Used] = []
        self.done: list[Act] = []

    def __enter__(self) -> "Soaked":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def age(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def _read(self, seconds: float = 0.05) -> None:
        if not select.select([self.fd], [], [], seconds)[0]:
            return
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:  # it has ended
            time.sleep(0.01)
            return
        tail = self.seen[-16:]
        self.seen = self.seen[-4096:] + data
        for question, answer in ANSWERS:
            for match in re.finditer(question, tail + data):
                if match.end() > len(tail):
                    os.write(self.fd, answer)

    def rest(self, seconds: float) -> None:
        """Look at what it draws for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._read(left)

    def act(self, act: Act) -> None:
        """Do something, and wait until the program is done with it."""
        self.done.append(act)
        if act.size:
            resize(self, *act.size)
        start = time.monotonic()
        for number, key in enumerate(act.keys):
            start = time.monotonic()
            if key:
                os.write(self.fd, key.encode())
            if key == "\x1b":  # alone it is a key only when nothing has followed it for a while
                self.rest(ESCAPE)
                start += ESCAPE
            elif number < len(act.keys) - 1:
                self.rest(BETWEEN_KEYS if key else A_MOMENT)
        self._wait_for_bell(start)
        self.rest(act.rest)

    def _wait_for_bell(self, start: float) -> None:
        self.seen = self.seen[-16:].replace(RUNG, b"")
        os.write(self.fd, BELL.encode())
        while RUNG not in self.seen:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                said = self.seen[-500:], *(path.read_text() for path in _crashes())
                raise AssertionError(f"ended with {self.code} by {self.done[-20:]}: {said}")
            assert time.monotonic() < start + HUNG, f"no answer to {self.done[-20:]}"
            self._read()
        self.answers.append(Answered(time.monotonic() - start, self.done[-1]))

    def weigh(self) -> None:
        """Note how much memory all processes have, what they share counted once."""
        total = 0
        for number in filter(str.isdigit, os.listdir("/proc")):
            try:
                if int(Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[3]) != self.pid:
                    continue
                text = Path(f"/proc/{number}/smaps_rollup").read_text()
            except (OSError, IndexError):  # it has just ended
                continue
            total += int(re.search(r"^Pss: +(\d+)", text, re.MULTILINE)[1]) << 10  # type: ignore[index]
        self.memory.append(Used(self.age, total))

    @property
    def growth(self) -> float:
        """Bytes by which the most used after the first minute exceeds what was used at its end."""
        later = [used.bytes for used in self.memory if used.at >= MINUTE]
        return max(later) - later[0]

    def slowest(self, part: float) -> float:
        """Return in how many seconds a part of all acts was answered."""
        return sorted(answered.seconds for answered in self.answers)[int(part * (len(self.answers) - 1))]

    def report(self) -> str:
        """Return figures, and what was answered last."""
        times = "  ".join(f"{part:.1%} {self.slowest(part) * 1e3:.0f} ms" for part in (0.5, 0.9, 0.99, 1))
        memory = "  ".join(f"{used.at:.0f} s {used.bytes / 1e6:.0f} MB" for used in self.memory[::6])
        slow = sorted(self.answers, reverse=True)[: len(self.answers) // 50]
        lines = (f"{answered.seconds * 1e3:.0f} ms {answered.act}" for answered in slow)
        return "\n".join((f"{len(self.answers)} acts: {times}", f"memory: {memory}", *lines))

    def quit(self) -> int:
        """Leave it as a user does; return its exit code."""
        for _ in range(5):
            os.write(self.fd, b"\x1b")
            self.rest(0.2)
        os.write(self.fd, b"\x03")
        return self.end()


@pytest.fixture
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a folder of links to the files of the corpus, or to pydicom's where it is not.

    They stand side by side, so that each is as near as any other.
    """
    try:
        source = request.getfixturevalue("corpus")
    except pytest.skip.Exception:
        source = Path(pydicom.data.__file__).parent
    folder = tmp_path / "files"
    folder.mkdir()
    for number, path in enumerate(sorted(path for path in source.rglob("*") if path.is_file())):
        (folder / f"{number:04} {path.name}").symlink_to(path)
    return folder


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of what is in a folder of links."""
    found = {}
    for path in folder.rglob("*"):
        about = path.stat()
        found[str(path)] = about.st_size, about.st_mtime_ns if path.is_file() else 0
    return found


@pytest.fixture
def soaked(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Soaked]:
    """Start the browser in an empty folder, on files that must be as before in the end."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    before = state(files)
    with Soaked("--access-log", str(tmp_path / "opened.log"), str(files)) as running:
        running.until(b"Attributes")
        running.rest(3)
        yield running
    assert state(files) == before
    assert all(path.name.startswith(("deidentified", "exported")) for path in here.iterdir())


def opened(log: Path) -> int:
    """Return how many files the access log names."""
    return len({json.loads(line)["path"] for line in log.read_text().splitlines()})


def test_a_random_user_meets_no_crash_for_a_while(soaked: Soaked, tmp_path: Path) -> None:
    for act in islice(RandomUser(1).acts(), 200, 240):  # behind the tour of all keys
        soaked.act(act)
    assert opened(tmp_path / "opened.log") > 3
    assert soaked.quit() == 0
    until_gone(soaked.pid)


@pytest.mark.slow
def test_a_random_user_meets_no_crash_and_no_leak_for_ten_minutes(
    soaked: Soaked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed, minutes = (int(os.environ.get(f"DICOMTUI_SOAK_{name}", known)) for name, known in KNOWN)
    user = RandomUser(seed).acts()
    soaked.weigh()
    while soaked.age < minutes * MINUTE:
        soaked.act(next(user))
        if soaked.age - soaked.memory[-1].at > BETWEEN:
            soaked.weigh()
    with capsys.disabled():
        sys.stdout.write(f"\n{soaked.report()}\n{opened(tmp_path / 'opened.log')} files opened\n")
    assert soaked.quit() == 0
    until_gone(soaked.pid)
    assert soaked.growth < MEMORY
