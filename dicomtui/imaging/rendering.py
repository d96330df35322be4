"""From one frame of an instance to display values: the standard's chain, step by step.

Stored values -> modality values (Modality LUT) -> display values (window or VOI LUT) -> inverted for
MONOCHROME1. Colour pictures become RGB at once.

>>> from pydicom.data import get_testdata_file
>>> from dicomtui.dataset.reading import read_instance
>>> from dicomtui.imaging.rendering import Rendering, default_window, display
>>> rendering = Rendering(read_instance(get_testdata_file("CT_small.dcm")))
>>> frame = rendering.frame(1)
>>> frame.values.shape, frame.values.dtype.name, frame.unit
((128, 128), 'float32', 'HU')
>>> window, reason = default_window(frame, rendering.modality)
>>> str(window), reason
('C 40 W 400', 'Soft tissue, as the file has no window')
>>> display(frame.values, window, inverse=frame.inverse).dtype.name
'uint8'

References
----------
DICOM PS3.4 N.2 (Pixel Transformation Sequence).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import label, text
from dicomtui.imaging.colour import MONOCHROME, to_rgb
from dicomtui.imaging.frames import Frame as DecodedFrame
from dicomtui.imaging.frames import Frames
from dicomtui.imaging.geometry import NOWHERE, Place, pixel_aspect, place_of
from dicomtui.imaging.icc import IccTransform, icc_transform_of
from dicomtui.imaging.modality_lut import modality_lut
from dicomtui.imaging.overlays import FileOverlays, Overlay, overlay_groups, overlays_of
from dicomtui.imaging.padding import without_value
from dicomtui.imaging.palette import Palette, palette_of
from dicomtui.imaging.presets import presets_for
from dicomtui.imaging.real_world import RealWorldMapping, real_world_of
from dicomtui.imaging.shutter import Shutter, shutter_of
from dicomtui.imaging.supplemental_palette import (
    ColouredPixels,
    coloured_pixels,
    has_colours,
    supplemental_palette_of,
)
from dicomtui.imaging.suv import SuvFactor, suv_factor
from dicomtui.imaging.voi_lut import (
    VoiLut,
    apply_voi_lut,
    automatic_window,
    full_range_window,
    windows_of,
)
from dicomtui.imaging.window import Window
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.dataset.reading import Instance


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A frame ready to be resampled and windowed."""

    values: "NDArray[Any]"
    """Modality values, float32 (rows, columns); or RGB, uint8 (rows, columns, 3)."""
    padding: "NDArray[np.bool_] | None"
    """Pixels without a value: Pixel Padding Value, and what is not finite. None where all have one."""
    windows: tuple[Window | VoiLut, ...]
    """The file's own, in its order; none for colour."""
    unit: str
    """Of the modality values, for instance HU; empty where unspecified."""
    inverse: bool
    """Whether the least value is shown white: MONOCHROME1 or Presentation LUT Shape INVERSE."""
    aspect: float
    """Height of a pixel divided by its width."""
    notes: tuple[str, ...]
    """One line for each thing in the file that could not be used as written."""
    overlays: tuple[Overlay, ...] = ()
    """Overlay planes, to be drawn over the display values."""
    shutter: Shutter | None = None
    """What is not to be seen; None for most frames."""
    coloured: ColouredPixels | None = None
    """Pixels that a supplemental palette shows in colour, to be drawn over the display values."""
    real_world: tuple[RealWorldMapping, ...] = ()
    """What :attr:`stored` stands for; empty for most frames."""
    stored: "NDArray[Any] | None" = None
    """Stored values, shape (rows, columns); None for RGB."""
    suv: SuvFactor | None = None
    """What makes standardized uptake values of modality values, or why nothing does; None for all but PET."""
    place: Place = NOWHERE
    """Orientation, spacing and position in the patient."""

    @property
    def is_colour(self) -> bool:
        """Whether values are RGB, to which no window applies."""
        return self.values.ndim == 3


