"""Which part of a picture is shown, how large and which way round, and the part itself as output pixels.

Output pixels are square. A small picture of modality values is made here once for each frame, size and
viewport; windows are applied to it afterwards. So values are averaged before they are windowed, not after:
quick, and free of the clipping that averaging windowed pixels would show at sharp edges.

>>> import numpy as np
>>> from dicomtui.imaging.viewport import Viewport, resample
>>> part, region = resample(np.ones((512, 512), np.float32), Viewport(), 1.0, 80, 64, exact=True)
>>> part.shape, region.left, region.to_picture(0, 0)
((64, 64), 8, (4.0, 4.0))
"""

from dataclasses import dataclass, replace
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

Rotation = Literal[0, 90, 180, 270]

ZOOMS = (1 / 64, 1024.0)
"""The least and the greatest zoom."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """How a user looks at a picture; ``Viewport()`` shows all of it, the way the file has it."""

    zoom: float = 1.0
    """1 fits the picture into the area."""
    center: tuple[float, float] = (0.5, 0.5)
    """The middle of what is shown, in fractions of the picture's columns and rows."""
    rotation: Rotation = 0
    """Degrees clockwise."""
    flipped_horizontally: bool = False
    """Left and right are swapped, after rotation."""
    flipped_vertically: bool = False
    """Top and bottom are swapped, after rotation."""

    def zoomed(self, factor: float) -> Self:
        """Return the viewport with *factor* times the zoom; panning outside the picture is taken back."""
        return self._looking(self.center, min(max(self.zoom * factor, ZOOMS[0]), ZOOMS[1]))

    def panned(self, across: float, down: float) -> Self:
        """Return the viewport moved to the right and down on the screen.

        Parameters
        ----------
        across, down : float
            By how much, in fractions of what a fitted picture shows at this zoom.
        """
        across, down = _to_picture_axes(self, across, down)
        column, row = self.center
        return self._looking((column + across / self.zoom, row + down / self.zoom), self.zoom)

    def rotated(self) -> Self:
        """Return the viewport turned by 90 degrees clockwise on the screen."""
        mirrored = self.flipped_horizontally != self.flipped_vertically
        turned: Any = (self.rotation + (270 if mirrored else 90)) % 360
        return replace(self, rotation=turned)

    def flipped(self, *, horizontally: bool = False, vertically: bool = False) -> Self:
        """Return the viewport with left and right, or top and bottom, of the screen swapped."""
        return replace(
            self,
            flipped_horizontally=self.flipped_horizontally != horizontally,
            flipped_vertically=self.flipped_vertically != vertically,
        )

    def fitted(self) -> Self:
        """Return the viewport that shows all of the picture, turned as it is."""
        return self._looking((0.5, 0.5), 1.0)

    def one_to_one(self, shape: tuple[int, int], aspect: float, width: int, height: int) -> Self:
        """Return the viewport in which one column of the picture is one output pixel.

        Parameters
        ----------
        shape : tuple of int
            Rows and columns of the picture.
        aspect, width, height
            As for :func:`resample`.
        """
        return self._looking(self.center, 1 / _fitted_scale(self, shape, aspect, width, height))

    def _looking(self, center: tuple[float, float], zoom: float) -> Self:
        margin = min(0.5, 0.5 / zoom)
        column, row = (min(max(fraction, margin), 1 - margin) for fraction in center)
        return replace(self, center=(column, row), zoom=zoom)


@dataclass(frozen=True, slots=True)
class Region:
    """The part of a picture that is shown, and where it stands in the area."""

    left: int
    """Empty output pixels to the left of it."""
    top: int
    """Empty output pixels above it."""
    width: int
    """Output pixels across."""
    height: int
    """Output pixels down."""
    box: tuple[float, float, float, float]
    """Left, top, right and bottom edge in columns and rows of the picture."""
    viewport: Viewport

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """Return where the middle of an output pixel lies in the picture.

        Parameters
        ----------
        x, y : float
            From the upper left pixel of the part shown, (0, 0).

        Returns
        -------
        tuple of float
            Column and row; their floors are the indices of the pixel there, from 0.
        """
        across, down = _to_picture_axes(
            self.viewport, (x + 0.5) / self.width - 0.5, (y + 0.5) / self.height - 0.5
        )
        left, top, right, bottom = self.box
        return left + (across + 0.5) * (right - left), top + (down + 0.5) * (bottom - top)


def region_shown(
    shape: tuple[int, ...], viewport: Viewport, aspect: float, width: int, height: int
) -> Region:
    """Find the part of a picture that *viewport* shows in an area of *width* x *height* output pixels.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the picture.
    viewport : Viewport
        How it is looked at.
    aspect : float
        Height of a pixel divided by its width.
    width, height : int
        The area, at least 1 x 1.
    """
    rows, columns = shape[:2]
    sideways = viewport.rotation in (90, 270)
    scale = _fitted_scale(viewport, (rows, columns), aspect, width, height) * viewport.zoom
    across, down = (height, width) if sideways else (width, height)
    left, right, across = _span(columns, scale, across, viewport.center[0])
    top, bottom, down = _span(rows, scale * aspect, down, viewport.center[1])
    shown = (down, across) if sideways else (across, down)
    return Region(
        (width - shown[0]) // 2, (height - shown[1]) // 2, *shown, (left, top, right, bottom), viewport
    )


