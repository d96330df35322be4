"""All about one element on a page of its own."""

from textwrap import wrap
from typing import TYPE_CHECKING

from dicomtui.dataset.explanation import explain
from dicomtui.deidentify.explanation import about_element
from dicomtui.tui.screens.reader import ReaderScreen

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element

_NAMES = 14
"""Cells that names take."""


def explanation_screen(element: "Element", source: str, width: int) -> ReaderScreen:
    """Return a page about *element* of the file *source*, in lines of at most *width* cells."""
    about = about_element(element.tag, element.vr, element.creator)
    done = [("De-identified", about[0]), *(("", text) for text in about[1:])]
    pairs = [*explain(element, source), ("", ""), *done]
    lines = [line for name, text in pairs for line in _wrapped(name, text, width)]
    return ReaderScreen("What this is", "\n".join(lines))


def _wrapped(name: str, text: str, width: int) -> list[str]:
    """Return the lines of a name and its text: as it is where it fits, else broken."""
    room = max(16, width - _NAMES - 1)
    parts = [text] if len(text) <= room else wrap(text, room, break_on_hyphens=False)
    return [f"{name if at == 0 else '':<{_NAMES}} {part}" for at, part in enumerate(parts or [""])]
