"""The clipboard of the person's own terminal, through whatever stands between: OSC 52.

Only text that went through :mod:`dicomtui.text` may come here. It travels as base64, so that nothing in it
can end the sequence; and a terminal pastes it as if it were typed, hence it holds no control characters.
Nothing of it is logged.

References
----------
XTerm Control Sequences, OSC 52; tmux(1), ``set-clipboard`` and ``allow-passthrough``; screen(1), "Virtual
Terminal".
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import NamedTuple

from dicomtui.picture.multiplexer import multiplexer_of, tmux_says

LIMIT = 74_994
"""Bytes of text that one sequence may carry: 100,000 in base64 with its frame, which terminals still take."""
_SCREEN_PIECE = 256
"""Bytes of a string that GNU screen hands on in one piece."""
_CONSOLES = frozenset({"linux", "dumb", "unknown", ""})


class Clipboard(NamedTuple):
    """Whether copying can work, and what the terminal is told to do it."""

    why_not: str = ""
    """One sentence where it cannot; it may still fail where nothing is known against it."""
    multiplexer: str = ""

    def sequence(self, text: str) -> str:
        """Return what puts *text* on the clipboard when it is written to the terminal.

        Raises
        ------
        ValueError
            If the text is longer than :data:`LIMIT` allows.
        """
        raw = text.encode("utf-8", "replace")
        if len(raw) > LIMIT:
            raise ValueError(len(raw))
        plain = f"\x1b]52;c;{b64encode(raw).decode()}\x07"
        if self.multiplexer == "tmux":
            return f"{plain}\x1bPtmux;{plain.replace(chr(27), chr(27) * 2)}\x1b\\"
        if self.multiplexer == "screen":
            pieces = (plain[at : at + _SCREEN_PIECE] for at in range(0, len(plain), _SCREEN_PIECE))
            return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
        return plain


def clipboard_of(environment: Mapping[str, str], setting: str = "auto") -> Clipboard:
    """Return the clipboard of the terminal that the environment tells of.

    Parameters
    ----------
    environment : mapping
        Variables such as TERM, TMUX, STY, TERM_PROGRAM.
    setting : str
        ``auto``, ``on`` (nothing is held against the terminal), or ``off``.
    """
    multiplexer = multiplexer_of(environment).name
    if setting == "off":
        return Clipboard("the configuration turns it off", multiplexer)
    if setting == "on":
        return Clipboard("", multiplexer)
    return Clipboard(_why_not(environment, multiplexer), multiplexer)


def _why_not(environment: Mapping[str, str], multiplexer: str) -> str:
    if environment.get("TERM", "") in _CONSOLES:
        return "this terminal has no clipboard"
    if multiplexer == "tmux":
        said = tmux_says("#{set-clipboard}/#{allow-passthrough}", environment).split("/")
        if said[0] in ("off", "external") and said[-1] in ("off", "0", ""):
            return "tmux keeps it: tmux set -g set-clipboard on"
        return ""
    if multiplexer:
        return ""
    if environment.get("TERM_PROGRAM") == "Apple_Terminal":
        return "Apple's Terminal gives programs no clipboard"
    if environment.get("VTE_VERSION"):
        return "terminals with VTE, such as GNOME's, give programs no clipboard"
    return ""
