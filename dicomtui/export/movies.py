"""Frames as movies that keep the time of the frames: GIF, APNG, WebP, and MP4 where PyAV is installed."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from PIL import Image

from dicomtui.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEMORY_LIMIT = 1 << 30
"""Bytes that the frames of a GIF or APNG may have, for Pillow holds them all."""

_SHORTEST = {"gif": 2, "apng": 1, "webp-movie": 1, "mp4": 1}
"""Ticks below which viewers play at a speed of their own: frames that would be shorter are left out."""
_TICKS = {"gif": 100, "apng": 1000, "webp-movie": 1000, "mp4": 90_000}
"""A second, in the units in which a format counts."""
_PILLOW = {"gif": "GIF", "apng": "PNG", "webp-movie": "WEBP"}
_HIGH_QUALITY = "18"


def write_movie(
    stream: BinaryIO,
    frame: "Callable[[int], NDArray[np.uint8]]",
    seconds: Sequence[float],
    format_name: str,
    *,
    sweeps: bool = False,
    comment: str = "",
) -> int:
    """Write frames one after the other.

    Parameters
    ----------
    stream : BinaryIO
        Where to; it can seek.
    frame : callable
        Returns display values of a frame, from 0: (rows, columns) or (rows, columns, 3). Frames of another
        size than the first are fitted into it.
    seconds : sequence of float
        How long each frame stays.
    format_name : {'gif', 'apng', 'webp-movie', 'mp4'}
        How.
    sweeps : bool
        Whether the frames are shown back to the first, too (Preferred Playback Sequencing, PS3.3 C.7.6.5).
    comment : str
        Text that is written into the file.

    Returns
    -------
    int
        Frames that were written: fewer than there are where the format is too slow to show them all.

    Raises
    ------
    UsageError
        If there are too many frames for the memory, or what writes MP4 is not installed.
    """
    order = [*range(len(seconds)), *(range(len(seconds) - 2, 0, -1) if sweeps else ())]
    shown = _scheduled([(index, seconds[index]) for index in order], format_name)
    images = _images(frame, [index for index, _ in shown])
    first = next(images)
    if format_name in ("gif", "apng") and len(shown) * len(first.tobytes()) > MEMORY_LIMIT:
        raise UsageError(
            f"{len(shown):,} frames of {first.width} x {first.height} are too many for {format_name};"
            " choose webp-movie or mp4, fewer frames, or a smaller size"
        )
    if format_name == "mp4":
        _write_mp4(stream, chain([first], images), [ticks for _, ticks in shown], first.size, comment)
        return len(shown)
    options: dict[str, Any] = {"comment": comment} if comment and format_name == "gif" else {}
    if comment and format_name != "gif":
        options["exif"] = _exif(comment)
    if format_name == "webp-movie":
        options["lossless"] = True
    milliseconds = 1000 // _TICKS[format_name]
    first.save(
        stream,
        format=_PILLOW[format_name],
        save_all=True,
        append_images=list(images) if format_name == "apng" else images,  # for PNG Pillow looks at them twice
        duration=[ticks * milliseconds for _, ticks in shown],
        loop=0,
        **options,
    )
    return len(shown)


def _scheduled(frames: Sequence[tuple[int, float]], format_name: str) -> list[tuple[int, int]]:
    """Return which frames are shown for how many ticks; rounding does not add up from frame to frame."""
    ticks, shortest = _TICKS[format_name], _SHORTEST[format_name]
    shown: list[tuple[int, int]] = []
    time, start = Fraction(0), 0
    for index, seconds in frames:
        time += Fraction(seconds)
        end = round(time * ticks)
        if end - start >= shortest or not shown:
            shown.append((index, max(end - start, shortest)))
            start = max(end, start + shortest)
    return shown


def _images(frame: "Callable[[int], NDArray[np.uint8]]", indices: Sequence[int]) -> Iterator[Image.Image]:
    """Yield frames of the size of the first, all in colour if it is."""
    first: Image.Image | None = None
    for index in indices:
        image = Image.fromarray(frame(index))
        first = first or image
        if image.mode != first.mode:
            image = image.convert(first.mode)
        yield image if image.size == first.size else _fitted(image, first.size)


def _fitted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    scale = min(size[0] / image.width, size[1] / image.height)
    inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    whole = Image.new(image.mode, size)
    whole.paste(
        image.resize(inner, Image.Resampling.BILINEAR),
        ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2),
    )
    return whole


def _exif(comment: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = comment  # ImageDescription
    return exif.tobytes()


def _write_mp4(
    stream: BinaryIO, images: Iterator[Image.Image], ticks: Sequence[int], size: tuple[int, int], comment: str
) -> None:
    try:
        av: Any = import_module("av")
    except ImportError as error:
        raise UsageError(
            "MP4 needs PyAV; install it with: pip install 'dicomtui[video]' (or choose webp-movie)"
        ) from error
    with av.open(stream, "w", format="mp4") as container:
        if comment:
            container.metadata["comment"] = comment
        video: Any = container.add_stream("libx264", options={"crf": _HIGH_QUALITY, "preset": "medium"})
        video.width, video.height = (side + side % 2 for side in size)  # halves of the chroma must be whole
        video.pix_fmt = "yuv420p"
        video.time_base = video.codec_context.time_base = Fraction(1, _TICKS["mp4"])
        time = 0
        for image, duration in zip(images, ticks, strict=True):
            grown = _even(np.asarray(image))
            picture = av.VideoFrame.from_ndarray(grown, format="gray" if grown.ndim == 2 else "rgb24")
            picture.pts, picture.duration, picture.time_base = time, duration, video.time_base
            time += duration
            container.mux(video.encode(picture))
        container.mux(video.encode(None))


def _even(values: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Return a picture of even sides: the last row or column stands twice where it has to."""
    rows, columns = values.shape[:2]
    more = [(0, rows % 2), (0, columns % 2), (0, 0)][: values.ndim]
    return np.pad(values, more, "edge")
