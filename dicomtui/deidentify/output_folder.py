"""The folder that a batch writes to."""

from collections.abc import Sequence


def refusal(out: str, inputs: Sequence[str], *, resume: bool = False) -> str:
    """Return why *out* must not be written to, as one line, or ``""``."""
    raise NotImplementedError


def holds_run(out: str) -> bool:
    """Whether *out* holds a run that can be resumed."""
    raise NotImplementedError
