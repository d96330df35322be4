"""How fast the frames of an instance are played: its own timing, in seconds and frames per second.

>>> from pydicom.dataset import Dataset
>>> from dicomtui.imaging.cine import timing
>>> dataset = Dataset()
>>> dataset.FrameTime = "40"
>>> found = timing(dataset, 8)
>>> found.seconds, found.rate, found.source
((0.04,), 25.0, 'Frame Time (0018,1063)')

References
----------
DICOM PS3.3 C.7.6.5 (Cine), C.7.6.6 (Multi-frame), C.7.6.16.2.2 (Frame Content).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import isnan
from statistics import fmean, median
from typing import TYPE_CHECKING, NamedTuple

from pydicom.datadict import keyword_for_tag
from pydicom.multival import MultiValue

from dicomtui.dataset.frame_values import frame_values
from dicomtui.imaging.attributes import label, numbers, text, value

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicomtui.dataset.frame_values import Values

DEFAULT_RATE = 10.0
"""Frames per second where no file says how fast."""
SHORTEST, LONGEST = 0.001, 60.0
"""Seconds that a frame may be meant to stay: anything else is no speed to play at."""

_MOMENTS = ("FrameAcquisitionDateTime", "FrameReferenceDateTime")
_ACQUIRED = (*_MOMENTS, "FrameAcquisitionDuration")
_SEQUENCING = {"": False, "0": False, "1": True}
_DATE_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,6}))?([+-]\d{4})?")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long each frame stays on the screen."""

    seconds: tuple[float, ...] = (1 / DEFAULT_RATE,)
    """One number for all frames, or one for each: until the next frame in the order of the file."""
    source: str = "default"
    """The attribute that says so with its tag, for a status line; or ``default``."""
    sweeps: bool = False
    """Whether playing turns round at the ends; otherwise it begins again with the first frame."""
    notes: tuple[str, ...] = ()
    """One line for each attribute that gives no speed to play at."""

    @property
    def rate(self) -> float:
        """Frames per second, on average."""
        return 1 / fmean(self.seconds)

    def seconds_of(self, number: int) -> float:
        """Return how long frame *number*, from 1, stays."""
        return self.seconds[0] if len(self.seconds) == 1 else self.seconds[number - 1]


class _Found(NamedTuple):
    """What one attribute says."""

    seconds: tuple[float, ...] = ()
    """Empty where it is absent or makes no sense."""
    note: str = ""


def timing(dataset: "Dataset", frames: int) -> Timing:
    """Find how fast the frames are to be played.

    What is meant for the display counts before what was so when the frames were acquired. In turn:
    Recommended Display Frame Rate (frames/s); the one of Frame Time and Frame Time Vector (ms) that the Frame
    Increment Pointer names, then the other; Cine Rate (frames/s); in enhanced objects the differences of
    Frame Acquisition DateTime or Frame Reference DateTime, where every frame is later than the one before,
    and where there are none Frame Acquisition Duration (ms); ten frames per second.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance; for a series that is stepped as a stack use ``Timing()``.
    frames : int
        How many frames there are.

    Returns
    -------
    Timing
        What is absent is passed over; what is no number, or is not between :data:`SHORTEST` and
        :data:`LONGEST`, is passed over with a note.
    """
    if frames < 2:
        return Timing()
    sweeps, notes = _sweeps(dataset)
    timers = ["FrameTime", "FrameTimeVector"]
    if _increment(dataset) == "FrameTimeVector":
        timers.reverse()
    for keyword in ("RecommendedDisplayFrameRate", *timers, "CineRate", *_ACQUIRED):
        found = (_acquired if keyword in _ACQUIRED else _stated)(dataset, keyword, frames)
        if found.seconds:
            return Timing(found.seconds, label(keyword), sweeps, notes)
        if found.note:
            notes += (found.note,)
    return Timing(sweeps=sweeps, notes=notes)


def _stated(dataset: "Dataset", keyword: str, frames: int) -> _Found:
    stated = _numbers(dataset, keyword)
    if not stated:
        return _Found()
    if keyword == "FrameTimeVector":
        return _increments(stated, frames)
    number, is_rate = stated[0], keyword in ("RecommendedDisplayFrameRate", "CineRate")
    seconds = (1 / number if number else 0.0) if is_rate else number / 1000
    if SHORTEST <= seconds <= LONGEST:
        return _Found((seconds,))
    return _refused(keyword, number, "frames/s" if is_rate else "ms")


