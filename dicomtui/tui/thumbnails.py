"""Small pictures of frames, made in a thread: those wanted first come first, and memory is bounded."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from dicomtui.text import safe_line
from dicomtui.tui.latest import LatestWorker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dicomtui.imaging.rendering import Frame, Rendering

SIDE = 128
"""Pixels of the longer side."""
LIMIT = 48 << 20
"""Bytes that are held."""
MOST_WANTED = LIMIT // (SIDE * SIDE * 4) * 2 // 3
"""So many are made ahead at most: they all must fit, with some more to come back to."""
_SAY_SECONDS = 0.1


class Subject(NamedTuple):
    """A frame of an instance."""

    path: str
    number: int
    """From 1, in the order of the file."""


class Thumbnail(NamedTuple):
    """A small picture, or why there is none."""

    frame: "Frame | None"
    """Its values in square pixels, small, with all that a window needs; no overlays."""
    reason: str = ""

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return self.frame.values.nbytes if self.frame is not None else 256


class Thumbnails:
    """Makes small pictures and keeps the latest.

    Parameters
    ----------
    arrived : callable
        Is called in the thread when there are new ones, ten times a second at most.
    limit : int
        Bytes to hold.
    """

    def __init__(self, arrived: Callable[[], object], limit: int = LIMIT) -> None:
        self._arrived, self._limit = arrived, limit
        self._worker = LatestWorker("thumbnails")
        self._held: OrderedDict[Subject, Thumbnail] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._opened: tuple[str, Rendering] | None = None
        """The instance opened last: a multi-frame one is not opened for each frame."""
        self._said = 0.0

    def get(self, subject: Subject) -> Thumbnail | None:
        """Return a small picture; None if it is not made yet."""
        with self._lock:
            thumbnail = self._held.get(subject)
            if thumbnail is not None:
                self._held.move_to_end(subject)
            return thumbnail

    def want(self, subjects: Iterable[Subject]) -> None:
        """Make small pictures in this order; what was wanted before and is not made is left."""
        self._worker.submit(partial(self._make_all, list(subjects)[:MOST_WANTED]))

    def stop(self) -> None:
        """Make no more."""
        self._worker.submit(self._close)

    def _close(self) -> None:
        self._opened = None

    def _make_all(self, subjects: list[Subject]) -> None:
        made = False
        for subject in subjects:
            if self._worker.overtaken:
                break
            if self.get(subject) is None:
                self._put(subject, self._make(subject))
                made = self._say() or made
        if made:
            self._arrived()

    def _say(self) -> bool:
        """Say that there are new ones, unless that was said just now; True if it is still to be said."""
        if time.monotonic() - self._said < _SAY_SECONDS:
            return True
        self._said = time.monotonic()
        self._arrived()
        return False

    def _put(self, subject: Subject, thumbnail: Thumbnail) -> None:
        with self._lock:
            self._held[subject] = thumbnail
            self._bytes += thumbnail.size
            while self._bytes > self._limit and self._held:
                self._bytes -= self._held.popitem(last=False)[1].size

    def _make(self, subject: Subject) -> Thumbnail:
        from dicomtui.errors import DicomTuiError

        try:
            return Thumbnail(small(self._rendering(subject.path).frame(subject.number)))
        except DicomTuiError as error:
            return Thumbnail(None, safe_line(str(error), 400))
        except Exception as error:  # noqa: BLE001  a decoder raises anything on hostile input
            return Thumbnail(None, f"cannot be shown: {type(error).__name__}")

    def _rendering(self, path: str) -> "Rendering":
        from dicomtui.archive.opening import open_instance
        from dicomtui.imaging.rendering import Rendering

        if self._opened is None or self._opened[0] != path:
            self._opened = None
            self._opened = path, Rendering(open_instance(path))
        return self._opened[1]


def small(frame: "Frame") -> "Frame":
    """Return a frame of :data:`SIDE` square pixels at most, without what lies over it.

    What a shutter hides is black in it, as is what has no value.
    """
    import numpy as np

    from dicomtui.imaging.viewport import Viewport, resample

    values, padding = frame.values, frame.padding
    if frame.shutter is not None:
        hidden = frame.shutter.hidden
        if frame.is_colour:
            values = np.where(hidden[..., None], np.uint8(0), values)
        else:
            padding = hidden if padding is None else padding | hidden
    part, _ = resample(values, Viewport(), frame.aspect, SIDE, SIDE, exact=True, padding=padding)
    return replace(
        frame,
        values=np.ascontiguousarray(part),
        padding=None if frame.is_colour else _without_value(part),
        aspect=1.0,
        overlays=(),
        shutter=None,
        coloured=None,
        stored=None,
    )


def _without_value(values: "NDArray[Any]") -> "NDArray[np.bool_] | None":
    import numpy as np

    missing: NDArray[np.bool_] = np.isnan(values)
    return missing if missing.any() else None
