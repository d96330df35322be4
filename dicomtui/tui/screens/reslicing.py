"""Planes and slabs through a series in the image pane: read and computed in a thread, stepped by keys."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.message import Message

from dicomtui.errors import DicomTuiError
from dicomtui.imaging.reslicing import Direction, Projection, Reslicer, Slab
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.widgets.probe import Probe

if TYPE_CHECKING:
    from textual import events

    from dicomtui.dataset.reading import Instance
    from dicomtui.imaging.drawings import Drawing
    from dicomtui.imaging.measurement import Point
    from dicomtui.imaging.orientation import Vector
    from dicomtui.imaging.rendering import Frame
    from dicomtui.tui.widgets.image_view import ImageView
    from dicomtui.tui.widgets.tool import Tool

_HINT = "planes: j k  a axial s sagittal c coronal  m MIP MinIP mean ( ) thickness  Esc"
_DIRECTIONS = {"a": Direction.AXIAL, "s": Direction.SAGITTAL, "c": Direction.CORONAL}
_STEPS = {"j": 1, "down": 1, "k": -1, "up": -1, "J": 10, "pagedown": 10, "K": -10, "pageup": -10}
_ENDS = ("home", "end", "g", "G")
_THICKNESS = 20.0
_THICKER = 5.0
"""Millimetres of a slab at first, and by how much a key changes them."""
_LEAST_THICKNESS = 5.0
_TELL_SECONDS = 0.2


class ReslicingTold(Message):
    """A thread has something for the screen."""

    def __init__(self, go_on: Callable[[], None]) -> None:
        super().__init__()
        self.go_on = go_on
        """What is to be done with it, by the screen's thread."""


class _NotWantedError(Exception):
    """The user went elsewhere."""


class Planes:
    """The tool that steps through planes.

    Parameters
    ----------
    reslicer : Reslicer
        Of the series.
    through : tuple of float
        The place of the patient that the planes go through at first, in millimetres.
    image : ImageView
        Knows the count that was typed before a key.
    want : callable
        Has a slab computed and shown.
    back : callable
        Shows the frame again that was there before.
    """

    hint = _HINT

    def __init__(
        self,
        reslicer: Reslicer,
        through: "Vector",
        image: "ImageView",
        want: Callable[[Slab], None],
        back: Callable[[], None],
    ) -> None:
        self.reslicer, self._image, self._want, self._back = reslicer, image, want, back
        x, y, z = through
        self._places = {Direction.SAGITTAL: x, Direction.CORONAL: y, Direction.AXIAL: z}
        self._direction = Direction.CORONAL
        self._projection = Projection.PLANE
        self._thickness = _THICKNESS
        self.progress = ""
        """How far a slab is that takes long."""

    @property
    def slab(self) -> Slab:
        """What is to be seen."""
        return Slab(self._direction, self._places[self._direction], self._projection, self._thickness)

    @property
    def text(self) -> str:
        """The direction, the place along it, and what is taken of a slab."""
        text = f"{self._direction} {self._places[self._direction]:.1f} mm"
        is_plane = self._projection is Projection.PLANE
        slab = "" if is_plane else f" {self._projection} {self._thickness:g} mm {self.progress}"
        return f"{text}{slab}".rstrip()

    def key(self, event: "events.Key") -> bool:
        """Take a key; those of the window and the zoom mean what they always mean."""
        before, key = self.slab, event.character if event.is_printable else event.key
        if key in _DIRECTIONS:
            self._direction = _DIRECTIONS[key]
        elif key in _STEPS or key in _ENDS:
            self._move(key)
        elif key == "m":
            projections = list(Projection)
            self._projection = projections[(projections.index(self._projection) + 1) % len(projections)]
        elif key in ("(", ")"):
            low, high = self.reslicer.extent(self._direction)
            thicker = self._thickness + (_THICKER if key == ")" else -_THICKER)
            self._thickness = min(max(thicker, _LEAST_THICKNESS), max(_LEAST_THICKNESS, high - low))
        else:
            return False
        if self.slab != before:
            self._want(self.slab)
        return True

    def _move(self, key: str) -> None:
        """Step as often as a count says, or go to an end or to the plane that the count names."""
        if key == "g" and not self._image.window.count.second_g():
            return
        low, high = self.reslicer.extent(self._direction)
        count, spacing = self._image.take_count(), self.reslicer.spacing
        if key in _STEPS:
            place = self._places[self._direction] + _STEPS[key] * (count or 1) * spacing
        elif count and key in ("g", "G"):
            place = low + (count - 1) * spacing
        else:
            place = high if key in ("end", "G") else low
        self._places[self._direction] = min(max(place, low), high)

    def drawings(self) -> "Sequence[Drawing]":
        """Return none."""
        return ()

    def leave(self) -> None:
        """Show the frame again that was there before."""
        self._back()


