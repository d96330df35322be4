"""Drives the browser and looks at what a user sees."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual import _wait
from textual.pilot import Pilot
from textual.widget import Widget

from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.modes import Mode
from dicomtui.picture.terminal import Terminal
from dicomtui.settings import Settings
from dicomtui.tui.app import DicomTuiApp
from dicomtui.tui.screens.browser import BrowserScreen
from dicomtui.tui.widgets.image_view import ImageView
from dicomtui.tui.widgets.status_line import StatusLine
from dicomtui.tui.widgets.tag_table import TagTable
from dicomtui.tui.widgets.tree_pane import TreePane

HALF_BLOCKS = Terminal(ColourDepth.TRUE, frozenset({Mode.HALF, Mode.QUADRANT}), Mode.HALF)
"""A terminal that shows every picture in half blocks."""

# How often a pilot looks whether the program is idle: most time of these tests went by between two looks.
_wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = 0.005, 0.0005


class Driver:
    """A pilot with eyes."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot
        self.app: DicomTuiApp = pilot.app  # type: ignore[assignment]

    @property
    def browser(self) -> BrowserScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, BrowserScreen))

    @property
    def tree(self) -> TreePane:
        return self.browser.query_one(TreePane)

    @property
    def tags(self) -> TagTable:
        return self.browser.query_one(TagTable)

    @property
    def image(self) -> ImageView:
        return self.browser.query_one(ImageView)

    @property
    def status(self) -> str:
        return self.browser.query_one(StatusLine).render().plain

    async def press(self, *keys: str) -> None:
        """Press keys and let what follows at once happen."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, seen: Callable[[], object], what: str = "") -> None:
        """Wait until *seen* is true; fail with what is on the screen instead."""
        end = time.monotonic() + 10
        while not seen():
            if time.monotonic() > end:
                raise AssertionError(f"never seen: {what}\n{self.text()}")
            await asyncio.sleep(0.01)
            await self.pilot.pause()
        await self.pilot.pause()

    async def until_status(self, text: str) -> None:
        """Wait until the status line holds *text*."""
        await self.until(lambda: text in self.status, f"{text!r} in the status line")

    def lines(self, widget: Widget) -> list[str]:
        """Return the lines that a widget shows."""
        return [
            "".join(segment.text for segment in widget.render_line(y)).rstrip()
            for y in range(widget.size.height)
        ]

    def text(self) -> str:
        """Return the whole screen as text."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def cursor_line(self, widget: TreePane | TagTable) -> str:
        """Return the line under the cursor of a list."""
        return self.lines(widget)[widget.cursor - int(widget.scroll_offset.y)]

    def grey(self, x: float, y: float = 0.5) -> int:
        """Return how bright the picture is at a place in fractions of its pane."""
        column, row = int(x * self.image.size.width), int(y * self.image.size.height)
        position = 0
        for segment in self.image.render_line(row):
            position += len(segment.text)
            if position > column:
                assert segment.style is not None
                colour = segment.style.color or segment.style.bgcolor
                assert colour is not None
                return sum(colour.get_truecolor()) // 3
        raise AssertionError(f"no cell at {x}, {y}")


@asynccontextmanager
async def browser_on(
    *paths: Path | str,
    size: tuple[int, int] = (120, 40),
    settings: Settings | None = None,
    welcome: str = "",
    terminal: Terminal = HALF_BLOCKS,
) -> AsyncIterator[Driver]:
    """Start the browser on *paths*."""
    app = DicomTuiApp([str(path) for path in paths], settings, welcome, terminal=terminal)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(pilot)
        await driver.until(lambda: driver.browser.query(ImageView) and driver.image.is_mounted, "the panes")
        yield driver
    assert not app.crash, app.crash


@asynccontextmanager
async def picture_of(*paths: Path | str, **options: object) -> AsyncIterator[Driver]:
    """Start the browser on *paths*, wait for the first picture and go to it."""
    async with browser_on(*paths, **options) as driver:  # type: ignore[arg-type]
        await driver.until_status(" ms")
        await driver.press("alt+3")
        yield driver
