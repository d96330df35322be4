"""How much the pixels of two instances differ, frame by frame.

References
----------
PSNR is 20 log10(peak) - 10 log10(mean squared difference).
"""

from collections.abc import Iterator
from math import inf, log10
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from dicomtui.dataset.comparison import same_bytes
from dicomtui.dataset.reading import Instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.frames import Frames
from dicomtui.imaging.modality_lut import ModalityLut, modality_lut
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

Values = Literal["stored", "modality"]


class PixelDifference(NamedTuple):
    """How much the pixels of one frame, or of several, differ."""

    frame: int
    """From 1; 0 for all frames together."""
    values: Values
    """Which values are compared: modality values where the rescaling is not the same in both."""
    pixels: int
    """How many there are."""
    differing: int
    """How many of them differ, in one sample or more."""
    maximum: float
    """The largest absolute difference."""
    mean: float
    """The mean absolute difference over all samples."""
    psnr: float
    """In dB, infinite where nothing differs. The peak is the largest difference that Bits Stored allows; for
    modality values and floats it is the range of the values in both."""


def same_pixels(old: Instance, new: Instance) -> bool:
    """Whether two instances have the same pixel data: the same bytes, or, if encoded, the same stored values.

    Raises
    ------
    DecodeError
        If that cannot be told without decoding, and it cannot be decoded.
    """
    if same_bytes(old, new):
        return old.pixel_data is None or old.encoding.little == new.encoding.little or _same_values(old, new)
    mine, theirs = old.pixel_data, new.pixel_data
    if mine is None or theirs is None:
        return False
    is_native = mine.fragments is None and theirs.fragments is None
    return not (is_native and old.encoding.little == new.encoding.little) and _same_values(old, new)


def pixel_differences(old: Instance, new: Instance) -> Iterator[PixelDifference]:
    """Compare all frames, of which no more than one is held at a time.

    Yields
    ------
    PixelDifference
        For each frame, of stored values and, where the rescaling differs, of modality values too; then for
        all frames together.

    Raises
    ------
    DecodeError
        If one of them has no pixels, or they are not of the same shape and number, or cannot be decoded.
    """
    mine, theirs = Frames(old), Frames(new)
    _require_same_shape(old, mine, new, theirs)
    peak = float(2 ** max(mine.pixel.bits_stored, theirs.pixel.bits_stored) - 1)
    is_integer = mine.pixel.kind == theirs.pixel.kind == "integer"
    totals = {"stored": _Sum(peak if is_integer else None), "modality": _Sum(None)}
    for number in range(1, mine.count + 1):
        stored, other = mine.stored(number), theirs.stored(number)
        difference = _Sum(totals["stored"].peak)
        difference.add(stored, other)
        totals["stored"].include(difference)
        yield difference.result(number, "stored")
        luts = modality_lut(old.dataset, number), modality_lut(new.dataset, number)
        if stored.ndim == 2 and not _alike(*luts):
            difference = _Sum(None)
            difference.add(luts[0].apply(stored), luts[1].apply(other))
            totals["modality"].include(difference)
            yield difference.result(number, "modality")
    yield totals["stored"].result(0, "stored")
    if totals["modality"].pixels:
        yield totals["modality"].result(0, "modality")


class _Sum:
    """Adds up the differences of any number of frames."""

    def __init__(self, peak: float | None) -> None:
        self.peak = peak
        self.pixels = self.samples = self.differing = 0
        self.maximum, self.total, self.squares = 0.0, 0.0, 0.0
        self.low, self.high = inf, -inf

    def add(self, old: "NDArray[Any]", new: "NDArray[Any]") -> None:
        """Add a frame."""
        a, b = old.astype(np.float64), new.astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
            squares = np.square(apart)
        differs = apart != 0
        self.pixels += a.shape[0] * a.shape[1]
        self.samples += a.size
        self.differing += int(np.count_nonzero(differs.any(axis=2) if differs.ndim == 3 else differs))
        self.maximum = max(self.maximum, float(apart.max()))
        self.total += float(apart.sum())
        self.squares += float(squares.sum())
        finite = [values[np.isfinite(values)] for values in (a, b)]
        self.low = min([self.low, *(float(values.min()) for values in finite if values.size)])
        self.high = max([self.high, *(float(values.max()) for values in finite if values.size)])

    def include(self, other: "_Sum") -> None:
        """Add what was added up elsewhere."""
        self.pixels += other.pixels
        self.samples += other.samples
        self.differing += other.differing
        self.maximum = max(self.maximum, other.maximum)
        self.total += other.total
        self.squares += other.squares
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)

    def result(self, frame: int, values: Values) -> PixelDifference:
        """Return what the sums say."""
        samples = max(1, self.samples)
        mean = self.total / samples
        return PixelDifference(frame, values, self.pixels, self.differing, self.maximum, mean, self._psnr())

    def _psnr(self) -> float:
        peak = self.high - self.low if self.peak is None else self.peak
        if self.squares == 0:
            return inf
        error = self.squares / max(1, self.samples)
        return 20 * log10(peak) - 10 * log10(error) if 0 < peak < inf and error < inf else -inf


def _same_values(old: Instance, new: Instance) -> bool:
    mine, theirs = Frames(old), Frames(new)
    if (mine.pixel.shape, mine.count) != (theirs.pixel.shape, theirs.count):
        return False
    for number in range(1, mine.count + 1):
        frame, other = mine.frame(number), theirs.frame(number)
        if frame.photometric != other.photometric:
            return False
        if not np.array_equal(frame.values, other.values, equal_nan=frame.values.dtype.kind == "f"):
            return False
    return True


def _require_same_shape(old: Instance, mine: Frames, new: Instance, theirs: Frames) -> None:
    told = []
    for instance, frames in ((old, mine), (new, theirs)):
        size = " x ".join(map(str, frames.pixel.shape))
        told.append(f"{safe_line(instance.source.name)} has {frames.count:,} of {size}")
    if (mine.pixel.shape, mine.count) != (theirs.pixel.shape, theirs.count):
        raise DecodeError(f"the pixels cannot be compared, since the frames are not alike: {', '.join(told)}")


def _alike(old: ModalityLut, new: ModalityLut) -> bool:
    if old.table is not None and new.table is not None:
        first = old.table.first == new.table.first
        return first and np.array_equal(old.table.entries, new.table.entries)
    is_table = old.table is None and new.table is None
    return is_table and (old.slope, old.intercept) == (new.slope, new.intercept)