class Reslicing:
    """Reads a series into a volume, and shows planes and slabs of it in the image view.

    Parameters
    ----------
    image : ImageView
        Where they are shown.
    post : callable
        Takes messages to the screen, from any thread.
    say : callable
        Shows a sentence of the program's own.
    """

    def __init__(
        self, image: "ImageView", post: Callable[[Message], Any], say: Callable[[str], None]
    ) -> None:
        self._image, self._post, self._say = image, post, say
        self._reader, self._worker = LatestWorker("volume"), LatestWorker("reslice")
        self._planes: Tool | None = None
        self._before: Frame | None = None
        self._modality = ""
        self._job = 0
        """Counts what was begun: what comes of an earlier one is out of date."""

    def begin(self, paths: Sequence[str], modality: str, shown: tuple[str, int]) -> None:
        """Read a series and show a plane through the probe, or its middle; while one is shown, nothing.

        Parameters
        ----------
        paths : sequence of str
            Its instances.
        modality : str
            Of them.
        shown : tuple
            Path and frame number, from 1, of the frame on the screen.
        """
        if self._planes is not None and self._image.tool is self._planes:
            return
        frame = self._image.original
        if frame is None:
            return
        self._job += 1
        self._before, self._modality = frame, modality
        job = self._job
        self._say(f"Reading {len(paths):,} {'file' if len(paths) == 1 else 'files'} as a volume ...")
        tool = self._image.tool
        at = tool.at if isinstance(tool, Probe) else None
        self._reader.submit(lambda: self._read(job, paths, shown, at))

    def end(self) -> None:
        """Show no planes any more, as another frame is shown."""
        self._job += 1
        if self._planes is not None and self._image.tool is self._planes:
            self._image.tool = None
        self._planes = None

    def _tell(self, job: int, go_on: Callable[[], None]) -> None:
        """Have the screen's thread do something, unless the user went elsewhere meanwhile."""
        self._post(ReslicingTold(lambda: go_on() if job == self._job else None))

    def _read(self, job: int, paths: Sequence[str], shown: tuple[str, int], at: "Point | None") -> None:
        from dicomtui.archive.opening import open_instance
        from dicomtui.imaging.volume import volume_of

        def progress(done: int, count: int) -> None:
            if job != self._job:
                raise _NotWantedError
            if done % 10 == 0:
                self._tell(job, lambda: self._say(f"Reading plane {done + 1:,} of {count:,} ..."))

        before = self._before
        try:
            instances = []
            for path in paths:
                if job != self._job:
                    return
                instances.append(open_instance(path))
            volume = volume_of(instances, progress)
            reslicer = Reslicer(volume, inverse=before is not None and before.inverse)
            through = reslicer.middle
            if at is not None and shown[0] in paths:
                through = _place(instances[paths.index(shown[0])], shown[1], at) or through
        except DicomTuiError as error:
            reason = f"No planes through this series: {error}"
            self._tell(job, lambda: self._say(reason))
        except _NotWantedError:
            return
        except MemoryError:
            self._tell(job, lambda: self._say("No planes through this series: there is no memory for it."))
        else:
            self._tell(job, lambda: self._show(reslicer, through))

    def _show(self, reslicer: Reslicer, through: "Vector") -> None:
        """Begin to step through planes."""
        job = self._job

        def want(slab: Slab) -> None:
            self._worker.submit(lambda: self._compute(job, planes, slab))

        planes = self._planes = Planes(reslicer, through, self._image, want, self._back)
        self._image.tool = planes
        self._say("")
        want(planes.slab)

    def _compute(self, job: int, planes: Planes, slab: Slab) -> None:
        told = time.monotonic()

        def is_wanted(done: int, count: int) -> bool:
            nonlocal told
            if time.monotonic() - told > _TELL_SECONDS:
                told = time.monotonic()
                self._tell(job, lambda: self._tell_progress(planes, f"{done / count:.0%} ..."))
            return job == self._job and not self._worker.overtaken

        try:
            frame = planes.reslicer.frame(slab, is_wanted)
        except DicomTuiError as error:
            reason = str(error)
            self._tell(job, lambda: self._say(reason))
            return
        if frame is not None:
            self._tell(job, lambda: self._take(planes, frame))

    def _tell_progress(self, planes: Planes, text: str) -> None:
        planes.progress = text
        self._image.post_message(self._image.Changed())

    def _take(self, planes: Planes, frame: "Frame") -> None:
        """Show a plane through the window of the frame that was there before."""
        planes.progress = ""
        if self._before is not None:
            windows = self._before.windows
            self._image.show_frame(replace(frame, windows=windows), self._modality, keep=True)

    def _back(self) -> None:
        """Show the frame again that was there before."""
        self._job += 1
        self._planes = None
        if self._before is not None:
            self._image.show_frame(self._before, self._modality, keep=True)


def _place(instance: "Instance", number: int, at: "Point") -> "Vector | None":
    """Return where a pixel of a frame lies in the patient."""
    from dicomtui.imaging.geometry import pixel_spacing, plane_of
    from dicomtui.imaging.measurement import patient_place

    plane, spacing = plane_of(instance.dataset, number), pixel_spacing(instance.dataset, number)
    return patient_place(plane, spacing, at) if plane is not None and spacing is not None else None
