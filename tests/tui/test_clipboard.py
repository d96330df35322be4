"""What the terminal is told so that a text comes to its clipboard."""

import base64
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.tui import clipboard
from dicomtui.tui.clipboard import LIMIT, Clipboard, clipboard_of

XTERM = {"TERM": "xterm-256color"}


@given(st.text(max_size=300))
def test_the_text_comes_back_out_of_the_sequence(text: str) -> None:
    sequence = Clipboard().sequence(text)
    found = re.fullmatch("\x1b\\]52;c;([A-Za-z0-9+/=]*)\x07", sequence)
    assert found is not None
    assert base64.b64decode(found[1]) == text.encode("utf-8", "replace")


@given(st.text(max_size=900))
def test_screen_hands_on_the_same_sequence_in_pieces(text: str) -> None:
    sequence = Clipboard(multiplexer="screen").sequence(text)
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", sequence, re.DOTALL)
    assert "".join(pieces) == Clipboard().sequence(text)
    assert all(len(piece) <= 256 for piece in pieces)


def test_tmux_gets_it_for_itself_and_wrapped_for_the_terminal_outside() -> None:
    plain, sequence = Clipboard().sequence("a"), Clipboard(multiplexer="tmux").sequence("a")
    assert sequence.startswith(plain)
    wrapped = re.fullmatch("\x1bPtmux;(.*)\x1b\\\\", sequence.removeprefix(plain), re.DOTALL)
    assert wrapped is not None
    assert wrapped[1].replace("\x1b\x1b", "\x1b") == plain


def test_a_text_that_is_too_long_is_refused() -> None:
    assert len(Clipboard().sequence("a" * LIMIT)) <= 100_000
    with pytest.raises(ValueError, match=str(LIMIT + 1)):
        Clipboard().sequence("a" * (LIMIT + 1))
    with pytest.raises(ValueError, match=str(LIMIT + 2)):
        Clipboard().sequence("é" * (LIMIT // 2 + 1))


@pytest.mark.parametrize(
    ("environment", "setting", "works"),
    [
        (XTERM, "auto", True),
        (XTERM, "off", False),
        ({"TERM": "linux"}, "auto", False),
        ({"TERM": "linux"}, "on", True),
        ({"TERM": "dumb"}, "auto", False),
        ({}, "auto", False),
        ({**XTERM, "TERM_PROGRAM": "Apple_Terminal"}, "auto", False),
        ({**XTERM, "VTE_VERSION": "7200"}, "auto", False),
        ({"TERM": "screen.xterm", "STY": "1.pts"}, "auto", True),
    ],
)
def test_terminals_without_a_clipboard_are_known(
    environment: dict[str, str], setting: str, works: bool
) -> None:
    assert (not clipboard_of(environment, setting).why_not) == works


@pytest.mark.parametrize(
    ("said", "works"), [("external/off", False), ("on/off", True), ("external/on", True), ("", True)]
)
def test_tmux_is_asked_whether_it_lets_programs_set_it(
    said: str, works: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "tmux_says", lambda question, environment: said)
    board = clipboard_of({"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0"})
    assert board.multiplexer == "tmux"
    assert (not board.why_not) == works


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_tmux_takes_it(tmp_path: Path) -> None:
    text = "Doe^Jane\\王 'x' $(y)"
    (tmp_path / "sequence").write_text(Clipboard(multiplexer="tmux").sequence(text))
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    show = f"cat {tmp_path}/sequence; sleep 30"
    subprocess.run([*tmux, "new-session", "-d", "sleep 30"], check=True)
    try:
        subprocess.run([*tmux, "set", "-g", "set-clipboard", "on"], check=True)
        subprocess.run([*tmux, "respawn-pane", "-k", show], check=True)
        end = time.monotonic() + 10
        while not (done := subprocess.run([*tmux, "show-buffer"], capture_output=True, check=False)).stdout:
            assert time.monotonic() < end, done.stderr
            time.sleep(0.02)
        assert done.stdout.decode() == text
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
