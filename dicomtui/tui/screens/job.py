"""A long job in a thread: it tells what became of each instance, how fast it goes, and can be stopped."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Protocol

from textual.message import Message

from dicomtui.errors import DicomTuiError
from dicomtui.outcomes import Failed, Skipped, Step, Written
from dicomtui.text import safe_line

PAUSE_SECONDS = 1 / 15
"""The least time between two messages."""
RATE_SECONDS = 10.0
"""The time over which the rate is taken: what a job does now counts, not what it did at its beginning."""

Stop = Callable[[], bool]
Steps = Generator[Step, None, None]


class Task(Protocol):
    """What a job does; screens that run one need to know no more of it."""

    title: str
    """What it does to what, as one safe line."""
    folder: str
    """Where the files go."""
    looking: str
    """What is done while the total is not known."""
    after_stop: str
    """What is to be known when it was stopped, as a phrase."""

    def steps(self, stop: Stop) -> Steps:
        """Do it, until *stop* returns True: then what is in hand is finished, and that is all."""

    def remarks(self) -> Sequence[str]:
        """Return lines to be read at the end: where what was written is, and what is to be kept."""


class JobMoved(Message):
    """A job is further, or has ended."""

    def __init__(self, job: "Job", unwritten: "list[Skipped | Failed]") -> None:
        super().__init__()
        self.job = job
        self.unwritten = unwritten
        """Files that were left out or failed since the last message."""


class Job:
    """Runs in a daemon thread; its counts may be read from any other.

    Parameters
    ----------
    steps : callable
        Starts the work; is given a function that says whether it is to stop.
    post : callable
        Sends a message to the screen from a thread.
    """

    def __init__(self, steps: Callable[[Stop], Steps], post: Callable[[Message], object]) -> None:
        self._steps, self._post = steps, post
        self.done = self.total = self.written = 0
        self.complete = False
        """Whether the total is all."""
        self.skipped: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        """How many files for each reason."""
        self.notes: Counter[str] = Counter()
        """How many of the files that were written for each thing that is odd about them."""
        self.ended = self.stopping = False
        self.reason = ""
        """Why it ended before it was done, as one line; ``""`` if it was not or because it was told to."""
        self._abandoned = False
        self._began = self._over = time.monotonic()
        self._pace: deque[tuple[float, int]] = deque()
        self._told: list[Skipped | Failed] = []

    def start(self) -> None:
        """Begin."""
        self._began = time.monotonic()
        threading.Thread(target=self._run, name="job", daemon=True).start()

    def stop(self) -> None:
        """Finish the files in hand and end."""
        self.stopping = True

    def abandon(self) -> None:
        """End at once: nobody waits for it any longer."""
        self.stopping = self._abandoned = True

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return (self._over if self.ended else time.monotonic()) - self._began

    @property
    def rate(self) -> float:
        """Files a second: of late, or of the whole once it has ended."""
        if self.ended:
            return self.done / self.seconds if self.seconds > 0 else 0.0
        if len(self._pace) < 2:
            return 0.0
        (then, before), (now, done) = self._pace[0], self._pace[-1]
        return (done - before) / (now - then) if now > then else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long it will go on, None while that is not known."""
        rate = self.rate
        return (self.total - self.done) / rate if self.complete and rate > 0 else None

    def _run(self) -> None:
        try:
            due = 0.0
            with closing(self._steps(lambda: self.stopping)) as steps:
                for step in steps:
                    self._take(step)
                    if self._abandoned:
                        break
                    if (now := time.monotonic()) >= due:
                        self._tell()
                        due = now + PAUSE_SECONDS
        except DicomTuiError as error:
            self.reason = safe_line(str(error))
        except Exception as error:  # noqa: BLE001  a disk that fails, or a mistake of ours, is one line
            self.reason = f"the work failed: {type(error).__name__}"
        self._over, self.ended = time.monotonic(), True
        self._tell()

    def _take(self, step: Step) -> None:
        if step.complete and not self.complete:  # what was counted until now was something else
            self._pace.clear()
        self.done, self.total, self.complete = step.done, step.total, step.complete
        now = time.monotonic()
        self._pace.append((now, step.done))
        while len(self._pace) > 2 and now - self._pace[0][0] > RATE_SECONDS:
            self._pace.popleft()
        for outcome in step.outcomes:
            if isinstance(outcome, Written):
                self.written += 1
                self.notes.update(outcome.notes)
            else:
                (self.skipped if isinstance(outcome, Skipped) else self.failed)[outcome.reason] += 1
                self._told.append(outcome)

    def _tell(self) -> None:
        if not self._abandoned:
            told, self._told = self._told, []
            self._post(JobMoved(self, told))
