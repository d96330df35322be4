"""Draws what lies over a picture into its display values: coloured pixels, shutter, overlays.

A layer has the size of the whole picture; only what a viewport shows of it is looked at. An overlay marks an
output pixel that has any of its pixels, so that a thin line stays visible however small the picture is made.

>>> import numpy as np
>>> from dicomtui.imaging.annotations import draw_overlays
>>> from dicomtui.imaging.overlays import Overlay
>>> from dicomtui.imaging.viewport import Viewport, region_shown
>>> line = np.arange(100)[np.newaxis] == np.full((100, 1), 37)
>>> region = region_shown((100, 100), Viewport(), 1.0, 10, 10)
>>> drawn = draw_overlays(np.zeros((10, 10), np.uint8), region, [Overlay(0x6000, "", "G", line)])
>>> drawn[0].tolist()
[0, 0, 0, 255, 0, 0, 0, 0, 0, 0]

References
----------
DICOM PS3.3 C.7.6.11 (the shutter hides pixels of the picture), C.9.2 (how overlays look is up to the viewer).
"""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dicomtui.imaging.overlays import Overlay
    from dicomtui.imaging.rendering import Frame
    from dicomtui.imaging.shutter import Shutter
    from dicomtui.imaging.supplemental_palette import ColouredPixels
    from dicomtui.imaging.viewport import Region

Colour = int | tuple[int, int, int]
"""A display value, or red, green and blue; each 0 to 255."""


def annotate(
    shown: "NDArray[np.uint8]",
    region: "Region",
    frame: "Frame",
    *,
    overlays: bool = True,
    shutter: bool = True,
    colour: Colour = 255,
) -> "NDArray[np.uint8]":
    """Draw all that lies over a frame.

    Parameters
    ----------
    shown : ndarray of uint8, shape (region.height, region.width[, 3])
        Display values of the part that is shown. It is not changed.
    region : Region
        What is shown.
    frame : Frame
        Whose layers are drawn.
    overlays, shutter : bool
        Whether to draw them. Coloured pixels belong to the picture and are always drawn.
    colour : int or tuple of int
        Of the overlays; red, green and blue turn a grey picture into RGB.

    Returns
    -------
    ndarray of uint8
        *shown* itself where there is nothing to draw; RGB where there is something in colour.
    """
    if frame.coloured is not None:
        shown = draw_coloured(shown, region, frame.coloured)
    if shutter and frame.shutter is not None:
        shown = draw_shutter(shown, region, frame.shutter)
    if overlays and frame.overlays:
        shown = draw_overlays(shown, region, frame.overlays, colour)
    return shown


def draw_overlays(
    shown: "NDArray[np.uint8]", region: "Region", overlays: "Iterable[Overlay]", colour: Colour = 255
) -> "NDArray[np.uint8]":
    """Return *shown* with overlays in one colour; the rest as for :func:`annotate`."""
    for overlay in overlays:
        shown = _painted(shown, _any_inside(overlay.mask, region), colour)
    return shown


def draw_shutter(shown: "NDArray[np.uint8]", region: "Region", shutter: "Shutter") -> "NDArray[np.uint8]":
    """Return *shown* without what a shutter hides; the rest as for :func:`annotate`."""
    return _painted(shown, _nearest(shutter.hidden, region), shutter.level)


def draw_coloured(
    shown: "NDArray[np.uint8]", region: "Region", coloured: "ColouredPixels"
) -> "NDArray[np.uint8]":
    """Return *shown* as RGB with the pixels of a supplemental palette; the rest as for :func:`annotate`."""
    mask = _nearest(coloured.mask, region)
    if not mask.any():
        return shown
    drawn = _in_rgb(shown)
    colours = _nearest(coloured.rgb, region)[mask]
    if coloured.opacity < 1:
        mixed = coloured.opacity * colours + (1 - coloured.opacity) * drawn[mask]
        colours = np.rint(mixed).astype(np.uint8)
    drawn[mask] = colours
    return drawn


def _painted(shown: "NDArray[np.uint8]", mask: "NDArray[np.bool_]", colour: Colour) -> "NDArray[np.uint8]":
    if not mask.any():
        return shown
    drawn = _in_rgb(shown) if isinstance(colour, tuple) else shown.copy()
    drawn[mask] = colour
    return drawn


def _in_rgb(shown: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Return a copy in RGB."""
    return np.repeat(shown[..., np.newaxis], 3, axis=2) if shown.ndim == 2 else shown.copy()


def _nearest(layer: "NDArray[Any]", region: "Region") -> "NDArray[Any]":
    """Return the pixel of *layer* in the middle of each output pixel."""
    sideways, across, down = _middles(region)
    columns, rows = (down, across) if sideways else (across, down)
    taken = layer[_indices(rows, layer.shape[0])][:, _indices(columns, layer.shape[1])]
    return taken.swapaxes(0, 1) if sideways else taken


def _any_inside(mask: "NDArray[np.bool_]", region: "Region") -> "NDArray[np.bool_]":
    """Return which output pixels have any pixel of *mask* inside."""
    sideways, across, down = _middles(region)
    columns, rows = (down, across) if sideways else (across, down)
    left, top, right, bottom = region.box
    found = _any_along(mask, rows, (bottom - top) / len(rows))
    found = _any_along(found.T, columns, (right - left) / len(columns)).T
    return found.T if sideways else found


def _any_along(mask: "NDArray[np.bool_]", middles: "NDArray[np.float64]", step: float) -> "NDArray[np.bool_]":
    """Return whether any row of *mask* lies within half a step of each of the *middles*."""
    if step <= 1:
        return mask[_indices(middles, len(mask))]
    first = _indices(middles - step / 2 + 1e-9, len(mask))
    behind = np.minimum(np.ceil(middles + step / 2 - 1e-9).astype(np.intp), len(mask))
    behind = np.maximum(behind, first + 1)
    # a loop over slices: reduceat takes fifty times as long on a large mask
    return np.stack([mask[start:end].any(axis=0) for start, end in zip(first, behind, strict=True)])


def _indices(places: "NDArray[np.float64]", limit: int) -> "NDArray[np.intp]":
    return np.clip(np.floor(places).astype(np.intp), 0, limit - 1)


def _middles(region: "Region") -> "tuple[bool, NDArray[np.float64], NDArray[np.float64]]":
    """Return where output pixels lie along the screen's two axes, in columns and rows of the picture.

    Returns
    -------
    bool
        Whether the picture is turned, so that its rows lie along the first of the arrays.
    ndarray, shape (region.width,)
        From left to right.
    ndarray, shape (region.height,)
        From top to bottom.
    """
    sideways = region.viewport.rotation in (90, 270)
    left, top, right, bottom = region.box
    along = (top, bottom), (left, right)
    here, right_of_it, below_it = region.to_picture(0, 0), region.to_picture(1, 0), region.to_picture(0, 1)
    return (
        sideways,
        _spread(*along[not sideways], region.width, here[sideways] > right_of_it[sideways]),
        _spread(*along[sideways], region.height, here[not sideways] > below_it[not sideways]),
    )


def _spread(start: float, end: float, count: int, backwards: bool) -> "NDArray[np.float64]":
    """Return the middles of *count* equal parts: to the bit where a resampled picture takes its pixels."""
    middles: NDArray[Any] = start + (np.arange(count) + 0.5) * ((end - start) / count)
    return middles[::-1] if backwards else middles
