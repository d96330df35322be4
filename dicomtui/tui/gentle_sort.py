"""Sorts in a thread without keeping keys waiting: one long sort would let nothing else run."""

from collections.abc import Callable, Sequence
from heapq import merge
from typing import Any, TypeVar

T = TypeVar("T")

_PART = 5000
"""Rows that are sorted in one go."""


def gently_sorted(rows: Sequence[T], key: Callable[[T], Any], given_up: Callable[[], bool]) -> list[T]:
    """Return *rows* in the order of *key*; as they are once the result is *given_up*."""
    parts = []
    for at in range(0, len(rows), _PART):
        if given_up():
            return list(rows)
        parts.append(sorted(rows[at : at + _PART], key=key))
    if len(parts) == 1:
        return parts[0]
    ordered: list[T] = []
    for row in merge(*parts, key=key):
        ordered.append(row)
        if not len(ordered) % _PART and given_up():
            return list(rows)
    return ordered
