"""Shows modality values through the current window; knows no files."""

from typing import TYPE_CHECKING, Any

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from dicomtui.errors import DicomTuiError
from dicomtui.keys import IMAGE
from dicomtui.tui.bindings import bindings
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.widgets.card import Card
from dicomtui.tui.widgets.corners import Lookup, Templates, laid_out, templates_for
from dicomtui.tui.widgets.measured import Measured, Measurements, Subject
from dicomtui.tui.widgets.picture_painter import Painter
from dicomtui.tui.widgets.picture_surface import Surface
from dicomtui.tui.widgets.picture_view import PictureView
from dicomtui.tui.widgets.window_choice import OwnPresets, WindowChoice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dicomtui.imaging.processing import Chain
    from dicomtui.imaging.rendering import Frame
    from dicomtui.tui.widgets.edge_marks import Mark
    from dicomtui.tui.widgets.tool import Tool

_WINDOW_KEYS = {"right": (1, 0), "left": (-1, 0), "up": (0, 1), "down": (0, -1)}
"""Steps of width and centre by arrow."""
_SCALES = {"shift": 10.0, "ctrl": 0.1}


class Processed(Message):
    """A frame went through a chain."""

    def __init__(
        self, frame: "Frame", chain: "Chain", done: "Frame", modality: str, *, keep: bool, reason: str
    ) -> None:
        super().__init__()
        self.frame, self.chain, self.done = frame, chain, done
        self.modality, self.keep, self.reason = modality, keep, reason


