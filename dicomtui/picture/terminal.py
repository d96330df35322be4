"""What a terminal can show: its colours, the modes of pictures, the size of a cell; and why not more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dicomtui.picture.depth import ColourDepth, colour_depth
from dicomtui.picture.known_terminals import Known, known_by_environment, known_by_version
from dicomtui.picture.modes import Mode
from dicomtui.picture.multiplexer import Tmux, multiplexer_of
from dicomtui.picture.through_tmux import hint_in, modes_through, reasons_in
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from dicomtui.picture.answers import Answers

CELL = (10, 20)
"""Pixels of a cell (across, down) where the terminal does not tell."""
SIXEL_COLOURS = 16
"""Colours that a sixel picture may have where the terminal does not tell: those of a VT340."""
_NAME = 60
_BLOCKS = frozenset({Mode.HALF, Mode.QUADRANT, Mode.BRAILLE, Mode.ASCII})
"""What any font with block elements shows."""
_ALONE = {
    Mode.SIXEL: "the terminal did not say that it draws sixels; xterm does with -ti vt340",
    Mode.KITTY: "the terminal did not acknowledge a test picture",
    Mode.ITERM2: "the terminal is none of those that are known to draw them (iTerm2, WezTerm, mintty)",
}


@dataclass(frozen=True)
class Terminal:
    """What is known of the terminal that pictures are drawn on."""

    depth: ColourDepth
    modes: frozenset[Mode]
    """The modes that can be chosen: any font shows them, or the terminal acknowledged them."""
    automatic: Mode
    """The best of the cell modes for a picture that does not move."""
    cell: tuple[int, int] = CELL
    """Pixels of a cell: across, down."""
    multiplexer: str = ""
    """What stands between: tmux, screen, zellij, mosh; or nothing."""
    outside: str = ""
    """What the terminal behind it calls itself, where that is known; safe to show."""
    reasons: Mapping[Mode, str] = field(default_factory=dict)
    """Why the other modes are not offered."""
    hint: str = ""
    """One line about how to get more, or nothing."""
    name: str = ""
    """What the terminal calls itself, or what the environment calls it."""
    sixel_colours: int = SIXEL_COLOURS
    has_answered: bool = False
    """Whether it was asked and answered; otherwise all this is from the environment."""


def terminal_of(
    environment: Mapping[str, str], answers: "Answers | None" = None, tmux: Tmux | None = None
) -> Terminal:
    """Return what the environment promises, and what the terminal answered if it was asked.

    Parameters
    ----------
    environment : mapping
        Variables such as TERM, COLORTERM, TERM_PROGRAM, TMUX, NO_COLOR, LANG.
    answers : Answers, optional
        What the terminal answered; without them no graphics are offered.
    tmux : Tmux, optional
        What tmux told, where it is between.
    """
    known = known_by_environment(environment)
    if answers is not None and answers.known.name:
        known = answers.known
    tmux = tmux or Tmux()
    outside = known_by_version(tmux.outside)
    if (
        outside.name
    ):  # the environment tells of the terminal in which tmux was started; tmux may lack its colours
        known = outside._replace(has_true_colour=known.has_true_colour)
    multiplexer = multiplexer_of(environment)
    modes = _cell_modes(environment, known, multiplexer.name)
    reasons = _glyph_reasons(environment, modes)
    is_in_tmux = multiplexer.name == "tmux"
    graphics = modes_through(tmux, answers) if is_in_tmux else _graphics(answers)
    why_not = reasons_in(tmux, answers) if is_in_tmux else {}
    for mode, why in _ALONE.items():
        if mode not in graphics:
            alone = why if answers is not None else "the terminal was not asked"
            reasons[mode] = why_not.get(mode) or multiplexer.why or alone
    cell = (answers.cell if answers is not None else None) or tmux.cell or CELL
    return Terminal(
        depth=_depth(environment, known),
        modes=frozenset(modes | graphics),
        automatic=_automatic(modes),
        cell=cell,
        multiplexer=multiplexer.name,
        outside=safe_line(tmux.outside, _NAME),
        reasons=reasons,
        hint=hint_in(tmux) if is_in_tmux else multiplexer.hint,
        name=(answers.name if answers is not None else "") or known.name or environment.get("TERM", ""),
        sixel_colours=(answers.sixel_colours if answers is not None else 0) or SIXEL_COLOURS,
        has_answered=answers is not None and answers.is_complete,
    )


def is_utf8(environment: Mapping[str, str]) -> bool:
    """Whether the locale's characters are UTF-8; one that is not set counts, as most terminals are."""
    locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or ""
    charset = locale.partition(".")[2].partition("@")[0].lower().replace("-", "")
    return charset in ("utf8", "") and locale not in ("C", "POSIX")


def _depth(environment: Mapping[str, str], known: Known) -> ColourDepth:
    """Return the colours that pictures may use; NO_COLOR is not about greys, so it takes none from them."""
    depth = colour_depth(environment)
    if known.has_true_colour and depth is ColourDepth.PALETTE and not environment.get("SSH_CONNECTION"):
        return ColourDepth.TRUE  # over a line, 256 colours are half the bytes
    if known.name and depth is ColourDepth.SIXTEEN:
        return ColourDepth.PALETTE  # TERM promises less than they all have
    return depth


def _cell_modes(environment: Mapping[str, str], known: Known, multiplexer: str) -> set[Mode]:
    if not is_utf8(environment) or environment.get("TERM") in ("dumb", "unknown", ""):
        return {Mode.ASCII}
    if environment.get("TERM") == "linux":
        return {Mode.HALF, Mode.ASCII}
    modes = set(_BLOCKS)
    if known.draws_sextants:
        modes.add(Mode.SEXTANT)
    if known.draws_octants and not multiplexer:
        modes.add(Mode.OCTANT)
    return modes


def _glyph_reasons(environment: Mapping[str, str], modes: set[Mode]) -> dict[Mode, str]:
    if modes == {Mode.ASCII}:
        why = f"the locale is not UTF-8, or TERM ({environment.get('TERM', 'not set')}) cannot draw"
    elif environment.get("TERM") == "linux":
        why = "the console's font has no such characters"
    else:
        why = "it is not known whether the terminal's font has these characters"
    cells = [mode for mode in Mode if not mode.is_graphics]
    return {mode: why for mode in cells if mode not in modes}


def _automatic(modes: set[Mode]) -> Mode:
    best = (Mode.SEXTANT, Mode.QUADRANT, Mode.HALF)
    return next((mode for mode in best if mode in modes), Mode.ASCII)


def _graphics(answers: "Answers | None") -> set[Mode]:
    if answers is None:
        return set()
    offered = {Mode.SIXEL: answers.has_sixel, Mode.KITTY: answers.has_kitty, Mode.ITERM2: answers.has_iterm2}
    return {mode for mode, is_there in offered.items() if is_there}
