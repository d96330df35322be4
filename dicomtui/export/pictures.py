"""Frames as pictures: as they are shown, or their values with 16 bits.

What is written holds the pixels and nothing else: no attribute, date or program name, unless asked for.

References
----------
DICOM PS3.4 N.2 (Pixel Transformation Sequence); PS3.3 10.7.1.3 (Pixel Spacing and the aspect of pixels).
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import imagecodecs
import numpy as np
from PIL import Image, PngImagePlugin

from dicomtui.errors import UsageError
from dicomtui.export.arrays import FrameArrays, chosen_window, require_frame
from dicomtui.imaging.annotations import annotate
from dicomtui.imaging.colour_maps import colour_map
from dicomtui.imaging.processing import processed
from dicomtui.imaging.rendering import Frame, Rendering, display
from dicomtui.imaging.viewport import Region, Viewport, region_shown, resample
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.dataset.reading import Instance
    from dicomtui.export.options import ExportOptions

ZERO = 1 << 15
"""The grey of a 16-bit PNG that stands for the value 0 of signed and of modality values."""

_LARGEST = {"jpeg": 65_535, "webp": 16_383}
"""Pixels of a side."""
_PNG = {"level": 1, "strategy": 3, "filter": 0x10}
"""Runs of the difference to the pixel before (Z_RLE, SUB): a sixth of the usual time, hardly more bytes."""
_PNG_HEAD = 33
"""Bytes of signature and IHDR."""
_JPEG_QUALITY = 92
_DESCRIPTION = 0x010E
"""Tag of ImageDescription in TIFF and Exif."""


class Picture(NamedTuple):
    """One frame, ready to be written."""

    values: "NDArray[Any]"
    """Shape (rows, columns) or (rows, columns, 3)."""
    notes: tuple[str, ...] = ()
    """What is odd about the frame, and what the numbers stand for where that is not plain."""


class Pictures:
    """The frames of one instance as pictures.

    Parameters
    ----------
    instance : Instance
        An instance with pixel data.
    options : ExportOptions
        Stage, window, colours, size and annotations.

    Raises
    ------
    DecodeError
        If there is no pixel data, or none that can be decoded.
    """

    def __init__(self, instance: "Instance", options: "ExportOptions") -> None:
        self._name = safe_line(instance.source.name)
        self._options = options
        self._arrays = self._rendering = None
        if options.stage == "display":
            self._rendering = Rendering(instance)
        else:
            self._arrays = FrameArrays(instance, options.stage, process=options.process)

    @property
    def count(self) -> int:
        """Number of frames."""
        if self._arrays is not None:
            return self._arrays.count
        assert self._rendering is not None
        return self._rendering.frames

    def picture(self, number: int) -> Picture:
        """Return frame *number*, from 1.

        Raises
        ------
        DecodeError
            If it cannot be decoded.
        UsageError
            If there is none, or it has colours and the stage is modality.
        """
        if self._arrays is not None:
            return Picture(*self._arrays.array(number)[:2])
        assert self._rendering is not None
        require_frame(self._name, number, self._rendering.frames)
        frame = processed(self._rendering.frame(number), self._options.process)
        values, region = _sized(frame, self._options.size)
        voi, _ = chosen_window(frame, self._rendering.modality, self._options.window)
        shown = display(values, voi, inverse=frame.inverse)
        if self._options.colour_map is not None and not frame.is_colour:
            shown = colour_map(self._options.colour_map).apply(shown)
        return Picture(annotate(shown, region, frame, overlays=self._options.annotations), frame.notes)


def write_pictures(
    stream: BinaryIO, pictures: Iterable[Picture], format_name: str, metadata: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Write one picture, or for TIFF a page for each.

    Parameters
    ----------
    stream : BinaryIO
        Where to; it can seek.
    pictures : iterable of Picture
        At least one; more than one for TIFF only.
    format_name : {'png', 'jpeg', 'webp', 'tiff'}
        How.
    metadata : mapping, optional
        Keyword -> text, written into the file.

    Returns
    -------
    tuple of str
        What the numbers in the file stand for, where that is not plain.

    Raises
    ------
    UsageError
        If the format cannot hold such numbers or so large a picture.
    """
    rest = iter(pictures)
    first = next(rest)
    if format_name == "png":
        values, note = _png_values(first.values)
        _write_png(stream, values, metadata)
        return (note,) if note else ()
    image = _image(first.values, format_name)
    options: dict[str, Any] = dict(_metadata(metadata, format_name)) if metadata else {}
    if format_name == "jpeg":
        options |= {"quality": _JPEG_QUALITY, "subsampling": 0}
    elif format_name == "webp":
        options |= {"lossless": True}
    else:
        pages = (_image(picture.values, format_name) for picture in rest)
        options |= {"compression": "tiff_adobe_deflate", **_paged(pages)}
    image.save(stream, format=format_name.upper(), **options)
    return ()


