"""What is known of terminals by their names: which glyphs they draw themselves, which pictures they take."""

import re
from collections.abc import Mapping
from typing import NamedTuple


class Known(NamedTuple):
    """What a terminal of some name does, whatever its font."""

    name: str = ""
    has_true_colour: bool = False
    draws_sextants: bool = False
    """Draws U+1FB00..1FB3B itself, so that no font is needed and nothing gapes between lines."""
    draws_octants: bool = False
    """The same for those of Unicode 16, U+1CD00..1CDE5."""
    takes_iterm2: bool = False
    """Shows pictures by OSC 1337 ; File=."""
    draws_placeholders: bool = False
    """Draws kitty's pictures where U+10EEEE stands; others may take the picture and draw the character."""


UNKNOWN = Known()

_DRAWERS = {
    "kitty": Known("kitty", has_true_colour=True, draws_sextants=True),
    "ghostty": Known(
        "ghostty", has_true_colour=True, draws_sextants=True, draws_octants=True, draws_placeholders=True
    ),
    "foot": Known("foot", has_true_colour=True, draws_sextants=True),
    "wezterm": Known("WezTerm", has_true_colour=True, draws_sextants=True, takes_iterm2=True),
    "iterm2": Known("iTerm2", has_true_colour=True, takes_iterm2=True),
    "mintty": Known("mintty", has_true_colour=True, takes_iterm2=True),
    "vte": Known("VTE", has_true_colour=True, draws_sextants=True),
    "contour": Known("contour", has_true_colour=True, draws_sextants=True),
    "konsole": Known("Konsole", has_true_colour=True),
    "alacritty": Known("Alacritty", has_true_colour=True),
    "mlterm": Known("mlterm", has_true_colour=True),
    "xterm": Known("xterm"),
}
"""First word of the answer to XTVERSION, in small letters -> what is known."""

_OCTANTS_SINCE = {"kitty": (0, 40), "foot": (1, 19)}
"""The versions from which terminals draw octants."""
_PLACEHOLDERS_SINCE = (0, 28)
"""The version of kitty from which it draws them."""
_VTE_SEXTANTS_SINCE = 6103
"""VTE_VERSION of the first one that draws sextants itself: 0.61.3."""


def known_by_version(answer: str) -> Known:
    """Return what is known of the terminal that answers XTVERSION so: ``kitty(0.26.5)``, ``XTerm(379)``."""
    found = re.match(r"([A-Za-z][A-Za-z0-9]*)[ (/-]*([0-9][0-9.]*)?", answer)
    if found is None:
        return UNKNOWN
    name = found[1].lower()
    known = _DRAWERS.get(name, UNKNOWN)
    if name in _OCTANTS_SINCE and version_of(answer) >= _OCTANTS_SINCE[name]:
        known = known._replace(draws_octants=True)
    if name == "kitty" and version_of(answer) >= _PLACEHOLDERS_SINCE:
        known = known._replace(draws_placeholders=True)
    return known


def version_of(answer: str) -> tuple[int, ...]:
    """Return the numbers of a version: ``kitty(0.26.5)`` -> (0, 26, 5)."""
    found = re.search(r"[0-9]+(?:\.[0-9]+)*", answer.partition("(")[2] or answer)
    return tuple(int(part[:6]) for part in found[0].split(".")[:3]) if found else ()


def known_by_environment(environment: Mapping[str, str]) -> Known:
    """Return what is known of the terminal that the environment names.

    Inside a multiplexer these variables are those of the terminal in which it was started.
    """
    program = environment.get("TERM_PROGRAM", "").lower()
    terminal = environment.get("TERM", "").lower()
    if environment.get("KITTY_WINDOW_ID") or terminal == "xterm-kitty":
        return _DRAWERS["kitty"]
    if environment.get("WEZTERM_EXECUTABLE") or program == "wezterm" or terminal == "wezterm":
        return _DRAWERS["wezterm"]
    if program == "iterm.app" or environment.get("LC_TERMINAL") == "iTerm2":
        return _DRAWERS["iterm2"]
    if program == "ghostty" or terminal in ("xterm-ghostty", "ghostty"):
        return _DRAWERS["ghostty"]
    if terminal in ("foot", "foot-extra", "foot-direct"):
        return _DRAWERS["foot"]
    if environment.get("KONSOLE_VERSION"):
        return _DRAWERS["konsole"]
    if terminal.startswith("mlterm"):
        return _DRAWERS["mlterm"]
    if program == "mintty":
        return _DRAWERS["mintty"]
    return _vte(environment.get("VTE_VERSION", ""))


def _vte(version: str) -> Known:
    if not (version.isascii() and version.isdigit()):
        return UNKNOWN
    return _DRAWERS["vte"]._replace(draws_sextants=int(version[:8]) >= _VTE_SEXTANTS_SINCE)
