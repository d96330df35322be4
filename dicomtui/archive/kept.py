"""What is costly to make and wanted again soon, made once and kept as far as a limit goes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class _Slot(Generic[T]):
    __slots__ = ("lock", "value", "weight")

    def __init__(self) -> None:
        self.lock = Lock()
        self.value: T | None = None
        self.weight = 0


class Kept(Generic[T]):
    """Values by key; safe to use from several threads, of which one makes a value while the others wait.

    Parameters
    ----------
    limit : int
        How much all values but the latest may weigh together.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._slots: OrderedDict[Hashable, _Slot[T]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], tuple[T, int]]) -> T:
        """Return the value of *key*; where there is none, *make* returns it with its weight."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
        with slot.lock:
            if slot.value is None:
                try:
                    slot.value, slot.weight = make()
                except BaseException:
                    self.forget(key)
                    raise
                self._drop()
            return slot.value

    def peek(self, key: Hashable) -> T | None:
        """Return the value of *key*, None where there is none yet."""
        slot = self._slots.get(key)
        return None if slot is None else slot.value

    def forget(self, key: Hashable) -> None:
        """Drop the value of *key*."""
        with self._lock:
            self._slots.pop(key, None)

    def _drop(self) -> None:
        with self._lock:
            weight = sum(slot.weight for slot in self._slots.values())
            while weight > self._limit and len(self._slots) > 1:
                weight -= self._slots.popitem(last=False)[1].weight
