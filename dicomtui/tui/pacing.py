"""Lets no more out than the terminal takes in: what it has not yet drawn is waited for.

Whoever writes without looking fills every buffer on the way, and a key is answered only behind all that was
written before it. So a question follows what is written (where is the cursor?), which the terminal answers
when it has drawn all before; until then little more is sent. What changes on the screen meanwhile is drawn
once, as it is by then: frames are left out, not queued.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from dicomtui.tui.line_rate import LineRate

QUESTION = "\x1b7\x1b[2;2H\x1b[6n\x1b8"
"""Asks where the cursor is; in the second line, for an answer from the first looks like Shift+F3."""
ASK_FROM = 256
"""Bytes behind which it is asked: less than that cannot hold anything up."""
IN_FLIGHT = 2
HEADROOM = 0.02
"""Seconds of work that the line may have left when more is sent, besides half of the latency."""
PATIENCE = 1.0
"""Seconds after which a terminal that never answered is taken for one that never will."""
LONG_PATIENCE = 5.0
"""The same for one that has answered before."""
SILENT_INTERVAL = 0.25
"""Seconds between large updates where nothing is answered, on average."""
SILENT_BURST = 3
"""Large updates that may follow each other at once there: what single keys change is not held up."""
LARGE = 2048


class Sent(NamedTuple):
    """What was sent before a question, and when."""

    size: int
    at: float


class Pacer:
    """Knows what is under way to the terminal. Its methods may be called by any thread.

    Parameters
    ----------
    clock : callable
        Returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[Sent] = deque()
        self._unasked = 0
        self._has_answered = False
        self._is_silent = False
        self._next = 0.0
        """When another large update would be sent if nothing was ever answered."""
        self.line = LineRate()
        self.total = 0
        """Bytes written so far."""

    @property
    def is_silent(self) -> bool:
        """Whether the terminal answers nothing."""
        return self._is_silent

    @property
    def in_flight(self) -> int:
        """How many questions are unanswered."""
        with self._lock:
            self._give_up()
            return len(self._waiting)

    def wrote(self, size: int) -> None:
        """Count what was written."""
        with self._lock:
            self._unasked += size
            self.total += size

    def asks(self) -> bool:
        """Whether a question must follow now; who gets True writes :data:`QUESTION`."""
        with self._lock:
            if self._unasked < ASK_FROM:
                return False
            sent, self._unasked = Sent(self._unasked, self._clock()), 0
            if sent.size >= LARGE:
                self._next = max(self._next, sent.at) + SILENT_INTERVAL
            self._give_up()
            self._waiting.append(sent)
            return True

    def answered(self) -> None:
        """Take the answer to the oldest question."""
        with self._lock:
            self._has_answered, self._is_silent = True, False
            if self._waiting:
                sent = self._waiting.popleft()
                self.line.answered(sent.size, sent.at, self._clock())

    def may_send(self) -> bool:
        """Whether the terminal has drawn enough of what was sent."""
        with self._lock:
            now = self._clock()
            self._give_up()
            if self._is_silent:
                return now >= self._next - (SILENT_BURST - 1) * SILENT_INTERVAL
            if not self._waiting:
                return True
            if len(self._waiting) >= IN_FLIGHT:
                return False
            size, at = self._waiting[0]
            left = self.line.seconds(size) - (now - at)
            return left <= HEADROOM + self.line.latency / 2

    def _give_up(self) -> None:
        patience = LONG_PATIENCE if self._has_answered else PATIENCE
        if self._waiting and self._clock() - self._waiting[0].at > patience:
            self._waiting.clear()
            self._is_silent = True
