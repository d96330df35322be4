"""Pictures as sixels: columns of six pixels as characters, one colour after the other."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BAND = 6
"""Rows that one line of sixels holds."""
_ZERO = 63
"""The character of six empty pixels."""
_SHORTEST_RUN = 4
_MOST_REPEATED = 99999
_PERCENT = 100


class Coloured(NamedTuple):
    """A picture with a palette."""

    indices: "NDArray[np.uint8]"
    """Shape (rows, columns)."""
    palette: "NDArray[np.uint8]"
    """RGB, shape (colours, 3)."""


def sixel(pixels: "NDArray[np.uint8]", colours: int) -> str:
    """Return the device control string that draws a picture at the cursor.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (rows, columns) or (rows, columns, 3)
        Display values. Rows that fill no line of six are left out: terminals would draw beyond them.
    colours : int
        How many colours may be used, at least 2; no more than 256 are.

    References
    ----------
    DEC STD 070, chapter 9; VT330/VT340 Programmer Reference Manual, chapter 14.
    """
    pixels = pixels[: len(pixels) // BAND * BAND]
    if not pixels.size:
        return ""
    indices, palette = with_palette(pixels, min(max(colours, 2), 256))
    rows, columns = indices.shape
    percent = (palette.astype(np.uint32) * _PERCENT + 127) // 255
    registers = "".join(f"#{number};2;{r};{g};{b}" for number, (r, g, b) in enumerate(percent.tolist()))
    return f'\x1bP0;1;0q"1;1;{columns};{rows}{registers}{_body(indices, len(palette))}\x1b\\'


def with_palette(pixels: "NDArray[np.uint8]", colours: int) -> Coloured:
    """Return *pixels* in at most so many colours: evenly spaced greys, or those that fit the picture best."""
    if pixels.ndim == 2:
        steps = min(colours, 256)
        nearest = (np.arange(256, dtype=np.uint32) * (steps - 1) + 127) // 255
        greys = np.round(np.arange(steps) * (255 / (steps - 1))).astype(np.uint8)
        return Coloured(nearest.astype(np.uint8)[pixels], np.repeat(greys[:, None], 3, axis=1))
    from PIL import Image

    reduced = Image.fromarray(np.ascontiguousarray(pixels)).quantize(colours, Image.Quantize.FASTOCTREE)
    palette = np.array(reduced.getpalette(), np.uint8).reshape(-1, 3)
    indices = np.asarray(reduced, np.uint8)
    return Coloured(indices, palette[: int(indices.max()) + 1])


def _body(indices: "NDArray[np.uint8]", colours: int) -> str:
    """Return the characters of all lines."""
    bits, band_of, colour_of = _sixels(indices, colours)
    width = bits.shape[1]
    empty = bits[:, ::-1] != 0
    lengths = width - empty.argmax(axis=1)  # what is empty at the end is left out
    keep = np.arange(width) < lengths[:, None]
    flat = bits[keep] + _ZERO
    ends = np.cumsum(lengths)
    characters, offsets = _run_lengths(flat.astype(np.uint8), ends)
    text = characters.tobytes().decode("ascii")
    parts: list[str] = []
    band = 0
    for band_now, colour, begin, end in zip(
        band_of.tolist(), colour_of.tolist(), [0, *offsets[:-1].tolist()], offsets.tolist(), strict=True
    ):
        parts.append("-" * (band_now - band) if band_now != band else "$" if parts else "")
        parts.append(f"#{colour}{text[begin:end]}")
        band = band_now
    return "".join(parts)


def _sixels(
    indices: "NDArray[np.uint8]", colours: int
) -> "tuple[NDArray[np.uint8], NDArray[np.intp], NDArray[np.intp]]":
    """Return six pixels as bits, for each colour that a band has: (n, columns); its band; its colour."""
    rows, columns = indices.shape
    bands = indices.reshape(rows // BAND, BAND, columns)
    bits = np.zeros((len(bands), colours, columns), np.uint8)
    band, column = np.arange(len(bands))[:, None], np.arange(columns)[None, :]
    for row in range(BAND):
        bits[band, bands[:, row], column] += np.uint8(1 << row)
    band_of, colour_of = np.nonzero(bits.any(axis=2))
    return bits[band_of, colour_of], band_of, colour_of


def _run_lengths(
    flat: "NDArray[np.uint8]", ends: "NDArray[np.intp]"
) -> "tuple[NDArray[np.uint8], NDArray[np.intp]]":
    """Write runs of one character as ``!count``; no run goes over one of *ends*, which are given anew."""
    starts = np.ones(flat.size, dtype=bool)
    starts[1:] = flat[1:] != flat[:-1]
    starts[ends[:-1]] = True
    first = np.flatnonzero(starts)
    counts = np.diff(first, append=flat.size)
    digits = 1 + sum((counts >= 10**power).astype(np.intp) for power in range(1, len(str(_MOST_REPEATED))))
    is_long = counts >= _SHORTEST_RUN
    sizes = np.where(is_long, 2 + digits, counts)
    after = np.cumsum(sizes)
    written = np.repeat(flat[first], sizes)
    at, count, digit_count = (after - sizes)[is_long], counts[is_long], digits[is_long]
    written[at] = ord("!")
    for power in range(len(str(_MOST_REPEATED))):
        has_it = digit_count > power
        place = (at + digit_count - power)[has_it]
        written[place] = ord("0") + count[has_it] // 10**power % 10
    last_run = np.searchsorted(first, ends, side="left") - 1
    offsets: NDArray[np.intp] = after[last_run]
    return written, offsets
