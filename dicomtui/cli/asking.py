"""What the subcommands that ask a whole archive have in common."""

import os
import time
import unicodedata
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from dicomtui.archive.query_values import NUMBER_VRS, number
from dicomtui.cli import output
from dicomtui.errors import DicomTuiError, UsageError
from dicomtui.text import safe_line
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Generator, Sequence

    from dicomtui.archive.index import Index
    from dicomtui.archive.query import Query
    from dicomtui.archive.query_terms import QueryError
    from dicomtui.outcomes import Skipped
    from dicomtui.pool import Pool

FOUND, NOTHING, FAILED = 0, 1, 2
"""Exit codes, those of grep."""
_PAUSE = 0.1
"""Seconds between two lines of progress."""
_SHOWN = 60
"""Characters of a query that are shown on either side of a mistake."""
_COMPARES = "=<>~"
HOW_A_QUERY_LOOKS = "A query compares an attribute with a value: 'Modality = CT' or 'PatientName ~ \"smi*\"'"


class Step(Protocol):
    """What the generators below the faces yield."""

    @property
    def done(self) -> int:
        """Files that were read."""

    @property
    def total(self) -> int:
        """Files that have to be read."""

    @property
    def skipped(self) -> "list[Skipped]":
        """What could not be read."""


S = TypeVar("S", bound=Step)


class Asked(NamedTuple):
    """One of the paths that are asked, and how its instances are called."""

    path: str
    """As it was typed."""
    root: str

    def named(self, path: str) -> str:
        """Return the path of an instance below the one that was typed."""
        if not path.startswith(self.root):
            return path
        rest = path[len(self.root) :]
        if rest.startswith("!/"):
            return self.path.removesuffix("!/") + rest
        between = "/" if rest and not rest.startswith("/") and not self.path.endswith("/") else ""
        return (self.path.removesuffix("/") if rest.startswith("/") else self.path) + between + rest


def add_paths(parser: "ArgumentParser") -> None:
    """Declare the arguments for what is asked."""
    action = parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a folder, a file, a zip or tar, or a folder in it: a.zip!/CT (default: the current folder)",
    )
    action.complete = "file"  # type: ignore[attr-defined]  # completion scripts are made from it


def ask(
    arguments: "Namespace", steps_of: "Callable[[Index, Pool], Generator[S, None, None]]"
) -> "Generator[tuple[Asked, S], None, None]":
    """Yield the steps of a question to the index of each path, with progress on standard error."""
    from dicomtui.cli.scanning import report_unread, scanned
    from dicomtui.pool import Pool

    reasons: Counter[str] = Counter()
    due = time.monotonic() + _PAUSE
    for path in _once(arguments.paths or ["."]):
        with closing(scanned(path, arguments)) as index, Pool() as pool:
            asked = Asked(path, index.about)
            with closing(steps_of(index, pool)) as steps:
                for step in steps:
                    reasons.update(skipped.reason for skipped in step.skipped)
                    if step.total and time.monotonic() >= due:
                        due = time.monotonic() + _PAUSE
                        output.progress(f"{step.done:,} of {step.total:,} files read")
                    yield asked, step
            output.progress("")
            report_unread(index, asked)
    for reason, count in reasons.most_common():
        output.error(f"{count_text(count, 'file')} could not be read: {reason}")


def _once(paths: "Sequence[str]") -> list[str]:
    """Return each path once, and say on standard error what is named twice, or within another one."""
    places: dict[str, str] = {}
    for path in paths:
        place = os.path.realpath(path.removesuffix("!/"))
        if place in places:
            output.error(f"{safe_line(path)}: is named twice, and counts once")
        places.setdefault(place, path)
    for place, path in places.items():
        above = (
            other for other in places if place.startswith((f"{other.rstrip(os.sep)}{os.sep}", f"{other}!/"))
        )
        if around := next(above, None):
            outer = safe_line(places[around])
            output.error(f"{safe_line(path)}: warning: lies in {outer}, so what is in it counts twice")
    return list(places.values())


def guarded(run: "Callable[[], int]", text: str) -> int:
    """Return the exit code of *run*, which asks *text*; what failed is not what was not found."""
    from dicomtui.archive.query_terms import QueryError

    try:
        code = run()
        output.finish()
        return code
    except QueryError as error:
        return _point_at(text, error)
    except UsageError:
        raise
    except DicomTuiError as error:
        output.progress("")
        output.error(str(error))
        return FAILED


def _point_at(text: str, error: "QueryError") -> int:
    """Say what is wrong with a query, with a caret below the place, and return the exit code."""
    before = text[: error.column][-_SHOWN:]
    shown = safe_line(before) + safe_line(text[error.column :][:_SHOWN])
    output.error(error.reason)
    if text.strip():
        output.remark(f"  {shown}")
        output.remark(f"  {' ' * _columns(safe_line(before))}^")
    return FAILED


def parsed_query(text: str) -> "Query":
    """Return what a query means; where it compares nothing, the error says how one looks.

    Raises
    ------
    QueryError
        If it cannot be understood.
    """
    from dicomtui.archive.query import QueryError, parse_query

    try:
        return parse_query(text)
    except QueryError as error:
        if any(sign in text for sign in _COMPARES):
            raise
        raise QueryError(f"{error.reason}. {HOW_A_QUERY_LOOKS}", error.column) from error


def plain_value(text: str, vr: str) -> object:
    """Return a value as JSON has it: null for none, numbers as such, several as a list."""
    if not text:
        return None
    if vr not in NUMBER_VRS:
        return text
    values = [_number_or_text(part) for part in text.split("\\")]
    return values[0] if len(values) == 1 else values


def _number_or_text(text: str) -> int | float | str:
    found = number(text)
    return text if found is None else found


def _columns(text: str) -> int:
    """Return how many cells a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )
