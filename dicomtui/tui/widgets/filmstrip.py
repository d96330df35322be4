"""A contact sheet in the image view: the frames of an instance, or the instances of a series."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dicomtui.tui.thumbnails import MOST_WANTED, Subject, Thumbnail, Thumbnails
from dicomtui.tui.widgets.filmstrip_layout import Layout, most_across, usual_across

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from textual import events

    from dicomtui.imaging.drawings import Drawing
    from dicomtui.imaging.rendering import Frame
    from dicomtui.imaging.viewport import Viewport
    from dicomtui.tui.widgets.image_view import ImageView

_HINT = "filmstrip: h j k l move  Enter open  + - size  G gg 42G go to  m Esc back"
_WAITING = 32
"""How bright a picture is that is not there yet."""
_STEPS = {"left": (-1, 0), "h": (-1, 0), "right": (1, 0), "l": (1, 0)} | {
    "up": (0, -1),
    "k": (0, -1),
    "down": (0, 1),
    "j": (0, 1),
}
_PAGES = {"pagedown": 1.0, "J": 1.0, "pageup": -1.0, "K": -1.0, "ctrl+d": 0.5, "ctrl+u": -0.5}


class Filmstrip:
    """The tool that moves over a contact sheet, and the sheet.

    It is shown through the window, turned and inverted as the picture below it; keys of these work.

    Parameters
    ----------
    image : ImageView
        Where it is shown.
    thumbnails : Thumbnails
        Makes the pictures.
    subjects : sequence of Subject
        What there is to see, in the order of stepping.
    cursor : int
        Where to begin, from 0.
    chosen : callable
        Takes the place, from 1, of what the user opens.
    """

    hint = _HINT

    def __init__(
        self,
        image: "ImageView",
        thumbnails: Thumbnails,
        subjects: Sequence[Subject],
        cursor: int,
        chosen: Callable[[int], None],
    ) -> None:
        self._image, self._thumbnails, self._subjects, self._chosen = image, thumbnails, subjects, chosen
        self.cursor = min(max(cursor, 0), len(subjects) - 1)
        self._across: int | None = None
        """How many beside each other the user wants."""
        self._top = 0
        self._wanted: tuple[int, Layout] | None = None
        self._tiles: dict[int, tuple[object, NDArray[np.uint8]]] = {}
        """What was drawn of the pictures, and of what it depends."""

    # --- where things are ---

    @property
    def layout(self) -> Layout:
        """The layout in the pane as it is."""
        columns, lines = self._image.surface.size
        return Layout(columns, lines, self._across or usual_across(columns))

    @property
    def _visible(self) -> range:
        layout = self.layout
        self._top = layout.top_for(self.cursor, self._top, len(self._subjects))
        first = self._top * layout.count_across
        return range(first, min(first + layout.rows * layout.count_across, len(self._subjects)))

    def want(self) -> None:
        """Have the pictures made around the cursor, nearest first, those in view before all others."""
        layout = self.layout
        if self._wanted == (self.cursor, layout):
            return
        self._wanted = self.cursor, layout
        seen, cursor = self._visible, self.cursor
        page = len(seen)
        near = range(max(0, seen.start - page), min(len(self._subjects), seen.stop + page))
        order = sorted(near, key=lambda at: (at not in seen, abs(at - cursor)))
        self._thumbnails.want(self._subjects[at] for at in order[:MOST_WANTED])

    # --- as a tool ---

    @property
    def text(self) -> str:
        """Where the cursor is, and what is wrong with what it stands on."""
        held = self._thumbnails.get(self._subjects[self.cursor])
        reason = held.reason if held is not None else ""
        place = f"filmstrip {self.cursor + 1}/{len(self._subjects)}"
        return f"{place}  no picture: {reason}" if reason else place

    def key(self, event: "events.Key") -> bool:
        """Take a key; those of the window and of turning mean what they always mean."""
        key = event.character if event.is_printable and event.character else event.key
        count = self._image.window
        across = self.layout.count_across
        if key in _STEPS:
            column, row = _STEPS[key]
            self._move((column + row * across) * (count.take_count() or 1), by_row=bool(row))
        elif key in _PAGES:
            rows = max(1, round(abs(_PAGES[key]) * self.layout.rows)) * (1 if _PAGES[key] > 0 else -1)
            self._move(rows * across * (count.take_count() or 1), by_row=True)
        elif key == "home":
            self._go_to(0)
        elif key in ("G", "end"):
            self._go_to((count.take_count() or len(self._subjects)) - 1)
        elif key == "g":
            if count.count.second_g():
                self._go_to((count.take_count() or 1) - 1)
        elif key in ("+", "-", "="):
            self._resize({"+": -1, "-": 1}.get(key, 0))
        elif key == "m":
            self._image.leave_tool()
        elif key == "enter":
            self._open()
        else:
            return False
        return True

    def drawings(self) -> "Sequence[Drawing]":
        """Return none."""
        return ()

    def leave(self) -> None:
        """Show the picture again."""
        self._image.surface.cover = None
        self._thumbnails.stop()

    def _move(self, step: int, *, by_row: bool) -> None:
        """Go on by *step*; up and down stay in the column, but for the last row, which may be short."""
        wanted, last = self.cursor + step, len(self._subjects) - 1
        if by_row and wanted < 0:
            wanted = self.cursor % self.layout.count_across
        elif by_row and wanted > last:
            across = self.layout.count_across
            in_column = last // across * across + self.cursor % across
            wanted = in_column if in_column <= last else max(self.cursor, min(last, in_column))
        self._go_to(wanted)

    def _go_to(self, at: int) -> None:
        self.cursor = min(max(at, 0), len(self._subjects) - 1)

    def _resize(self, more: int) -> None:
        """Show more or fewer pictures beside each other; 0 shows as many as at first."""
        most = most_across(self.layout.columns)
        self._across = min(max(self.layout.count_across + more, 1), most) if more else None

    def _open(self) -> None:
        self._image.leave_tool()
        self._chosen(self.cursor + 1)

    # --- as a cover ---

    def scroll(self, rows: int) -> None:
        """Go up or down."""
        self._move(rows * self.layout.count_across, by_row=True)

    def click(self, column: int, line: int, *, twice: bool) -> None:
        """Put the cursor where the mouse is; a second click opens."""
        at = self._visible.start + self.layout.at(column, line)
        if at in self._visible:
            self.cursor = at
            if twice:
                self._open()

    def texts(self, size: tuple[int, int]) -> Iterator[tuple[int, int, str]]:
        """Yield the numbers above the pictures, and where those lie along the normal of their planes."""
        layout, seen = self.layout, self._visible
        for at in seen:
            column, line = layout.place(at - seen.start)
            held = self._thumbnails.get(self._subjects[at])
            yield line - 1, column, _caption(at + 1, held, layout.width)
            if held is not None and held.frame is None and line + layout.height // 2 < size[1]:
                yield line + layout.height // 2, column, "no picture"[: layout.width].center(layout.width)

    def pixels(self, size: tuple[int, int], cell: tuple[int, int], height: float) -> "NDArray[np.uint8]":
        """Draw the sheet."""
        import numpy as np

        from dicomtui.picture.pane_cells import TEXT_COLOUR

        self.want()
        (columns, lines), (across, down) = size, cell
        sheet = np.zeros((lines * down, columns * across, 3), np.uint8)
        layout, seen = self.layout, self._visible
        wide, high = layout.width * across, layout.height * down
        self._tiles = {at: self._tiles[at] for at in seen if at in self._tiles}
        for at in seen:
            column, line = layout.place(at - seen.start)
            left, top = column * across, line * down
            if at == self.cursor:
                sheet[top - down : top + high, left - across : left + wide + across] = TEXT_COLOUR
                sheet[top : top + high, left : left + wide] = 0
            into = sheet[top : top + high, left : left + wide]
            tile = self._tile(at, wide, high, height)
            if tile is None:
                into[:] = _WAITING
            else:
                tile = tile[: into.shape[0], : into.shape[1]]
                y = (high - len(tile)) // 2 if len(into) == high else 0
                x = (wide - tile.shape[1]) // 2
                into[y : y + len(tile), x : x + tile.shape[1]] = tile if tile.ndim == 3 else tile[..., None]
        return sheet

    def _tile(self, at: int, wide: int, high: int, height: float) -> "NDArray[np.uint8] | None":
        """Return the display values of a picture, fitted into so many pixels."""
        held = self._thumbnails.get(self._subjects[at])
        if held is None or held.frame is None:
            return None
        surface, window = self._image.surface, self._image.window
        viewport = surface.viewport.fitted() if surface.viewport is not None else None
        depends: tuple[Any, ...] = wide, high, height, viewport, surface.inverted, surface.colour_map
        depends += window.choice, held.frame
        known = self._tiles.get(at)
        if known is not None and known[0] == depends:  # frames are equal only to themselves
            return known[1]
        tile = self._draw(held.frame, viewport, wide, high, height)
        self._tiles[at] = depends, tile
        return tile

    def _draw(
        self, frame: "Frame", viewport: "Viewport | None", wide: int, high: int, height: float
    ) -> "NDArray[np.uint8]":
        from dicomtui.imaging.rendering import display
        from dicomtui.imaging.viewport import Viewport, resample

        surface = self._image.surface
        part, _ = resample(
            frame.values,
            viewport or Viewport(),
            frame.aspect / height,
            wide,
            high,
            exact=True,
            padding=frame.padding,
        )
        if frame.is_colour:
            return 255 - part if surface.inverted else part
        voi = self._image.window.voi_for(frame)
        shown = display(part, voi, inverse=frame.inverse != surface.inverted)
        return shown if surface.colour_map is None else surface.colour_map(shown)


def _caption(number: int, held: Thumbnail | None, width: int) -> str:
    position = held.frame.place.position if held is not None and held.frame is not None else None
    with_place = f"{number}  {position:.1f} mm" if position is not None else ""
    return with_place if 0 < len(with_place) <= width else str(number)[:width]
