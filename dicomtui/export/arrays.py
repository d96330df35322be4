"""One frame as an array of numbers, at the stage of the standard's chain that is asked for.

References
----------
DICOM PS3.4 N.2 (Pixel Transformation Sequence); PS3.5 8.1.1 (Pixel Data Encoding).
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dicomtui.errors import UsageError
from dicomtui.imaging.frames import Frames
from dicomtui.imaging.processing import processed
from dicomtui.imaging.rendering import Frame, Rendering, default_window, display
from dicomtui.imaging.voi_lut import VoiLut, automatic_window, full_range_window
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from numpy.typing import NDArray

    from dicomtui.dataset.reading import Instance
    from dicomtui.export.options import Stage, WindowChoice
    from dicomtui.imaging.processing import Chain
    from dicomtui.imaging.window import Window


class FrameArray(NamedTuple):
    """One frame as numbers."""

    values: "NDArray[Any]"
    """Shape (rows, columns), or (rows, columns, samples) for colour."""
    notes: tuple[str, ...]
    """One line for each thing in the file that contradicts the rest or could not be used."""
    shown: str = ""
    """What made display values of it and why, safe to show; empty at the other stages and for colour."""


class FrameArrays:
    """The frames of an instance as they are at one stage.

    Parameters
    ----------
    instance : Instance
        An instance with pixel data.
    stage : {'stored', 'modality', 'display'}
        ``stored``: masked to Bits Stored and sign-extended, in the smallest integer type that holds them
        (float values as they are); colours are not converted, palette indices not looked up.
        ``modality``: float32 after the Modality LUT, in the units of the file; pixel padding keeps its
        number. ``display``: uint8, 0 is black and 255 white, MONOCHROME1 inverted and padding black; colour
        is RGB, shape (rows, columns, 3). Overlays, shutters and the colours of a supplemental palette are
        drawn at no stage.
    window : Window, VoiLut or {'file', 'full', 'auto'}
        For ``display`` of a picture without colours: ``file`` is what a viewer would choose.
    process : Chain, optional
        What is done to modality values, for ``modality`` and ``display``.

    Raises
    ------
    UsageError
        If the window or the processing has no effect at the stage.
    DecodeError
        If there is no pixel data, or none that can be decoded.
    """

    def __init__(
        self,
        instance: "Instance",
        stage: "Stage",
        window: "Window | VoiLut | WindowChoice" = "file",
        process: "Chain | None" = None,
    ) -> None:
        if window != "file" and stage != "display":
            raise UsageError(
                f"a window has no effect on {stage} values; leave it out, or ask for the stage display"
            )
        if process is not None and stage == "stored":
            raise UsageError("stored values are not processed; ask for the stage modality or display")
        self._name = safe_line(instance.source.name)
        self._stage, self._window, self._process = stage, window, process
        self._frames = Frames(instance) if stage == "stored" else None
        self._rendering = None if self._frames else Rendering(instance)

    @property
    def count(self) -> int:
        """Number of frames."""
        if self._frames is not None:
            return self._frames.count
        assert self._rendering is not None
        return self._rendering.frames

    def array(self, number: int) -> FrameArray:
        """Return frame *number*, from 1.

        Raises
        ------
        UsageError
            If there is no such frame, the stage does not exist for colours, or a window was asked for them.
        DecodeError
            If the frame cannot be decoded.
        """
        require_frame(self._name, number, self.count)
        if self._frames is not None:
            decoded = self._frames.frame(number)
            return FrameArray(decoded.values, (*self._frames.notes, *decoded.notes))
        assert self._rendering is not None
        frame = processed(self._rendering.frame(number), self._process)
        if frame.is_colour:
            self._require_effect()
            return FrameArray(frame.values, frame.notes)
        if self._stage == "modality":
            return FrameArray(frame.values, frame.notes)
        voi, reason = chosen_window(frame, self._rendering.modality, self._window)
        values = frame.values
        if frame.padding is not None:
            values = np.where(frame.padding, np.float32(np.nan), values)  # which display shows black
        shown = f"{safe_line(str(voi), 100)} ({safe_line(reason, 100)})"
        return FrameArray(display(values, voi, inverse=frame.inverse), frame.notes, shown)

    def _require_effect(self) -> None:
        """Raise what makes no sense for colours."""
        if self._stage == "modality":
            raise UsageError(
                f"{self._name}: has colours, for which there are no modality values;"
                " ask for the stage stored or display"
            )
        if not isinstance(self._window, str):
            raise UsageError(f"{self._name}: has colours, on which a window has no effect; leave it out")


def require_frame(name: str, number: int, count: int) -> None:
    """Raise that there is no frame *number*, if that is so."""
    if not 1 <= number <= count:
        frames = f"{count:,} frame{'' if count == 1 else 's'}"
        raise UsageError(f"frame {number}: {name} has {frames}, numbered from 1")


def chosen_window(
    frame: Frame, modality: str, window: "Window | VoiLut | WindowChoice"
) -> "tuple[Window | VoiLut, str]":
    """Return the window that a choice means for a frame, and why."""
    if window == "file":
        return default_window(frame, modality)
    if window == "full":
        return full_range_window(frame.values, frame.padding), "full range"
    if window == "auto":
        return automatic_window(frame.values, frame.padding), "1-99 %"
    assert not isinstance(window, str)
    return window, "as asked"


def write_npy(stream: "BinaryIO", arrays: "Iterator[NDArray[Any]]", count: int) -> tuple[int, ...]:
    """Write frames as one NumPy file, of which no more than one is held.

    Parameters
    ----------
    stream : BinaryIO
        Where to.
    arrays : iterator of ndarray
        As many as *count*, all of one shape and type.
    count : int
        1 writes the frame itself, otherwise there is a first axis for the frames.

    Returns
    -------
    tuple of int
        The shape that was written.

    Raises
    ------
    UsageError
        If a frame has another shape or type than the first.
    """
    first = np.ascontiguousarray(next(arrays))
    shape = first.shape if count == 1 else (count, *first.shape)
    descr = np.lib.format.dtype_to_descr(first.dtype)
    np.lib.format.write_array_header_1_0(stream, {"descr": descr, "fortran_order": False, "shape": shape})
    stream.write(first.data)
    for number, values in enumerate(arrays, 2):
        if (values.shape, values.dtype) != (first.shape, first.dtype):
            raise UsageError(f"frame {number} has another shape or type than the first; export single frames")
        stream.write(np.ascontiguousarray(values).data)
    return shape


def write_npz(stream: "BinaryIO", arrays: "Sequence[NDArray[Any]]", **more: Any) -> None:
    """Write frames as the array ``values`` of a compressed NumPy archive, and *more* arrays beside it.

    Raises
    ------
    UsageError
        If the frames differ in shape.
    """
    if len({values.shape for values in arrays}) > 1:
        raise UsageError("the pictures have several sizes; export them one by one")
    np.savez_compressed(stream, values=np.stack(arrays), **more)
