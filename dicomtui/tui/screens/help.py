"""The keys, as a page."""

from dicomtui.keys import ANYWHERE, PANES, Key, shown
from dicomtui.tui.screens.reader import ReaderScreen


def help_screen(pane: str, keymap: dict[str, str], presets: dict[int, str]) -> ReaderScreen:
    """Return a screen with the keys of *pane*, then those that work anywhere, then the other panes'.

    Parameters
    ----------
    pane : str
        ``tree``, ``attributes`` or ``image``.
    keymap : dict
        The user's keys by the id of their action.
    presets : dict
        Names of the window presets of the image that is shown, by digit.
    """
    sections = [(f"In the {pane}" if pane != "attributes" else "In the attributes", PANES[pane])]
    sections.append(("Anywhere", ANYWHERE))
    sections += [(f"In the {name}", keys) for name, keys in PANES.items() if name != pane]
    lines: list[str] = []
    for title, keys in sections:
        lines += [title, *(_line(key, keymap, presets) for key in keys), ""]
    return ReaderScreen("Keys", "\n".join(lines[:-1]))


def _line(key: Key, keymap: dict[str, str], presets: dict[int, str]) -> str:
    description = key.description
    if key.id.startswith("image.preset-"):
        digit = int(key.id[-1])
        description = f"preset: {presets[digit]}" if digit in presets else "no preset for this modality"
    return f"  {shown(keymap.get(key.id, key.keys)):<14} {description}"
