"""What is said at the end of a de-identification on the command line."""

import os
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.cli import output
from dicomtui.text import safe_line
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicomtui.cli.batch import Interruption, Tally

_HELD_BACK = "held back"
_DONE = "done already"


class Run(NamedTuple):
    """One run."""

    out: str
    inputs: list[str]
    dry_run: bool
    tally: "Tally"

    @property
    def held_back(self) -> dict[str, int]:
        """How many instances were held back, by reason, the most frequent first."""
        return {why: count for why, count in self.tally.skipped.most_common() if why.startswith(_HELD_BACK)}


def report_outcome(run: Run, interruption: "Interruption", *, created: str, as_json: bool) -> int:
    """Say what has become of everything and return the exit code."""
    tally = run.tally
    tally.name_failures("" if run.dry_run or tally.lost else "; the report has all of them")
    if as_json:
        output.json_values([_json(run, interruption, created)], array=False)
    else:
        for line in _sentences(run, interruption, created):
            output.aside(line)
    if interruption.signal:
        return 128 + interruption.signal
    return 1 if tally.failures or run.held_back or tally.lost else 0


def key_text(path: str) -> str:
    """Return what a person should know of a key file that was made."""
    return (
        f"A key was made: {safe_line(path)}. Keep this file and keep it secret:"
        " it makes the same pseudonyms again."
    )


def _sentences(run: Run, interruption: "Interruption", created: str) -> "Iterable[str]":
    would = run.dry_run
    out = safe_line(run.out)
    files = count_text(run.tally.written, "instance")
    yield (
        f"{files} would be written to {out}; nothing was written."
        if would
        else f"{files} written to {out}, without what tells who the patient is."
    )
    if done := run.tally.skipped.get(_DONE, 0):
        yield f"{count_text(done, 'instance')} had been written by an earlier run."
    held = run.held_back
    if held:
        yield f"{count_text(sum(held.values()), 'instance')} held back and not written:"
        for reason, count in held.items():
            yield f"  {count:,}  {reason.removeprefix(_HELD_BACK).lstrip(', ')}"
        yield (
            "Look at them: to write them all the same, add --allow-pixel-risk; to make parts of their"
            " pictures black, add --blank X0,Y0,X1,Y1 too."
        )
    for reason, count in run.tally.skipped.most_common():
        if reason not in held and reason != _DONE:
            yield f"{count_text(count, 'file')} left out: {safe_line(reason)}"
    if run.tally.failures:
        files = count_text(run.tally.failures, "file")
        yield f"{files} failed: nothing {'would be' if would else 'was'} written for them."
    if created:
        yield key_text(created)
    report = os.path.join(run.out, "report.json")
    if not would and os.path.exists(report):
        yield (
            f"What was done to each file is in {safe_line(report)} and, as tables, in report.csv and"
            " report-actions.csv."
        )
    if interruption.signal or run.tally.lost:
        ended = "Interrupted" if interruption.signal else "Ended early"
        left = (
            "not all was written that belongs to it" if run.tally.saw_all else "some files were not looked at"
        )
        yield f"{ended}: {left}." + ("" if would else " Run the same command again with --resume to go on.")


def _json(run: Run, interruption: "Interruption", created: str) -> dict[str, object]:
    return {
        "summary": {
            "out": run.out,
            "dry_run": run.dry_run,
            "written": run.tally.written,
            "held_back": run.held_back,
            "skipped": {why: n for why, n in run.tally.skipped.most_common() if why not in run.held_back},
            "failed": run.tally.failures,
            "interrupted": bool(interruption.signal),
            "problem": run.tally.lost or None,
            "key_created": created or None,
        },
        "outcomes": run.tally.outcomes_as_json(),
    }
