"""What a terminal is taken to show, from its environment and its answers."""

import pytest

from dicomtui.picture.answers import read_answers
from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.modes import Mode
from dicomtui.picture.terminal import Terminal, terminal_of

XTERM = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
KITTY_ANSWERS = read_answers(["\x1bP>|kitty(0.26.5)\x1b\\", "\x1b_Gi=31;OK\x1b\\", "\x1b[?62;c"])


def test_without_answers_no_real_pixels_are_offered() -> None:
    terminal = terminal_of({**XTERM, "KITTY_WINDOW_ID": "1"})
    assert not any(mode.is_graphics for mode in terminal.modes)
    assert not terminal.has_answered


def test_pictures_that_were_acknowledged_are_offered() -> None:
    terminal = terminal_of(XTERM, KITTY_ANSWERS)
    assert Mode.KITTY in terminal.modes
    assert Mode.SIXEL not in terminal.modes
    assert terminal.automatic is Mode.SEXTANT  # kitty draws them itself


@pytest.mark.parametrize(
    "environment", [XTERM, {"TERM": "linux"}, {"TERM": "dumb"}, {}, {**XTERM, "TMUX": "x"}]
)
@pytest.mark.parametrize("answers", [None, KITTY_ANSWERS])
def test_each_mode_is_offered_or_has_a_reason(environment: dict[str, str], answers: object) -> None:
    terminal = terminal_of(environment, answers)  # type: ignore[arg-type]
    assert terminal.modes | set(terminal.reasons) == set(Mode)
    assert not terminal.modes & set(terminal.reasons)
    assert terminal.automatic in terminal.modes


def test_other_locales_than_utf_8_get_characters() -> None:
    assert terminal_of({"TERM": "xterm", "LC_ALL": "de_DE.ISO-8859-1"}).modes == {Mode.ASCII}


@pytest.mark.parametrize(
    "between", [{"TMUX": "/tmp/tmux-0/default,1,0"}, {"STY": "1.pts-0"}, {"ZELLIJ": "0"}]
)
def test_inside_a_multiplexer_a_line_says_how_to_get_more(between: dict[str, str]) -> None:
    terminal = terminal_of({**XTERM, **between})
    assert terminal.multiplexer
    assert terminal.hint
    assert Mode.OCTANT not in terminal.modes


def depth(answers: object = None, **environment: str) -> ColourDepth:
    terminal: Terminal = terminal_of({"LANG": "C.UTF-8", **environment}, answers)  # type: ignore[arg-type]
    return terminal.depth


def test_a_known_terminal_has_true_colour_unless_there_is_a_line_to_it() -> None:
    assert depth(KITTY_ANSWERS, TERM="xterm-256color") is ColourDepth.TRUE
    assert depth(KITTY_ANSWERS, TERM="xterm-256color", SSH_CONNECTION="a") is ColourDepth.PALETTE
    assert depth(TERM="xterm-256color") is ColourDepth.PALETTE
