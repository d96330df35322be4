"""Asks the terminal what it can show, while the program is still loading.

All questions go out at once; the last is one that every terminal answers, so that nobody waits for answers
that never come. What is typed meanwhile is kept, and answers that come too late are taken out of what is
typed later (:class:`~dicomtui.picture.answers.Sieve`).
"""

import contextlib
import fcntl
import os
import select
import struct
import termios
import time
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType

from dicomtui.picture.answers import TEST_PICTURE, Sieve, read_answers
from dicomtui.picture.multiplexer import Tmux, multiplexer_of, passed_through, tmux_of
from dicomtui.picture.terminal import Terminal, terminal_of
from dicomtui.picture.through_tmux import passes_pictures

DEADLINE = 1.0
"""Seconds after which no answer is waited for any more."""
_TERMINAL = "/dev/tty"
_PIECE = 4096

_VERSION = "\x1b[>0q"
_CELL_SIZE = "\x1b[16t"
_SIXEL_COLOURS = "\x1b[?1;1;0S"
_KITTY = f"\x1b_Gi={TEST_PICTURE},s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_PLACEHOLDER = (
    f"\x1b_Gi={TEST_PICTURE},s=1,v=1,c=1,r=1,a=T,U=1,t=d,f=24;AAAA\x1b\\",
    f"\x1b_Ga=d,d=I,i={TEST_PICTURE},q=2\x1b\\",
)
"""A test picture that is drawn only where characters stand for it, which never do."""
_ITERM2 = "\x1b]1337;ReportCellSize\x1b\\"
_ATTRIBUTES = "\x1b[c"
_KEEP, _ERASE = "\x1b7", "\x1b8\x1b[J"
"""Around the questions: what a terminal writes instead of answering is erased."""
_NEVER_ASKED = frozenset({"", "dumb", "unknown", "linux"})


def questions(environment: Mapping[str, str], multiplexer: str, *, passes: bool = False) -> str:
    """Return what is asked: the more, the less may go wrong there; DA1 is the last."""
    if environment.get("TERM", "") in _NEVER_ASKED:
        return ""
    if multiplexer in ("screen", "mosh", "zellij") or environment.get("TERM_PROGRAM") == "Apple_Terminal":
        return ""
    if multiplexer == "tmux":
        test = "".join(map(passed_through, _PLACEHOLDER)) if passes else ""
        return test + _CELL_SIZE + _SIXEL_COLOURS + _ATTRIBUTES
    asked = _VERSION + _CELL_SIZE + _SIXEL_COLOURS + _KITTY + _ITERM2 + _ATTRIBUTES
    return f"{_KEEP}{asked}{_ERASE}"


class Asking:
    """Questions that are under way: a context, which leaves the terminal as it was.

    Parameters
    ----------
    environment : mapping
        Variables that say which terminal this is.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._file = -1
        self._before: list[object] | None = None
        self._until = 0.0
        self._tmux: Tmux | None = None
        self.sieve = Sieve()
        self.typed = b""
        """Keys that came with the answers."""
        self.is_asked = False

    def __enter__(self) -> "Asking":
        multiplexer = multiplexer_of(self._environment).name
        passes = False
        if multiplexer == "tmux":
            self._tmux = tmux_of(self._environment)
            passes = passes_pictures(self._tmux)
        asked = questions(self._environment, multiplexer, passes=passes)
        self.sieve.awaits_picture = passes
        if asked:
            with contextlib.suppress(OSError, termios.error):
                self._ask(asked.encode("ascii"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file < 0:
            return
        with contextlib.suppress(OSError, termios.error):
            if self._before is not None:
                termios.tcsetattr(self._file, termios.TCSANOW, self._before)  # type: ignore[arg-type]
        os.close(self._file)
        self._file = -1

    def terminal(self) -> Terminal:
        """Wait for the answers, not beyond the deadline, and return what they mean."""
        while self.is_asked and not self.sieve.is_complete and self._read():
            pass
        if not self.is_asked:
            return terminal_of(self._environment, tmux=self._tmux)
        if self.sieve.is_complete:
            self.typed += self.sieve.release().encode("latin-1")
        answers = read_answers(self.sieve.answers)
        cell = answers.cell or cell_size(self._file)
        return terminal_of(self._environment, replace(answers, cell=cell), self._tmux)

    @property
    def is_late(self) -> bool:
        """Whether answers may still come."""
        return self.is_asked and not self.sieve.is_complete

    def _ask(self, asked: bytes) -> None:
        self._file = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        if os.tcgetpgrp(self._file) != os.getpgrp():
            return  # in the background: who touches the terminal there is stopped
        self._before = termios.tcgetattr(self._file)
        quiet = termios.tcgetattr(self._file)
        quiet[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(self._file, termios.TCSANOW, quiet)
        if not select.select([], [self._file], [], 0)[1]:
            return  # its output is stopped
        self.is_asked = os.write(self._file, asked) == len(asked)
        self._until = time.monotonic() + DEADLINE

    def _read(self) -> bool:
        """Read what has come; False if nothing more is waited for."""
        left = self._until - time.monotonic()
        with contextlib.suppress(OSError):
            if left > 0 and select.select([self._file], [], [], left)[0]:
                data = os.read(self._file, _PIECE)
                self.typed += self.sieve.feed(data.decode("latin-1")).encode("latin-1")
                return bool(data)
        return False


def cell_size(descriptor: int) -> tuple[int, int] | None:
    """Return the pixels of a cell as the system knows them: those of the window divided by its cells."""
    with contextlib.suppress(OSError):
        size = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
        lines, columns, width, height = struct.unpack("HHHH", size)
        if columns and lines and width >= columns and height >= lines:
            return width // columns, height // lines
    return None
