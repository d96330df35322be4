"""Makes rectangles of all frames black, without loss in what is around them (PS3.15 E.3.1, Clean Pixel Data).

Icons and overlay planes are elements of their own, which the rules remove; what an overlay has in unused bits
of the pixel data is blanked with the pixels.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.dataelem import DataElement

from dicomtui.dataset.file_writing import NewPixels
from dicomtui.dataset.reading import Instance
from dicomtui.deidentify.options import Rectangle
from dicomtui.errors import UsageError
from dicomtui.imaging.black import black_of
from dicomtui.imaging.encoders import EXPLICIT, EncodeError
from dicomtui.imaging.transcoding import Transcoding
from dicomtui.text import safe_line


class Blanked(NamedTuple):
    """Pixel data with black rectangles, and what the Data Set has to say of it."""

    pixels: NewPixels
    """Its frames are read, blanked and encoded while it is written, one at a time."""
    transfer_syntax: str
    """That of the source, or Explicit VR Little Endian."""
    changes: dict[int, DataElement]
    """The elements to be replaced, by tag. Lossy Image Compression (0028,2110) is none of them: what was lost
    is lost."""
    note: str
    """Says why the Transfer Syntax is another one; empty where it is not."""


def blanked(instance: Instance, rectangles: Sequence[Rectangle]) -> Blanked:
    """Make rectangles black in all frames.

    Parameters
    ----------
    instance : Instance
        Its pixel data may be native or encapsulated, but no video.
    rectangles : sequence of Rectangle
        What sticks out of the picture is clipped.

    Raises
    ------
    UsageError
        If a rectangle covers nothing of the picture: a person thought that it did.
    DecodeError, EncodeError
        If the frames cannot be read, or not be written. The iterator of frames raises them too.
    """
    transcoding, note = _transcoding(instance)
    pixel = transcoding.pixel
    name = safe_line(instance.source.name)
    places = [_slices(rectangle, pixel.rows, pixel.columns, name) for rectangle in rectangles]

    def blank(values: NDArray[Any], number: int) -> None:
        fill = _fill(instance, transcoding, values, places, number)
        for place in places:
            values[place] = fill

    return Blanked(transcoding.pixels(blank), transcoding.encoder.syntax.uid, transcoding.changes, note)


def _transcoding(instance: Instance) -> tuple[Transcoding, str]:
    """Stay in the Transfer Syntax of the instance where that can be written."""
    try:
        return Transcoding(instance, instance.transfer_syntax), ""
    except EncodeError as error:
        transcoding = Transcoding(instance, EXPLICIT)
        reason = str(error).removeprefix(f"{safe_line(instance.source.name)}: ")
        return transcoding, f"written as {transcoding.encoder.syntax}, because {reason}"


def _slices(rectangle: Rectangle, rows: int, columns: int, name: str) -> tuple[slice, slice]:
    left, top = max(0, rectangle.left), max(0, rectangle.top)
    right, bottom = min(columns, rectangle.right), min(rows, rectangle.bottom)
    if left >= right or top >= bottom:
        asked = ",".join(map(str, rectangle))
        raise UsageError(
            f"{name}: the rectangle {asked} to be blanked covers nothing of {columns} x {rows} pixels "
            "(columns x rows)"
        )
    return slice(top, bottom), slice(left, right)


def _fill(
    instance: Instance,
    transcoding: Transcoding,
    values: NDArray[Any],
    places: Sequence[tuple[slice, slice]],
    number: int,
) -> Any:
    """Return what black is in *values*: stored values, or whole words."""
    pixel = transcoding.pixel
    if pixel.kind != "integer":
        return _least(values, places)
    black = np.array(black_of(instance.dataset, pixel, number), np.int64)
    if transcoding.whole_words:  # bits that are not the value's, where overlays may stand, become zero
        mask = (1 << pixel.bits_stored) - 1
        black = (black & mask) << pixel.high_bit + 1 - pixel.bits_stored
    fill = black.astype(values.dtype)
    return fill if pixel.samples > 1 else fill[0]


def _least(values: NDArray[Any], places: Sequence[tuple[slice, slice]]) -> float:
    """Return the least value outside of the rectangles: floats have no darkest one that a window survives."""
    outside = np.isfinite(values)
    for place in places:
        outside[place] = False
    return float(values.min(where=outside, initial=np.inf)) if outside.any() else 0.0