def _paged(pages: Iterator[Image.Image]) -> dict[str, Any]:
    second = next(pages, None)
    return {} if second is None else {"save_all": True, "append_images": chain([second], pages)}


def _sized(frame: Frame, longer: int | None) -> "tuple[NDArray[Any], Region]":
    """Return values in square pixels, NaN where there are none, and the part that they show: all of it."""
    rows, columns = frame.values.shape[:2]
    width, height = _size(columns, rows, frame.aspect, longer)
    viewport = Viewport()
    if (width, height) != (columns, rows):
        return resample(
            frame.values, viewport, frame.aspect, width, height, exact=True, padding=frame.padding
        )
    values = frame.values
    if frame.padding is not None:
        values = np.where(frame.padding, np.float32(np.nan), values)
    return values, region_shown(values.shape, viewport, frame.aspect, width, height)


def _size(columns: int, rows: int, aspect: float, longer: int | None) -> tuple[int, int]:
    """Return width and height in square pixels; without *longer* no detail is lost."""
    width, height = (float(columns), rows * aspect) if aspect >= 1 else (columns / aspect, float(rows))
    if longer is not None:
        scale = longer / max(width, height)
        width, height = width * scale, height * scale
    return max(1, round(width)), max(1, round(height))


def _image(values: "NDArray[Any]", format_name: str) -> Image.Image:
    """Return what Pillow can write."""
    largest = _LARGEST.get(format_name)
    if largest is not None and max(values.shape[:2]) > largest:
        raise UsageError(
            f"{values.shape[1]} x {values.shape[0]} pixels: {format_name} takes {largest:,} a side;"
            " choose png, tiff or a size"
        )
    if format_name == "tiff":
        return _tiff_page(values)
    if values.dtype != np.uint8:
        kind = f"{values.dtype.name}{' colours' if values.ndim == 3 else ''}"
        raise UsageError(f"{format_name} does not hold {kind}; choose png, tiff, npy, or the stage display")
    return Image.fromarray(values)


def _tiff_page(values: "NDArray[Any]") -> Image.Image:
    if values.ndim == 3 and values.dtype != np.uint8:
        raise UsageError(f"tiff does not hold colours of {values.dtype.name}; choose npy")
    if values.dtype.kind == "f":
        return Image.fromarray(values.astype(np.float32, copy=False))
    if values.dtype in (np.uint8, np.uint16):
        return Image.fromarray(values)
    if values.dtype == np.uint32 and values.max(initial=0) > np.iinfo(np.int32).max:
        raise UsageError("tiff does not hold numbers beyond 2,147,483,647; choose npy")
    return Image.fromarray(values.astype(np.int32))


def _png_values(values: "NDArray[Any]") -> "tuple[NDArray[Any], str]":
    """Return 8 or 16 bits without a sign, and what they stand for."""
    if values.dtype in (np.uint8, np.uint16):
        return values, ""
    note = f"a grey of {ZERO:,} in the PNG stands for 0"
    if values.dtype.kind == "f":
        whole = np.rint(values)
        if not np.array_equal(whole, values, equal_nan=True):
            note += "; values are rounded"
        values = np.nan_to_num(whole, nan=-ZERO)
    if values.min(initial=0) < -ZERO or values.max(initial=0) >= ZERO:
        raise UsageError("png does not hold values beyond 16 bits; choose tiff or npy")
    return (values.astype(np.int32) + ZERO).astype(np.uint16), note


def _write_png(stream: BinaryIO, values: "NDArray[Any]", metadata: Mapping[str, str] | None) -> None:
    """Write a PNG by imagecodecs, which lets the strategy be chosen, and knows colours of 16 bits."""
    data = imagecodecs.png_encode(np.ascontiguousarray(values), **_PNG)
    stream.write(data[:_PNG_HEAD])
    if metadata:
        chunks = PngImagePlugin.PngInfo()
        for keyword, text in metadata.items():
            chunks.add_itxt(keyword, text)
        for kind, content, *_ in chunks.chunks:
            PngImagePlugin.putchunk(stream, kind, content)
    stream.write(data[_PNG_HEAD:])


def _metadata(metadata: Mapping[str, str], format_name: str) -> Iterator[tuple[str, Any]]:
    """Yield the options by which Pillow writes *metadata*."""
    lines = "\n".join(f"{keyword}: {text}" for keyword, text in metadata.items())
    if format_name == "tiff":
        yield "description", lines
        return
    exif = Image.Exif()
    exif[_DESCRIPTION] = lines
    yield "exif", exif.tobytes()
