"""A frame as the cells of a pane: which part, through which window, what lies over it; knows no keys."""

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len

from dicomtui.picture.modes import Mode
from dicomtui.tui.widgets.edge_marks import Mark, edge_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from dicomtui.imaging.drawings import Drawing
    from dicomtui.imaging.rendering import Frame
    from dicomtui.imaging.viewport import Region, Viewport
    from dicomtui.picture.cells import Cells
    from dicomtui.picture.depth import ColourDepth
    from dicomtui.tui.widgets.cover import Cover
    from dicomtui.tui.widgets.window_choice import WindowChoice

QUICK_PIXELS = 1 << 20
"""Pictures with more pixels are sampled first and averaged in a thread afterwards."""


class Look(NamedTuple):
    """How the pixels of a frame become cells."""

    mode: Mode
    depth: "ColourDepth"
    is_coarse: bool = False
    """Whether there is one pixel for four."""
    few_greys: bool = False
    """Whether there are only the greys of the palette, which take fewer bytes."""


class Part(NamedTuple):
    """The values of the part of a frame that is shown, as small as they are shown."""

    frame: "Frame"
    viewport: "Viewport"
    area: tuple[int, int]
    """Pixels of the pane."""
    values: "NDArray[Any]"
    region: "Region"
    is_exact: bool


