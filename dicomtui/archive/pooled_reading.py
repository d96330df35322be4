"""Reads attributes of many files in the processes of a pool."""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from dicomtui.archive.attribute_reading import Values, read_each
from dicomtui.archive.header_values import may_have_groups
from dicomtui.archive.query_terms import Attribute
from dicomtui.outcomes import Skipped
from dicomtui.pool import Lost

if TYPE_CHECKING:
    from dicomtui.archive.header import Header
    from dicomtui.pool import Pool

BATCH = 32
"""Files that a worker reads before it reports."""
_STEP_SECONDS = 0.05


class Clock:
    """Tells when a generator should let its caller have a look."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _STEP_SECONDS

    def is_time(self) -> bool:
        """Whether the time is up; then it begins anew."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + _STEP_SECONDS
        return True


def read_all(
    headers: "Iterable[Header]", attributes: Sequence[Attribute], pool: "Pool"
) -> "Generator[list[tuple[Header, Values | Skipped]], None, None]":
    """Yield each instance with its *attributes*, or with why they cannot be read, as it comes.

    An empty list means that nothing came for a while. To close the generator is to cancel.
    """
    pending: dict[str, Header] = {}
    read = partial(_read_batch, tuple(attributes))
    for outcome in pool.map(read, _batches(headers, pending)):
        answers = zip(*outcome, strict=True) if outcome else ()
        yield [(pending.pop(path), _outcome(path, found)) for (path, _), found in answers]


def _read_batch(attributes: tuple[Attribute, ...], batch: Sequence[tuple[str, bool]]) -> list[Values | str]:
    """Read some files, for each of which it is known whether it may have functional groups; in a worker."""
    found: list[Values | str] = []
    for has_groups, items in groupby(batch, itemgetter(1)):
        found += read_each([path for path, _ in items], attributes, may_have_groups=has_groups)
    return found


def _batches(headers: "Iterable[Header]", pending: "dict[str, Header]") -> Iterator[list[tuple[str, bool]]]:
    """Yield some instances at a time, and keep their headers in *pending*."""
    batch: list[tuple[str, bool]] = []
    for header in headers:
        pending[header.path] = header
        batch.append((header.path, may_have_groups(header)))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _outcome(path: str, found: Values | str | Lost) -> Values | Skipped:
    if isinstance(found, Lost):
        return Skipped(path, found.reason)
    return Skipped(path, found) if isinstance(found, str) else found
