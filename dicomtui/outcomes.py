"""What became of one instance of many."""

from typing import NamedTuple


class Skipped(NamedTuple):
    """A file that was left out, and why."""

    source: str
    """Its path, or the address of a member of a container."""
    reason: str
    """One line that does not name the file: the same words for the same cause, to be counted."""
