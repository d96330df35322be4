"""A surface as a widget: fits it to the pane, refines it in a thread, draws its lines."""

from functools import partial
from typing import TYPE_CHECKING

from rich.style import Style
from textual.filter import LineFilter
from textual.geometry import Region as ScreenRegion
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.widgets.picture_surface import Part, Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicomtui.imaging.viewport import Viewport


ZOOM_STEP = 1.25
PAN_STEP = 0.1


class PictureView(Widget):
    """Shows what is on a surface; subclasses say what keys do."""

    class Changed(Message):
        """What is shown changed: window, zoom, frame."""

    class Refined(Message):
        """The exact small picture is ready."""

        def __init__(self, part: Part) -> None:
            super().__init__()
            self.part = part

    def __init__(self, surface: Surface) -> None:
        super().__init__()
        self.surface = surface
        self._refiner = LatestWorker("refine")

    def look(self, viewport: "Viewport") -> None:
        """Show another part of the picture, or another way round."""
        if viewport != self.surface.viewport:
            self.surface.viewport = viewport
            self.resample()

    def action_zoom(self, steps: int) -> None:
        """Zoom in or out, keeping the middle."""
        if self.surface.viewport is not None:
            self.look(self.surface.viewport.zoomed(ZOOM_STEP**steps))

    def action_fit(self) -> None:
        """Show the whole picture."""
        if self.surface.viewport is not None:
            self.look(self.surface.viewport.fitted())

    def action_one_to_one(self) -> None:
        """Show one column of the picture as one pixel."""
        if self.surface.viewport is not None and self.surface.frame is not None:
            rows, columns = self.surface.frame.values.shape[:2]
            width, height = self.surface.area
            self.look(
                self.surface.viewport.one_to_one((rows, columns), self.surface.frame.aspect, width, height)
            )

    def action_pan(self, across: int, down: int) -> None:
        """Move over the picture while it is larger than the pane."""
        if self.surface.viewport is not None:
            self.look(self.surface.viewport.panned(across * PAN_STEP, down * PAN_STEP))

    def action_rotate(self) -> None:
        """Turn by 90 degrees clockwise."""
        if self.surface.viewport is not None:
            self.look(self.surface.viewport.rotated())

    def action_flip(self, direction: str) -> None:
        """Mirror left to right, or top to bottom."""
        if self.surface.viewport is not None:
            self.look(
                self.surface.viewport.flipped(
                    horizontally=direction == "horizontally", vertically=direction == "vertically"
                )
            )

    def resample(self) -> None:
        """Make the small picture again: at once for the quick one, in a thread for a large picture."""
        refine = self.surface.resample(*self.size)
        self._painted()
        if refine is not None:
            self._refiner.submit(partial(self._refine, refine))

    def _refine(self, refine: "Callable[[], Part]") -> None:
        self.post_message(self.Refined(refine()))

    def paint(self) -> None:
        """Show the same part otherwise: through another window, with other layers."""
        self.surface.paint()
        self._painted()

    def on_picture_view_refined(self, event: Refined) -> None:
        """Take the exact picture, if it is still the one that is wanted."""
        event.stop()
        if self.surface.take(event.part):
            self._painted()

    def _painted(self) -> None:
        self.refresh()
        self.post_message(self.Changed())

    def on_resize(self) -> None:
        """Fit the picture again."""
        self.resample()

    def get_line_filters(self) -> list[LineFilter]:
        """Return none: the colours of a picture are final."""
        return []

    def render_lines(self, crop: ScreenRegion) -> list[Strip]:
        """Draw lines without the detour over borders and padding, which the picture does not have."""
        base = self.rich_style  # takes longer to find than a line to draw
        return [self.strip(y, base).crop(crop.x, crop.right) for y in range(crop.y, crop.bottom)]

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        return self.strip(y, self.rich_style)

    def strip(self, y: int, base: Style) -> Strip:
        """Draw line *y*; *base* is the style of what is beside the picture."""
        return self.surface.strip(y, self.size.width, base)
