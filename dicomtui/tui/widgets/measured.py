"""What was measured while the program runs, with the frames that it belongs to."""

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dicomtui.imaging.drawings import Drawing
    from dicomtui.imaging.regions import Region

Subject = tuple[str, int]
"""The path of an instance and the number of a frame of it, from 1."""


class Measured(NamedTuple):
    """One measurement."""

    subject: Subject
    found: dict[str, Any]
    """As :class:`~dicomtui.imaging.measuring.FrameMeasurer` returns it."""
    drawing: "Drawing"
    region: "Region | None" = None
    """Which pixels it is about; None for lines and angles."""


class Measurements:
    """All measurements, in the order in which they were made."""

    def __init__(self) -> None:
        self.all: list[Measured] = []

    def of(self, subject: Subject) -> list[Measured]:
        """Return those of a frame."""
        return [each for each in self.all if each.subject == subject]

    def drawings(self, subject: Subject) -> "list[Drawing]":
        """Return what is drawn of them over a frame."""
        return [each.drawing for each in self.of(subject)]

    def last_region(self, subject: Subject) -> Measured | None:
        """Return the region of a frame that was measured last."""
        return next((each for each in reversed(self.of(subject)) if each.region is not None), None)