def resample(
    values: "NDArray[Any]",
    viewport: Viewport,
    aspect: float,
    width: int,
    height: int,
    *,
    exact: bool,
    padding: "NDArray[np.bool_] | None" = None,
) -> "tuple[NDArray[Any], Region]":
    """Return the part of a picture that is shown, as output pixels.

    Parameters
    ----------
    values : ndarray, shape (rows, columns) of float32 or (rows, columns, 3) of uint8
        Modality values or RGB.
    viewport, aspect, width, height
        As for :func:`region_shown`.
    exact : bool
        Average over the area of each output pixel where the picture is made smaller. Otherwise, and where it
        is made larger, the nearest pixel is taken, which costs next to nothing.
    padding : ndarray of bool, shape (rows, columns), optional
        Pixels without a value: they take no part in averages.

    Returns
    -------
    ndarray
        Shape (region.height, region.width[, 3]), dtype of *values*; NaN where at least half is padding.
    Region
        What is shown and where it stands in the area.
    """
    region = region_shown(values.shape, viewport, aspect, width, height)
    sideways = viewport.rotation in (90, 270)
    size = (region.height, region.width) if sideways else (region.width, region.height)
    left, top, right, bottom = region.box
    if exact and (size[0] < right - left or size[1] < bottom - top):
        part = _averaged(values, padding, region.box, size)
    else:
        part = _nearest(values, padding, region.box, size)
    return _oriented(part, viewport), region


def _fitted_scale(
    viewport: Viewport, shape: tuple[int, int], aspect: float, width: int, height: int
) -> float:
    """Return the output pixels for one column of a fitted picture."""
    across, down = (height, width) if viewport.rotation in (90, 270) else (width, height)
    return min(across / shape[1], down / (shape[0] * aspect))


def _span(count: int, scale: float, available: int, center: float) -> tuple[float, float, int]:
    """Return the first and the last edge that are shown along one axis, and the output pixels they fill."""
    wanted = max(1, round(count * scale))
    if wanted <= available:
        return 0.0, float(count), wanted
    length = available / scale
    start = min(max(center * count - length / 2, 0.0), count - length)
    return start, start + length, available


def _nearest(
    values: "NDArray[Any]",
    padding: "NDArray[np.bool_] | None",
    box: tuple[float, float, float, float],
    size: tuple[int, int],
) -> "NDArray[Any]":
    left, top, right, bottom = box
    columns = _indices(left, right, size[0], values.shape[1])
    rows = _indices(top, bottom, size[1], values.shape[0])[:, np.newaxis]
    part: NDArray[Any] = values[rows, columns]
    if padding is not None:
        part[padding[rows, columns]] = np.nan
    return part


def _indices(start: float, end: float, count: int, limit: int) -> "NDArray[np.intp]":
    middles = start + (np.arange(count) + 0.5) * ((end - start) / count)
    return np.minimum(middles.astype(np.intp), limit - 1)


def _averaged(
    values: "NDArray[Any]",
    padding: "NDArray[np.bool_] | None",
    box: tuple[float, float, float, float],
    size: tuple[int, int],
) -> "NDArray[Any]":
    left, top = floor(box[0]), floor(box[1])
    crop = (slice(top, ceil(box[3])), slice(left, ceil(box[2])))
    inner = (box[0] - left, box[1] - top, box[2] - left, box[3] - top)
    if padding is None or not padding[crop].any():
        return _box_filtered(values[crop], inner, size)
    present = ~padding[crop]
    weights = _box_filtered(present.astype(np.float32), inner, size)
    sums = _box_filtered(np.where(present, values[crop], np.float32(0)), inner, size)
    averages = np.full_like(sums, np.nan)
    np.divide(sums, weights, out=averages, where=weights > 0.5)
    return averages


def _box_filtered(
    values: "NDArray[Any]", box: tuple[float, float, float, float], size: tuple[int, int]
) -> "NDArray[Any]":
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BOX, box=box))


def _oriented(part: "NDArray[Any]", viewport: Viewport) -> "NDArray[Any]":
    turned = np.rot90(part, -(viewport.rotation // 90))
    if viewport.flipped_horizontally:
        turned = turned[:, ::-1]
    if viewport.flipped_vertically:
        turned = turned[::-1]
    return turned


def _to_picture_axes(viewport: Viewport, across: float, down: float) -> tuple[float, float]:
    """Turn a direction on the screen (right, down) into one in the picture (columns, rows)."""
    if viewport.flipped_horizontally:
        across = -across
    if viewport.flipped_vertically:
        down = -down
    match viewport.rotation:
        case 90:
            return down, -across
        case 180:
            return -across, -down
        case 270:
            return -down, across
    return across, down