class Surface:
    """What is shown of a frame, and the cells that it makes.

    Who changes anything calls :meth:`changed`; cells are made when they are asked for.

    Parameters
    ----------
    window : WindowChoice
        Through which frames without colours are shown.
    """

    def __init__(self, window: "WindowChoice") -> None:
        self._window = window
        self.frame: Frame | None = None
        self.viewport: Viewport | None = None
        self.size = (0, 0)
        """Columns and lines of the pane."""
        self.inverted = False
        self.layers = {"overlays": True, "shutter": True, "marks": True}
        """Which of what lies over the picture is shown."""
        self.colour_map: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] | None = None
        """Makes RGB (rows, columns, 3) of the display values (rows, columns) of a frame without colours."""
        self.corner: Callable[[int, int], dict[int, list[Mark]]] | None = None
        """Gives the texts over a pane of so many columns and lines, by its lines."""
        self.drawings: Sequence[Drawing] = ()
        """Drawn into the picture, over all layers."""
        self.cover: Cover | None = None
        """What is shown in place of the frame."""
        self._parts: dict[tuple[int, int], Part] = {}
        self._cells: tuple[Look, tuple[int, int], Cells] | None = None

    def clear(self) -> None:
        """Show nothing."""
        self.frame = None
        self._parts.clear()
        self.changed()

    def changed(self) -> None:
        """Forget the cells that were made."""
        self._cells = None

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to see."""
        return self.region is None and self.cover is None

    @property
    def area(self) -> tuple[int, int]:
        """The pane in square pixels, as half blocks show them: one across and two down for each cell."""
        return max(1, self.size[0]), max(1, self.size[1]) * 2

    @property
    def region(self) -> "Region | None":
        """Which part of the picture is shown, in pixels of :attr:`area`."""
        frame, viewport = self.frame, self.viewport
        if frame is None or viewport is None or not all(self.size):
            return None
        from dicomtui.imaging.viewport import region_shown

        return region_shown(frame.values.shape, viewport, frame.aspect, *self.area)

    @property
    def is_zoomed_in(self) -> bool:
        """Whether the picture may be larger than the pane."""
        return self.viewport is not None and self.viewport.zoom > 1

    @property
    def zoom_text(self) -> str:
        """How many pixels are shown for one of the picture, as a percentage."""
        region = self.region
        if region is None:
            return ""
        left, _, right, _ = region.box
        viewport = region.viewport
        shown = region.height if viewport.rotation in (90, 270) else region.width
        turned = f" turned {viewport.rotation}°" if viewport.rotation else ""
        flipped = " flipped" if viewport.flipped_horizontally or viewport.flipped_vertically else ""
        return f"{shown / (right - left):.0%}{turned}{flipped}"

    # --- the part that is shown ---

    def part(self, look: Look) -> Part:
        """Return the values that are shown, sampled only where averaging them would take long."""
        frame, viewport = self.frame, self.viewport
        assert frame is not None
        assert viewport is not None
        across, down = look.mode.pixels
        area = self.size[0] * across, self.size[1] * down
        if look.is_coarse:
            area = (area[0] + 1) // 2, (area[1] + 1) // 2
        known = self._parts.get(area)
        if known is None or known.frame is not frame or known.viewport != viewport:
            self._parts = {at: part for at, part in self._parts.items() if part.frame is frame}
            is_exact = frame.values.size <= QUICK_PIXELS
            known = _part(frame, viewport, area, 2 * across / down, is_exact=is_exact)
            self._parts[area] = known
        return known

    def refinement(self, look: Look) -> "Callable[[], Part] | None":
        """Return what makes a sampled part better, which takes long; None where it is as good as it gets."""
        if self.region is None or self.cover is not None or (part := self.part(look)).is_exact:
            return None
        across, down = look.mode.pixels
        return partial(_part, part.frame, part.viewport, part.area, 2 * across / down, is_exact=True)

    def take(self, part: Part) -> bool:
        """Take a better part, if it is still the one that is wanted."""
        is_wanted = part.frame is self.frame and part.viewport == self.viewport and part.area in self._parts
        if is_wanted:
            self._parts[part.area] = part
            self.changed()
        return is_wanted

    # --- drawing ---

    def cells(self, look: Look) -> "Cells":
        """Return the cells of the whole pane, black beside the picture."""
        if self._cells is not None and self._cells[:2] == (look, self.size):
            return self._cells[2]
        from dicomtui.picture.cells import cells_of
        from dicomtui.picture.pane_cells import blank, put, put_text

        cells = blank(*self.size, look.depth)
        region = self.region
        if self.cover is not None:
            across, down = look.mode.pixels
            pixels = self.cover.pixels(self.size, (across, down), 2 * across / down)
            put(cells, cells_of(pixels, look.mode, look.depth), 0, 0)
            for line, column, text in self.cover.texts(self.size):
                put_text(cells, line, column, text)
        elif region is not None:
            pixels, left, top = _in_whole_cells(self.pixels(look), look.mode.pixels)
            put(cells, cells_of(pixels, look.mode, look.depth), left, top)
            wide = self.wide_texts()
            for line, column, text in self.texts():
                if line not in wide:
                    put_text(cells, line, column, text)
        self._cells = look, self.size, cells
        return cells

    def picture(self, cell: tuple[int, int]) -> "NDArray[np.uint8]":
        """Return the display values of the whole pane, with so many pixels for each cell, across and down.

        They are square, as they are the terminal's own. Takes long for a large frame: for a thread.
        """
        import numpy as np

        if self.cover is not None:
            return self.cover.pixels(self.size, cell, 1.0)
        frame, viewport = self.frame, self.viewport
        assert frame is not None
        assert viewport is not None
        area = self.size[0] * cell[0], self.size[1] * cell[1]
        part = _part(frame, viewport, area, 1.0, is_exact=True)
        shown, region = self._display_values(part), part.region
        pane = np.zeros((area[1], area[0], *shown.shape[2:]), np.uint8)
        pane[region.top : region.top + len(shown), region.left : region.left + shown.shape[1]] = shown
        return pane

    def texts(self) -> "Iterator[tuple[int, int, str]]":
        """Yield line, column and text of what is written over the pane."""
        if self.cover is not None:
            yield from self.cover.texts(self.size)
            return
        yield from self._edge_texts()
        for line, marks in self._texts().items():
            for mark in marks:
                yield line, mark.column, mark.text

    def wide_texts(self) -> dict[int, list[Mark]]:
        """Return what is written over the lines of the pane in characters that take other than one cell."""
        return {line: marks for line, marks in self._texts().items() if _are_wide(marks)}

    def _edge_texts(self) -> "Iterator[tuple[int, int, str]]":
        frame, region = self.frame, self.region
        if self.layers["marks"] and frame is not None and region is not None:
            lines = -(-(region.top % 2 + region.height) // 2)
            for line, marks in edge_marks(frame.place, region, lines).items():
                for mark in marks:
                    yield region.top // 2 + line, region.left + mark.column, mark.text

    def _texts(self) -> dict[int, list[Mark]]:
        """Return what stands in the corners, but what would lie over a letter or the ruler."""
        if self.corner is None or self.cover is not None or self.is_blank:
            return {}
        taken = {(line, at) for line, column, text in self._edge_texts() for at in _cells_of(column, text)}
        corners = {
            line: [mark for mark in marks if taken.isdisjoint((line, at) for at in _cells_of(*mark))]
            for line, marks in self.corner(*self.size).items()
        }
        return {line: marks for line, marks in corners.items() if marks}

    def pixels(self, look: Look) -> "tuple[NDArray[np.uint8], int, int]":
        """Return the display values with all that is drawn into them, and where they begin in the pane.

        Returns
        -------
        ndarray of uint8, shape (rows, columns[, 3])
            Pixels of the mode.
        int, int
            Empty pixels to their left and above them.
        """
        import numpy as np

        part = self.part(look)
        shown, region = self._display_values(part), part.region
        if look.few_greys and shown.ndim == 2:
            from dicomtui.picture.palette import nearest_levels

            shown = nearest_levels()[shown]
        if not look.is_coarse:
            return shown, region.left, region.top
        across, down = look.mode.pixels
        shown = np.repeat(np.repeat(shown, 2, axis=0), 2, axis=1)
        left, top = 2 * region.left, 2 * region.top
        return shown[: self.size[1] * down - top, : self.size[0] * across - left], left, top

    def _display_values(self, part: Part) -> "NDArray[np.uint8]":
        from dicomtui.imaging.annotations import annotate
        from dicomtui.imaging.rendering import display

        frame, layers = part.frame, self.layers
        if frame.is_colour:
            shown = 255 - part.values if self.inverted else part.values
        else:
            shown = display(part.values, self._window.voi[0], inverse=frame.inverse != self.inverted)
            if self.colour_map is not None:
                shown = self.colour_map(shown)
        shown = annotate(shown, part.region, frame, overlays=layers["overlays"], shutter=layers["shutter"])
        if self.drawings:
            from dicomtui.imaging.drawings import draw

            shown = draw(shown, part.region, self.drawings)
        return shown


def _part(
    frame: "Frame", viewport: "Viewport", area: tuple[int, int], height: float, *, is_exact: bool
) -> Part:
    """Return a part; *height* is that of an output pixel divided by its width."""
    from dicomtui.imaging.viewport import resample

    aspect = frame.aspect / height
    made = resample(frame.values, viewport, aspect, *area, exact=is_exact, padding=frame.padding)
    return Part(frame, viewport, area, *made, is_exact)


def _in_whole_cells(
    placed: "tuple[NDArray[np.uint8], int, int]", cell: tuple[int, int]
) -> "tuple[NDArray[np.uint8], int, int]":
    """Put black pixels around a picture that begins or ends inside a cell; return it and its first cell."""
    import numpy as np

    (pixels, left, top), (across, down) = placed, cell
    before = top % down, left % across
    after = [
        -(first + count) % of
        for first, count, of in zip(before, pixels.shape[:2], (down, across), strict=True)
    ]
    if any((*before, *after)):
        around = [*zip(before, after, strict=True), (0, 0)][: pixels.ndim]
        pixels = np.pad(pixels, around)
    return pixels, left // across, top // down


def _cells_of(column: int, text: str) -> range:
    return range(column, column + cell_len(text))


def _are_wide(marks: "list[Mark]") -> bool:
    return any(cell_len(mark.text) != len(mark.text) for mark in marks)
