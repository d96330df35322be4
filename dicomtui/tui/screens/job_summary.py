"""What is said of a job while it runs and when it has ended, as lines."""

from collections import Counter
from typing import TYPE_CHECKING

from dicomtui.text import safe_line
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from dicomtui.tui.screens.job import Job

LOOKING = "still looking for files"
"""What is done while it is not known how many files there are, but for the work itself."""
_NEARLY = 0.99
"""The most that is done of what was stopped before it was known how much there is."""
MOST_REASONS = 4
"""Reasons that are listed; the others are counted."""


def progress_text(job: "Job", looking: str = LOOKING) -> str:
    """Say how many files are done, how fast, and how long it will take; until that is known, what is done."""
    if job.ended:
        took = f"in {duration_text(job.seconds)}"
        return "  ".join(filter(None, (f"{count_text(job.done, 'file')} {took}", _rate_text(job))))
    more = "" if job.complete else "+"
    parts = [f"{job.done:,} of {job.total:,}{more} files", _rate_text(job)]
    if (left := job.seconds_left) is not None:
        parts.append(f"{duration_text(left)} left")
    elif not job.complete:
        parts.append(looking)
    return "  ".join(filter(None, parts))


def share(job: "Job") -> float | None:
    """Return how much is done, from 0 to 1; None while the whole is not known."""
    if not (job.ended or job.complete):
        return None
    if _is_unfinished(job):
        return min(job.done / job.total, _NEARLY) if job.total else 0.0
    return job.done / job.total if job.total else 1.0


def _is_unfinished(job: "Job") -> bool:
    """Whether it has ended before its end."""
    is_whole = job.complete and job.done == job.total > 0
    return job.ended and (bool(job.reason) or job.stopping) and not is_whole


def state_text(job: "Job", after_stop: str = "") -> str:
    """Say in a sentence whether it goes on, and how it ended; if it was stopped, what is to be known then."""
    if job.reason:
        return job.reason
    if not job.ended:
        return "stopping after the files in hand" if job.stopping else ""
    if _is_unfinished(job):
        more = "" if job.complete else "+"
        done = f"{job.done:,} of {job.total:,}{more} files" if job.total else "before the first file"
        return "; ".join(filter(None, (f"stopped: {done}", after_stop)))
    if job.failed:
        return f"done, but {count_text(job.failed.total(), 'file')} failed"
    return "done" if job.written else "done: nothing was written"


def counts(job: "Job", most: int = MOST_REASONS) -> list[tuple[str, str]]:
    """Return the lines of a table: what became of the files and why, with at most so many reasons each."""
    return [
        ("Written", f"{job.written:,}"),
        *_reasons("Left out", job.skipped, most),
        *_reasons("Failed", job.failed, most),
        *_reasons("Noted", job.notes, most),
    ]


def _reasons(label: str, reasons: Counter[str], most: int) -> list[tuple[str, str]]:
    if not reasons:
        return []
    if most == 0 and len(reasons) > 1:
        return [(label, f"{reasons.total():,}  for {len(reasons):,} reasons")]
    most = max(1, most)
    if len(reasons) == most + 1:  # the last one takes no more room than to say that there is one more
        most += 1
    width = len(f"{reasons.total():,}")
    lines = [(label, f"{reasons.total():,}")]
    for reason, number in reasons.most_common(most):
        lines.append(("", f"{number:>{width},}  {safe_line(reason, 200)}"))
    if len(reasons) > most:
        rest = reasons.total() - sum(number for _, number in reasons.most_common(most))
        others = len(reasons) - most
        lines.append(("", f"{rest:>{width},}  for {count_text(others, 'other reason')}"))
    if len(lines) == 2:
        return [(label, lines[1][1])]
    return lines


def duration_text(seconds: float) -> str:
    """Return a time as people say it: ``0.4 s``, ``12 s``, ``3:05 min``, ``1:02 h``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02} min"
    return f"{minutes // 60}:{minutes % 60:02} h"


def _rate_text(job: "Job") -> str:
    rate = job.rate
    return "" if not rate else f"{rate:,.0f} files/s" if rate >= 10 else f"{rate:.1f} files/s"
