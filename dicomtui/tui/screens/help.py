"""The keys, as a page."""

from textwrap import wrap

from dicomtui.keys import ANYWHERE, PANES, Key, shown
from dicomtui.tui.screens.reader import ReaderScreen

KEY_WIDTH = 17
"""Cells before what a key does."""
TOOLS = {
    "With the probe": (
        ("h j k l", "move by a pixel, H J K L by ten; a count may stand before"),
        ("Enter", "pin the place"),
        ("Backspace", "take back the last pin, or the last measurement of the frame"),
        ("d", "distance from the last pin"),
        ("a", "angle at the last of two pins"),
        ("r e", "rectangle or ellipse from the last pin to here: area, mean, deviation ..."),
        ("g", "polygon through the pins and here: the same"),
        ("p", "values along the line from the last pin"),
        ("t", "histogram of the frame, or of the region measured last"),
        ("i", "list of what was measured, written as CSV or JSON"),
        ("Esc", "let the pins go, then put the probe down"),
    ),
    "In planes": (
        ("a s c", "axial, sagittal, coronal"),
        ("j k", "next or previous plane, J K by ten; a count may stand before, and before G"),
        ("m", "a plane, or the largest, least or mean value of a slab: MIP, MinIP, mean"),
        ("( )", "thinner or thicker slab"),
        ("Esc", "back to the frame"),
    ),
}
"""What keys do while a tool has them; these cannot be changed."""


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
        if title == "In the image":
            for name, tool in TOOLS.items():
                lines += [name, *(line for keys, what in tool for line in _broken(keys, what, width)), ""]
    return ReaderScreen("Keys", "\n".join(lines[:-1]))


def _lines(key: Key, keymap: dict[str, str], presets: dict[int, str], width: int) -> list[str]:
    description = key.description
    if key.id.startswith("image.preset-"):
        digit = int(key.id[-1])
        description = f"preset: {presets[digit]}" if digit in presets else "no preset for this modality"
    return _broken(shown(keymap.get(key.id, key.keys)), description, width)


def _broken(keys: str, what: str, width: int) -> list[str]:
    indent = " " * KEY_WIDTH
    return wrap(f"  {keys:<14} {what}", max(width, 40), subsequent_indent=indent, break_on_hyphens=False)
