"""Stored values out of the words that hold them: the bits that count, sign-extended, in the smallest type."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Words(NamedTuple):
    """The words of one frame as they are written, or as a codec gives them."""

    words: NDArray[Any]
    """(rows, columns) or (rows, columns, samples)."""
    bits: int
    """How many bits of a word are in use: those allocated, or the precision of the codestream."""
    photometric: str
    """Photometric Interpretation of these words."""
    notes: tuple[str, ...] = ()
    """One line for each thing that contradicts the attributes or is missing."""


def stored_values(words: NDArray[Any], bits: int, *, shift: int = 0, signed: bool = False) -> NDArray[Any]:
    """Return the values that stand in *bits* bits of each word.

    Parameters
    ----------
    words : ndarray of int
        Words of 8, 16 or 32 bits. It may be changed: give a copy to keep it.
    bits : int
        How many bits of a word are the value (Bits Stored); what else is in the word is dropped.
    shift : int
        How many bits stand below the value (High Bit + 1 - Bits Stored).
    signed : bool
        Whether the value is in two's complement.

    Returns
    -------
    ndarray of int
        In the smallest of the 8, 16 and 32 bit types, signed or not, that holds *bits* bits.

    References
    ----------
    DICOM PS3.5 8.1.1 (Pixel Data Encoding of Related Data Elements).
    """
    width = words.dtype.itemsize * 8
    values = words.view(np.dtype(f"{'i' if signed else 'u'}{width // 8}"))
    if bits < width:
        above = width - bits - shift
        if above:  # an arithmetic shift back extends the sign, a logical one clears what was above
            values = np.left_shift(values, above, out=values)
        values = np.right_shift(values, above + shift, out=values)
    return values.astype(smallest_type(bits, signed=signed), copy=False)


def smallest_type(bits: int, *, signed: bool) -> np.dtype[np.generic]:
    """Return the smallest integer type that holds values of *bits* bits."""
    size = 1 if bits <= 8 else 2 if bits <= 16 else 4
    return np.dtype(f"{'i' if signed else 'u'}{size}")
