"""Codecs of codestreams in a process of their own, so that a hostile one costs its frame and nothing else.

These codecs are compiled code. What a made-up codestream can do to it, a crash, a loop, all memory, happens
in that process, which is limited in memory and time; the next frame gets a new one. Codestreams go there and
pixels come back through memory that both share. What it says is not trusted: no object is made of it.

A process of a pool is apart from the program already and decodes by itself.
"""

import json
import math
import os
import signal
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from dicomtui.processes import limit_memory, settle, start

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.dataset.reading import Instance

SECONDS = 10.0
"""How long a small frame may take."""
BYTES_PER_SECOND = 4 << 20
"""A large frame may take longer: a second more for so many bytes of it."""
MEMORY = 1 << 30
"""Bytes that a codec may take for a small frame, beyond those of the process itself."""
_TIMES = 8
"""Bytes that it may take for each byte of a large frame."""
_KEPT = 32 << 20
"""Bytes of shared memory that are kept for the next frame."""


def decode(codec: str, data: bytes, needed: int, **options: Any) -> "NDArray[Any]":
    """Decode a codestream.

    Parameters
    ----------
    codec : str
        A decoder of imagecodecs, for instance ``jpeg8_decode``.
    data : bytes
        The whole codestream.
    needed : int
        Bytes that its pixels should take: memory and time are limited by them.
    **options
        Of the decoder.

    Returns
    -------
    ndarray
        What the decoder made of it; uint8 in one dimension where that was bytes.

    Raises
    ------
    CodecError
        If the codec could not decode it, crashed, took too long or wanted too much memory.
    """
    global _process
    if parent_process() is not None:
        try:
            return _decoded(codec, data, options)
        except Exception as error:
            raise CodecError(_what(error)) from error
    with _lock:
        process, _process = _process or _CodecProcess(), None
        try:
            pixels, wrong = process.decode(codec, data, needed, options)
            _process = process
        except _Ended as ended:
            raise CodecError(str(ended)) from None
        finally:
            if _process is None:  # what is on its way from it would be taken for the next answer
                process.close()
    if pixels is None:
        raise CodecError(wrong)
    return pixels


class CodecError(ValueError):
    """A codestream could not be decoded."""


def expect(instance: "Instance") -> None:
    """Start the process ahead of an instance's first codestream, so that it gets ready meanwhile."""
    element = instance.pixel_data
    if element is not None and element.fragments is not None and parent_process() is None:
        Thread(target=_start, daemon=True).start()


def _start() -> None:
    global _process
    with _lock, suppress(OSError, EOFError):  # said when there is a codestream
        _process = _process or _CodecProcess()


class _Ended(Exception):  # noqa: N818  it says what has happened
    """The process has ended, and why."""


class _CodecProcess:
    """The process, from this side."""

    def __init__(self) -> None:
        self._memory = os.memfd_create("frame", os.MFD_CLOEXEC)
        try:
            self._process, self._connection = start(_serve, module=__name__)
            send_handle(self._connection, self._memory, self._process.pid)
        except BaseException:
            os.close(self._memory)
            raise

    def decode(
        self, codec: str, data: bytes, needed: int, options: dict[str, Any]
    ) -> "tuple[NDArray[Any] | None, str]":
        """Return pixels, or what the codec said instead; unless it returns, the process is of no more use."""
        seconds = SECONDS + needed / BYTES_PER_SECOND
        try:
            _write(self._memory, data)
            self._connection.send((codec, len(data), needed, options))
            if not self._connection.poll(seconds):
                raise _Ended(f"the codec was given up after {seconds:.0f} s")
            said = self._connection.recv_bytes()
        except (EOFError, ConnectionError):
            self._process.join(1.0)
            why = f"the codec crashed on it{_signal_name(self._process.exitcode)}"
            raise _Ended(why) from None
        try:
            answer = json.loads(said)
            if "error" in answer:
                return None, str(answer["error"])
            return self._pixels(str(answer["type"]), tuple(int(length) for length in answer["shape"])), ""
        except (ValueError, TypeError, LookupError, RecursionError):
            raise _Ended("the codec gave no pixels") from None

    def _pixels(self, type_name: str, shape: tuple[int, ...]) -> "NDArray[Any]":
        """Copy pixels out of the shared memory; raises ValueError if they cannot be there."""
        import numpy as np

        kind = np.dtype(type_name)
        size = math.prod(shape) * kind.itemsize
        if kind.kind not in "uif" or min(shape) < 1 or size > os.fstat(self._memory).st_size:
            raise ValueError
        pixels: NDArray[Any] = np.empty(shape, kind)
        _read_into(self._memory, pixels)
        if size > _KEPT:
            os.ftruncate(self._memory, 0)
        return pixels

    def close(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.join(1.0)
        self._connection.close()
        os.close(self._memory)


_lock = Lock()
_process: _CodecProcess | None = None


def _signal_name(code: int | None) -> str:
    if code is None or code >= 0:
        return ""
    with suppress(ValueError):
        return f" ({signal.Signals(-code).name})"
    return f" (signal {-code})"


def _write(memory: int, data: "bytes | memoryview") -> None:
    """Put *data* at the beginning of the shared memory, which grows if need be."""
    written, view = 0, memoryview(data)
    while written < len(data):
        written += os.pwrite(memory, view[written:], written)


def _bytes_of(pixels: "NDArray[Any]") -> memoryview:
    return memoryview(pixels.reshape(-1).view("uint8").data)


def _read_into(memory: int, pixels: "NDArray[Any]") -> None:
    view = _bytes_of(pixels)
    taken = 0
    while taken < len(view):
        taken += os.preadv(memory, [view[taken:]], taken) or len(view)


# --- in the process ---


def _serve(connection: Connection) -> None:
    """Decode what is asked for until the connection is closed."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # or numpy makes room for threads that nobody needs
    settle(MEMORY)
    memory = recv_handle(connection)
    import imagecodecs  # noqa: F401  gets ready before it is asked

    own = _address_space()
    while True:
        try:
            codec, length, needed, options = connection.recv()
        except (EOFError, OSError):
            return
        limit_memory(own + MEMORY + _TIMES * needed)
        try:
            pixels = _decoded(codec, os.pread(memory, length, 0), options)
            _write(memory, _bytes_of(pixels))
            answer: dict[str, Any] = {"type": pixels.dtype.str, "shape": pixels.shape}
        except Exception as error:  # noqa: BLE001  a codec raises anything
            answer = {"error": _what(error)}
        connection.send_bytes(json.dumps(answer).encode())


def _decoded(codec: str, data: bytes, options: dict[str, Any]) -> "NDArray[Any]":
    import imagecodecs
    import numpy as np

    found = getattr(imagecodecs, codec)(data, **options)
    if isinstance(found, np.ndarray):
        return np.ascontiguousarray(found)
    return np.frombuffer(found, np.uint8)


def _what(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "the codec wanted more memory than the frame can need"
    return str(error) or type(error).__name__


def _address_space() -> int:
    """Return the bytes of address space that this process has taken."""
    with open("/proc/self/statm", encoding="ascii") as stream:
        return int(stream.read().split()[0]) * os.sysconf("SC_PAGESIZE")
