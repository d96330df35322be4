"""Palettes of PALETTE COLOR pictures, plain and segmented, as 256 levels of red, green and blue.

References
----------
DICOM PS3.3 C.7.6.3.1.5 (descriptor), C.7.6.3.1.6 (data), C.7.9.2 (segmented data).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import label, value
from dicomtui.imaging.lookup_table import (
    ENTRY_LIMIT,
    Descriptor,
    look_up,
    read_descriptor,
    read_entries,
    read_words,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_COLOURS = ("Red", "Green", "Blue")
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2
_UNIT_LIMIT = 4 * ENTRY_LIMIT
"""Words of segmented data that are looked at: more than any table needs."""


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Colours for the stored values from :attr:`first` on; values outside get the nearest end's."""

    first: int
    entries: "NDArray[np.uint8]"
    """Shape (n, 3)."""
    notes: tuple[str, ...] = ()

    def apply(self, stored: "NDArray[Any]") -> "NDArray[np.uint8]":
        """Return RGB, shape (rows, columns, 3), for stored values of shape (rows, columns)."""
        rgb: NDArray[np.uint8] = look_up(stored, self.first, self.entries)
        return rgb


def palette_of(dataset: "Dataset") -> Palette:
    """Read the palette of an instance.

    Raises
    ------
    DecodeError
        If there is none, its descriptors make no sense or differ, or there is less data than promised.
    """
    signed = value(dataset, "PixelRepresentation") == 1
    descriptors = [
        read_descriptor(dataset, f"{colour}PaletteColorLookupTableDescriptor", signed=signed)
        for colour in _COLOURS
    ]
    if len(set(descriptors)) != 1:
        raise DecodeError(f"{label('RedPaletteColorLookupTableDescriptor')} differs from green or blue")
    descriptor = descriptors[0]
    entries = np.stack([_channel(dataset, colour, descriptor) for colour in _COLOURS], axis=1)
    if descriptor.bits == 8:
        # an 8-bit entry in a word of its own stands in the low byte; some writers fill both
        eight_bit = entries if entries.max() <= 0xFF else entries >> 8
        return Palette(descriptor.first, eight_bit.astype(np.uint8))
    if entries.max() <= 0xFF:
        note = f"palette entries of {descriptor.bits} bits hold 8-bit values: shown as such"
        return Palette(descriptor.first, entries.astype(np.uint8), (note,))
    return Palette(descriptor.first, (entries >> (descriptor.bits - 8)).clip(0, 0xFF).astype(np.uint8))


def _channel(dataset: "Dataset", colour: str, descriptor: Descriptor) -> "NDArray[np.uint16]":
    plain = f"{colour}PaletteColorLookupTableData"
    segmented = f"Segmented{plain}"
    if plain not in dataset and segmented in dataset:
        return _expanded(dataset, segmented, descriptor)
    return read_entries(dataset, plain, descriptor)


def _expanded(dataset: "Dataset", keyword: str, descriptor: Descriptor) -> "NDArray[np.uint16]":
    words = read_words(dataset, keyword)[:_UNIT_LIMIT]
    units: NDArray[Any] = words.astype("<u2").view(np.uint8) if descriptor.bits == 8 else words
    try:
        entries = _Expansion(units.tolist(), descriptor.count, units.itemsize).expand()
    except _UnusableError as error:
        raise DecodeError(f"{label(keyword)} {error}") from error
    if len(entries) != descriptor.count:
        raise DecodeError(f"{label(keyword)} expands to {len(entries):,} of {descriptor.count:,} entries")
    return np.array(entries, np.uint16)


class _UnusableError(Exception):
    """Why segmented data cannot be expanded."""


class _Expansion:
    """Expands segments (PS3.3 C.7.9.2) and never makes more entries than the descriptor promises."""

    def __init__(self, units: list[int], count: int, size: int) -> None:
        self._units, self._count, self._size = units, count, size
        self._entries: list[int] = []

    def expand(self) -> list[int]:
        position = 0
        while len(self._entries) < self._count and position < len(self._units):
            if self._units[position] == _INDIRECT:
                position = self._copy_segments(position)
            else:
                position = self._append_segment(position)
        return self._entries

    def _append_segment(self, position: int) -> int:
        """Append the entries of a discrete or linear segment and return where the next segment starts."""
        opcode, length = self._take(position, 2)
        if not 1 <= length <= self._count - len(self._entries):
            raise _UnusableError(
                f"has a segment of {length:,} entries after {len(self._entries):,} of {self._count:,}"
            )
        if opcode == _DISCRETE:
            self._entries += self._take(position + 2, length)
            return position + 2 + length
        if opcode != _LINEAR or not self._entries:
            raise _UnusableError(f"has a segment of type {opcode} where none can be")
        (end,) = self._take(position + 2, 1)
        start = self._entries[-1]
        step = (end - start) / length
        self._entries += [round(start + index * step) for index in range(1, length + 1)]
        return position + 3

    def _copy_segments(self, position: int) -> int:
        """Append the entries of earlier segments again, which must not be indirect themselves."""
        width = 2 + 4 // self._size
        _, segments, *offset = self._take(position, width)
        # 32 bits as two words, the less significant first: with bytes in little endian order, plain digits
        byte_offset = sum(part << (8 * self._size * place) for place, part in enumerate(offset))
        at = byte_offset // self._size
        for _ in range(segments):
            if at >= len(self._units) or self._units[at] == _INDIRECT:
                raise _UnusableError("has an indirect segment that points to none that can be copied")
            at = self._append_segment(at)
        return position + width

    def _take(self, position: int, count: int) -> list[int]:
        taken = self._units[position : position + count]
        if len(taken) < count:
            raise _UnusableError("ends inside a segment")
        return taken
