"""A cross-hair on the picture: reads values, pins places, and measures between them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dicomtui.errors import UsageError
from dicomtui.tui.widgets.measured import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from dicomtui.imaging.drawings import Drawing
    from dicomtui.imaging.measuring import FrameMeasurer
    from dicomtui.imaging.regions import Point, Region
    from dicomtui.tui.widgets.image_view import ImageView

HAIR, PIN, DONE = (175, 135, 0), (0, 215, 255), (95, 255, 135)
"""Colours of the cross-hair, of what is pinned, of what was measured."""
_MOVES = {"h": (-1, 0), "l": (1, 0), "k": (0, -1), "j": (0, 1)}
_MOVES |= {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_FAR = 10
_ROUND = 72
"""Corners of an ellipse as it is drawn."""


class Probe:
    """A cross-hair, put down on the middle of what is shown.

    Parameters
    ----------
    view : ImageView
        Whose frame is read; what is measured goes to its :attr:`~ImageView.measurements`.
    """

    hint = (
        "Enter pin  d dist  a angle  r rect  e ellipse  g poly  p profile  i list"
        "  t histogram  Backspace undo  hjkl HJKL move  Esc"
    )

    def __init__(self, view: "ImageView") -> None:
        self._view = view
        self._pins: list[Point] = []
        self._said = ""
        """What could not be measured, until the next key."""
        self._keys: dict[str, Callable[[], None]] = {
            "enter": self._pin,
            "backspace": self._undo,
            "d": lambda: self._measure("distance", 2),
            "a": lambda: self._measure("angle", 3),
            "p": lambda: self._measure("profile", 2),
            "r": lambda: self._measure("rectangle", 2),
            "e": lambda: self._measure("ellipse", 2),
            "g": lambda: self._measure("polygon", 3),
            "i": self._list,
            "t": self._view.action_histogram,
        }
        region = view.surface.region
        assert region is not None
        column, row = region.to_picture(region.width / 2 - 0.5, region.height / 2 - 0.5)
        self.at: Point = (int(column), int(row))
        """Column and row of the pixel that is read."""

    # --- what is read ---

    @property
    def measurer(self) -> "FrameMeasurer":
        """Measures the frame that is shown."""
        from dicomtui.imaging.measuring import FrameMeasurer

        frame = self._view.surface.frame
        assert frame is not None
        return FrameMeasurer(frame)

    @property
    def text(self) -> str:
        """The values under the cross-hair, where it is, and how far from the last pin."""
        if self._said:
            return self._said
        self._stay_inside()
        found = self.measurer.point(self.at)
        parts = list(_values(found))
        if self._pins:
            length = self.measurer.distance(self._pins[-1], self.at)
            parts.insert(1, f"↔ {length['length']:.4g} {length['length_unit']}")
        return "  ".join(parts)

    def drawings(self) -> "Sequence[Drawing]":
        """Return what was measured, what is pinned, and the cross-hair."""
        from dicomtui.imaging.drawings import Drawing

        self._stay_inside()
        drawn = list(self._view.measurements.drawings(self._view.subject))
        if self._pins:
            drawn += [Drawing([*self._pins, self.at], PIN), Drawing(self._pins, PIN, "cross")]
        return [*drawn, Drawing([self.at], HAIR, "hair")]

    def leave(self) -> None:
        """Be put down."""
        self._pins.clear()

    def _stay_inside(self) -> None:
        """Stay in a frame that is smaller than the one before."""
        frame = self._view.surface.frame
        assert frame is not None
        rows, columns = frame.values.shape[:2]
        self.at = min(max(self.at[0], 0), columns - 1), min(max(self.at[1], 0), rows - 1)

    # --- keys ---

    def key(self, event: "events.Key") -> bool:
        """Move, pin, measure; whatever else a key means is left to others."""
        self._said = ""
        name = event.key.removeprefix("shift+")
        far = name != event.key or (len(name) == 1 and name.isupper())
        if (move := _MOVES.get(name.lower() if len(name) == 1 else name)) is not None:
            times = (_FAR if far else 1) * (self._view.take_count() or 1)
            self._move(*(step * times for step in move))
        elif event.key in self._keys:
            self._keys[event.key]()
        elif event.key == "escape" and self._pins:
            self._pins.clear()
        else:
            return False
        return True

    def _move(self, across: int, down: int) -> None:
        """Move over the screen, however the picture is turned, and take along what is shown of it."""
        region, frame = self._view.surface.region, self._view.surface.frame
        if region is None or frame is None:
            return
        start, right, below = (region.to_picture(*at) for at in ((0, 0), (1, 0), (0, 1)))
        column = self.at[0] + across * _sign(right[0] - start[0]) + down * _sign(below[0] - start[0])
        row = self.at[1] + across * _sign(right[1] - start[1]) + down * _sign(below[1] - start[1])
        self.at = column, row
        self._stay_inside()
        left, top, right_edge, bottom = region.box
        if not (left <= self.at[0] + 0.5 <= right_edge and top <= self.at[1] + 0.5 <= bottom):
            rows, columns = frame.values.shape[:2]
            middle = ((self.at[0] + 0.5) / columns, (self.at[1] + 0.5) / rows)
            self._view.look(replace(region.viewport, center=middle))

    def _pin(self) -> None:
        if not self._pins or self._pins[-1] != self.at:
            self._pins.append(self.at)

    def _undo(self) -> None:
        """Take back the last pin, or the last measurement of this frame."""
        measurements = self._view.measurements
        if self._pins:
            self._pins.pop()
        elif mine := measurements.of(self._view.subject):
            measurements.all.remove(mine[-1])

    def _list(self) -> None:
        self._view.post_message(self._view.MeasurementsWanted())

    # --- measuring ---

    def _measure(self, kind: str, least: int) -> None:
        """Measure between the last pins and the cross-hair."""
        places = [*self._pins, *([] if self._pins and self._pins[-1] == self.at else [self.at])]
        if len(places) < least:
            pins = "a place" if least == 2 else "two places"
            self._said = (
                f"For {_AN[kind]}, pin {pins} with Enter first, then move on and press the key again."
            )
            return
        if kind != "polygon":
            places = places[-least:]
        try:
            measured = self._measured(kind, places)
        except UsageError as error:
            self._said = str(error)
            return
        self._view.measurements.all.append(measured)
        self._pins.clear()
        self._view.post_message(self._view.MeasuredSomething(measured.found))

    def _measured(self, kind: str, places: "list[Point]") -> Measured:
        from dicomtui.imaging.drawings import Drawing

        measurer, subject = self.measurer, self._view.subject
        if kind in ("distance", "angle", "profile"):
            return Measured(subject, getattr(measurer, kind)(*places), Drawing(places, DONE))
        region, outline = _region(kind, places)
        return Measured(subject, measurer.region(region), Drawing(outline, DONE, "outline"), region)


_AN = {"distance": "a distance", "angle": "an angle", "profile": "a profile"}
_AN |= {"rectangle": "a rectangle", "ellipse": "an ellipse", "polygon": "a polygon"}


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def _region(kind: str, places: "list[Point]") -> "tuple[Region, list[Point]]":
    """Return a region between places, and the corners by which it is drawn."""
    from math import cos, pi, sin

    from dicomtui.imaging.regions import Ellipse, Rectangle, polygon

    if kind == "polygon":
        return polygon(places), places
    (left, right), (top, bottom) = (sorted(pair) for pair in zip(*places, strict=True))
    if kind == "rectangle":
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        return Rectangle(left, top, right, bottom), corners
    x, y, across, down = (left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2
    if not (across and down):
        raise UsageError("An ellipse needs two corners that differ in both directions.")
    turns = [2 * pi * step / _ROUND for step in range(_ROUND)]
    return Ellipse(x, y, across, down), [(x + across * cos(turn), y + down * sin(turn)) for turn in turns]


def _values(found: dict[str, Any]) -> list[str]:
    """Return what is known of a point, the most wanted first."""
    parts = []
    if "value" in found:
        parts.append(f"{found['value']:.6g} {found['unit']}".rstrip())
    elif "rgb" in found:
        parts.append("RGB " + ", ".join(map(str, found["rgb"])))
    else:
        parts.append("no value")
    parts += [f"SUVbw {found['suvbw']:.3g}"] if "suvbw" in found else []
    parts += [
        f"{each['label']} {each['value']:.6g} {each['unit']}".strip() for each in found.get("real_world", ())
    ]
    parts += [f"stored {found['stored']}"] if "stored" in found else []
    parts.append(f"at {found['x']:g},{found['y']:g}")
    if "patient_mm" in found:
        parts.append("{:.1f}, {:.1f}, {:.1f} mm".format(*found["patient_mm"]))
    return parts
