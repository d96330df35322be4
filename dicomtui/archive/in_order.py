"""Gives things back in their order, however they come."""

from typing import Generic, TypeVar

T = TypeVar("T")


class InOrder(Generic[T]):
    """Holds each thing until all those before it have come; places are numbers from 0, each taken once."""

    def __init__(self) -> None:
        self._held: dict[int, T] = {}
        self._next = 0

    def put(self, place: int, thing: T) -> None:
        """Take the thing for a place."""
        self._held[place] = thing

    def take(self) -> list[T]:
        """Return what nothing has to come before any longer."""
        ready = []
        while self._next in self._held:
            ready.append(self._held.pop(self._next))
            self._next += 1
        return ready
