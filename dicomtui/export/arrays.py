"""One frame as an array of numbers, at the stage of the standard's chain that is asked for.

References
----------
DICOM PS3.4 N.2 (Pixel Transformation Sequence); PS3.5 8.1.1 (Pixel Data Encoding).
"""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np

from dicomtui.errors import UsageError
from dicomtui.imaging.frames import Frames
from dicomtui.imaging.rendering import Rendering, default_window, display
from dicomtui.text import safe_line
from dicomtui.writing import new_file

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    from dicomtui.dataset.reading import Instance
    from dicomtui.imaging.window import Window

Stage = Literal["stored", "modality", "display"]
"""How far a frame has come from stored values to display values."""
STAGES: tuple[Stage, ...] = get_args(Stage)


class FrameArray(NamedTuple):
    """One frame as numbers."""

    values: "NDArray[Any]"
    """Shape (rows, columns), or (rows, columns, samples) for colour."""
    notes: tuple[str, ...]
    """One line for each thing in the file that contradicts the rest or could not be used."""
    shown: str = ""
    """What made display values of it and why, safe to show; empty at the other stages and for colour."""


def frame_array(
    instance: "Instance", number: int, stage: Stage, window: "Window | None" = None
) -> FrameArray:
    """Return a frame as it is at one stage.

    Parameters
    ----------
    instance : Instance
        An instance with pixel data.
    number : int
        The frame, from 1.
    stage : {'stored', 'modality', 'display'}
        ``stored``: masked to Bits Stored and sign-extended, in the smallest integer type that holds them
        (float values as they are); colours are not converted, palette indices not looked up.
        ``modality``: float32 after the Modality LUT, in the units of the file; pixel padding keeps its
        number. ``display``: uint8, 0 is black and 255 white, MONOCHROME1 inverted and padding black; colour
        is RGB, shape (rows, columns, 3). Overlays, shutters and the colours of a supplemental palette are
        drawn at no stage.
    window : Window, optional
        For ``display`` of a picture without colours; by default what a viewer would choose.

    Raises
    ------
    UsageError
        If there is no such frame, the stage does not exist for colours, or the window has no effect.
    DecodeError
        If the frame cannot be decoded.
    """
    if window is not None and stage != "display":
        raise UsageError(
            f"a window has no effect on {stage} values; leave it out, or ask for the stage display"
        )
    if stage == "stored":
        frames = Frames(instance)
        _require_frame(instance, number, frames.count)
        decoded = frames.frame(number)
        return FrameArray(decoded.values, frames.notes)
    rendering = Rendering(instance)
    _require_frame(instance, number, rendering.frames)
    frame = rendering.frame(number)
    if frame.is_colour and stage == "modality":
        raise UsageError(
            f"{_name(instance)}: has colours, for which there are no modality values;"
            " ask for the stage stored or display"
        )
    if frame.is_colour and window is not None:
        raise UsageError(f"{_name(instance)}: has colours, on which a window has no effect; leave it out")
    if frame.is_colour or stage == "modality":
        return FrameArray(frame.values, frame.notes)
    voi, reason = (window, "as asked") if window else default_window(frame, rendering.modality)
    values = frame.values
    if frame.padding is not None:
        values = np.where(frame.padding, np.float32(np.nan), values)  # which display shows black
    shown = f"{safe_line(str(voi), 100)} ({safe_line(reason, 100)})"
    return FrameArray(display(values, voi, inverse=frame.inverse), frame.notes, shown)


def write_npy(path: "str | os.PathLike[str]", values: "NDArray[Any]", *, overwrite: bool = False) -> None:
    """Write an array as a NumPy file; see :func:`dicomtui.writing.new_file` for what that promises.

    Raises
    ------
    WriteError
        If the file exists and may not be replaced, or cannot be written; nothing is left of it then.
    """
    with new_file(path, overwrite=overwrite) as stream:
        np.lib.format.write_array(stream, np.ascontiguousarray(values), allow_pickle=False)


def _require_frame(instance: "Instance", number: int, count: int) -> None:
    if not 1 <= number <= count:
        frames = f"{count:,} frame{'' if count == 1 else 's'}"
        raise UsageError(f"frame {number}: {_name(instance)} has {frames}, numbered from 1")


def _name(instance: "Instance") -> str:
    return safe_line(instance.source.name)
