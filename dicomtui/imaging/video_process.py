"""A video in a process of its own: see ``decoding_process``. It stays, for its decoder knows where it is."""

import os
import shutil
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing.connection import Connection
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO

from dicomtui.dataset.reading import Fragments
from dicomtui.dataset.source import ByteSource, FileSource
from dicomtui.imaging.decoding_process import (
    DecodingEndedError,
    DecodingProcess,
    address_space,
    answer_beat,
    answer_error,
    answer_pixels,
    limit_for,
    take_handles,
)
from dicomtui.imaging.image_pixel import ImagePixel
from dicomtui.imaging.video_stream import VideoStream, pyav

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PROCESSES = 2
"""Videos that are decoded at once: two may be compared. Of others the place is forgotten."""
_BEAT_SECONDS = 1.0
_BYTES_PER_PIXEL = 6
"""Of a frame in three colours of 16 bits; a decoder keeps several, by which others are coded."""
_live: "list[weakref.ref[VideoProcess]]" = []
_live_lock = Lock()


def require_pyav() -> None:
    """Raise ValueError with what to install where PyAV is missing; it is not loaded here."""
    if find_spec("av") is None:
        raise ValueError("video needs a further package: pip install 'dicomtui[video]'")


class VideoProcess:
    """What :class:`~dicomtui.imaging.video_stream.VideoStream` is, in a process that may die.

    The process is started with the first frame, and again for the next one after it has died.
    """

    def __init__(self, source: ByteSource, fragments: Fragments, pixel: ImagePixel) -> None:
        self._source, self._fragments, self._pixel = source, fragments, pixel
        self._process: DecodingProcess | None = None
        self._lock = Lock()

    def frame(self, number: int) -> "tuple[NDArray[Any], str]":
        """Decode frame *number*, from 1; raises ValueError with what the codec says, or why it has ended."""
        pixel = self._pixel
        needed = pixel.rows * pixel.columns * pixel.samples * (1 if pixel.bits_stored <= 8 else 2)
        _make_room(self)
        with self._lock:
            process = self._process or self._start()
            self._process = None
            try:
                words, said = process.ask(number, needed)
                self._process = process
            except DecodingEndedError as ended:
                raise ValueError(str(ended)) from None
            finally:
                if self._process is None:
                    process.close()
        if words is None:
            raise ValueError(said["error"])
        return words, str(said.get("doubt", ""))

    def let_go(self) -> None:
        """End the process, unless it is at a frame."""
        if self._lock.acquire(blocking=False):
            try:
                if self._process is not None:
                    self._process.close()
                self._process = None
            finally:
                self._lock.release()

    def _start(self) -> DecodingProcess:
        with _descriptor_of(self._source) as descriptor:
            process = DecodingProcess(_serve, __name__, descriptor)
        weakref.finalize(self, process.close)
        process.tell((self._fragments, self._pixel))
        return process


def _make_room(video: VideoProcess) -> None:
    """Note that a video is in use, and end the processes of those that were used long ago."""
    with _live_lock:
        others = [one for one in _live if one() not in (None, video)]
        _live[:] = [*others, weakref.ref(video)][-MOST_PROCESSES:]
    for one in others[: -MOST_PROCESSES + 1]:
        if (old := one()) is not None:
            old.let_go()


@contextmanager
def _descriptor_of(source: ByteSource) -> Iterator[int]:
    """Open the bytes of a source; those that are in no file of their own are copied."""
    with source.open() as stream:
        if isinstance(source, FileSource):
            yield stream.fileno()
            return
        with os.fdopen(os.memfd_create("video", os.MFD_CLOEXEC), "wb") as copy:
            shutil.copyfileobj(stream, copy)
            copy.flush()
            yield copy.fileno()


# --- in the process ---


class _Opened:
    """A source whose file is open already."""

    def __init__(self, descriptor: int) -> None:
        self._path = f"/proc/self/fd/{descriptor}"
        self.name = "video"
        self.size = os.stat(self._path).st_size

    def open(self) -> BinaryIO:
        """Return a new stream."""
        return open(self._path, "rb")


class _Beats:
    """Says now and then that the decoder goes on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._due = time.monotonic() + _BEAT_SECONDS

    def __call__(self) -> None:
        if time.monotonic() >= self._due:
            answer_beat(self._connection)
            self._due = time.monotonic() + _BEAT_SECONDS


def _serve(connection: Connection) -> None:
    """Decode frames of one video until the connection is closed."""
    memory, descriptor = take_handles(connection, 2)
    fragments, pixel = connection.recv()
    video = VideoStream(_Opened(descriptor), fragments, pixel, _Beats(connection))
    try:
        pyav()
    except ValueError as error:
        answer_error(connection, error)
        return
    limit_for(address_space(), pixel.rows * pixel.columns * _BYTES_PER_PIXEL)
    while True:
        try:
            number = connection.recv()
        except (EOFError, OSError):
            return
        try:
            words, doubt = video.frame(number)
            answer_pixels(connection, memory, words, doubt=doubt)
        except Exception as error:  # noqa: BLE001  a codec raises anything
            answer_error(connection, error)
