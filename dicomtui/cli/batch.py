"""A batch on the command line: how far it is, the first Ctrl+C, what became of how many files."""

import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

from dicomtui.cli import output
from dicomtui.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from types import FrameType, TracebackType

    from dicomtui.outcomes import Outcome, Step

_PAUSE = 0.1
_NAMED = 20
"""Failed files that are named."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Ctrl+C or SIGTERM: the first lets the files in hand be finished, the second ends the program."""

    def __init__(self) -> None:
        self.signal = 0
        """The one that came, 0 if none has."""
        self._before: dict[int, object] = {}

    def __enter__(self) -> "Interruption":
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, *_: "TracebackType | object") -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def asked(self) -> bool:
        """Whether to stop."""
        return bool(self.signal)

    def _take(self, number: int, _: "FrameType | None") -> None:
        self.signal = number
        self.__exit__()  # the next one does what it always does


class Tally:
    """What becomes of the files of one run.

    Parameters
    ----------
    keeps_outcomes : bool
        Whether all outcomes are wanted afterwards.
    named : collection of str
        The files that the command line names: of those, one that is not DICOM has failed.
    """

    def __init__(self, *, keeps_outcomes: bool, named: "Collection[str]" = ()) -> None:
        self._named = frozenset(named)
        self.outcomes: list[Outcome] | None = [] if keeps_outcomes else None
        self.written = 0
        self.skipped: Counter[str] = Counter()
        """How many, by reason."""
        self.notes: Counter[str] = Counter()
        """What is odd about how many that were written."""
        self.failed: list[tuple[str, str]] = []
        """The first ones: sources and reasons."""
        self.failures = 0
        self.lost = ""
        """Why it ended before its time."""
        self.saw_all = False
        """Whether everything that was found was looked at."""

    def follow(self, steps: "Iterable[Step]") -> None:
        """Count the outcomes; how far it is stands on standard error, if that is a terminal."""
        started = due = time.monotonic()
        try:
            for step in steps:
                for outcome in step.outcomes:
                    self._count(outcome)
                self.saw_all = step.complete and step.done == step.total
                now = time.monotonic()
                if now >= due:
                    due = now + _PAUSE
                    output.progress(progress_text(step, now - started))
        except WriteError as error:
            self.lost = str(error)
        finally:
            output.progress("")

    def _count(self, outcome: "Outcome") -> None:
        from dicomtui.archive.scanned_file import NOT_DICOM
        from dicomtui.outcomes import Failed, Skipped, Written

        if (
            isinstance(outcome, Skipped)
            and outcome.source in self._named
            and outcome.reason.startswith(NOT_DICOM)
        ):
            outcome = Failed(outcome.source, outcome.reason)
        if self.outcomes is not None:
            self.outcomes.append(outcome)
        if isinstance(outcome, Written):
            self.written += 1
            self.notes.update(outcome.notes)
        elif isinstance(outcome, Skipped):
            self.skipped[outcome.reason] += 1
        else:
            self.failures += 1
            if len(self.failed) < _NAMED:
                self.failed.append((outcome.source, outcome.reason))

    def name_failures(self, more: str = "") -> None:
        """Name the first failed files on standard error, and say how many there are besides."""
        for source, reason in self.failed:
            output.error(f"{source}: {reason}")
        if (rest := self.failures - len(self.failed)) > 0:
            output.error(f"{rest:,} more failed{more}")
        if self.lost:
            output.error(self.lost)

    def outcomes_as_json(self) -> list[dict[str, object]]:
        """Return the outcomes as they are printed."""
        return [
            {"outcome": type(outcome).__name__.lower(), **outcome._asdict()}
            for outcome in self.outcomes or ()
        ]


def naming_overwrite(reason: str) -> str:
    """Return a reason why a file was not replaced, with the option that would allow it."""
    return reason.replace("or allow overwriting", "or add --overwrite")


def progress_text(step: "Step", seconds: float) -> str:
    """Return how far a batch is: done of total, files a second, time left."""
    text = f"{step.done:,} of {step.total:,}{'' if step.complete else '+'} files"
    if not step.done or seconds < 1:
        return text
    rate = step.done / seconds
    text += f", {rate:,.0f} a second" if rate >= 1 else f", {1 / rate:,.0f} seconds each"
    if step.complete and step.done < step.total:
        left = int((step.total - step.done) / rate) + 1
        minutes, rest = divmod(left, 60)
        text += f", {minutes // 60}:{minutes % 60:02}:{rest:02} left"
    return text
