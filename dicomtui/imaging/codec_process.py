"""Codecs of codestreams in a process of their own: see ``decoding_process``.

A process of a pool is apart from the program already and decodes by itself.
"""

import os
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from dicomtui.imaging.decoding_process import (
    DecodingEndedError,
    DecodingProcess,
    address_space,
    answer_error,
    answer_pixels,
    limit_for,
    take_handles,
    what,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.dataset.reading import Instance


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
            raise CodecError(what(error)) from error
    with _lock:
        process, _process = _process or _new(), None
        try:
            process.give(data)
            pixels, said = process.ask((codec, len(data), needed, options), needed)
            _process = process
        except DecodingEndedError as ended:
            raise CodecError(str(ended)) from None
        finally:
            if _process is None:  # what is on its way from it would be taken for the next answer
                process.close()
    if pixels is None:
        raise CodecError(said["error"])
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
        _process = _process or _new()


def _new() -> DecodingProcess:
    return DecodingProcess(_serve, __name__)


_lock = Lock()
_process: DecodingProcess | None = None


# --- in the process ---


def _serve(connection: Connection) -> None:
    """Decode what is asked for until the connection is closed."""
    (memory,) = take_handles(connection)
    import imagecodecs  # noqa: F401  gets ready before it is asked

    own = address_space()
    while True:
        try:
            codec, length, needed, options = connection.recv()
        except (EOFError, OSError):
            return
        limit_for(own, needed)
        try:
            answer_pixels(connection, memory, _decoded(codec, os.pread(memory, length, 0), options))
        except Exception as error:  # noqa: BLE001  a codec raises anything
            answer_error(connection, error)


def _decoded(codec: str, data: bytes, options: dict[str, Any]) -> "NDArray[Any]":
    import imagecodecs
    import numpy as np

    found = getattr(imagecodecs, codec)(data, **options)
    if isinstance(found, np.ndarray):
        return np.ascontiguousarray(found)
    return np.frombuffer(found, np.uint8)
