"""Overlay planes: graphics and regions of interest of one bit for each pixel, as masks over the picture.

They stand in the repeating groups 60xx: packed in Overlay Data, or (until 2004) in bits of the pixel data
that the stored values leave free.

References
----------
DICOM PS3.3 C.9.2 (Overlay Plane), C.9.3 (Multi-frame Overlay), PS3.5 8.1.2; PS3.3-2004 C.9.2 (bits in the
pixel data).
"""

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from pydicom.multival import MultiValue

from dicomtui.dataset.dictionary import format_tag
from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import little_endian
from dicomtui.imaging.image_pixel import FRAME_LIMIT
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from dicomtui.imaging.frames import Frames

_ROWS, _COLUMNS, _FRAMES, _DESCRIPTION = 0x0010, 0x0011, 0x0015, 0x0022
_TYPE, _ORIGIN, _FRAME_ORIGIN = 0x0040, 0x0050, 0x0051
_BITS_ALLOCATED, _BIT_POSITION, _LABEL, _DATA = 0x0100, 0x0102, 0x1500, 0x3000
_NAMES = {
    _ROWS: "Overlay Rows",
    _COLUMNS: "Overlay Columns",
    _FRAMES: "Number of Frames in Overlay",
    _ORIGIN: "Overlay Origin",
    _FRAME_ORIGIN: "Image Frame Origin",
    _BITS_ALLOCATED: "Overlay Bits Allocated",
    _BIT_POSITION: "Overlay Bit Position",
    _DATA: "Overlay Data",
}


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """One overlay plane over one frame."""

    group: int
    """Its group, 0x6000 to 0x601E."""
    label: str
    """Overlay Label (60xx,1500) or Overlay Description (60xx,0022), safe to show; empty without."""
    kind: Literal["G", "R"]
    """Graphics, or a region of interest."""
    mask: "NDArray[np.bool_]"
    """Shape (rows, columns) of the picture: where the overlay is set. What lies outside is cut off."""


class FileOverlays(NamedTuple):
    """The overlay planes of one frame."""

    overlays: tuple[Overlay, ...]
    """In the order of their groups."""
    notes: tuple[str, ...]
    """One line for each overlay that is left out or cut."""


def overlay_groups(dataset: "Dataset") -> tuple[int, ...]:
    """Return the groups of the overlay planes; empty for most instances."""
    found = {tag >> 16 for tag in dataset.keys() if 0x60000000 <= tag <= 0x601EFFFF}  # noqa: SIM118  tags only
    return tuple(sorted(group for group in found if group % 2 == 0))


def overlays_of(dataset: "Dataset", frames: "Frames", number: int) -> FileOverlays:
    """Return the overlay planes of a frame.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    frames : Frames
        Its frames: the size of the picture, and the bits that overlays may have in the pixel data. A frame is
        decoded for these alone.
    number : int
        The frame, from 1. An overlay without Number of Frames in Overlay belongs to every frame.

    Returns
    -------
    FileOverlays
        Without those of other frames. What makes no sense is left out with a note, nothing is raised.
    """
    overlays, notes = [], []
    for group in overlay_groups(dataset):
        plane = _Plane(dataset, group, frames)
        try:
            mask = plane.mask(number)
        except _UnusableError as error:
            notes.append(f"no overlay: {error}")
            continue
        notes += plane.notes
        if mask is not None:
            overlays.append(Overlay(group, plane.label, plane.kind, mask))
    return FileOverlays(tuple(overlays), tuple(notes))


class _UnusableError(Exception):
    """Why an overlay plane cannot be shown."""


