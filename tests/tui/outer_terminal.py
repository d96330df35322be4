"""A terminal of our own with a real tmux in it, in which a program runs."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

DUMB: tuple[tuple[bytes, bytes], ...] = ((rb"\x1b\[0?c", b"\x1b[?62;c"), (rb"\x1b\[>0?c", b"\x1b[>1;1;0c"))
"""What a terminal answers to which question, if it has nothing else."""
KITTY = (
    *DUMB,
    (rb"\x1b\[>0?q", b"\x1bP>|kitty(0.41.1)\x1b\\"),
    (rb"\x1b_Gi=31,[^\x1b]*a=T,U=1[^\x1b]*\x1b\\", b"\x1b_Gi=31;OK\x1b\\"),
)
"""The same for one that draws pictures where characters stand for them."""


class OuterTerminal:
    """A terminal in which tmux runs a program.

    Parameters
    ----------
    command : iterable of str
        The program.
    folder : Path
        For the socket and the configuration of tmux.
    answers : tuple of pairs
        What the terminal answers.
    configuration : str
        Lines of ``tmux.conf``.
    """

    def __init__(
        self,
        command: Iterable[str],
        folder: Path,
        answers: tuple[tuple[bytes, bytes], ...] = KITTY,
        configuration: str = "",
    ) -> None:
        program = shutil.which("tmux")
        assert program is not None
        (folder / "tmux.conf").write_text(configuration)
        self._tmux = [program, "-S", str(folder / "socket"), "-f", str(folder / "tmux.conf")]
        self._answers, self.seen, self._closed = answers, b"", False
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 1200, 800))
            own = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
            start = 'sleep 0.5; exec "$@"'  # until tmux has the answers to its own questions
            arguments = [*self._tmux, "new-session", "sh", "-c", start, "sh", *command]
            os.execve(program, arguments, {**own, "HOME": str(folder)})
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        unanswered = b""
        pattern = re.compile(b"|".join(b"(" + question + b")" for question, _ in self._answers))
        while not self._closed:
            if not select.select([self._fd], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self._fd, 1 << 16)
            except OSError:
                return
            self.seen += data
            unanswered += data
            end = 0
            for match in pattern.finditer(unanswered):
                assert match.lastindex is not None
                os.write(self._fd, self._answers[match.lastindex - 1][1])
                end = match.end()
            unanswered = unanswered[max(end, len(unanswered) - 200) :]

    def tmux(self, *command: str) -> str:
        """Run a command of tmux and return what it prints."""
        done = subprocess.run(
            [*self._tmux, *command], capture_output=True, text=True, check=False, timeout=10
        )
        return done.stdout

    def pane(self) -> str:
        """Return the characters of the pane."""
        return self.tmux("capture-pane", "-p")

    def until(self, wanted: Callable[[], object], what: str, seconds: float = 30) -> None:
        """Wait until *wanted* is true."""
        end = time.monotonic() + seconds
        while not wanted():
            assert time.monotonic() < end, f"never: {what}\n{self.pane()}\n{self.seen[-1500:]!r}"
            time.sleep(0.05)

    def close(self) -> None:
        """Leave nothing running."""
        self.tmux("kill-server")
        self._closed = True
        self._thread.join()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    def __enter__(self) -> "OuterTerminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
