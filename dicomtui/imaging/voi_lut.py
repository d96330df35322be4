"""Modality values -> display values: windows and VOI LUTs, as the file gives them and as they are applied.

>>> import numpy as np
>>> from dicomtui.imaging.voi_lut import apply_window
>>> from dicomtui.imaging.window import Window
>>> apply_window(np.array([-200, 40, 300], np.float32), Window(center=40, width=400))
array([  0, 128, 255], dtype=uint8)

References
----------
DICOM PS3.3 C.11.2 (VOI LUT), C.7.6.16.2.10 (Frame VOI LUT).
"""

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple, cast, get_args

import numpy as np

from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import items, label, numbers, text, texts, value
from dicomtui.imaging.functional_groups import frame_holders
from dicomtui.imaging.lookup_table import LookupTable, look_up, read_lookup_table
from dicomtui.imaging.window import LARGEST, Function, Window

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_SAMPLE = 1 << 17
"""Values that an automatic window looks at: enough for percentiles, quick for 4096x3328."""


@dataclass(frozen=True, slots=True, eq=False)
class VoiLut:
    """An item of the VOI LUT Sequence (0028,3010), made ready for 256 display values."""

    first: int
    """The modality value that the first entry stands for."""
    entries: "NDArray[np.uint8]"
    explanation: str = ""
    """LUT Explanation (0028,3003), safe to show."""

    @classmethod
    def from_table(cls, table: LookupTable, explanation: str = "") -> "VoiLut":
        """Scale the entries of *table* from their bits to 0..255."""
        full = (1 << table.bits) - 1
        scaled = np.minimum(table.entries, full) * (255 / full)
        return cls(table.first, np.rint(scaled).astype(np.uint8), explanation)

    def as_window(self) -> Window:
        """Return the window over the values that the table tells apart: where window keys start from."""
        different = np.flatnonzero(np.diff(self.entries.astype(np.int16)))
        low, high = (different[0], different[-1] + 1) if len(different) else (0, len(self.entries) - 1)
        return Window.between(self.first + float(low), self.first + float(high))

    def __str__(self) -> str:
        return f"LUT {self.explanation}".rstrip()


class FileWindows(NamedTuple):
    """What a file says about how one frame is to be shown."""

    windows: tuple[Window | VoiLut, ...]
    """VOI LUTs before windows, each in the file's order."""
    notes: tuple[str, ...]
    """One line for each window or LUT that makes no sense and was left out."""


def windows_of(dataset: "Dataset", number: int) -> FileWindows:
    """Return the windows and VOI LUTs of a frame.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    number : int
        The frame, from 1: its own Frame VOI LUT Sequence counts before the shared one and the data set.
    """
    notes: list[str] = []
    signed = _may_be_negative(dataset, number)
    for holder in frame_holders(dataset, number, "FrameVOILUTSequence"):
        found: list[Window | VoiLut] = [*_voi_luts(holder, signed, notes), *_windows(holder, notes)]
        if found:
            return FileWindows(tuple(found), tuple(notes))
    return FileWindows((), tuple(notes))


def apply_window(values: "NDArray[Any]", window: Window) -> "NDArray[np.uint8]":
    """Map modality values to display values.

    Parameters
    ----------
    values : ndarray of float32, any shape
        Modality values; NaN stands for a pixel without a value.
    window : Window
        In the same units.

    Returns
    -------
    ndarray of uint8, same shape
        0 is the darkest display value, 255 the brightest; NaN becomes 0.

    References
    ----------
    DICOM PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.1 (SIGMOID), C.11.2.1.3.2 (LINEAR_EXACT).
    """
    with np.errstate(over="ignore", invalid="ignore"):  # far values overflow to infinity, which is clipped
        if window.function == "SIGMOID":
            display = np.subtract(values, np.float32(window.center), dtype=np.float32)
            display *= np.float32(-4 / window.width)
            np.exp(display, out=display)
            display += 1
            np.divide(255, display, out=display)
            display += np.float32(0.5)  # the conversion to integers cuts: this rounds
        else:
            low, high = window.limits
            scale = 255 / max(high - low, 1e-30)
            display = np.subtract(values, np.float32(low - 0.5 / scale), dtype=np.float32)
            display *= np.float32(scale)
        np.clip(display, 0, 255, out=display)
    if display.size and np.isnan(display.max()):  # half the cost of looking at each
        display[np.isnan(display)] = 0
    shown: NDArray[np.uint8] = display.astype(np.uint8)
    return shown


