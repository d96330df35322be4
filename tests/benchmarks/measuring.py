"""Times of functions, and of programs that draw on a terminal; always of two or more in turns."""

import atexit
import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import termios
import time
from collections.abc import Callable
from functools import cache
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import NamedTuple, Self

SIZE = (160, 48)
"""Columns and lines of a terminal."""

_TIMEOUT = 60.0
_QUIET = 0.2
"""Seconds without output after which a program has drawn what a key changes."""
_WHERE = b"\x1b[6n"
_CPU_CLOCK = 2
"""CPUCLOCK_SCHED of linux/posix-timers_types.h: a process's own clock, in nanoseconds."""


class Cost(NamedTuple):
    """What it took until something was seen, in seconds."""

    cpu: float
    wall: float


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call took."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def medians(*calls: Callable[[], object], rounds: int = 9) -> list[float]:
    """Run functions in turns, so that what else the machine does slows all of them; return their medians."""
    for call in calls:
        call()
    times = [[seconds(call) for call in calls] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def median_costs(*programs: tuple[str, str], rounds: int = 9) -> list[Cost]:
    """Run Python programs in turns, each with what it is expected to draw; return the medians of their costs.

    The first round, which reads files from the disk and compiles modules, does not count.
    """
    costs = [[_cost_until(*program) for program in programs] for _ in range(rounds + 1)][1:]
    return [
        Cost(*(statistics.median(cost[part] for cost in column) for part in range(2)))
        for column in zip(*costs, strict=True)
    ]


def _cost_until(program: str, pattern: str) -> Cost:
    with Terminal(program) as terminal:
        terminal.read_until(pattern)
        return Cost(terminal.cpu, terminal.wall)


class Terminal:
    """A terminal with a Python program on it, which is killed in the end."""

    def __init__(self, program: str) -> None:
        environment = installed()
        self._child, self._terminal = pty.fork()
        if self._child == 0:
            os.execve(sys.executable, [sys.executable, "-c", program], environment)
        self._start = time.perf_counter()
        self._tail = b""
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *reversed(SIZE), 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        os.close(self._terminal)

    @property
    def cpu(self) -> float:
        """Seconds of CPU that the program took so far."""
        return time.clock_gettime(~self._child << 3 | _CPU_CLOCK)

    @property
    def wall(self) -> float:
        """Seconds since the program was started."""
        return time.perf_counter() - self._start

    @property
    def memory(self) -> int:
        """Bytes of memory that the program has in use."""
        with open(f"/proc/{self._child}/statm") as stream:
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def read_until(self, pattern: str) -> str:
        """Read what the program draws until it matches a regular expression, and return it."""
        drawn = b""
        while not re.search(pattern.encode(), drawn):
            if not select.select([self._terminal], [], [], _TIMEOUT)[0]:
                raise TimeoutError(f"never drawn: {pattern}; instead {drawn[-500:]!r}")
            drawn += self._read()
        return drawn.decode("utf-8", "replace")

    def read_until_quiet(self) -> int:
        """Read what the program draws until it pauses; return how many bytes that were."""
        count = 0
        while select.select([self._terminal], [], [], _QUIET)[0]:
            count += len(self._read())
        return count

    def _read(self) -> bytes:
        """Read what is drawn, and say where the cursor is when asked, as every terminal does."""
        drawn = os.read(self._terminal, 65536)
        if questions := (self._tail + drawn).count(_WHERE):
            os.write(self._terminal, b"\x1b[2;2R" * questions)
        self._tail = (self._tail + drawn)[1 - len(_WHERE) :]
        return drawn

    def press(self, keys: str) -> None:
        """Type some characters."""
        os.write(self._terminal, keys.encode())


def installed() -> dict[str, str]:
    """Return the environment in which programs run as installed ones do: with compiled modules."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": _bytecode()}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


@cache
def _bytecode() -> str:
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    return folder.name
