"""A surface as a widget: coarse while it moves on a thin line, exact at rest, refined in a thread."""

import time
from functools import partial
from typing import TYPE_CHECKING

from textual.filter import LineFilter
from textual.geometry import Region as ScreenRegion
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.widgets.edge_marks import with_marks
from dicomtui.tui.widgets.picture_painter import Painter
from dicomtui.tui.widgets.picture_placing import Placed, Placing
from dicomtui.tui.widgets.picture_surface import Part, Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicomtui.imaging.viewport import Viewport

ZOOM_STEP = 1.25
PAN_STEP = 0.1
REST_SECONDS = 0.15
"""After so long without a change a picture is at rest, and exact."""


class PictureView(Widget):
    """Shows what is on a surface; subclasses say what keys do."""

    class Changed(Message):
        """What is shown changed: window, zoom, frame, or how exact it is."""

    class Refined(Message):
        """The exact small picture is ready."""

        def __init__(self, part: Part) -> None:
            super().__init__()
            self.part = part

    def __init__(self, surface: Surface, painter: Painter) -> None:
        super().__init__()
        self.surface, self.painter = surface, painter
        self.placing = Placing(self)
        self._refiner = LatestWorker("refine")
        self._refining: tuple[object, ...] = ()
        self._changed_at = 0.0
        self._looks_for_rest = False

    # --- what is seen of it ---

    def look(self, viewport: "Viewport") -> None:
        """Show another part of the picture, or another way round."""
        if viewport != self.surface.viewport:
            self.surface.viewport = viewport
            self.paint()

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
        if self.surface.viewport is not None and self.surface.is_zoomed_in:
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

    # --- changes, and rest ---

    def paint(self) -> None:
        """Show what is on the surface now: call it after anything has changed there."""
        now = time.monotonic()
        self.surface.size = self.size.width, self.size.height
        self.surface.changed()
        self.painter.begin(moving=self.painter.is_thin or now - self._changed_at < REST_SECONDS)
        self._changed_at = now
        if not self._looks_for_rest and self.is_mounted:
            self._looks_for_rest = True
            self.set_timer(REST_SECONDS, self._look_for_rest)
        self.refresh()
        self.post_message(self.Changed())

    def _look_for_rest(self) -> None:
        """Show the exact picture once nothing has changed for a while."""
        left = self._changed_at + REST_SECONDS - time.monotonic()
        if left > 0.001:
            self.set_timer(left, self._look_for_rest)
            return
        self._looks_for_rest = False
        self._settle()

    def _settle(self) -> None:
        """Go on towards the exact picture."""
        if not self.painter.is_exact:
            self.painter.begin(moving=False)
            self.refresh()

    def on_picture_view_refined(self, event: Refined) -> None:
        """Take the exact picture, if it is still the one that is wanted."""
        event.stop()
        if self.surface.take(event.part):
            self.painter.begin(moving=self.painter.is_moving)
            self.refresh()
            self.post_message(self.Changed())

    def _refine(self) -> None:
        """Have what was only sampled averaged in a thread."""
        refine = self.surface.refinement(self.painter.look)
        wanted = self.surface.frame, self.surface.viewport, self.surface.size, self.painter.look.mode
        if refine is not None and wanted != self._refining:
            self._refining = wanted
            self._refiner.submit(partial(self._do_refine, refine))

    def _do_refine(self, refine: "Callable[[], Part]") -> None:
        self.post_message(self.Refined(refine()))

    def on_placed(self, event: Placed) -> None:
        """Write the picture in real pixels."""
        event.stop()
        self.placing.place(event)

    # --- what the terminal shows ---

    def on_mount(self) -> None:
        """Write everything again when the shell has written over it."""
        self.app.app_resume_signal.subscribe(self, lambda _: self.forget_shown())

    def forget_shown(self) -> None:
        """Write everything again: what the terminal shows is not known."""
        self.painter.forget()
        self.refresh()

    def on_resize(self) -> None:
        """Fit the picture again."""
        self.painter.forget()
        if self.surface.frame is not None:
            self.paint()

    def on_show(self) -> None:
        """Write everything again."""
        self.forget_shown()

    def on_hide(self) -> None:
        """Write everything again when it is back."""
        self.placing.disturbed()
        self.forget_shown()

    def get_line_filters(self) -> list[LineFilter]:
        """Return none: the colours of a picture are final."""
        return []

    def render_lines(self, crop: ScreenRegion) -> list[Strip]:
        """Draw lines without the detour over borders and padding, which the picture does not have."""
        self.placing.disturbed()
        if self.surface.is_blank:
            blank = Strip.blank(self.size.width, self.rich_style)
            return [blank.crop(crop.x, crop.right)] * crop.height
        self._prepare()
        return [self._line(y).crop(crop.x, crop.right) for y in range(crop.y, crop.bottom)]

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        return self.render_lines(ScreenRegion(0, y, self.size.width, 1))[0]

    def _prepare(self) -> None:
        """Make the lines, as exactly as the line to the terminal allows."""
        was_approximate = self.painter.is_approximate
        self.surface.size = self.size.width, self.size.height
        if not self.painter.prepare(self.surface, self.region):
            return
        self._refine()
        if self.painter.is_approximate != was_approximate:
            self.post_message(self.Changed())
        if not self.painter.is_exact and not self.painter.is_moving:
            self.call_later(self._settle)

    def _line(self, y: int) -> Strip:
        strip: Strip = self.painter.strip(y)
        texts = self.painter.texts.get(y)
        return with_marks(strip, 0, texts) if texts else strip
