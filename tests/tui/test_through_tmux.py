"""The real program in a real tmux, in terminals that take pictures or not."""

import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from dicomtui.picture.placeholders import PLACEHOLDER
from tests.tui.outer_terminal import DUMB, KITTY, OuterTerminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

ON, OFF = "set -g allow-passthrough on\n", "set -g allow-passthrough off\n"
CT = str(get_testdata_file("CT_small.dcm", download=False))
PROGRAM = [sys.executable, "-m", "dicomtui"]
PICTURE = re.compile(rb"\x1b_Ga=T,U=1,f=100,i=(\d+),")


def is_left(seen: bytes) -> bool:
    """Whether a picture was placed and not deleted since."""
    return (PICTURE.findall(seen) != []) and seen.rfind(b"\x1b_Ga=d,d=I,") < seen.rfind(
        b"\x1b_Ga=T,U=1,f=100"
    )


def test_a_picture_passes_and_text_covers_it_and_it_is_deleted_at_the_end(tmp_path: Path) -> None:
    with OuterTerminal([*PROGRAM, "--graphics", "kitty", CT], tmp_path, KITTY, ON) as terminal:
        terminal.until(lambda: PLACEHOLDER in terminal.pane(), "a picture")
        found = PICTURE.search(terminal.seen)
        assert found is not None
        gone = b"\x1b_Ga=d,d=I,i=%s,q=2\x1b\\" % found[1]
        terminal.tmux("send-keys", "?")
        terminal.until(lambda: PLACEHOLDER not in terminal.pane(), "help alone")
        assert gone in terminal.seen
        terminal.tmux("send-keys", "Escape")
        terminal.until(lambda: PLACEHOLDER in terminal.pane(), "the picture again")
        columns = terminal.pane().splitlines()[5].count(PLACEHOLDER)
        terminal.tmux("split-window", "-h", "-l", "40", "sleep", "60")
        terminal.tmux("select-pane", "-L")
        terminal.until(lambda: 0 < terminal.pane().splitlines()[5].count(PLACEHOLDER) < columns, "narrower")
        terminal.tmux("send-keys", "q")
        terminal.until(lambda: not is_left(terminal.seen), "the picture deleted")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_picture_is_deleted_when_the_program_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    with OuterTerminal([*PROGRAM, "--graphics", "kitty", CT], tmp_path, KITTY, ON) as terminal:
        terminal.until(lambda: PLACEHOLDER in terminal.pane(), "a picture")
        assert is_left(terminal.seen)
        os.kill(int(terminal.tmux("display-message", "-p", "#{pane_pid}")), number)
        terminal.until(lambda: not is_left(terminal.seen), "the picture deleted")


@pytest.mark.parametrize(("answers", "configuration"), [(KITTY, OFF), (KITTY[:-1], ON), (DUMB, ON)])
def test_where_nobody_acknowledges_there_are_cells_and_nothing_strange(
    tmp_path: Path, answers: tuple[tuple[bytes, bytes], ...], configuration: str
) -> None:
    with OuterTerminal([*PROGRAM, "--graphics", "kitty", CT], tmp_path, answers, configuration) as terminal:
        terminal.until(lambda: re.search("[▀▄▌▐▖▗▘▝]", terminal.pane()), "cells")
        assert PLACEHOLDER not in terminal.pane()
        assert not PICTURE.search(terminal.seen)
        assert "Gi=" not in terminal.pane() + terminal.tmux("display-message", "-p", "#{pane_title}")


@pytest.mark.parametrize(
    ("answers", "configuration", "said"),
    [
        (KITTY, OFF, r"Hint: this terminal's pictures .*: set -g allow-passthrough on"),
        (KITTY, ON, r"kitty +yes"),
        (DUMB, ON, r"kitty +no: outside tmux is a terminal that does not tell its name"),
        (KITTY[:-1], ON, r"kitty +no: kitty\(0.41.1\), outside tmux, did not acknowledge"),
    ],
)
def test_doctor_says_what_passes_and_how_to_get_more(
    tmp_path: Path, answers: tuple[tuple[bytes, bytes], ...], configuration: str, said: str
) -> None:
    told = tmp_path / "told"
    script = f'"$@" > {told}.new; mv {told}.new {told}; sleep 60'
    command = ["sh", "-c", script, "sh", *PROGRAM, "doctor", "--no-pictures"]
    with OuterTerminal(command, tmp_path, answers, configuration) as terminal:
        terminal.until(told.exists, "what doctor says")
        assert re.search(said, told.read_text()), told.read_text()
