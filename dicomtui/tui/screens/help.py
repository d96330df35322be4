"""The keys, as a page."""

from textwrap import wrap

from dicomtui.keys import ANYWHERE, PANES, Key, shown
from dicomtui.tui.screens.reader import ReaderScreen

KEY_WIDTH = 17
"""Cells before what a key does."""


def help_screen(pane: str, keymap: dict[str, str], presets: dict[int, str], width: int) -> ReaderScreen:
    """Return a screen with the keys of *pane*, then those that work anywhere, then the other panes'.

    Parameters
    ----------
    pane : str
        ``tree``, ``attributes`` or ``image``.
    keymap : dict
        The user's keys by the id of their action.
    presets : dict
        Names of the window presets of the image that is shown, by digit.
    width : int
        Cells that a line may have.
    """
    sections = [(f"In the {pane}" if pane != "attributes" else "In the attributes", PANES[pane])]
    sections.append(("Anywhere", ANYWHERE))
    sections += [(f"In the {name}", keys) for name, keys in PANES.items() if name != pane]
    lines: list[str] = []
    for title, keys in sections:
        lines += [title, *(line for key in keys for line in _lines(key, keymap, presets, width)), ""]
    return ReaderScreen("Keys", "\n".join(lines[:-1]))


def _lines(key: Key, keymap: dict[str, str], presets: dict[int, str], width: int) -> list[str]:
    description = key.description
    if key.id.startswith("image.preset-"):
        digit = int(key.id[-1])
        description = f"preset: {presets[digit]}" if digit in presets else "no preset for this modality"
    named = f"  {shown(keymap.get(key.id, key.keys)):<14} "
    indent = " " * KEY_WIDTH
    return wrap(named + description, max(width, 40), subsequent_indent=indent, break_on_hyphens=False)