class Rendering:
    """The frames of one instance as modality values or RGB.

    Parameters
    ----------
    instance : Instance
        An instance with pixel data.

    Raises
    ------
    DecodeError
        If there is no pixel data or it is described in a way that cannot be decoded.
    """

    def __init__(self, instance: "Instance") -> None:
        self._instance = instance
        self._frames = Frames(instance)
        self._notes = self._frames.notes

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self._frames.count

    @property
    def modality(self) -> str:
        """Modality (0008,0060), for presets and defaults."""
        return text(self._instance.dataset, "Modality")

    def frame(self, number: int) -> Frame:
        """Decode a frame and apply the Modality LUT, or convert its colours.

        Parameters
        ----------
        number : int
            From 1.

        Raises
        ------
        DecodeError
            If the frame cannot be decoded, in one line that names the file.
        """
        decoded = self._frames.frame(number)
        try:
            if decoded.values.ndim == 2 and decoded.photometric != "PALETTE COLOR":
                frame = self._monochrome(decoded, number)
            else:
                frame = self._colour(decoded, number)
        except DecodeError as error:
            raise DecodeError(f"{safe_line(self._instance.source.name)}: {error}") from error
        return self._with_layers(frame, number)

    def _monochrome(self, decoded: DecodedFrame, number: int) -> Frame:
        dataset = self._instance.dataset
        lut = modality_lut(dataset, number)
        values = lut.apply(decoded.values)
        windows, window_notes = windows_of(dataset, number)
        mappings = real_world_of(dataset, number)
        coloured, colour_notes = self._coloured(decoded.values, number)
        padding, range_notes = without_value(dataset, decoded.values, values)
        shape = text(dataset, "PresentationLUTShape")
        notes = (*self._notes, *decoded.notes)
        if decoded.photometric not in MONOCHROME:
            notes += (f"{label('PhotometricInterpretation')} is {decoded.photometric}: shown as MONOCHROME2",)
        if "PresentationLUTSequence" in dataset:  # no image has one by the standard: it is for printing
            notes += (f"{label('PresentationLUTSequence')} is not applied",)
        return Frame(
            values=values,
            padding=padding,
            windows=windows,
            unit=lut.unit,
            inverse=decoded.photometric == "MONOCHROME1" or shape == "INVERSE",
            aspect=pixel_aspect(dataset, number),
            notes=(*notes, *lut.notes, *range_notes, *window_notes, *mappings.notes, *colour_notes),
            coloured=coloured,
            real_world=mappings.mappings,
            stored=decoded.values,
            suv=self._suv,
            place=place_of(dataset, number),
        )

    def _colour(self, decoded: DecodedFrame, number: int) -> Frame:
        notes = (*self._notes, *decoded.notes)
        if decoded.photometric == "PALETTE COLOR":
            values = self._palette.apply(decoded.values)
            notes += self._palette.notes
        else:
            values = to_rgb(decoded.values, decoded.photometric, self._frames.pixel.bits_stored)
        transform, icc_notes = self._icc
        if transform is not None:
            values = transform.apply(values)
        dataset = self._instance.dataset
        aspect, place = pixel_aspect(dataset, number), place_of(dataset, number)
        return Frame(values, None, (), "", False, aspect, (*notes, *icc_notes), place=place)

    def _coloured(self, stored: "NDArray[Any]", number: int) -> tuple[ColouredPixels | None, tuple[str, ...]]:
        """Return the pixels that a supplemental palette shows in colour."""
        palette, notes = self._supplemental_palette
        if not (palette or notes) or stored.dtype.kind == "f":
            return None, ()
        if not has_colours(self._instance.dataset, number):
            return None, ()
        return (coloured_pixels(stored, palette) if palette else None), notes

    def _with_layers(self, frame: Frame, number: int) -> Frame:
        """Add the overlays and the shutter; most frames have none and stay as they are."""
        dataset = self._instance.dataset
        found = overlays_of(dataset, self._frames, number) if self._has_overlays else FileOverlays((), ())
        rows, columns = frame.values.shape[:2]
        shutter = shutter_of(dataset, number, (rows, columns), frame.aspect, found.overlays)
        if shutter is None and not any(found):
            return frame
        return replace(
            frame,
            overlays=tuple(
                overlay for overlay in found.overlays if shutter is None or overlay.group != shutter.group
            ),
            shutter=shutter if shutter is not None and shutter.hidden.any() else None,
            notes=(*frame.notes, *found.notes, *(shutter.notes if shutter else ())),
        )

    @cached_property
    def _suv(self) -> SuvFactor | None:
        return suv_factor(self._instance.dataset) if self.modality == "PT" else None

    @cached_property
    def _has_overlays(self) -> bool:
        return bool(overlay_groups(self._instance.dataset))

    @cached_property
    def _icc(self) -> tuple[IccTransform | None, tuple[str, ...]]:
        return icc_transform_of(self._instance.dataset)

    @cached_property
    def _supplemental_palette(self) -> tuple[Palette | None, tuple[str, ...]]:
        return supplemental_palette_of(self._instance.dataset)

    @cached_property
    def _palette(self) -> Palette:
        return palette_of(self._instance.dataset)


def default_window(frame: Frame, modality: str) -> tuple[Window | VoiLut, str]:
    """Choose how a frame is shown at first.

    Parameters
    ----------
    frame : Frame
        Its own first window counts most, then the modality's first preset where the unit allows, then the
        1st to 99th percentile.
    modality : str
        Modality (0008,0060).

    Returns
    -------
    Window or VoiLut
        What to show it with; for colour one that changes nothing.
    str
        Why, for the status line.
    """
    if frame.is_colour:
        return Window.between(0, 255), "colour"
    if frame.windows:
        explanation = frame.windows[0].explanation
        return frame.windows[0], f"file: {explanation}" if explanation else "file"
    presets = presets_for(modality, frame.unit)
    if presets[0].window is not None:
        return presets[0].window, f"{presets[0].name}, as the file has no window"
    if modality == "SEG":
        return full_range_window(frame.values, frame.padding), "full range, as the file has no window"
    window = automatic_window(frame.values, frame.padding)
    return window, "1-99 %, as the file has no window"


def display(values: "NDArray[Any]", window: Window | VoiLut, inverse: bool = False) -> "NDArray[np.uint8]":
    """Map modality values to display values; RGB passes.

    Parameters
    ----------
    values : ndarray
        float32 (rows, columns), NaN for pixels without a value; or RGB uint8 (rows, columns, 3).
    window : Window or VoiLut
        In the units of the values; nothing is windowed in RGB.
    inverse : bool
        Swap black and white (colours become their complement). Pixels without a value stay black.

    Returns
    -------
    ndarray of uint8, same shape
        0 is the darkest display value, 255 the brightest.
    """
    if values.ndim == 3:
        return 255 - values if inverse else values
    shown = apply_voi_lut(values, window)
    if inverse:
        np.subtract(255, shown, out=shown)
        shown[np.isnan(values)] = 0
    return shown
