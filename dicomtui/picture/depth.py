"""How many colours the terminal shows, from what the environment says."""

import re
from collections.abc import Mapping
from enum import IntEnum

_WITHOUT_COLOURS = re.compile(r"dumb|unknown|vt[1-4]\d\d.*|.*-m(ono)?|")
"""Terminals without colours, by their names in terminfo: DEC's before the VT500s, and what ends with -m."""


class ColourDepth(IntEnum):
    """Colours of a terminal; integers, as they are part of the key under which each run of cells is kept."""

    NONE = 0
    SIXTEEN = 4
    PALETTE = 8
    """256 colours: the common case over SSH, which normally drops COLORTERM."""
    TRUE = 24


def colour_depth(environment: Mapping[str, str]) -> ColourDepth:
    """Return the depth that COLORTERM and TERM promise."""
    if environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return ColourDepth.TRUE
    terminal = environment.get("TERM", "").strip().lower()
    if _WITHOUT_COLOURS.fullmatch(terminal):
        return ColourDepth.NONE
    if "direct" in terminal:
        return ColourDepth.TRUE
    if "256" in terminal or terminal.startswith(("xterm-kitty", "alacritty", "foot", "wezterm")):
        return ColourDepth.PALETTE
    return ColourDepth.SIXTEEN
