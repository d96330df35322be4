"""The processing panel in the browser: it opens below the picture, and what it asks for is asked here."""

from typing import TYPE_CHECKING, Any

import numpy as np
from textual.message import Message

from dicomtui.errors import DicomTuiError
from dicomtui.imaging.processing import Chain, regions_in
from dicomtui.imaging.processing_steps import KINDS
from dicomtui.imaging.saved_chains import save_chain, saved_chains
from dicomtui.imaging.window import Window
from dicomtui.text import safe_line
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.screens.menu import MenuScreen
from dicomtui.tui.widgets.name_line import NameLine
from dicomtui.tui.widgets.probe import Probe
from dicomtui.tui.widgets.processing_panel import KEYS, ProcessingFrame, ProcessingPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dicomtui.imaging.rendering import Frame
    from dicomtui.tui.widgets.image_view import ImageView
    from dicomtui.tui.widgets.pane import Pane

_MOST_REGIONS = 50
"""Regions that are listed, the largest first."""


class _NotWantedError(Exception):
    """The user went elsewhere."""


class RegionsFound(Message):
    """The regions of a frame were measured."""

    def __init__(self, frame: "Frame", texts: "Sequence[str]") -> None:
        super().__init__()
        self.frame, self.texts = frame, texts


class Processing:
    """Opens and closes the panel, and gives the picture what is in it.

    Parameters
    ----------
    image : ImageView
        Whose frames are processed.
    pane : Pane
        Around it.
    say : callable
        Shows a sentence of the program's own.
    stack : callable
        Gives the files of the series of the frame.
    """

    def __init__(
        self,
        image: "ImageView",
        pane: "Pane",
        say: "Callable[[str], None]",
        stack: "Callable[[], Sequence[str]]",
    ) -> None:
        self._image, self._pane, self._say, self._stack = image, pane, say, stack
        self._chain = Chain(())
        self._panel: ProcessingPanel | None = None
        self._regions = LatestWorker("regions")
        self._measured: tuple[object, object] = (None, None)

    async def open(self) -> None:
        """Show the panel, or go to it."""
        frame = self._image.original
        if self._panel is not None:
            self._panel.focus()
        elif frame is None:
            self._say("There is no picture to process.")
        elif frame.is_colour:
            self._say("Colours are not processed; choose frames without.")
        else:
            self._panel = ProcessingPanel(self._chain, _span(frame))
            await self._pane.mount(ProcessingFrame(self._panel))
            self._panel.focus()
            self.frame_changed()

    def close(self) -> bool:
        """Take the panel away, and leave the chain as it is; False if there is none."""
        panel, self._panel = self._panel, None
        if panel is None:
            return False
        if panel.parent is not None:
            panel.parent.remove()  # type: ignore[attr-defined]
        self._image.focus()
        return True

    def take(self, chain: Chain) -> None:
        """Process by what is in the panel now."""
        self._chain = chain
        self._image.chain = chain if chain.is_active else None
        self.frame_changed()

    @property
    def hint(self) -> str:
        """What the keys of the panel do while they go there."""
        return KEYS if self._panel is not None and self._panel.has_focus else ""

    @property
    def text(self) -> str:
        """The steps that are on, for the status line."""
        return self._chain.active_text

    # --- regions ---

    def frame_changed(self) -> None:
        """Measure the regions of the frame that is shown now, if there are any to be found."""
        frame, chain = self._image.original, self._chain
        panel = self._panel
        if panel is None or frame is None or self._measured == (frame, chain):
            return
        self._measured = (frame, chain)
        if frame.is_colour or not any(step.is_on and step.kind.marks for step in chain.steps):
            panel.show_regions(())
            return

        def measure() -> None:
            try:
                regions = regions_in(frame, chain)
            except DicomTuiError:
                return  # the picture says what is wrong
            texts = [f"{region.text} {frame.unit}".rstrip() for region in regions[:_MOST_REGIONS]]
            panel.post_message(RegionsFound(frame, texts or ["no region"]))

        self._regions.submit(measure)

    def _measure_stack(self) -> None:
        """Measure the regions over all planes of the series."""
        frame, chain, panel, paths = self._image.original, self._chain, self._panel, self._stack()
        if frame is None or panel is None:
            return

        def tell(text: str) -> None:
            panel.post_message(RegionsFound(frame, [text]))

        def progress(done: int, count: int) -> None:
            if self._regions.overtaken or self._panel is not panel:
                raise _NotWantedError
            if done % 10 == 0:
                tell(f"plane {done + 1:,} of {count:,} ...")

        def measure() -> None:
            from dicomtui.archive.opening import open_instance
            from dicomtui.imaging.stack_segmentation import stack_regions

            tell(f"reading {len(paths):,} files ...")
            try:
                instances = [open_instance(path) for path in paths]
                regions = stack_regions(instances, chain, frame.place.position, progress)
            except _NotWantedError:
                return
            except MemoryError:
                tell("there is no memory for the regions of the series")
            except DicomTuiError as error:
                tell(safe_line(str(error)))
            else:
                texts = [f"{region.text} {frame.unit}".rstrip() for region in regions[:_MOST_REGIONS]]
                panel.post_message(RegionsFound(frame, texts or ["no region in the series"]))

        self._regions.submit(measure)

    def show_regions(self, found: RegionsFound) -> None:
        """Show what was found, if it is still the frame that is shown."""
        if self._panel is not None and found.frame is self._image.original:
            self._panel.show_regions(found.texts)

    # --- what the panel asks for ---

    async def ask(self, what: str) -> None:
        """Ask what the panel wants to know: see :class:`ProcessingPanel.Wanted`."""
        panel = self._panel
        if panel is None:
            return
        if what == "leave":
            self.close()
        elif what == "stack":
            self._measure_stack()
        elif what == "add":
            kinds = list(KINDS.values())
            names = [f"{kind.name:<12}{kind.text}" for kind in kinds]
            self._choose("Add a step", names, lambda at: panel.add(kinds[at], self._begin(kinds[at].name)))
        elif what == "open":
            self._open_saved(panel)
        elif what == "number":
            await self._type("a number", lambda text: self._number(panel, text))
        elif what == "save":
            await self._type("a name for these steps, for --process", lambda text: self._save(panel, text))

    def _begin(self, name: str) -> tuple[float, ...]:
        """Return the numbers that a step begins with where that depends on what is shown."""
        tool = self._image.tool
        if name == "grow" and isinstance(tool, Probe):
            return (*map(float, tool.at), KINDS["grow"].parameters[2].default)
        voi = self._image.window.voi[0]
        if name not in ("threshold", "segment") or not isinstance(voi, Window):
            return ()
        defaults = [parameter.default for parameter in KINDS[name].parameters]
        return (round(float(voi.center), 6), *defaults[1:])

    def _choose(self, title: str, names: "Sequence[str]", take: "Callable[[int], None]") -> None:
        def chosen(at: int | None) -> None:
            if at is not None:
                take(at)

        self._pane.app.push_screen(MenuScreen(title, names, -1), chosen)

    def _open_saved(self, panel: ProcessingPanel) -> None:
        try:
            chains = saved_chains()
        except DicomTuiError as error:
            self._say(str(error))
            return
        if not chains:
            self._say("No steps are saved yet: S saves these.")
            return
        names = sorted(chains)
        texts = [f"{name:<16}{chains[name]}"[:100] for name in names]
        self._choose("Saved steps", texts, lambda at: panel.take(chains[names[at]], 0))

    async def _type(self, placeholder: str, take: "Callable[[str], None]") -> None:
        """Have a text typed in a line below the panel."""
        line: NameLine | None = None

        def close(text: str) -> None:
            nonlocal line
            typed, line = line, None
            if typed is None:
                return
            if self._panel is not None and typed.has_focus:
                self._panel.focus()
            typed.remove()
            if text:
                take(text)

        line = NameLine("", close)
        line.placeholder = placeholder
        await self._pane.mount(line)
        line.focus()

    def _number(self, panel: ProcessingPanel, text: str) -> None:
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if np.isfinite(number):
            panel.set_number(number)
        else:
            self._say("That is no number.")

    def _save(self, panel: ProcessingPanel, name: str) -> None:
        if not panel.chain.steps:
            self._say("There is no step to save.")
            return
        try:
            save_chain(name, panel.chain)
        except (DicomTuiError, OSError) as error:
            self._say(str(error))
        else:
            self._say(f"Saved: --process {name} does the same.")


def _span(frame: "Frame") -> tuple[float, float]:
    """Return the least and the largest value of a frame, about: of one in 16 pixels, so that no key waits."""
    values: Any = frame.values[::4, ::4]
    present = np.isfinite(values)
    if frame.padding is not None:
        present &= ~frame.padding[::4, ::4]
    if not present.any():
        return 0.0, 0.0
    return float(values[present].min()), float(values[present].max())
