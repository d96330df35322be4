"""Shows modality values through the current window; knows no files."""

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.filter import LineFilter
from textual.geometry import Region as ScreenRegion
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dicomtui.keys import IMAGE
from dicomtui.picture.depth import ColourDepth, colour_depth
from dicomtui.tui.bindings import bindings
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.widgets.card import Card
from dicomtui.tui.widgets.edge_marks import Mark, edge_marks, with_marks
from dicomtui.tui.widgets.line_list import blank_strip
from dicomtui.tui.widgets.window_choice import OwnPresets, WindowChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from dicomtui.imaging.rendering import Frame
    from dicomtui.imaging.viewport import Region, Viewport

QUICK_PIXELS = 1 << 20
"""Pictures with more pixels are sampled first and averaged in a thread afterwards."""
ZOOM_STEP = 1.25
PAN_STEP = 0.1
_WINDOW_KEYS = {"right": (1, 0), "left": (-1, 0), "up": (0, 1), "down": (0, -1)}
"""Steps of width and centre by arrow."""
_SCALES = {"shift": 10.0, "ctrl": 0.1}


class ImageView(Widget, can_focus=True):
    """A picture fitted to the pane, or the card of an object that has none."""

    BINDINGS = bindings(IMAGE)

    class Stepped(Message):
        """The user wants another frame or instance: so many on, or a number from 1, or the last."""

        def __init__(self, step: int = 0, number: int | None = None, *, last: bool = False) -> None:
            super().__init__()
            self.step, self.number, self.last = step, number, last

    class Played(Message):
        """The user wants to play or stop, or to change the speed by so many steps."""

        def __init__(self, steps: int = 0) -> None:
            super().__init__()
            self.steps = steps

    class OrderWanted(Message):
        """The user wants the frames in another order."""

    class Changed(Message):
        """What is shown changed: window, zoom, frame."""

    class Resampled(Message):
        """The exact small picture is ready."""

        def __init__(self, wanted: object, part: "NDArray[Any]", region: "Region") -> None:
            super().__init__()
            self.wanted, self.part, self.region = wanted, part, region

    def __init__(self, presets: OwnPresets) -> None:
        super().__init__()
        self.inverted = False
        self.window_mode = False
        self.window = WindowChoice(presets)
        self._depth = colour_depth(os.environ)
        self._frame: Frame | None = None
        self._modality = ""
        self._viewport: Viewport | None = None
        self._small: tuple[NDArray[Any], Region] | None = None
        self._lines: list[list[Segment]] = []
        self._left = self._top = 0
        self._marks: dict[int, list[Mark]] = {}
        self._layers = {"overlays": True, "shutter": True, "marks": True}
        self._card: Card | None = None
        self._resampler = LatestWorker("resample")
        self._dragged_from: tuple[int, int] | None = None

    # --- what is shown ---

    def show_frame(self, frame: "Frame", modality: str, *, keep: bool) -> None:
        """Show a frame; with *keep*, through the window and viewport of the one before."""
        from dicomtui.imaging.viewport import Viewport

        keep = keep and self._viewport is not None
        if not keep:
            self._viewport, self.inverted = Viewport(), False
        self._frame, self._modality, self._card = frame, modality, None
        self.window.take_frame(frame, modality, keep=keep)
        self._resample()

    def show_card(self, card: "Sequence[tuple[str, str]]") -> None:
        """Show pairs of name and text; a pair without a name is a sentence, one without a text a heading."""
        self._frame, self._small, self._lines = None, None, []
        self._card = Card(card)
        self.refresh()
        self.post_message(self.Changed())

    @property
    def window_text(self) -> str:
        """The window as the status line shows it, with where it comes from."""
        if self._frame is None:
            return ""
        if self._frame.is_colour:
            return "colour"
        voi, reason = self.window.voi
        text = f"{voi} {reason}".rstrip() + (" inverted" if self.inverted else "")
        return f"WINDOW {text}" if self.window_mode else text

    @property
    def has_window(self) -> bool:
        """Whether there is a picture without colours."""
        return self._frame is not None and not self._frame.is_colour

    @property
    def place_text(self) -> str:
        """Where the plane lies along its normal, and the unit of the values."""
        if self._frame is None:
            return ""
        position = self._frame.place.position
        place = "" if position is None else f"{position:.1f} mm"
        unit = next((mapping.unit for mapping in self._frame.real_world), self._frame.unit)
        return "  ".join(part for part in (place, unit) if part)

    @property
    def zoom_text(self) -> str:
        """How many pixels are shown for one of the picture, as a percentage."""
        if self._small is None:
            return ""
        region = self._small[1]
        left, _, right, _ = region.box
        sideways = region.viewport.rotation in (90, 270)
        shown = region.height if sideways else region.width
        viewport = region.viewport
        turned = f" turned {viewport.rotation}°" if viewport.rotation else ""
        flipped = " flipped" if viewport.flipped_horizontally or viewport.flipped_vertically else ""
        return f"{shown / (right - left):.0%}{turned}{flipped}"

    # --- window ---

    def action_digit(self, digit: int) -> None:
        """Choose a window; right before a movement key the digits were a count instead."""
        self.window.digit(digit)
        self._paint()

    def action_window_preset(self, name: str) -> None:
        """Choose a preset by its name."""
        if self.has_window:
            self.window.use(name)
            self._paint()

    def _take_count(self) -> int | None:
        count = self.window.take_count()
        if count is not None:
            self._paint()
        return count

    def action_shift_center(self, steps: float) -> None:
        """Move Window Center by *steps*."""
        if self.has_window:
            self.window.shift_center(steps)
            self._paint()

    def action_widen(self, steps: float) -> None:
        """Change Window Width by *steps*."""
        if self.has_window:
            self.window.widen(steps)
            self._paint()

    def action_window_mode(self) -> None:
        """Let the arrows change the window, or give them back."""
        self.window_mode = not self.window_mode
        self.post_message(self.Changed())

    def leave_window_mode(self) -> bool:
        """Give the arrows back; False if they were not taken."""
        was, self.window_mode = self.window_mode, False
        if was:
            self.post_message(self.Changed())
        return was

    def action_toggle_layer(self, name: str) -> None:
        """Show or hide ``overlays``, ``shutter`` or ``marks``."""
        self._layers[name] = not self._layers[name]
        self._paint()

    def action_invert(self) -> None:
        """Swap black and white."""
        self.inverted = not self.inverted
        self._paint()

    # --- viewport ---

    def _look(self, viewport: "Viewport") -> None:
        if viewport != self._viewport:
            self._viewport = viewport
            self._resample()

    def action_zoom(self, steps: int) -> None:
        """Zoom in or out, keeping the middle."""
        if self._viewport is not None:
            self._look(self._viewport.zoomed(ZOOM_STEP**steps))

    def action_fit(self) -> None:
        """Show the whole picture."""
        if self._viewport is not None:
            self._look(self._viewport.fitted())

    def action_one_to_one(self) -> None:
        """Show one column of the picture as one pixel."""
        if self._viewport is not None and self._frame is not None:
            rows, columns = self._frame.values.shape[:2]
            width, height = self._area()
            self._look(self._viewport.one_to_one((rows, columns), self._frame.aspect, width, height))

    def action_pan(self, across: int, down: int) -> None:
        """Move over the picture while it is larger than the pane."""
        if self._viewport is not None and self._zoomed_in:
            self._look(self._viewport.panned(across * PAN_STEP, down * PAN_STEP))

    def action_rotate(self) -> None:
        """Turn by 90 degrees clockwise."""
        if self._viewport is not None:
            self._look(self._viewport.rotated())

    def action_flip(self, direction: str) -> None:
        """Mirror left to right, or top to bottom."""
        if self._viewport is not None:
            self._look(
                self._viewport.flipped(
                    horizontally=direction == "horizontally", vertically=direction == "vertically"
                )
            )

    def action_reset(self) -> None:
        """Undo window, zoom, rotation and flips."""
        if self._frame is not None:
            self.show_frame(self._frame, self._modality, keep=False)

    @property
    def _zoomed_in(self) -> bool:
        return self._viewport is not None and self._viewport.zoom > 1

    # --- stepping ---

    def action_step(self, step: int) -> None:
        """Go on by *step*, as often as the count says; scroll a card."""
        if self._card is not None:
            self._card.scroll(step)
            self.refresh()
        self.post_message(self.Stepped(step * (self._take_count() or 1)))

    def action_go_to(self, number: int) -> None:
        """Go to the frame or instance *number*, from 1."""
        self.window.count.take()
        self.post_message(self.Stepped(number=number))

    def action_last(self) -> None:
        """Go to the last, or to the one that the count names."""
        number = self._take_count()
        self.post_message(self.Stepped(number=number) if number else self.Stepped(last=True))

    def action_play(self) -> None:
        """Play, or stop."""
        self.post_message(self.Played())

    def action_change_speed(self, steps: int) -> None:
        """Play slower or faster."""
        self.post_message(self.Played(steps))

    def action_change_order(self) -> None:
        """Show the frames in another order."""
        self.post_message(self.OrderWanted())

    def on_key(self, event: events.Key) -> None:
        """Handle what depends on a mode: window keys, arrows while zoomed in, the second ``g``."""
        self.window.count.now = event.time
        modifier, _, key = event.key.rpartition("+")
        handled = True
        if self.window_mode and key in _WINDOW_KEYS:
            width, center = _WINDOW_KEYS[key]
            scale = _SCALES.get(modifier, 1.0)
            if width:
                self.action_widen(width * scale)
            else:
                self.action_shift_center(center * scale)
        elif self._zoomed_in and event.key in ("up", "down"):
            self.action_pan(0, 1 if event.key == "down" else -1)
        elif event.key == "g":
            if self.window.count.second_g():
                self.action_go_to(self._take_count() or 1)
        elif self.window_mode and event.key == "enter":
            self.leave_window_mode()
        else:
            handled = False
        if event.key != "g":
            self.window.count.forget_g()
        if handled:
            event.stop()
            event.prevent_default()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go to the next."""
        event.stop()
        self.action_step(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go to the previous."""
        event.stop()
        self.action_step(-1)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to window with the right button."""
        if event.button == 3:
            self._dragged_from = (event.screen_x, event.screen_y)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Change width across and centre down while the right button is held."""
        if self._dragged_from is not None:
            across, down = event.screen_x - self._dragged_from[0], event.screen_y - self._dragged_from[1]
            self._dragged_from = (event.screen_x, event.screen_y)
            if across:
                self.action_widen(across)
            if down:
                self.action_shift_center(down)

    def on_mouse_up(self) -> None:
        """End to window."""
        if self._dragged_from is not None:
            self._dragged_from = None
            self.release_mouse()

    # --- drawing ---

    def _area(self) -> tuple[int, int]:
        """Return the pixels of the pane: one across and two down for each cell."""
        return max(1, self.size.width), max(1, self.size.height) * 2

    def on_resize(self) -> None:
        """Fit the picture again."""
        self._resample()

    def _resample(self) -> None:
        """Make the small picture: at once for the quick one, in a thread for a large picture."""
        frame, viewport = self._frame, self._viewport
        if frame is None or viewport is None or not self.size:
            return
        from dicomtui.imaging.viewport import resample

        width, height = self._area()
        make = partial(resample, frame.values, viewport, frame.aspect, width, height, padding=frame.padding)
        large = frame.values.size > QUICK_PIXELS
        self._small = make(exact=not large)
        self._paint()
        if large:

            def refine() -> None:
                part, region = make(exact=True)
                self.post_message(self.Resampled((frame, viewport, width, height), part, region))

            self._resampler.submit(refine)

    def on_image_view_resampled(self, event: Resampled) -> None:
        """Take the exact picture, if it is still the one that is wanted."""
        event.stop()
        if event.wanted == (self._frame, self._viewport, *self._area()):
            self._small = (event.part, event.region)
            self._paint()

    def _paint(self) -> None:
        """Window the small picture and make its cells."""
        frame, small = self._frame, self._small
        if frame is None or small is None:
            return
        from dicomtui.imaging.annotations import annotate
        from dicomtui.imaging.rendering import display
        from dicomtui.picture.cells import half_blocks

        part, region = small
        if frame.is_colour:
            shown = 255 - part if self.inverted else part
        else:
            shown = display(part, self.window.voi[0], inverse=frame.inverse != self.inverted)
        shown = annotate(
            shown, region, frame, overlays=self._layers["overlays"], shutter=self._layers["shutter"]
        )
        self._left, self._top = region.left, region.top // 2
        depth = self._depth if self._depth is not ColourDepth.NONE else ColourDepth.SIXTEEN
        self._lines = half_blocks(_aligned(shown, region.top % 2), depth)
        self._marks = edge_marks(frame.place, region, len(self._lines))
        self.refresh()
        self.post_message(self.Changed())

    def get_line_filters(self) -> list[LineFilter]:
        """Return none: the colours of a picture are final."""
        return []

    def render_lines(self, crop: ScreenRegion) -> list[Strip]:
        """Draw lines without the detour over borders and padding, which the picture does not have."""
        base = self.rich_style  # takes longer to find than a line to draw
        return [self._strip(y, base).crop(crop.x, crop.right) for y in range(crop.y, crop.bottom)]

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells, black beside the picture; or one line of the card."""
        return self._strip(y, self.rich_style)

    def _strip(self, y: int, base: Style) -> Strip:
        width = self.size.width
        if self._card is not None:
            return self._card.line(y, width, base)
        line = y - self._top
        if not 0 <= line < len(self._lines):
            return blank_strip(width, base)
        segments = [Segment(" " * self._left, base), *self._lines[line]]
        strip = Strip(segments).adjust_cell_length(width, base)
        marks = self._marks.get(line) if self._layers["marks"] else None
        return with_marks(strip, self._left, marks) if marks else strip


def _aligned(part: "NDArray[np.uint8]", above: int) -> "NDArray[np.uint8]":
    """Put a black row above a picture that begins in the lower half of a cell."""
    import numpy as np

    return np.concatenate([np.zeros_like(part[:1]), part]) if above else part
