"""Real pixels over the pane, and answers that come late, in the real program."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from textual.events import Key

from dicomtui.picture.answers import Sieve
from dicomtui.tui import late_answers
from dicomtui.tui.late_answers import LateAnswers
from tests.tui import thin_line
from tests.tui.thin_line import ThinLine

PICTURE = r"\x1b_Ga=T,[^;]*i=7701[^;]*;[^\x1b]*\x1b\\"
GONE = r"\x1b_Ga=d,d=I,i=7701,q=2\x1b\\"


@pytest.fixture
def kitty(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThinLine]:
    """The program in a terminal that takes kitty's test picture."""
    taken = (rb"\x1b_Gi=31,[^\x1b]*\x1b\\", b"\x1b_Gi=31;OK\x1b\\")
    monkeypatch.setattr(thin_line, "ANSWERS", (taken, *thin_line.ANSWERS))
    path = str(Path(str(get_testdata_file("CT_small.dcm", download=False))))
    with ThinLine(["--graphics", "kitty", path], environment={"LANG": "C.UTF-8"}) as line:
        yield line


def test_a_picture_is_placed_at_rest_and_gone_under_dialogs_and_at_the_end(kitty: ThinLine) -> None:
    kitty.until_seen(PICTURE)
    pressed = kitty.press("?")
    kitty.until_seen(GONE, pressed)
    kitty.until_quiet()
    assert b"a=T" not in kitty.seen(pressed)
    back = kitty.press("\x1b")
    kitty.until_seen(PICTURE, back)
    left = kitty.press("q")
    kitty.until_seen(r"\x1b\[\?1049l", left)
    assert kitty.seen(left).find(b"a=d,d=I,i=7701") < kitty.seen(left).find(b"\x1b[?1049l")
    assert b"a=d,d=I,i=7701" in kitty.seen(left)


def typed(parser: LateAnswers, *pieces: str) -> list[str]:
    return [event.key for piece in pieces for event in parser.feed(piece) if isinstance(event, Key)]


def test_answers_that_come_late_are_no_keys() -> None:
    parser = LateAnswers(Sieve())
    late = "j\x1bP>|kitty(0.26.5)\x1b\\\x1b_Gi=31;OK\x1b\\k\x1b[?62;4c"
    assert typed(parser, *late, "l") == ["j", "k", "l"]


def test_escape_is_a_key_while_answers_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_answers, "_KEY", 0.0)
    parser = LateAnswers(Sieve())
    assert typed(parser, "\x1b") == []
    time.sleep(0.01)
    keys = [event.key for event in parser.tick() if isinstance(event, Key)]
    time.sleep(0.2)  # Textual itself waits for what may follow
    keys += [event.key for event in parser.tick() if isinstance(event, Key)]
    assert keys == ["escape"]
