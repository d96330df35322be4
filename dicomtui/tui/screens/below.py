"""What a dialog leaves to be seen of the screen below it: drawn once, and again only when that has changed.

Textual draws the screen below anew with each paint of one over it, of which there are three while that opens:
most of the time from the key to a dialog went by with it.
"""

from typing import TYPE_CHECKING, Any, Self

from textual.color import Color
from textual.geometry import Region, Size
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip
from textual.visual import Visual

if TYPE_CHECKING:
    from rich.segment import Segment
    from rich.style import Style
    from textual.style import Style as VisualStyle
    from textual.visual import RenderOptions


class Below(Visual):
    """A screen under a colour that lets some of it through.

    Parameters
    ----------
    screen : Screen
        What is below.
    colour : Color
        What lies over it, with its alpha.
    """

    def __init__(self, screen: Screen[Any], colour: Color) -> None:
        self._screen, self.colour = screen, colour
        self._sizes: tuple[Size, Size] | None = None
        """Of the lines, and of the screen when they were drawn."""
        self._lines: list[Strip] = []
        self._styles: dict[Style | None, Segment] = {}

    def render_strips(
        self, width: int, height: int | None, style: "VisualStyle", options: "RenderOptions"
    ) -> list[Strip]:
        """Return the lines, drawn for the first time or as they were."""
        compositor = self._screen._compositor
        size = Size(width, height or compositor.size.height)
        if self._sizes != (size, compositor.size):
            self._sizes = size, compositor.size
            self._lines = [self._tinted(strip) for strip in compositor.render_strips(size)]
        return self._lines

    def change(self, regions: tuple[Region, ...]) -> None:
        """Draw parts anew, where the screen has changed."""
        if isinstance(self._screen, OverAnother):
            self._screen.change_below(regions)
        compositor = self._screen._compositor
        if self._sizes != (compositor.size, compositor.size):
            self._sizes = None
            return
        for region in (region.intersection(compositor.size.region) for region in regions):
            chops = compositor._render_chops(region, region.line_range.__contains__)
            for y in region.line_range:
                pieces = [strip for x, strip in chops[y].items() if region.x <= x < region.right and strip]
                new, old = self._tinted(Strip.join(pieces)), self._lines[y]
                ends = old.crop(0, region.x), old.crop(region.right, old.cell_length)
                self._lines[y] = Strip.join((ends[0], new, ends[1]))

    def _tinted(self, strip: Strip) -> Strip:
        """Return *strip* under the colour; each style is blended once."""
        segments = []
        for segment in strip:
            text, style, _ = segment
            if style not in self._styles:
                (self._styles[style],) = BackgroundScreen.process_segments([segment], self.colour)
            segments.append(self._styles[style]._replace(text=text))
        return Strip(segments, strip.cell_length)

    def get_optimal_width(self, rules: object, container_width: int) -> int:
        """Return the width of the screen."""
        return self._screen.size.width

    def get_height(self, rules: object, width: int) -> int:
        """Return the height of the screen."""
        return self._screen.size.height


class LaidOutOnce(Screen[ScreenResultType]):
    """A screen that is laid out anew only where the terminal has another size.

    Textual tells a screen that opens its size, for which it is laid out already, and all that are below it.
    """

    def _screen_resized(self, size: Size) -> None:
        if size != self._size:
            super()._screen_resized(size)


class OverAnother(LaidOutOnce[ScreenResultType]):
    """A screen over another that is seen around it."""

    _below: Below | None = None

    def render(self) -> Any:
        """Return what is seen around it."""
        shown = super().render()
        if not isinstance(shown, BackgroundScreen):  # what is over it asks
            return self._below or shown
        if self._below is None or self._below.colour != shown.color:
            self._below = Below(shown.screen, shown.color)
        return self._below

    def change_below(self, regions: tuple[Region, ...]) -> None:
        """Draw parts of what is seen around it anew, for the screen over it."""
        if self._below is not None:
            self._below.change(regions)
            self._set_dirty(*regions)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Draw it anew; regions are named by the screen below, which has changed there."""
        if regions and self._below is not None:
            self._below.change(regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
