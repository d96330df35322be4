"""A batch on the command line: how far it is, the first Ctrl+C, and what is said at its end."""

import os
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

from dicomtui.cli import output
from dicomtui.errors import WriteError
from dicomtui.text import safe_line
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import FrameType, TracebackType

    from dicomtui.outcomes import Outcome, Step

_PAUSE = 0.1
_NAMED = 20
"""Failed files that are named; the report has all of them."""
_HELD_BACK = "held back"
_DONE = "done already"
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


class Batch:
    """What becomes of the files of one run."""

    def __init__(self, out: str, inputs: "Sequence[str]", *, dry_run: bool, keeps_outcomes: bool) -> None:
        self.out, self.inputs, self.dry_run = out, list(inputs), dry_run
        self.outcomes: list[Outcome] | None = [] if keeps_outcomes else None
        """All of them, if they are wanted."""
        self.written = 0
        self.skipped: Counter[str] = Counter()
        """How many, by reason."""
        self.failed: list[tuple[str, str]] = []
        """The first ones: sources and reasons."""
        self.failures = 0
        self.lost = ""
        """Why it ended before its time."""

    @property
    def held_back(self) -> dict[str, int]:
        """How many instances were held back, by reason, the most frequent first."""
        return {why: count for why, count in self.skipped.most_common() if why.startswith(_HELD_BACK)}

    def follow(self, steps: "Iterable[Step]") -> None:
        """Count the outcomes; how far it is stands on standard error, if that is a terminal."""
        started = due = time.monotonic()
        try:
            for step in steps:
                for outcome in step.outcomes:
                    self._count(outcome)
                now = time.monotonic()
                if now >= due:
                    due = now + _PAUSE
                    output.progress(progress_text(step, now - started))
        except WriteError as error:
            self.lost = str(error)
        finally:
            output.progress("")

    def _count(self, outcome: "Outcome") -> None:
        from dicomtui.outcomes import Skipped, Written

        if self.outcomes is not None:
            self.outcomes.append(outcome)
        if isinstance(outcome, Written):
            self.written += 1
        elif isinstance(outcome, Skipped):
            self.skipped[outcome.reason] += 1
        else:
            self.failures += 1
            if len(self.failed) < _NAMED:
                self.failed.append((outcome.source, outcome.reason))


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


def report_outcome(batch: Batch, interruption: Interruption, *, created: str, as_json: bool) -> int:
    """Say what has become of everything and return the exit code."""
    for source, reason in batch.failed:
        output.error(f"{source}: {reason}")
    if (more := batch.failures - len(batch.failed)) > 0:
        output.error(f"{more:,} more failed{'' if batch.dry_run else '; the report has all of them'}")
    if batch.lost:
        output.error(batch.lost)
    if as_json:
        output.json_values([_json(batch, interruption, created)], array=False)
    else:
        for line in _sentences(batch, interruption, created):
            output.line(line)
    if interruption.signal:
        return 128 + interruption.signal
    return 1 if batch.failures or batch.held_back or batch.lost else 0


def key_text(path: str) -> str:
    """Return what a person should know of a key file that was made."""
    return (
        f"A key was made: {safe_line(path)}. Keep this file and keep it secret:"
        " it makes the same pseudonyms again."
    )


def _sentences(batch: Batch, interruption: Interruption, created: str) -> "Iterable[str]":
    would = batch.dry_run
    out = safe_line(batch.out)
    files = count_text(batch.written, "instance")
    yield (
        f"{files} would be written to {out}; nothing was written."
        if would
        else f"{files} written to {out}, without what tells who the patient is."
    )
    if done := batch.skipped.get(_DONE, 0):
        yield f"{count_text(done, 'instance')} had been written by an earlier run."
    held = batch.held_back
    if held:
        yield f"{count_text(sum(held.values()), 'instance')} held back and not written:"
        for reason, count in held.items():
            yield f"  {count:,}  {reason.removeprefix(_HELD_BACK).lstrip(', ')}"
        yield (
            "Look at them: to write them all the same, add --allow-pixel-risk; to make parts of their"
            " pictures black, add --blank X0,Y0,X1,Y1 too."
        )
    for reason, count in batch.skipped.most_common():
        if reason not in held and reason != _DONE:
            yield f"{count_text(count, 'file')} left out: {safe_line(reason)}"
    if batch.failures:
        files = count_text(batch.failures, "file")
        yield f"{files} failed: nothing {'would be' if would else 'was'} written for them."
    if created:
        yield key_text(created)
    report = os.path.join(batch.out, "report.json")
    if not would and os.path.exists(report):
        yield f"What was done to each file is in {safe_line(report)} and, as a table, in report.csv."
    if interruption.signal:
        yield (
            "Interrupted: some files were not looked at."
            + ("" if would else " Run the same command again with --resume to go on.")
        )


def _json(batch: Batch, interruption: Interruption, created: str) -> dict[str, object]:
    return {
        "summary": {
            "out": batch.out,
            "dry_run": batch.dry_run,
            "written": batch.written,
            "held_back": batch.held_back,
            "skipped": {why: n for why, n in batch.skipped.most_common() if why not in batch.held_back},
            "failed": batch.failures,
            "interrupted": bool(interruption.signal),
            "problem": batch.lost or None,
            "key_created": created or None,
        },
        "outcomes": [
            {"outcome": type(outcome).__name__.lower(), **outcome._asdict()}
            for outcome in batch.outcomes or ()
        ],
    }
