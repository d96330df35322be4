"""Reads instances and decodes frames in a thread of its own, the newest request first, neighbours ahead."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from dicomtui.dataset.current_frame import frame_elements
from dicomtui.errors import DicomTuiError
from dicomtui.garbage import return_memory
from dicomtui.text import safe_line
from dicomtui.tui.instance_cache import InstanceCache
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.opening import Opened, load_libraries

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element
    from dicomtui.imaging.rendering import Frame


class InstanceOpened(Message):
    """An instance was read."""

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self.opened = opened


class FrameReady(Message):
    """A frame was decoded, or could not be.

    Attributes
    ----------
    position : int
        Where it stands in the order that is shown, from 1.
    number : int
        Which frame of the file it is, from 1.
    """

    def __init__(self, opened: Opened, position: int, number: int) -> None:
        super().__init__()
        self.opened, self.position, self.number = opened, position, number
        self.frame: Frame | None = None
        self.rows: list[Element] = []
        self.reason = ""
        self.milliseconds = 0.0


class Loader:
    """What is asked for last is done next; what waits is dropped.

    Parameters
    ----------
    post : callable
        Sends a message to the screen from a thread.
    cache_bytes : int
        Memory for what was opened lately.
    """

    def __init__(self, post: Callable[[Message], object], cache_bytes: int) -> None:
        self._post = post
        self._cache = InstanceCache(cache_bytes)
        self._worker = LatestWorker("loader")
        self._worker.submit(load_libraries)

    def open(self, path: str, neighbours: Sequence[str]) -> None:
        """Read *path* and its first frame, then those of *neighbours* while nothing else is asked for."""
        self._worker.submit(partial(self._open, path, neighbours))

    def decode(self, opened: Opened, position: int, number: int, ahead: Sequence[int]) -> None:
        """Decode frame *number*, then the frames *ahead* while nothing else is asked for."""
        self._worker.submit(partial(self._decode, opened, position, number, ahead, time.perf_counter()))

    def _open(self, path: str, neighbours: Sequence[str]) -> None:
        started = time.perf_counter()
        opened = self._cache.instance(path)
        self._post(InstanceOpened(opened))
        if opened.rendering is not None and not self._worker.overtaken:
            first = opened.first_order
            self._decode(opened, 1, first[0] if first else 1, first[1:2], started)
        return_memory()
        for neighbour in neighbours:
            if self._worker.overtaken:
                return
            self._decode_ahead(self._cache.instance(neighbour), 1)

    def _decode(
        self, opened: Opened, position: int, number: int, ahead: Sequence[int], started: float
    ) -> None:
        ready = FrameReady(opened, position, number)
        try:
            ready.frame = self._cache.frame(opened, number)
            ready.rows = frame_elements(opened.elements, number) if opened.orders else []
        except DicomTuiError as error:
            ready.reason = safe_line(str(error))
        except Exception as error:  # noqa: BLE001  a decoder raises anything on hostile input
            ready.reason = f"cannot be shown: {type(error).__name__}"
        ready.milliseconds = (time.perf_counter() - started) * 1000
        self._post(ready)
        for neighbour in ahead:
            if not self._worker.overtaken:
                self._decode_ahead(opened, neighbour)

    def _decode_ahead(self, opened: Opened, number: int) -> None:
        """Put a frame into the cache; what is wrong with it is said when it is asked for."""
        if opened.rendering is not None and not self._worker.overtaken:
            try:
                self._cache.frame(opened, number)
            except Exception:  # noqa: BLE001  said when it is asked for
                return