def _numbers(dataset: "Dataset", keyword: str) -> tuple[float, ...]:
    """Return the numbers of an attribute, also where pydicom sees none: text as NaN, 29.97 as IS."""
    if stated := numbers(dataset, keyword):
        return stated
    raw = dataset.get_item(keyword)
    written = raw.value.decode("latin-1").strip(" \0") if raw and isinstance(raw.value, bytes) else ""
    return tuple(_number(part) for part in written.split("\\")) if written else ()


def _refused(keyword: str, number: float, unit: str) -> _Found:
    what = "no number" if isnan(number) else f"{number:g} {unit}"
    return _Found(note=f"{label(keyword)} is {what}: no speed to play at")


def _increments(vector: tuple[float, ...], frames: int) -> _Found:
    """Read Frame Time Vector: milliseconds since the frame before, of which the first has none."""
    if len(vector) < frames:
        return _Found(
            note=f"{label('FrameTimeVector')} has {len(vector)} values for {frames:,} frames: left out"
        )
    for number, increment in enumerate(vector[1:frames], 2):
        if not SHORTEST <= increment / 1000 <= LONGEST:
            return _refused("FrameTimeVector", increment, f"ms at frame {number:,}")
    return _Found(_with_last([increment / 1000 for increment in vector[1:frames]]))


def _acquired(dataset: "Dataset", keyword: str, frames: int) -> _Found:
    """Read an attribute of the Frame Content of each frame."""
    if "PerFrameFunctionalGroupsSequence" not in dataset:
        return _Found()
    values = frame_values(dataset, "FrameContentSequence", keyword, frames)
    if keyword in _MOMENTS:
        return _differences(values)
    # moments that made no film tell that frames were not acquired one after the other
    if any(any(frame_values(dataset, "FrameContentSequence", moment, frames)) for moment in _MOMENTS):
        return _Found()
    return _durations(keyword, values)


def _differences(values: "list[Values]") -> _Found:
    """Read when each frame was acquired; frames that are not one after the other are no film."""
    times = [_microseconds(first[0]) if first else None for first in values]
    known = [time for time in times if time is not None]
    if len(known) < len(values):
        return _Found()
    gaps = [(after - before) / 1_000_000 for before, after in pairwise(known)]
    return _Found(_with_last(gaps)) if all(SHORTEST <= gap <= LONGEST for gap in gaps) else _Found()


def _durations(keyword: str, values: "list[Values]") -> _Found:
    """Read how long the acquisition of each frame took, in milliseconds."""
    if not all(values):
        return _Found()
    seconds = []
    for number, first in enumerate(values, 1):
        duration = _number(first[0]) / 1000
        if not SHORTEST <= duration <= LONGEST:
            return _refused(keyword, duration * 1000, f"ms at frame {number:,}")
        seconds.append(duration)
    return _Found(_shortened(seconds))


def _with_last(gaps: list[float]) -> tuple[float, ...]:
    """Add how long the last frame stays, of which no attribute says anything: as long as others do."""
    return _shortened([*gaps, median(gaps)])


def _shortened(seconds: list[float]) -> tuple[float, ...]:
    return (seconds[0],) if len(set(seconds)) == 1 else tuple(seconds)


def _microseconds(date_time: str) -> int | None:
    """Return a DT value as time since a fixed moment; None where it is not given to the second."""
    match = _DATE_TIME.fullmatch(date_time)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction, zone = (match[7] or "").ljust(6, "0"), match[8]
    try:
        moment = datetime(year, month, day, hour, minute, second, int(fraction))
    except ValueError:
        return None
    offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:])) if zone else timedelta()
    return (moment - datetime.min - offset) // timedelta(microseconds=1)


def _number(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return float("nan")


def _increment(dataset: "Dataset") -> str:
    """Return the keyword of the attribute by which frames differ, as the file says."""
    pointer = value(dataset, "FrameIncrementPointer")
    first = pointer[0] if isinstance(pointer, MultiValue) and pointer else pointer
    return keyword_for_tag(first) if isinstance(first, int) and 0 <= first <= 0xFFFFFFFF else ""


def _sweeps(dataset: "Dataset") -> tuple[bool, tuple[str, ...]]:
    stated = text(dataset, "PreferredPlaybackSequencing")
    if stated in _SEQUENCING:
        return _SEQUENCING[stated], ()
    return False, (f"{label('PreferredPlaybackSequencing')} is {stated}: played as a loop",)
