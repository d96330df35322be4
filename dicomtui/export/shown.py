"""The pictures that go into one file, in order: frames of an instance, or instances of a series."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dicomtui.archive.opening import open_instance
from dicomtui.errors import UsageError
from dicomtui.export.pictures import Picture, Pictures
from dicomtui.imaging.attributes import text
from dicomtui.imaging.cine import DEFAULT_RATE, timing

if TYPE_CHECKING:
    from dicomtui.dataset.reading import Instance
    from dicomtui.export.options import ExportOptions


class Shown:
    """Pictures by their numbers, from 1; one instance is open at a time.

    Parameters
    ----------
    sources : sequence of str
        One, whose frames are meant, or the images of a series.
    frames : sequence of int
        The numbers that are wanted; none for all.
    options : ExportOptions
        How they look.

    Attributes
    ----------
    numbers : list of int
        Those that are shown, in order.
    """

    def __init__(self, sources: Sequence[str], frames: Sequence[int], options: "ExportOptions") -> None:
        self._sources, self._options = sources, options
        self._at = -1
        self._open(0)
        self._is_series = len(sources) > 1
        count = len(sources) if self._is_series else self._pictures.count
        self.numbers: list[int] = list(frames) or list(range(1, count + 1))

    def picture(self, number: int) -> Picture:
        """Return one of them.

        Raises
        ------
        UsageError
            If there is none of that number.
        """
        if not self._is_series:
            return self._pictures.picture(number)
        if not 1 <= number <= len(self._sources):
            raise UsageError(f"picture {number}: the series has {len(self._sources):,}, numbered from 1")
        self._open(number - 1)
        return self._pictures.picture(1)

    def caption(self, number: int) -> str:
        """Return what stands below the picture that was asked for last: a number, nothing that identifies."""
        if not self._is_series:
            return f"frame {number}"
        return text(self._instance.dataset, "InstanceNumber") or f"no. {number}"

    def timing(self) -> tuple[list[float], bool]:
        """Return how many seconds each stays, and whether they are played back and forth."""
        if self._is_series:
            return [1 / DEFAULT_RATE] * len(self.numbers), False
        found = timing(self._instance.dataset, self._pictures.count)
        return [found.seconds_of(number) for number in self.numbers], found.sweeps

    def _open(self, index: int) -> None:
        if index != self._at:
            self._instance: Instance = open_instance(self._sources[index])
            self._pictures = Pictures(self._instance, self._options)
            self._at = index