class ImageView(PictureView, can_focus=True):
    """A picture fitted to the pane, or the card of an object that has none."""

    BINDINGS = bindings(IMAGE)

    class Stepped(Message):
        """The user wants another frame or instance: so many on, or a number from 1, or the last."""

        def __init__(self, step: int = 0, number: int | None = None, *, last: bool = False) -> None:
            super().__init__()
            self.step, self.number, self.last = step, number, last

    class Played(Message):
        """The user wants to play or stop, to change the speed by steps, or so many frames a second."""

        def __init__(self, steps: int = 0, rate: int | None = None) -> None:
            super().__init__()
            self.steps, self.rate = steps, rate

    class RepeatWanted(Message):
        """The user wants something else to come behind the last frame."""

    class OrderWanted(Message):
        """The user wants the frames in another order."""

    class ModeChanged(Message):
        """Pictures are shown in another mode."""

    class ProcessingFailed(Message):
        """The frame could not be processed, and is shown as it is."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    class FilmstripWanted(Message):
        """The user wants to see all frames or instances, small."""

    class MeasurementsWanted(Message):
        """The user wants to see what was measured."""

    class MeasuredSomething(Message):
        """Something was measured."""

        def __init__(self, found: dict[str, Any]) -> None:
            super().__init__()
            self.found = found

    class HistogramWanted(Message):
        """The user wants to see how often each value is there: in a region, or in the frame."""

        def __init__(self, region: "Measured | None") -> None:
            super().__init__()
            self.region = region

    def __init__(self, presets: OwnPresets, painter: Painter) -> None:
        self.window = WindowChoice(presets)
        super().__init__(Surface(self.window), painter)
        self.window_mode = False
        self.counts_traffic = False
        self.original: Frame | None = None
        """The frame before it was processed."""
        self._chain: Chain | None = None
        self._tool: Tool | None = None
        self.colour_map_name = ""
        """Of the map that grey pictures are shown in; empty for grey."""
        self.own_corners: Mapping[str, Templates] = {}
        """What the configuration has in the corners, by modality."""
        self.corner_value: Lookup = lambda _: ""
        """Gives the values for the corners."""
        self.measurements = Measurements()
        self.subject: Subject = ("", 0)
        """The instance and the frame that are shown."""
        self._modality = ""
        self._card: Card | None = None
        self._processing = LatestWorker("processing")
        self._dragged_from: tuple[int, int] | None = None

    # --- what is shown ---

    def show_frame(self, frame: "Frame", modality: str, *, keep: bool) -> None:
        """Show a frame; with *keep*, through the window and viewport of the one before."""
        self.original = frame
        if self.chain is None or frame.is_colour:
            self._show(frame, modality, keep=keep)
        else:
            self._process(frame, modality, self.chain, keep=keep)

    def _show(self, frame: "Frame", modality: str, *, keep: bool) -> None:
        from dicomtui.imaging.viewport import Viewport

        surface = self.surface
        keep = keep and surface.viewport is not None
        if not keep:
            surface.viewport, surface.inverted = Viewport(), False
        surface.frame, self._modality, self._card = frame, modality, None
        self.window.take_frame(frame, modality, keep=keep)
        self.paint()

    def show_card(self, card: "Sequence[tuple[str, str]]") -> None:
        """Show pairs of name and text; a pair without a name is a sentence, one without a text a heading."""
        self.original = None
        self.surface.clear()
        self.painter.forget()
        self.placing.disturbed()
        self._card = Card(card)
        self.refresh()
        self.post_message(self.Changed())

    @property
    def is_ready(self) -> bool:
        """Whether there is a picture or a card to see."""
        return self._card is not None or not self.surface.is_blank

    def action_reset(self) -> None:
        """Undo window, zoom, rotation and flips."""
        if self.surface.frame is not None:
            self._show(self.surface.frame, self._modality, keep=False)

    @property
    def window_text(self) -> str:
        """The window as the status line shows it, with where it comes from."""
        if self.surface.frame is None:
            return ""
        if self.surface.frame.is_colour:
            return "colour"
        voi, reason = self.window.voi
        text = f"{voi} {reason}".rstrip() + (" inverted" if self.surface.inverted else "")
        return f"WINDOW {text}" if self.window_mode else text

    @property
    def has_window(self) -> bool:
        """Whether there is a picture without colours."""
        return self.surface.frame is not None and not self.surface.frame.is_colour

    @property
    def place_text(self) -> str:
        """Where the plane lies along its normal, and the unit of the values."""
        if self.surface.frame is None:
            return ""
        position = self.surface.frame.place.position
        place = "" if position is None else f"{position:.1f} mm"
        unit = next((mapping.unit for mapping in self.surface.frame.real_world), self.surface.frame.unit)
        return "  ".join(part for part in (place, unit) if part)

    # --- processing ---

    @property
    def chain(self) -> "Chain | None":
        """What frames are processed by before they are shown."""
        return self._chain

    @chain.setter
    def chain(self, chain: "Chain | None") -> None:
        self._chain = chain
        if self.original is not None:
            self.show_frame(self.original, self._modality, keep=True)

    def _process(self, frame: "Frame", modality: str, chain: "Chain", *, keep: bool) -> None:
        """Process a frame in a thread; what is shown meanwhile stays."""

        def process() -> None:
            from dicomtui.imaging.processing import processed, quickly_processed
            from dicomtui.tui.widgets.picture_surface import QUICK_PIXELS

            try:
                quick = quickly_processed(frame, chain) if frame.values.size > QUICK_PIXELS else None
                if quick is not None:
                    self.post_message(Processed(frame, chain, quick, modality, keep=keep, reason=""))
                done, reason = processed(frame, chain), ""
            except DicomTuiError as error:
                done, reason = frame, str(error)
            self.post_message(Processed(frame, chain, done, modality, keep=keep, reason=reason))

        self._processing.submit(process)

    def on_processed(self, event: Processed) -> None:
        """Show a processed frame, if it is still the one that is wanted."""
        event.stop()
        if event.frame is self.original and event.chain is self.chain:
            self._show(event.done, event.modality, keep=event.keep)
            if event.reason:
                self.post_message(self.ProcessingFailed(event.reason))

    # --- a tool ---

    @property
    def tool(self) -> "Tool | None":
        """What gets the keys first, and draws into the picture."""
        return self._tool

    @tool.setter
    def tool(self, tool: "Tool | None") -> None:
        self._tool = tool
        self.paint()

    def leave_tool(self) -> bool:
        """Put the tool down; False if there was none."""
        tool, self._tool = self._tool, None
        if tool is not None:
            tool.leave()
            self.paint()
            self.post_message(self.Changed())
        return tool is not None

    def paint(self) -> None:
        """Show what is on the surface now, with what the tool draws in it."""
        self.surface.drawings = (
            self._tool.drawings() if self._tool is not None else self.measurements.drawings(self.subject)
        )
        super().paint()

    def action_filmstrip(self) -> None:
        """Show all frames or instances, small."""
        if self.surface.region is not None:
            self.post_message(self.FilmstripWanted())

    def action_probe(self) -> None:
        """Take up the probe, or put it down."""
        from dicomtui.tui.widgets.probe import Probe

        if not self.leave_tool() and self.surface.region is not None:
            self.tool = Probe(self)

    def action_histogram(self) -> None:
        """Show how often each value is there, in the region that was measured last or in the frame."""
        if self.has_window:
            self.post_message(self.HistogramWanted(self.measurements.last_region(self.subject)))

    def action_window_region(self) -> None:
        """Show the region that was measured last from its 1st to its 99th percentile, else the frame."""
        if self.has_window and self.surface.frame is not None:
            region = self.measurements.last_region(self.subject)
            self.window.use_values(self.surface.frame, region.region if region is not None else None)
            self.paint()

    @property
    def quality_text(self) -> str:
        """What the status line says of how the picture is shown: that it is approximate, what it takes."""
        approximate = "approximate" if self.painter.is_approximate and not self.surface.is_blank else ""
        return "  ".join(
            filter(None, (self.painter.traffic_text if self.counts_traffic else "", approximate))
        )

    def action_count_traffic(self) -> None:
        """Show what pictures take of the line, or no more."""
        self.counts_traffic = not self.counts_traffic
        self.post_message(self.Changed())

    def action_next_mode(self) -> None:
        """Show pictures in the next of the modes that the terminal has."""
        self.painter.next_mode()
        self.paint()
        self.post_message(self.ModeChanged())

    # --- window ---

    def action_digit(self, digit: int) -> None:
        """Choose a window; right before a movement key the digits were a count instead."""
        self.window.digit(digit)
        self.paint()

    def action_window_preset(self, name: str) -> None:
        """Choose a preset by its name."""
        if self.has_window:
            self.window.use(name)
            self.paint()

    def take_count(self) -> int | None:
        """Return the count that was typed just before, once; the window that its digits called up goes."""
        count = self.window.take_count()
        if count is not None:
            self.paint()
        return count

    def action_shift_center(self, steps: float) -> None:
        """Move Window Center by *steps*."""
        if self.has_window:
            self.window.shift_center(steps)
            self.paint()

    def action_widen(self, steps: float) -> None:
        """Change Window Width by *steps*."""
        if self.has_window:
            self.window.widen(steps)
            self.paint()

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
        self.surface.layers[name] = not self.surface.layers[name]
        self.paint()

    def action_cycle_marks(self) -> None:
        """Show letters and ruler; the texts in the corners besides; or nothing over the picture."""
        surface = self.surface
        if not surface.layers["marks"]:
            surface.layers["marks"] = True
        elif surface.corner is None:
            surface.corner = self._corner_texts
        else:
            surface.corner, surface.layers["marks"] = None, False
        self.paint()

    def _corner_texts(self, columns: int, lines: int) -> "dict[int, list[Mark]]":
        templates = templates_for(self._modality, self.own_corners)
        return laid_out(templates, self.corner_value, columns, lines)

    def action_next_colour_map(self) -> None:
        """Show grey pictures in the next of the colour maps, or in grey again."""
        if not self.has_window:
            return
        from dicomtui.imaging.colour_maps import colour_maps

        names = ["", *colour_maps()]
        self.colour_map_name = names[(names.index(self.colour_map_name) + 1) % len(names)]
        chosen = colour_maps().get(self.colour_map_name)
        self.surface.colour_map = chosen.apply if chosen is not None else None
        self.paint()

    def action_invert(self) -> None:
        """Swap black and white."""
        self.surface.inverted = not self.surface.inverted
        self.paint()

    # --- stepping ---

    def action_step(self, step: int) -> None:
        """Go on by *step*, as often as the count says; scroll a card."""
        if self._card is not None:
            self._card.scroll(step)
            self.refresh()
        self.post_message(self.Stepped(step * (self.take_count() or 1)))

    def action_go_to(self, number: int) -> None:
        """Go to the frame or instance *number*, from 1."""
        self.window.count.take()
        self.post_message(self.Stepped(number=number))

    def action_last(self) -> None:
        """Go to the last, or to the one that the count names."""
        number = self.take_count()
        self.post_message(self.Stepped(number=number) if number else self.Stepped(last=True))

    def action_play(self) -> None:
        """Play, or stop; the count is a rate to play at."""
        self.post_message(self.Played(rate=self.take_count()))

    def action_next_repeat(self) -> None:
        """Play in a loop, back and forth, or once."""
        self.post_message(self.RepeatWanted())

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
        if self._tool is not None and self.surface.frame is not None and self._tool.key(event):
            self.paint()
            self.post_message(self.Changed())
        elif self.window_mode and key in _WINDOW_KEYS:
            width, center = _WINDOW_KEYS[key]
            scale = _SCALES.get(modifier, 1.0)
            if width:
                self.action_widen(width * scale)
            else:
                self.action_shift_center(center * scale)
        elif self.surface.is_zoomed_in and event.key in ("up", "down"):
            self.action_pan(0, 1 if event.key == "down" else -1)
        elif event.key == "g":
            if self.window.count.second_g():
                self.action_go_to(self.take_count() or 1)
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
        self._scroll(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go to the previous."""
        event.stop()
        self._scroll(-1)

    def _scroll(self, step: int) -> None:
        if self.surface.cover is None:
            self.action_step(step)
        else:
            self.surface.cover.scroll(step)
            self.paint()

    def on_click(self, event: events.Click) -> None:
        """Hand it to what stands in place of the picture."""
        if self.surface.cover is not None and event.button == 1:
            self.surface.cover.click(event.x, event.y, twice=event.chain == 2)
            self.paint()

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

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines of the picture, or of the card."""
        if self._card is None:
            return super().render_lines(crop)
        width, base = self.size.width, self.rich_style
        lines = (self._card.line(y, width, base) for y in range(crop.y, crop.bottom))
        return [line.crop(crop.x, crop.right) for line in lines]
