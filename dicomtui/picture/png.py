"""Display values as PNG, small and quick, for terminals that take files."""

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2
_WITH_ALPHA = 4
"""Added to the kind of a picture that is transparent in places."""
_UP = 2
"""The filter that stores differences to the row above."""
_LEVEL = 4


def png(pixels: "NDArray[np.uint8]", opaque: "NDArray[np.bool_] | None" = None) -> bytes:
    """Return a PNG file.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (rows, columns) or (rows, columns, 3)
        Display values, with at least one row and one column.
    opaque : ndarray of bool, shape (rows, columns), optional
        Where the picture is to be seen; without it, everywhere.

    References
    ----------
    ISO/IEC 15948.
    """
    rows, columns = pixels.shape[:2]
    kind = _GREY if pixels.ndim == 2 else _RGB
    if opaque is not None:
        kind += _WITH_ALPHA
        pixels = np.dstack([pixels, opaque.astype(np.uint8) * np.uint8(255)])
    flat = np.ascontiguousarray(pixels).reshape(rows, -1)
    lines = np.empty((rows, 1 + flat.shape[1]), np.uint8)
    lines[:, 0] = _UP
    lines[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=lines[1:, 1:])
    header = struct.pack(">IIBBBBB", columns, rows, 8, kind, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), _LEVEL)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