def apply_voi_lut(values: "NDArray[Any]", voi: Window | VoiLut) -> "NDArray[np.uint8]":
    """Map modality values to display values with whichever of the two it is; NaN becomes 0."""
    if isinstance(voi, Window):
        return apply_window(values, voi)
    display: NDArray[np.uint8] = look_up(values, voi.first, voi.entries)
    if values.dtype.kind == "f":
        display[np.isnan(values)] = 0
    return display


def automatic_window(values: "NDArray[Any]", padding: "NDArray[np.bool_] | None" = None) -> Window:
    """Return the window from the 1st to the 99th percentile; all values where these are the same.

    Parameters
    ----------
    values : ndarray of float, shape (rows, columns)
        Modality values. A large picture is sampled at regular distances.
    padding : ndarray of bool, same shape, optional
        Where it is true there is no value, as where one is not finite.
    """
    return percentile_window(values, 1, 99, padding)


def percentile_window(
    values: "NDArray[Any]", low: float, high: float, padding: "NDArray[np.bool_] | None" = None
) -> Window:
    """Return the window between two percentiles (0..100) like :func:`automatic_window`."""
    stride = int(np.ceil(np.sqrt(values.size / _SAMPLE))) if values.size else 1
    sample = values[::stride, ::stride]
    present = _present(sample, None if padding is None else padding[::stride, ::stride])
    if present.size:
        bottom, top = (float(number) for number in np.percentile(present.astype(np.float64), (low, high)))
        if bottom < top:
            return Window.between(bottom, top)
    return full_range_window(values, padding)


def full_range_window(values: "NDArray[Any]", padding: "NDArray[np.bool_] | None" = None) -> Window:
    """Return the window from the least to the greatest value that is not padding."""
    if padding is None and values.size:
        low, high = float(values.min()), float(values.max())
        if isfinite(low) and isfinite(high):
            return Window.between(low, high)
    present = _present(values, padding)
    return (
        Window.between(float(present.min()), float(present.max())) if present.size else Window.between(0, 1)
    )


def _present(values: "NDArray[Any]", padding: "NDArray[np.bool_] | None") -> "NDArray[Any]":
    finite = np.isfinite(values)
    if padding is not None:
        finite &= ~padding
    present: NDArray[Any] = values[finite]
    return present


def _windows(holder: "Dataset", notes: list[str]) -> list[Window]:
    centers, widths = numbers(holder, "WindowCenter"), numbers(holder, "WindowWidth")
    explanations = texts(holder, "WindowCenterWidthExplanation")
    function = _function(holder, notes)
    if len(centers) != len(widths):
        notes.append(
            f"{label('WindowCenter')} and {label('WindowWidth')} differ in number: the pairs are used"
        )
    windows = []
    for index, (center, width) in enumerate(zip(centers, widths, strict=False)):
        if not (isfinite(center) and abs(center) <= LARGEST and 0 < width <= LARGEST):
            notes.append(
                f"window {index + 1} of the file has centre {center:g} and width {width:g}: left out"
            )
            continue
        exact = function == "LINEAR" and width < 1
        if exact:
            notes.append(f"{label('WindowWidth')} {width:g} is below 1: taken as LINEAR_EXACT")
        explanation = explanations[index] if index < len(explanations) else ""
        windows.append(Window(center, width, "LINEAR_EXACT" if exact else function, explanation))
    return windows


def _function(holder: "Dataset", notes: list[str]) -> Function:
    stated = text(holder, "VOILUTFunction").upper() or "LINEAR"
    if stated in get_args(Function):
        return cast("Function", stated)
    notes.append(f"{label('VOILUTFunction')} is {stated}: taken as LINEAR")
    return "LINEAR"


def _may_be_negative(dataset: "Dataset", number: int) -> bool:
    """Whether modality values of a frame may be negative: the first value of a VOI LUT is signed then."""
    holders = frame_holders(dataset, number, "PixelValueTransformationSequence")
    intercept = next((found for holder in holders if (found := numbers(holder, "RescaleIntercept"))), (0.0,))
    return value(dataset, "PixelRepresentation") == 1 or intercept[0] < 0


def _voi_luts(holder: "Dataset", signed: bool, notes: list[str]) -> list[VoiLut]:
    found = []
    for item in items(holder, "VOILUTSequence"):
        try:
            found.append(
                VoiLut.from_table(read_lookup_table(item, signed=signed), text(item, "LUTExplanation"))
            )
        except DecodeError as error:
            notes.append(f"no VOI LUT: {error}")
    return found
