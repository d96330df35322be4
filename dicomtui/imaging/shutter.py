"""Display Shutter: which pixels are hidden when a picture is shown, and what is shown in their place.

References
----------
DICOM PS3.3 C.7.6.11 (Display Shutter), C.7.6.15 (Bitmap Display Shutter), C.7.6.16.2.16 (Frame Display
Shutter).
"""

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw
from pydicom.multival import MultiValue

from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import label, numbers, value
from dicomtui.imaging.functional_groups import frame_holders
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from dicomtui.imaging.overlays import Overlay

_RECTANGLE = (
    "ShutterLeftVerticalEdge",
    "ShutterRightVerticalEdge",
    "ShutterUpperHorizontalEdge",
    "ShutterLowerHorizontalEdge",
)
_FARTHEST = 1 << 17
"""Coordinates beyond twice the largest picture are taken for mistakes."""
_MOST_VERTICES = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Shutter:
    """What a picture's Display Shutter hides."""

    hidden: "NDArray[np.bool_]"
    """Shape (rows, columns): pixels that are not to be seen."""
    level: int
    """What is shown instead, 0 (black, also where the file says nothing) to 255."""
    group: int | None = None
    """The overlay that is the shutter (BITMAP) and no overlay to draw."""
    notes: tuple[str, ...] = ()
    """One line for each shape that is left out."""


def shutter_of(
    dataset: "Dataset",
    number: int,
    shape: tuple[int, int],
    aspect: float = 1.0,
    overlays: "Iterable[Overlay]" = (),
) -> Shutter | None:
    """Return the shutter of a frame.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    number : int
        The frame, from 1: its own Frame Display Shutter Sequence counts first.
    shape : tuple of int
        Rows and columns of the picture.
    aspect : float
        Height of a pixel divided by its width: a circle is round on the screen, not in the matrix.
    overlays : iterable of Overlay
        The overlay planes of the frame, of which one may be a BITMAP shutter.

    Returns
    -------
    Shutter or None
        None where the file has none. Several shapes hide what any of them hides; one that makes no sense, or
        that would leave nothing to see, hides nothing and is noted.
    """
    for holder in frame_holders(dataset, number, "FrameDisplayShutterSequence"):
        if shapes := _shapes(holder):
            return _combined(holder, shapes, shape, aspect, tuple(overlays))
    return None


def _shapes(holder: "Dataset") -> tuple[str, ...]:
    stated = value(holder, "ShutterShape")
    parts = list(stated)[:16] if isinstance(stated, MultiValue) else [stated or ""]
    return tuple(dict.fromkeys(name for part in parts if (name := str(part).strip().upper())))


def _combined(
    holder: "Dataset",
    shapes: tuple[str, ...],
    shape: tuple[int, int],
    aspect: float,
    overlays: "tuple[Overlay, ...]",
) -> Shutter:
    hidden, group = np.zeros(shape, np.bool_), None
    notes = []
    for name in shapes:
        try:
            if name == "BITMAP":
                overlay = _bitmap(holder, overlays)
                part, group = overlay.mask, overlay.group
            else:
                part = ~_opening(holder, name, shape, aspect)
        except DecodeError as error:
            notes.append(f"no shutter: {error}")
            continue
        if (hidden | part).all():
            notes.append(f"no shutter: {label('ShutterShape')} {safe_line(name, 16)} would hide everything")
            continue
        hidden |= part
    return Shutter(hidden, _level(holder), group, tuple(notes))


def _opening(holder: "Dataset", name: str, shape: tuple[int, int], aspect: float) -> "NDArray[np.bool_]":
    """Return which pixels one shape leaves to see."""
    match name:
        case "RECTANGULAR":
            return _rectangle(holder, shape)
        case "CIRCULAR":
            return _circle(holder, shape, aspect)
        case "POLYGONAL":
            return _polygon(holder, shape)
    raise DecodeError(f"{label('ShutterShape')} is {safe_line(name, 16)}")


def _rectangle(holder: "Dataset", shape: tuple[int, int]) -> "NDArray[np.bool_]":
    """Open the columns and rows from edge to edge, both included."""
    left, right, upper, lower = (_places(holder, keyword, 1)[0] for keyword in _RECTANGLE)
    rows, columns = _numbered(shape)
    inside: NDArray[np.bool_] = (left <= columns) & (columns <= right) & (upper <= rows) & (rows <= lower)
    return inside


def _circle(holder: "Dataset", shape: tuple[int, int], aspect: float) -> "NDArray[np.bool_]":
    row, column = _places(holder, "CenterOfCircularShutter", 2)
    (radius,) = _places(holder, "RadiusOfCircularShutter", 1)
    rows, columns = _numbered(shape)
    inside: NDArray[np.bool_] = ((rows - row) * aspect) ** 2 + (columns - column) ** 2 <= radius**2
    return inside


def _polygon(holder: "Dataset", shape: tuple[int, int]) -> "NDArray[np.bool_]":
    keyword = "VerticesOfThePolygonalShutter"
    found = _places(holder, keyword, None)
    count = len(found) // 2
    if len(found) % 2 or not 3 <= count <= _MOST_VERTICES:
        raise DecodeError(f"{label(keyword)} has {len(found):,} numbers: no polygon")
    corners = [(column - 1, row - 1) for row, column in zip(found[::2], found[1::2], strict=True)]
    picture = Image.new("L", shape[::-1])
    ImageDraw.Draw(picture).polygon(corners, fill=1)
    inside: NDArray[np.bool_] = np.asarray(picture) != 0
    return inside


def _bitmap(holder: "Dataset", overlays: "tuple[Overlay, ...]") -> "Overlay":
    (group,) = _places(holder, "ShutterOverlayGroup", 1)
    for overlay in overlays:
        if overlay.group == group:
            return overlay
    raise DecodeError(f"{label('ShutterOverlayGroup')} is {int(group):04X}: there is no such overlay")


def _places(holder: "Dataset", keyword: str, count: int | None) -> tuple[float, ...]:
    found = numbers(holder, keyword)
    if (count is not None and len(found) != count) or not all(
        isfinite(place) and abs(place) <= _FARTHEST for place in found
    ):
        shown = "\\".join(f"{place:g}" for place in found[:4]) or "absent"
        raise DecodeError(f"{label(keyword)} is {shown}")
    return found


def _numbered(shape: tuple[int, int]) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Return rows and columns as the standard counts them, from 1, to be broadcast."""
    return np.arange(1, shape[0] + 1)[:, np.newaxis], np.arange(1, shape[1] + 1)[np.newaxis]


def _level(holder: "Dataset") -> int:
    """Return Shutter Presentation Value, 16 bits, as a display value."""
    found = numbers(holder, "ShutterPresentationValue")
    if len(found) != 1 or not 0 <= found[0] <= 0xFFFF:
        return 0
    return round(found[0] / 0xFFFF * 255)
