"""What became of one instance of many."""

from collections.abc import Sequence
from typing import NamedTuple


class Written(NamedTuple):
    """A file that was read, and what was made of it."""

    source: str
    """Its path, or the address of a member of a container."""
    path: str
    """The file that was written."""
    notes: tuple[str, ...] = ()
    """What is odd about it, one line each."""


class Skipped(NamedTuple):
    """A file that was left out, and why."""

    source: str
    reason: str
    """One line that does not name the file: the same words for the same cause, to be counted."""


class Failed(NamedTuple):
    """A file of which nothing was made although something should have been, and why."""

    source: str
    reason: str


Outcome = Written | Skipped | Failed


class Step(NamedTuple):
    """How far a batch is."""

    outcomes: Sequence[Outcome]
    """Those since the last step; none where nothing was done for a while, so that it can be stopped."""
    done: int
    total: int
    """Files that are known so far."""
    complete: bool
    """Whether these are all."""
