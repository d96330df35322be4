"""Stored values of colour pictures -> RGB of 8 bits.

References
----------
DICOM PS3.3 C.7.6.3.1.2 (Photometric Interpretation).
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from dicomtui.errors import DecodeError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

MONOCHROME = frozenset({"MONOCHROME1", "MONOCHROME2"})

_DELIVERED_AS_RGB = frozenset({"RGB", "YBR_ICT", "YBR_RCT"})
"""The component transforms ICT and RCT belong to JPEG 2000: its decoder has undone them."""

_FULL = frozenset({"YBR_FULL", "YBR_FULL_422"})
_PARTIAL = frozenset({"YBR_PARTIAL_420", "YBR_PARTIAL_422"})

_FROM_FULL = np.array(
    [[1.0, 1.0, 1.0], [0.0, -0.114 * 1.772 / 0.587, 1.772], [1.402, -0.299 * 1.402 / 0.587, 0.0]], np.float32
)
_TO_PARTIAL = np.array(
    [[0.2568, 0.5041, 0.0979], [-0.1482, -0.2910, 0.4392], [0.4392, -0.3678, -0.0714]], np.float64
)
_PARTIAL_ZERO = np.array((16, 128, 128), np.float32)
_FROM_PARTIAL: "NDArray[np.float32]" = np.linalg.inv(_TO_PARTIAL).T.astype(np.float32)


def to_rgb(stored: "NDArray[Any]", photometric: str, bits: int) -> "NDArray[np.uint8]":
    """Convert samples of a colour picture.

    Parameters
    ----------
    stored : ndarray of int, shape (rows, columns, 3)
        Stored values with the chrominance of every pixel (a 4:2:2 picture is already expanded).
    photometric : str
        RGB, YBR_FULL, YBR_FULL_422, YBR_PARTIAL_420, YBR_PARTIAL_422, YBR_ICT or YBR_RCT.
    bits : int
        Bits Stored (0028,0101): the greatest value is 2^bits - 1.

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 3)
        Red, green and blue.

    Raises
    ------
    DecodeError
        If the samples are not three for each pixel, or the Photometric Interpretation is another.
    """
    if stored.ndim != 3 or stored.shape[2] != 3:
        samples = stored.shape[2] if stored.ndim == 3 else 1
        raise DecodeError(f"Samples per Pixel (0028,0002) is {samples}: {safe_line(photometric, 32)} needs 3")
    if stored.dtype.kind == "f":
        raise DecodeError("Float Pixel Data (7FE0,0008) holds no colour")
    if stored.dtype.kind == "i":  # samples have no sign (PS3.3 C.7.6.3.1.1); some writers claim one
        stored = stored.view(f"u{stored.dtype.itemsize}") & ((1 << bits) - 1)
    if photometric in _DELIVERED_AS_RGB:
        return _eight_bits(stored, bits)
    if photometric in _FULL and bits == 8 and stored.dtype == np.uint8:
        return _from_full_8(stored)
    if photometric in _FULL:
        scaled = _scaled(stored, bits)
        scaled[..., 1:] -= 255 * (1 << (bits - 1)) / ((1 << bits) - 1)
        return _rounded(scaled @ _FROM_FULL)
    if photometric in _PARTIAL:
        return _rounded((_scaled(stored, bits) - _PARTIAL_ZERO) @ _FROM_PARTIAL)
    raise DecodeError(
        f"Photometric Interpretation (0028,0004) is {safe_line(photometric, 32)}: not supported"
    )


def _from_full_8(stored: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Convert with Pillow's fixed-point tables, three times as fast as floats and within one level."""
    rows, columns, _ = stored.shape
    picture = Image.frombuffer("YCbCr", (columns, rows), stored.tobytes())
    return np.asarray(picture.convert("RGB"))


def _eight_bits(stored: "NDArray[Any]", bits: int) -> "NDArray[np.uint8]":
    if bits == 8 and stored.dtype == np.uint8:
        return stored
    return _rounded(_scaled(stored, bits))


def _scaled(stored: "NDArray[Any]", bits: int) -> "NDArray[np.float32]":
    return stored * np.float32(255 / ((1 << bits) - 1))


def _rounded(values: "NDArray[Any]") -> "NDArray[np.uint8]":
    levels: NDArray[np.uint8] = np.rint(np.clip(values, 0, 255)).astype(np.uint8)
    return levels
