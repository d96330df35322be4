"""Which pictures get through tmux, why others do not, and what to write into its configuration."""

from typing import TYPE_CHECKING

from dicomtui.picture.known_terminals import known_by_version
from dicomtui.picture.modes import Mode
from dicomtui.picture.multiplexer import PASSING
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from dicomtui.picture.answers import Answers
    from dicomtui.picture.multiplexer import Tmux

_NAME = 60
_DRAWERS = "kitty 0.28 or newer and Ghostty"


def passes_pictures(tmux: "Tmux") -> bool:
    """Whether kitty's pictures get through, to a terminal that draws them where characters stand for them."""
    return tmux.passes and known_by_version(tmux.outside).draws_placeholders


def modes_through(tmux: "Tmux", answers: "Answers | None") -> set[Mode]:
    """Return the modes with real pixels that were acknowledged, and are drawn by the terminal outside."""
    if answers is None:
        return set()
    offered = {
        Mode.SIXEL: answers.has_sixel and tmux.draws_sixels,  # tmux says so even if it cannot show them
        Mode.KITTY: answers.has_kitty and passes_pictures(tmux),
    }
    return {mode for mode, is_there in offered.items() if is_there}


def reasons_in(tmux: "Tmux", answers: "Answers | None") -> dict[Mode, str]:
    """Return why the modes with real pixels are not offered, each in one line."""
    if not tmux.has_answered:
        why = "tmux is between, and could not be asked what it lets through"
        return {mode: why for mode in Mode if mode.is_graphics}
    outside = safe_line(tmux.outside, _NAME) or "a terminal that does not tell its name"
    if not known_by_version(tmux.outside).draws_placeholders:
        kitty = f"outside tmux is {outside}; through tmux, {_DRAWERS} draw them"
    elif not tmux.passes:
        kitty = f"tmux lets nothing through to {outside}; it does with: {PASSING}"
    else:
        kitty = f"{outside}, outside tmux, did not acknowledge a test picture in time"
    if answers is not None and answers.has_sixel:
        sixel = f"tmux draws them, but to its knowledge {outside}, outside it, does not"
    else:
        sixel = "this tmux does not draw them; 3.4 or newer does if it was built with --enable-sixel"
    return {Mode.KITTY: kitty, Mode.SIXEL: sixel, Mode.ITERM2: "tmux does not draw them"}


def hint_in(tmux: "Tmux") -> str:
    """Return how to get more, in one line; nothing if all is done in tmux that can be."""
    if not tmux.has_answered:
        return "outside tmux this terminal may show more"
    draws = known_by_version(tmux.outside).draws_placeholders
    if tmux.passes:
        return "" if draws else "outside tmux this terminal may show more"
    whose = "this terminal's" if draws else f"with {_DRAWERS},"
    return f"{whose} pictures pass through tmux with this line in ~/.tmux.conf: {PASSING}"
