"""Plots below the picture: how often each value is there, and the values along a line."""

from functools import partial
from math import isfinite, log1p
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.widgets.key_hints import KeyHints
from dicomtui.tui.widgets.plot import Axis, Plot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicomtui.imaging.rendering import Frame
    from dicomtui.tui.widgets.image_view import ImageView
    from dicomtui.tui.widgets.measured import Measured

_HISTOGRAM_KEYS = (
    ("← →", "width"), ("↑ ↓", "centre"), ("Shift", "coarse"), ("W", "1-99 %"), ("1", "file's"),
    ("l", "log"), ("Esc", "back"), ("mouse", "drag a window"),
)  # fmt: skip


class Counted(Message):
    """The values were counted."""

    def __init__(self, counts: "Sequence[int]", axis: Axis) -> None:
        super().__init__()
        self.counts, self.axis = counts, axis


class PlotScreen(Dialog[None], inherit_bindings=False):
    """A plot over the lower part of the browser, so that the picture above stays to be seen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", show=False),
    ]

    def __init__(self, title: str, keys: "Sequence[tuple[str, str]]") -> None:
        super().__init__()
        self.plot, self._hints, self._title = Plot(), KeyHints(), title
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Put the plot into a frame with its keys below."""
        with Vertical(id="plot") as frame:
            frame.border_title = Content(self._title)
            yield self.plot
            yield self._hints

    def on_mount(self) -> None:
        """Show the keys."""
        self._hints.keys = self._keys


class ProfileScreen(PlotScreen):
    """The values along a line."""

    def __init__(self, found: dict[str, Any]) -> None:
        super().__init__("Values along the line", (("Esc", "back"),))
        self._found = found

    def on_resize(self) -> None:
        """Plot the values again, as many as there are columns."""
        values = [float("nan") if value is None else value for value in self._found["values"]]
        present = [value for value in values if isfinite(value)]
        width = self.plot.size.width
        if not present or width < 1:
            return
        low, high = min(present), max(present)
        height = (high - low) or 1.0
        columns = [values[min(len(values) - 1, at * len(values) // width)] for at in range(width)]
        bars = [0.05 + 0.95 * (value - low) / height for value in columns]
        unit = self._found["unit"]
        note = f"from {low:g} to {high:g} {unit}".rstrip()
        self.plot.show(
            bars, Axis(0.0, round(self._found["length"], 2), self._found["length_unit"]), note=note
        )


class HistogramScreen(PlotScreen):
    """How often each value is there, with the window drawn in it, which the keys change.

    Parameters
    ----------
    view : ImageView
        Shows a frame without colours; its window changes.
    region : Measured, optional
        Which values are counted; by default those of all the frame.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"widen({step})", show=False) for key, step in
          (("left", -1), ("right", 1), ("shift+left", -10), ("shift+right", 10))),
        *(Binding(key, f"shift({step})", show=False) for key, step in
          (("down", -1), ("up", 1), ("shift+down", -10), ("shift+up", 10))),
        Binding("W,0", "automatic", show=False),
        Binding("1", "file", show=False),
        Binding("l", "scale", show=False),
        Binding("H", "dismiss", show=False),
    ]  # fmt: skip

    def __init__(self, view: "ImageView", region: "Measured | None") -> None:
        title = "Histogram of the frame" if region is None else f"Histogram of the {region.found['kind']}"
        super().__init__(title, _HISTOGRAM_KEYS)
        self._view, self._region = view, region
        self._worker = LatestWorker("histogram")
        self._counts: Sequence[int] = ()
        self._axis = Axis(0.0, 1.0)
        self._log = False

    def on_resize(self) -> None:
        """Count again, into as many bins as there are columns."""
        frame, width = self._view.surface.frame, self.plot.size.width
        if frame is not None and not frame.is_colour and width > 0:
            self._worker.submit(partial(self._count, frame, width))

    def _count(self, frame: "Frame", width: int) -> None:
        self.post_message(_counted(frame, self._region, width))

    def on_counted(self, event: Counted) -> None:
        """Show the counts."""
        self._counts, self._axis = event.counts, event.axis
        self._show()

    def _show(self) -> None:
        from dicomtui.imaging.window import Window

        if not self._counts:
            return
        voi, _ = self._view.window.voi
        window = voi if isinstance(voi, Window) else voi.as_window()
        scaled = [log1p(count) if self._log else float(count) for count in self._counts]
        inner = sorted(scaled)[-2] if len(scaled) > 2 and not self._log else max(scaled)
        most = inner or max(scaled) or 1.0  # one value, the air around, would make all others invisible
        self.plot.show([count / most for count in scaled], self._axis, window.limits, str(window))

    # --- keys ---

    def action_widen(self, steps: float) -> None:
        """Change Window Width."""
        self._view.action_widen(steps)
        self._show()

    def action_shift(self, steps: float) -> None:
        """Move Window Center."""
        self._view.action_shift_center(steps)
        self._show()

    def action_automatic(self) -> None:
        """Choose the window from the 1st to the 99th percentile of what is counted."""
        self._view.action_window_region()
        self._show()

    def action_file(self) -> None:
        """Choose the file's own window."""
        self._view.action_digit(1)
        self._show()

    def action_scale(self) -> None:
        """Count by the logarithm, or not."""
        self._log = not self._log
        self._show()

    def on_plot_dragged(self, event: Plot.Dragged) -> None:
        """Show what was chosen with the mouse from black to white."""
        self._view.window.use_limits(event.low, event.high)
        self._view.paint()
        self._show()


def _counted(frame: "Frame", region: "Measured | None", bins: int) -> Counted:
    import numpy as np

    values = frame.values
    mask = np.isfinite(values)
    if frame.padding is not None:
        mask &= ~frame.padding
    if region is not None and region.region is not None:
        rows, columns = values.shape
        mask &= region.region.mask(rows, columns)
    present = values[mask]
    if not present.size:
        return Counted((), Axis(0.0, 1.0, frame.unit))
    counts, edges = np.histogram(present.astype(np.float64), bins)
    return Counted(counts.tolist(), Axis(float(edges[0]), float(edges[-1]), frame.unit))
