"""The bytes that reach a real terminal while hostile instances are looked at, copied and searched."""

import base64
import re
import time

import pytest

from tests.hostile_instances import unsafe, write_folder
from tests.tui.test_thin_line import SEQUENCE
from tests.tui.thin_line import ThinLine

COPYING = ("yv", "yt", "yk", "yp", "yy", "yc", "yu", "yd", "ysv", "\x1b")
"""A key of each kind of copy; those that are not offered go back."""
TOUR = (
    "\x1b1",  # the tree: its names, and its card
    *("i", "\x1b", "j", *COPYING, "j", *COPYING),
    "\x1b2",  # attributes: whole values, explanations, copies
    *("15j", *COPYING, "K", "\x1b", "\r", "\x1b", "j", *COPYING, "j", "K", "\x1b", "\r", "\x1b", "E", "\x1b"),
    "\x1b3",  # the picture with names in its corners, toasts
    *("O", "O", "]]]]", "T", "m", "\x1b", "\x0e", "J", "J", "J"),
    *("\x10", "win", "\x1b", "\x1b"),  # the palette
    *(
        "t",
        "c",
        "\x1b",
        "\x06",
        "Rows > 1",
        "\r",
        "\x1b",
        "\x1b",
        "!",
        "\x1b",
    ),  # studies, values, find, validate
)
OSC_52 = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/]*=*)(?:\x07|\x1b\\)")
POINTER = re.compile(rb"\x1b\]22;[a-z]+\x07")
"""The shape of the mouse pointer, which Textual chooses."""
ASKED = (b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\", b"\x1b]1337;ReportCellSize\x1b\\")
"""What a terminal is asked at the start."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = write_folder(tmp_path_factory.mktemp("hostile") / "\x1b]0;OWNED\x07[@click=app.quit]\u202e")
    with ThinLine([str(folder)], (150, 44)) as line:
        line.until_seen(r"\d ms")
        for keys in TOUR:
            line.press(keys)
            time.sleep(0.06)  # until it is being answered
            line.until_quiet(0.06)
        line.until_quiet()
        assert b"\x1b[?1049l" not in line.seen(), "a payload has ended the program"
        return line.seen()


def test_all_that_a_terminal_gets_are_sequences_of_the_program(seen: bytes) -> None:
    position = 0
    while position < len(seen):
        match = SEQUENCE.match(seen, position)
        assert match is not None, seen[position - 60 : position + 60]
        found = match[0]
        if found.startswith((b"\x1b]", b"\x1b_", b"\x1bP")):
            assert OSC_52.fullmatch(found) or POINTER.fullmatch(found) or found in ASKED, found
        position = match.end()


def test_no_text_holds_what_turns_lines_or_hides(seen: bytes) -> None:
    for part in re.split(
        rb"\x1b\[[<=>?]?[0-9;:]*[ $\"]*[@-~]|\x1b[78]|\x1b[\]_P][^\x07\x1b]*(?:\x07|\x1b\\)", seen
    ):
        assert not unsafe(part.decode().replace("\r", "").replace("\n", "")), part


def test_what_is_copied_is_text(seen: bytes) -> None:
    copied = [base64.b64decode(match[1]).decode() for match in OSC_52.finditer(seen)]
    assert len(copied) > 5
    assert any("x[/]" in text or "OWNED" in text for text in copied)
    for text in copied:
        assert not unsafe(text.replace("\n", "")), text


def test_the_title_of_the_terminal_is_left_alone(seen: bytes) -> None:
    assert not re.search(rb"\x1b\][012];", seen)
