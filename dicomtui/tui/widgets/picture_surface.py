"""A frame as lines of cells: which part of it, through which window, what lies over it; knows no keys."""

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from dicomtui.picture.depth import ColourDepth
from dicomtui.tui.widgets.edge_marks import Mark, edge_marks, with_marks
from dicomtui.tui.widgets.line_list import blank_strip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from dicomtui.imaging.drawings import Drawing
    from dicomtui.imaging.rendering import Frame
    from dicomtui.imaging.viewport import Region, Viewport
    from dicomtui.tui.widgets.window_choice import WindowChoice

QUICK_PIXELS = 1 << 20
"""Pictures with more pixels are sampled first and averaged in a thread afterwards."""


class Part(NamedTuple):
    """The values of the part of a frame that is shown, as small as they are shown."""

    frame: "Frame"
    viewport: "Viewport"
    area: tuple[int, int]
    values: "NDArray[Any]"
    region: "Region"


class Surface:
    """What is shown of a frame, and the strips that it makes.

    Who changes what is shown calls :meth:`resample` if another part of the frame is shown, and :meth:`paint`
    if the same part is shown otherwise.

    Parameters
    ----------
    window : WindowChoice
        Through which frames without colours are shown.
    depth : ColourDepth
        The colours of the terminal.
    """

    def __init__(self, window: "WindowChoice", depth: ColourDepth) -> None:
        self._window, self._depth = window, depth
        self.frame: Frame | None = None
        self.viewport: Viewport | None = None
        self.inverted = False
        self.layers = {"overlays": True, "shutter": True, "marks": True}
        """Which of what lies over the picture is shown."""
        self.colour_map: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] | None = None
        """Makes RGB (rows, columns, 3) of the display values (rows, columns) of a frame without colours."""
        self.corner: Callable[[int, int], dict[int, list[Mark]]] | None = None
        """Gives the texts over a pane of so many columns and lines, by its lines."""
        self.drawings: Sequence[Drawing] = ()
        """Drawn into the picture, over all layers."""
        self._size = (0, 0)
        self._part: Part | None = None
        self._lines: list[list[Segment]] = []
        self._left = self._top = 0
        self._marks: dict[int, list[Mark]] = {}
        self._texts: dict[int, list[Mark]] = {}

    def clear(self) -> None:
        """Show nothing."""
        self.frame, self._part, self._lines = None, None, []
        self._marks, self._texts = {}, {}

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to see yet."""
        return not self._lines

    @property
    def region(self) -> "Region | None":
        """Which part of the picture is shown, in pixels of :attr:`area`."""
        return self._part.region if self._part is not None else None

    @property
    def area(self) -> tuple[int, int]:
        """The pixels of the pane: one across and two down for each cell."""
        return max(1, self._size[0]), max(1, self._size[1]) * 2

    @property
    def is_zoomed_in(self) -> bool:
        """Whether the picture may be larger than the pane."""
        return self.viewport is not None and self.viewport.zoom > 1

    @property
    def zoom_text(self) -> str:
        """How many pixels are shown for one of the picture, as a percentage."""
        if self._part is None:
            return ""
        region = self._part.region
        left, _, right, _ = region.box
        viewport = region.viewport
        shown = region.height if viewport.rotation in (90, 270) else region.width
        turned = f" turned {viewport.rotation}°" if viewport.rotation else ""
        flipped = " flipped" if viewport.flipped_horizontally or viewport.flipped_vertically else ""
        return f"{shown / (right - left):.0%}{turned}{flipped}"

    # --- the part that is shown ---

    def resample(self, width: int, height: int) -> "Callable[[], Part] | None":
        """Make the small picture for a pane of so many cells, and paint it.

        Returns
        -------
        callable or None
            Makes it better, which takes long for a large frame: for a thread. What it returns is for
            :meth:`take`.
        """
        self._size = width, height
        frame, viewport = self.frame, self.viewport
        if frame is None or viewport is None or not (width and height):
            return None
        make = partial(_part, frame, viewport, self.area)
        is_large = frame.values.size > QUICK_PIXELS
        self._part = make(exact=not is_large)
        self.paint()
        return partial(make, exact=True) if is_large else None

    def take(self, part: Part) -> bool:
        """Paint a better small picture, if it is still the one that is wanted."""
        wanted = (self.frame, self.viewport, self.area)
        is_wanted = (part.frame, part.viewport, part.area) == wanted
        if is_wanted:
            self._part = part
            self.paint()
        return is_wanted

    # --- drawing ---

    def paint(self) -> None:
        """Window the small picture and make its cells."""
        if self._part is None:
            return
        from dicomtui.picture.cells import half_blocks

        frame, region = self._part.frame, self._part.region
        shown = self._display_values(self._part)
        self._left, self._top = region.left, region.top // 2
        depth = self._depth if self._depth is not ColourDepth.NONE else ColourDepth.SIXTEEN
        self._lines = half_blocks(_aligned(shown, region.top % 2), depth)
        self._marks = edge_marks(frame.place, region, len(self._lines)) if self.layers["marks"] else {}
        self._texts = self.corner(*self._size) if self.corner is not None else {}

    def _display_values(self, part: Part) -> "NDArray[np.uint8]":
        from dicomtui.imaging.annotations import annotate
        from dicomtui.imaging.rendering import display

        frame = part.frame
        if frame.is_colour:
            shown = 255 - part.values if self.inverted else part.values
        else:
            shown = display(part.values, self._window.voi[0], inverse=frame.inverse != self.inverted)
            if self.colour_map is not None:
                shown = self.colour_map(shown)
        layers = self.layers
        shown = annotate(shown, part.region, frame, overlays=layers["overlays"], shutter=layers["shutter"])
        if self.drawings:
            from dicomtui.imaging.drawings import draw

            shown = draw(shown, part.region, self.drawings)
        return shown

    def strip(self, y: int, width: int, base: Style) -> Strip:
        """Draw one line of cells, black beside the picture."""
        line = y - self._top
        if 0 <= line < len(self._lines):
            segments = [Segment(" " * self._left, base), *self._lines[line]]
            strip = Strip(segments).adjust_cell_length(width, base)
        else:
            strip = blank_strip(width, base)
        if line in self._marks:
            strip = with_marks(strip, self._left, self._marks[line])
        return with_marks(strip, 0, self._texts[y]) if y in self._texts else strip


def _part(frame: "Frame", viewport: "Viewport", area: tuple[int, int], *, exact: bool) -> Part:
    from dicomtui.imaging.viewport import resample

    made = resample(frame.values, viewport, frame.aspect, *area, exact=exact, padding=frame.padding)
    return Part(frame, viewport, area, *made)


def _aligned(part: "NDArray[np.uint8]", above: int) -> "NDArray[np.uint8]":
    """Put a black row above a picture that begins in the lower half of a cell."""
    import numpy as np

    return np.concatenate([np.zeros_like(part[:1]), part]) if above else part
