"""What can be exported: the frame on the screen, its instance, its series, or what is chosen in the tree."""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.export.formats import FORMATS, Unit
from dicomtui.outcomes import Skipped
from dicomtui.text import safe_line
from dicomtui.wording import count_text, path_text

if TYPE_CHECKING:
    from dicomtui.export.options import WindowChoice
    from dicomtui.imaging.processing import Chain
    from dicomtui.imaging.voi_lut import VoiLut
    from dicomtui.imaging.window import Window
    from dicomtui.tui.screens.chosen import Chosen
    from dicomtui.tui.screens.job import Stop
    from dicomtui.tui.screens.stepping import Stepper
    from dicomtui.tui.widgets.image_view import ImageView

FRAME, FRAMES, INSTANCE, SERIES, CHOSEN = (
    "this frame",
    "all frames",
    "this instance",
    "this series",
    "all chosen",
)
"""The words for them; a person says frames where an instance has several."""
SAME = {FRAMES: INSTANCE, INSTANCE: FRAMES}
"""What is meant by one of them in formats that have the other."""
_OF_ONE_INSTANCE = frozenset({"frame", "instance"})


class OnScreen(NamedTuple):
    """The picture that the browser shows."""

    path: str = ""
    """Its instance, ``""`` if none is shown."""
    frame: int = 0
    """Its number in the file, from 1; 0 without a picture."""
    frames: int = 0
    """How many there are."""
    stack: tuple[str, ...] = ()
    """The instances that are stepped through with it."""
    window: "Window | VoiLut | WindowChoice | None" = None
    """Through which it is shown, None without one."""
    window_text: str = ""
    """The one that the picture has, as a person reads it."""
    process: "Chain | None" = None
    """What its values are processed by, None without that."""


def on_screen(stepper: "Stepper", image: "ImageView", stack: list[str]) -> OnScreen:
    """Return what the browser shows.

    Parameters
    ----------
    stepper : Stepper
        Knows the instance and the frame.
    image : ImageView
        Knows the window.
    stack : list of str
        The instances that are stepped through.
    """
    opened = stepper.opened
    if opened is None:
        return OnScreen()
    members = tuple(stack) if opened.path in stack else ()
    shown = OnScreen(opened.path, stepper.number, stepper.frames, members)
    if not image.has_window:
        return shown
    window = image.window.rule
    return shown._replace(window=window, window_text=str(image.window.voi[0]), process=image.chain)


class Subject:
    """What an export may be about.

    Parameters
    ----------
    chosen : Chosen
        The marked rows, or the one under the cursor; empty if there is nothing.
    screen : OnScreen
        What is shown.
    originals : sequence of str
        The folders and files that the browser shows, whose DICOM files are never replaced.
    """

    def __init__(self, chosen: "Chosen", screen: OnScreen, originals: Sequence[str] = ()) -> None:
        self.chosen, self.screen, self.originals = chosen, screen, originals
        only = chosen.nodes[0].path if len(chosen.nodes) == 1 else None
        self._is_on_screen = bool(screen.path) and only == screen.path

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing."""
        return self.chosen.is_empty and not self.screen.path

    def whats(self, format_name: str) -> tuple[str, ...]:
        """Return what can be exported in a format, as words."""
        return tuple(self._whats(format_name)) or (CHOSEN,)

    def usual(self, format_name: str) -> str:
        """Return what is meant most likely."""
        whats = self.whats(format_name)
        return CHOSEN if CHOSEN in whats else whats[0]

    def _whats(self, format_name: str) -> Iterator[str]:
        units, kind = FORMATS[format_name].units, FORMATS[format_name].kind
        screen = self.screen
        needs_picture = kind in ("picture", "movie", "numbers")
        if screen.path and (screen.frame or not needs_picture):
            if "frame" in units:
                yield FRAME
            if needs_picture and screen.frames > 1:
                yield FRAMES
            elif not needs_picture or format_name == "npz":
                yield INSTANCE
            if len(screen.stack) > 1:
                yield SERIES
        if not self.chosen.is_empty and not self._is_on_screen:
            yield CHOSEN

    def units(self, format_name: str, what: str) -> tuple[Unit, ...]:
        """Return what one file may hold, the usual first."""
        units = FORMATS[format_name].units
        if what == FRAME:
            return ("frame",)
        if what in (FRAMES, INSTANCE):
            return tuple(unit for unit in units if unit in _OF_ONE_INSTANCE) or units[:1]
        first: Unit = next((unit for unit in ("all", "series") if unit in units), units[0])
        return (first, *(unit for unit in units if unit != first))

    def frames(self, what: str) -> tuple[int, ...] | None:
        """Return the frames that are meant, None for all."""
        return (self.screen.frame,) if what == FRAME else None

    def inputs(self, what: str) -> list[str]:
        """Return the paths below which the names of sources are meant."""
        return self.chosen.paths if what == CHOSEN else []

    def sources(self, what: str, stop: "Stop" = lambda: False) -> Iterator[list[str] | Skipped]:
        """Yield the addresses of the files; to be called in a thread."""
        if what == CHOSEN:
            yield from self.chosen.sources(stop)
        else:
            yield list(self.screen.stack) if what == SERIES else [self.screen.path]

    def text(self, what: str) -> str:
        """Say what it is, as one safe line."""
        screen = self.screen
        name = safe_line(os.path.basename(path_text(screen.path)), 60)
        match what:
            case "this frame":
                return f"frame {screen.frame} of {name}" if screen.frames > 1 else name
            case "all frames":
                return f"{count_text(screen.frames, 'frame')} of {name}"
            case "this instance":
                return name
            case "this series":
                return f"series on the screen · {count_text(len(screen.stack), 'instance')}"
        return self.chosen.text
