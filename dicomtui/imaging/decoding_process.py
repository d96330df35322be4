"""A process that decodes what may be hostile, so that it costs its frame and nothing else.

What a made-up bit stream can do to compiled code, a crash, a loop, all memory, happens in that process, which
is limited in memory and time; the next frame gets a new one. Bytes go there and pixels come back through
memory that both share. What it says is not trusted: no object is made of it.
"""

import json
import math
import os
import pickle
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from typing import TYPE_CHECKING, Any

from dicomtui.processes import limit_memory, settle, start

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
_LONGEST_ANSWER = 1 << 16


class DecodingEndedError(Exception):
    """The process has ended or is of no more use, and why."""


class DecodingProcess:
    """The process, from this side.

    Parameters
    ----------
    serve : callable
        A function of a module, which the process runs with its end of a connection; it takes what it needs
        with :func:`take_handles` first.
    module : str
        That module.
    handles : int
        Further descriptors that it is given.
    """

    def __init__(self, serve: Callable[[Connection], None], module: str, *handles: int) -> None:
        self._memory = os.memfd_create("frame", os.MFD_CLOEXEC)
        try:
            self._process, self._connection = start(serve, module=module)
            for handle in (self._memory, *handles):
                send_handle(self._connection, handle, self._process.pid)
            self._answers = select.poll()  # Connection.poll makes one each time
            self._answers.register(self._connection.fileno(), select.POLLIN)
        except BaseException:
            os.close(self._memory)
            raise

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid or 0

    def give(self, data: bytes) -> None:
        """Put bytes into the shared memory."""
        write_shared(self._memory, data)

    def tell(self, message: Any) -> None:
        """Send what the process takes from its connection; one that has died says so when it is asked."""
        with suppress(OSError):
            self._connection.send_bytes(pickle.dumps(message))

    def ask(self, request: Any, needed: int) -> "tuple[NDArray[Any] | None, dict[str, Any]]":
        """Return pixels and what was said of them, or None and an ``error``.

        Parameters
        ----------
        request : object
            What the process takes from its connection.
        needed : int
            Bytes that the pixels should take, by which the time is limited; each sign of life (a ``beat``)
            begins it anew.

        Raises
        ------
        DecodingEndedError
            If the process is of no more use.
        """
        seconds = SECONDS + needed / BYTES_PER_SECOND
        try:
            self.tell(request)
            answer: dict[str, Any] = {"beat": 0}
            while "beat" in answer:
                if not self._answers.poll(seconds * 1000):
                    raise DecodingEndedError(f"the codec was given up after {seconds:.0f} s")
                answer = dict(json.loads(self._connection.recv_bytes(_LONGEST_ANSWER)))
            if "error" in answer:
                return None, {"error": str(answer["error"])}
            return self._pixels(str(answer["type"]), tuple(int(length) for length in answer["shape"])), answer
        except (EOFError, ConnectionError):
            self._process.join(1.0)
            why = f"the codec crashed on it{_signal_name(self._process.exitcode)}"
            raise DecodingEndedError(why) from None
        except (ValueError, TypeError, LookupError, RecursionError, OSError):
            raise DecodingEndedError("the codec gave no pixels") from None

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
        if self._connection.closed:
            return
        self._process.kill()
        self._process.join(1.0)
        self._connection.close()
        os.close(self._memory)


def _signal_name(code: int | None) -> str:
    if code is None or code >= 0:
        return ""
    with suppress(ValueError):
        return f" ({signal.Signals(-code).name})"
    return f" (signal {-code})"


def write_shared(memory: int, data: "bytes | memoryview") -> None:
    """Put *data* at the beginning of shared memory, which grows if need be."""
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


def take_handles(connection: Connection, count: int = 1) -> tuple[int, ...]:
    """Make the process one that decodes, and return the shared memory and what else it was given."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # or numpy makes room for threads that nobody needs
    settle(MEMORY)
    return tuple(recv_handle(connection) for _ in range(count))


def limit_for(own: int, needed: int) -> None:
    """Limit the memory of this process to what a frame of *needed* bytes may take beyond its *own*."""
    limit_memory(own + MEMORY + _TIMES * needed)


def answer_pixels(connection: Connection, memory: int, pixels: "NDArray[Any]", **more: Any) -> None:
    """Send pixels through shared memory."""
    write_shared(memory, _bytes_of(pixels))
    connection.send_bytes(json.dumps({"type": pixels.dtype.str, "shape": pixels.shape, **more}).encode())


def answer_error(connection: Connection, error: Exception) -> None:
    """Send what went wrong."""
    connection.send_bytes(json.dumps({"error": what(error)}).encode())


def answer_beat(connection: Connection) -> None:
    """Say that it goes on."""
    connection.send_bytes(b'{"beat": 1}')


def what(error: Exception) -> str:
    """Return what an error of a codec says."""
    if isinstance(error, MemoryError):
        return "the codec wanted more memory than the frame can need"
    return (str(error) or type(error).__name__)[: _LONGEST_ANSWER // 8]


def address_space() -> int:
    """Return the bytes of address space that this process has taken."""
    with open("/proc/self/statm", encoding="ascii") as stream:
        return int(stream.read().split()[0]) * os.sysconf("SC_PAGESIZE")
