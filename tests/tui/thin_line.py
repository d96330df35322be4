"""The real program behind a thin line: a terminal reached through so many bits a second, after a delay."""

import fcntl
import heapq
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

ANSWERS: tuple[tuple[bytes, bytes], ...] = (
    (rb"\x1b\[6n", b"\x1b[2;2R"),
    (rb"\x1b\[0?c", b"\x1b[?62;22c"),
    (rb"\x1b\[\?2026\$p", b"\x1b[?2026;2$y"),
    (rb"\x1b\[16t", b"\x1b[6;20;10t"),
)
"""What a terminal answers to which question."""
ROOM = 1 << 20
"""Bytes that wait on the way before whoever writes has to wait: far too many, as is usual."""


class Arrival(NamedTuple):
    """When the terminal got which bytes."""

    at: float
    data: bytes


class ThinLine:
    """A program in a terminal behind a line.

    Parameters
    ----------
    arguments : iterable of str
        Of dicomtui.
    size : tuple of int
        Columns and lines.
    bits : float
        A second; what is written is carried one after the other.
    round_trip : float
        Seconds, half of them each way.
    deflated : bool
        Whether the line compresses as ``ssh -C`` does.
    answers : bool
        Whether the terminal answers at all.
    environment : dict, optional
        Added to that of the program.
    """

    def __init__(
        self,
        arguments: Iterable[str],
        size: tuple[int, int] = (120, 40),
        *,
        bits: float = float("inf"),
        round_trip: float = 0.0,
        deflated: bool = False,
        answers: bool = True,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._bits, self._delay, self._answers = bits, round_trip / 2, answers
        self._zlib = zlib.compressobj(6) if deflated else None
        self.arrivals: list[Arrival] = []
        self.typed_after_leaving = b""
        """Answers that came when the program had left the terminal to the shell."""
        self.written = 0
        """Bytes that the program wrote, and that are on their way or there."""
        self._under_way: list[tuple[float, int, bool, bytes]] = []
        self._count = 0
        self._waiting_bytes = 0
        self._free_at = 0.0
        self._tail = b""
        self._closed = False
        self._lock = threading.Lock()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            # A new environment: readline puts COLUMNS and LINES where os.environ does not see them.
            inherited = {
                name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")
            }
            own = {"TERM": "xterm-256color", "COLORTERM": "", **(environment or {})}
            os.execve(sys.executable, [sys.executable, "-m", "dicomtui", *arguments], {**inherited, **own})
        self.resize(*size)
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    # --- the side of the user ---

    def resize(self, columns: int, lines: int) -> None:
        """Make the terminal larger or smaller."""
        self.size = columns, lines
        self.resized_at = len(self.seen())
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, keys: str) -> float:
        """Type; return when."""
        now = time.monotonic()
        self._send(now + self._delay, keys.encode(), to_terminal=False)
        return now

    def seen(self, since: float = 0.0) -> bytes:
        """Return what the terminal got since a moment."""
        return b"".join(data for at, data in list(self.arrivals) if at >= since)

    def until(self, wanted: Callable[[], object], what: str = "", seconds: float = 30) -> None:
        """Wait until *wanted* is true."""
        end = time.monotonic() + seconds
        while not wanted():
            assert time.monotonic() < end, f"never seen: {what} in {self.seen()[-1500:]!r}"
            time.sleep(0.002)

    def until_seen(self, wanted: str, since: float = 0.0) -> float:
        """Wait until the terminal got what matches *wanted*; return when the last byte of it came."""
        pattern = re.compile(wanted.encode())
        self.until(lambda: pattern.search(self.seen(since)), wanted)
        text = b""
        for at, data in list(self.arrivals):
            if at >= since:
                text += data
                if pattern.search(text):
                    return at
        raise AssertionError

    def until_quiet(self, seconds: float = 0.4) -> None:
        """Wait until nothing has come for a while, and nothing is under way."""

        def is_quiet() -> bool:
            last = self.arrivals[-1].at if self.arrivals else time.monotonic()
            return not self._under_way and time.monotonic() - last > seconds

        self.until(is_quiet, "quiet")

    def close(self) -> None:
        """Leave nothing running."""
        self._closed = True
        os.write(self._wake_write, b"x")
        self._thread.join()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        for fd in (self._fd, self._wake_read, self._wake_write):
            os.close(fd)

    def __enter__(self) -> "ThinLine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the line ---

    def _send(self, at: float, data: bytes, *, to_terminal: bool) -> None:
        with self._lock:
            self._count += 1
            heapq.heappush(self._under_way, (at, self._count, to_terminal, data))
        if threading.current_thread() is not self._thread:
            os.write(self._wake_write, b"x")

    def _run(self) -> None:
        while not self._closed:
            now = time.monotonic()
            while self._under_way and self._under_way[0][0] <= now:
                with self._lock:
                    at, _, to_terminal, data = heapq.heappop(self._under_way)
                if to_terminal:
                    self._arrive(at, data)
                else:
                    self._type(data)
            readable = [self._wake_read, *([self._fd] if self._waiting_bytes < ROOM else [])]
            rest = self._under_way[0][0] - time.monotonic() if self._under_way else 0.05
            ready, _, _ = select.select(readable, [], [], max(0.0, min(rest, 0.05)))
            if self._wake_read in ready:
                os.read(self._wake_read, 100)
            if self._fd in ready:
                self._take()

    def _type(self, data: bytes) -> None:
        if b"\x1b[?1049l" in self.seen():
            self.typed_after_leaving += data
        os.write(self._fd, data)

    def _take(self) -> None:
        """Put what the program wrote on the line."""
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            time.sleep(0.01)
            return
        self.written += len(data)
        for start in range(0, len(data), 1400):  # packets
            part = data[start : start + 1400]
            carried = len(part)
            if self._zlib is not None:
                carried = len(self._zlib.compress(part) + self._zlib.flush(zlib.Z_SYNC_FLUSH))
            begin = max(time.monotonic(), self._free_at)
            self._free_at = begin + carried * 8 / self._bits
            self._waiting_bytes += len(part)
            self._send(self._free_at + self._delay, part, to_terminal=True)

    def _arrive(self, at: float, data: bytes) -> None:
        self._waiting_bytes -= len(data)
        self.arrivals.append(Arrival(at, data))
        if not self._answers:
            return
        text = self._tail + data
        ends = 0
        found = sorted(
            (match.start(), match.end(), answer)
            for question, answer in ANSWERS
            for match in re.finditer(question, text)
        )
        for _, end, answer in found:
            self._send(time.monotonic() + self._delay, answer, to_terminal=False)
            ends = end
        self._tail = text[max(ends, len(text) - 16) :]
