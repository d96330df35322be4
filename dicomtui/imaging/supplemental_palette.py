"""Supplemental palette: a grey picture whose greatest stored values are colours.

References
----------
DICOM PS3.3 C.7.6.19 (Supplemental Palette Color Lookup Table), C.8.16.2.1.1.1 (Pixel Presentation).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import text
from dicomtui.imaging.functional_groups import frame_holders
from dicomtui.imaging.palette import Palette, palette_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_FRAME_TYPES = ("CTImageFrameTypeSequence", "MRImageFrameTypeSequence", "PETFrameTypeSequence")
_IN_COLOUR = ("COLOR", "MIXED")
_DESCRIPTOR = "RedPaletteColorLookupTableDescriptor"


@dataclass(frozen=True, slots=True, eq=False)
class ColouredPixels:
    """The pixels of a grey picture that are shown in colour, whatever the window."""

    mask: "NDArray[np.bool_]"
    """Shape (rows, columns): which pixels."""
    rgb: "NDArray[np.uint8]"
    """Shape (rows, columns, 3): their colours; what is outside the mask means nothing."""
    opacity: float = 1.0
    """1 where they hide what is under them."""


def supplemental_palette_of(dataset: "Dataset") -> tuple[Palette | None, tuple[str, ...]]:
    """Return the palette of an instance that has a supplemental one, and what to say about it."""
    if _DESCRIPTOR not in dataset:
        return None, ()
    try:
        palette = palette_of(dataset)
    except DecodeError as error:
        return None, (f"the supplemental palette is not applied: {error}",)
    return palette, palette.notes


def has_colours(dataset: "Dataset", number: int) -> bool:
    """Whether Pixel Presentation says that frame *number*, from 1, has pixels in colour."""
    for macro in _FRAME_TYPES:
        for holder in frame_holders(dataset, number, macro):
            if holder is not dataset and (stated := text(holder, "PixelPresentation")):
                return stated in _IN_COLOUR
    return text(dataset, "PixelPresentation") in _IN_COLOUR


def coloured_pixels(stored: "NDArray[Any]", palette: Palette) -> ColouredPixels | None:
    """Find the pixels that have a colour.

    Parameters
    ----------
    stored : ndarray of int, shape (rows, columns)
        Stored values: those from the first one of the palette on are colours, those below are grey.
    palette : Palette
        The supplemental palette.

    Returns
    -------
    ColouredPixels or None
        None where no pixel has one.
    """
    mask: NDArray[np.bool_] = stored >= palette.first
    return ColouredPixels(mask, palette.apply(stored)) if mask.any() else None