class _Plane:
    """Reads the elements of one overlay group."""

    def __init__(self, dataset: "Dataset", group: int, frames: "Frames") -> None:
        self._dataset, self._group, self._frames = dataset, group, frames
        self._shape = (frames.pixel.rows, frames.pixel.columns)
        self.notes: list[str] = []

    @property
    def label(self) -> str:
        return self._text(_LABEL) or self._text(_DESCRIPTION)

    @property
    def kind(self) -> Literal["G", "R"]:
        return "R" if self._text(_TYPE).upper() == "R" else "G"

    def mask(self, number: int) -> "NDArray[np.bool_] | None":
        """Return where the plane is set over frame *number*; None where it belongs to others."""
        if self._element(_DATA):
            index = self._index(number)
            return None if index is None else self._from_data(index)
        return self._from_pixels(number)

    def _index(self, number: int) -> int | None:
        """Return which frame of the overlay, from 0, lies over frame *number*."""
        if self._element(_FRAMES) in (None, ""):
            return 0
        count = self._integer(_FRAMES, 1)
        origin = self._integer(_FRAME_ORIGIN, 1)
        index = number - origin
        return index if 0 <= index < count else None

    def _from_data(self, index: int) -> "NDArray[np.bool_] | None":
        rows, columns = self._integer(_ROWS), self._integer(_COLUMNS)
        if not (1 <= rows <= 0xFFFF and 1 <= columns <= 0xFFFF):
            raise _UnusableError(f"{self._name(_ROWS)} and Columns are {rows} and {columns}")
        if rows * columns > FRAME_LIMIT:
            raise _UnusableError(f"{rows:,} x {columns:,} bits are more than can be shown")
        bits = self._bits(index * rows * columns, rows * columns)
        return self._placed(bits.reshape(rows, columns))

    def _bits(self, first: int, count: int) -> "NDArray[np.uint8]":
        """Return bits of Overlay Data; frames follow one another without gaps."""
        data = self._element(_DATA)
        if not isinstance(data, bytes):
            raise _UnusableError(f"{self._name(_DATA)} holds no bytes")
        if not little_endian(self._dataset) and self._dataset[self._group, _DATA].VR == "OW":
            words = np.frombuffer(data, np.uint16, count=len(data) // 2)  # bits are packed into words
            data = words.byteswap().tobytes() + data[len(data) & ~1 :]
        start, end = first // 8, -(-(first + count) // 8)
        part = np.frombuffer(data, np.uint8)[start:end]
        if len(part) < end - start:
            self.notes.append(f"{self._name(_DATA)} is cut: it has {len(data):,} bytes of {end:,}")
        bits = np.zeros(count, np.uint8)
        found = np.unpackbits(part, bitorder="little")[first % 8 :][:count]
        bits[: len(found)] = found
        return bits

    def _placed(self, bits: "NDArray[np.uint8]") -> "NDArray[np.bool_]":
        """Lay the plane over the picture; Overlay Origin may put it outside."""
        mask = np.zeros(self._shape, np.bool_)
        top, left = self._origin()
        rows, columns = (
            slice(max(0, start), max(0, min(limit, start + size)))
            for start, size, limit in zip((top, left), bits.shape, self._shape, strict=True)
        )
        part = bits[max(0, -top) :, max(0, -left) :]
        target = mask[rows, columns]
        target[...] = part[: target.shape[0], : target.shape[1]]
        if target.size == 0:
            self.notes.append(
                f"{self._name(_ORIGIN)} {top + 1}\\{left + 1} puts the overlay outside the picture"
            )
        return mask

    def _origin(self) -> tuple[int, int]:
        found = self._numbers(_ORIGIN) or (1.0, 1.0)
        if len(found) != 2 or not all(abs(place) <= 0xFFFF for place in found):
            self.notes.append(f"{self._name(_ORIGIN)} makes no sense: taken as 1\\1")
            return 0, 0
        return int(found[0]) - 1, int(found[1]) - 1

    def _from_pixels(self, number: int) -> "NDArray[np.bool_]":
        """Take the plane out of the bits of the pixel data that the stored values leave free."""
        pixel = self._frames.pixel
        position = self._integer(_BIT_POSITION, 0)
        lowest = pixel.high_bit + 1 - pixel.bits_stored
        if self._integer(_BITS_ALLOCATED, 1) == 1 and position == 0:
            raise _UnusableError(f"{self._name(_DATA)} is absent")
        if pixel.kind != "integer" or pixel.samples != 1 or not 0 <= position < pixel.bits_allocated:
            raise _UnusableError(f"{self._name(_BIT_POSITION)} is {position}: the pixels have no such bit")
        if lowest <= position <= pixel.high_bit:
            raise _UnusableError(f"{self._name(_BIT_POSITION)} is {position}: a bit of the stored values")
        if not self._frames.codec.lossless:
            raise _UnusableError(f"{self._name(_BIT_POSITION)} is {position}: lost in {self._frames.codec}")
        try:
            words = self._frames.words(number)
        except DecodeError as error:
            raise _UnusableError(safe_line(str(error))) from error
        if words.dtype.kind != "u":  # what is above the value is its sign
            raise _UnusableError(f"{self._name(_BIT_POSITION)} is {position}: the codestream has no such bit")
        set_bits: NDArray[np.bool_] = (words >> position) & 1 != 0
        return set_bits

    def _integer(self, element: int, default: int | None = None) -> int:
        found = self._numbers(element)
        if not found and default is not None:
            return default
        if len(found) != 1 or not abs(found[0]) <= 1 << 31:
            raise _UnusableError(f"{self._name(element)} is {self._text(element) or 'absent'}")
        return int(found[0])

    def _numbers(self, element: int) -> tuple[float, ...]:
        """Return the values; one that is no number as NaN, which no comparison lets pass."""
        found = self._element(element)
        if found is None or found == "" or isinstance(found, bytes):
            return ()
        parts = found if isinstance(found, MultiValue | list) else (found,)
        return tuple(_number(part) for part in parts)

    def _text(self, element: int) -> str:
        found = self._element(element)
        return "" if found is None or isinstance(found, bytes) else safe_line(str(found).strip(" \0"), 64)

    def _element(self, element: int) -> Any:
        try:
            return self._dataset[self._group, element].value
        except Exception:  # noqa: BLE001  absent, or a converter that raises anything on hostile input
            return None

    def _name(self, element: int) -> str:
        return f"{_NAMES[element]} {format_tag(self._group << 16 | element)}"


def _number(part: Any) -> float:
    try:
        return float(part)
    except (TypeError, ValueError, OverflowError):
        return nan
