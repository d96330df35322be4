"""Lookup tables of the Modality LUT, the VOI LUT and the palettes: read with care, applied with clipping.

References
----------
DICOM PS3.3 C.11.1.1, C.11.2.1.1 (LUT Descriptor, LUT Data), C.7.6.3.1.5 and C.7.6.3.1.6 (palettes).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import label, little_endian, numbers, value

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

ENTRY_LIMIT = 1 << 16
"""Entries that a table can have: the descriptor counts them with 16 bits."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a LUT Descriptor says."""

    count: int
    """Number of entries, 1 to 65,536."""
    first: int
    """The first value that is mapped; values below it map to the first entry."""
    bits: int
    """Bits for each entry, 8 to 16."""


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """Entries for the values from :attr:`first` on; values outside map to the nearest end."""

    first: int
    entries: "NDArray[np.uint16]"
    bits: int


def look_up(values: "NDArray[Any]", first: int, entries: "NDArray[Any]") -> "NDArray[Any]":
    """Map values through a table.

    Parameters
    ----------
    values : ndarray of int or float
        Floats are rounded to the nearest entry; NaN maps to the first one.
    first : int
        The value that the first entry stands for.
    entries : ndarray, shape (n,) or (n, channels)
        The table.

    Returns
    -------
    ndarray
        Same shape as *values* (with the channels added), same dtype as *entries*.
    """
    if values.dtype.kind == "f":
        index: NDArray[Any] = np.rint(values - values.dtype.type(first))
        np.fmin(np.fmax(index, 0, out=index), len(entries) - 1, out=index)  # fmax and fmin drop NaN
    else:
        index = values.astype(np.int32 if values.dtype.itemsize <= 2 else np.int64)
        index -= first
    mapped: NDArray[Any] = entries.take(index.astype(np.intp, copy=False), axis=0, mode="clip")
    return mapped


def read_descriptor(dataset: "Dataset", keyword: str, *, signed: bool) -> Descriptor:
    """Read a LUT Descriptor.

    Parameters
    ----------
    dataset : Dataset
        The item or data set that holds it.
    keyword : str
        Its keyword, for instance ``LUTDescriptor``.
    signed : bool
        Whether the values that go into the table may be negative: a large second value is then two's
        complement that was read as unsigned.

    Raises
    ------
    DecodeError
        If it is not three usable numbers.
    """
    found = numbers(dataset, keyword)
    if len(found) != 3 or not all(number.is_integer() and abs(number) <= ENTRY_LIMIT for number in found):
        shown = ", ".join(f"{number:g}" for number in found[:4]) or "absent"
        raise DecodeError(f"{label(keyword)} is {shown}: three whole numbers are needed")
    count, first, bits = (int(number) for number in found)
    count %= ENTRY_LIMIT
    if signed and first >= 1 << 15:
        first -= 1 << 16
    if not 8 <= bits <= 16:
        raise DecodeError(f"{label(keyword)} says {bits} bits for each entry: 8 to 16 are allowed")
    return Descriptor(count or ENTRY_LIMIT, first, bits)


def read_lookup_table(item: "Dataset", *, signed: bool) -> LookupTable:
    """Read the LUT Descriptor (0028,3002) and LUT Data (0028,3006) of a sequence item.

    Raises
    ------
    DecodeError
        If the descriptor makes no sense or there is less data than it promises.
    """
    descriptor = read_descriptor(item, "LUTDescriptor", signed=signed)
    entries = read_entries(item, "LUTData", descriptor)
    return LookupTable(descriptor.first, entries, descriptor.bits)


def read_entries(dataset: "Dataset", keyword: str, descriptor: Descriptor) -> "NDArray[np.uint16]":
    """Read the entries that *descriptor* promises.

    Entries of 8 bits may stand two in a word or one in a word; the length tells.

    Raises
    ------
    DecodeError
        If there are fewer entries than promised.
    """
    words = read_words(dataset, keyword)
    count = descriptor.count
    if descriptor.bits == 8 and (count + 1) // 2 <= len(words) < count:
        return words.astype("<u2").view(np.uint8)[:count].astype(np.uint16)
    if len(words) < count:
        raise DecodeError(f"{label(keyword)} has {len(words):,} of {count:,} entries")
    return words[:count]


def read_words(dataset: "Dataset", keyword: str) -> "NDArray[np.uint16]":
    """Return table data as words, whether pydicom gives bytes (OW) or numbers (US, SS)."""
    data = value(dataset, keyword)
    if isinstance(data, bytes):
        order = "<u2" if little_endian(dataset) else ">u2"
        return np.frombuffer(data, order, count=len(data) // 2).astype(np.uint16)
    found = numbers(dataset, keyword)
    if not all(-(1 << 15) <= number < 1 << 16 for number in found):
        raise DecodeError(f"{label(keyword)} holds something else than 16-bit numbers")
    return np.array(found, np.int64).astype(np.uint16)
