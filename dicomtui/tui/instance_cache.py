"""Instances and frames that were opened lately, bounded in bytes; used by the loader's thread alone."""

import os
from collections import OrderedDict
from typing import TYPE_CHECKING

from dicomtui.archive.containers import split_address
from dicomtui.tui.opening import Opened, open_instance

if TYPE_CHECKING:
    from dicomtui.imaging.rendering import Frame

_Key = tuple[str, int, int, int]
"""Path, time of change, size; the frame's number, 0 for the instance itself."""


class InstanceCache:
    """Keeps what was opened last, as far as *limit* bytes go.

    A file that changed on disk is opened again.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[_Key, tuple[Opened | Frame, int]] = OrderedDict()
        self._bytes = 0

    def instance(self, path: str) -> Opened:
        """Return the instance at *path*, opening it where it is not held."""
        key = _key(path, 0)
        held = self._get(key)
        if isinstance(held, Opened):
            return held
        opened = open_instance(path)
        self._put(key, opened, opened.weight)
        return opened

    def frame(self, opened: Opened, number: int) -> "Frame":
        """Return a frame of *opened* by its number in the file, decoding it where it is not held.

        Raises
        ------
        DecodeError
            If it cannot be decoded.
        """
        assert opened.rendering is not None
        key = _key(opened.path, number)
        held = self._get(key)
        if held is not None and not isinstance(held, Opened):
            return held
        frame = opened.rendering.frame(number)
        arrays = (frame.values, frame.padding, frame.stored)
        self._put(key, frame, sum(array.nbytes for array in arrays if array is not None))
        return frame

    def _get(self, key: _Key) -> "Opened | Frame | None":
        if key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key][0]

    def _put(self, key: _Key, thing: "Opened | Frame", weight: int) -> None:
        self._held[key] = thing, weight
        self._bytes += weight
        while self._bytes > self._limit and self._held:
            self._bytes -= self._held.popitem(last=False)[1][1]


def _key(path: str, number: int) -> _Key:
    place = split_address(path)
    try:
        status = os.stat(path if place is None else place[0])
    except (OSError, ValueError):
        return path, 0, 0, number
    return path, status.st_mtime_ns, status.st_size, number
