"""Asking a terminal that answers at once, in pieces, late, never, or nonsense."""

import os
import pty
import select
import sys
import time

import pytest

ANSWERS = b"\x1bP>|kitty(0.26.5)\x1b\\\x1b[6;20;9t\x1b_Gi=31;OK\x1b\\\x1b[?62;4c"
SCRIPT = """
import os, sys, termios
before = termios.tcgetattr(0)
from dicomtui.picture.asking import Asking
with Asking(os.environ) as asking:
    sys.stdin.flush()
    terminal = asking.terminal()
assert termios.tcgetattr(0) == before
modes = ",".join(sorted(mode for mode in terminal.modes if mode.is_graphics))
print(f"<{modes}|{asking.typed!r}|{asking.is_late}>", flush=True)
"""


def asked(
    *answers: bytes, delay: float = 0.0, environment: dict[str, str] | None = None
) -> tuple[str, str, float]:
    """Run the questions in a terminal that sends *answers* piece by piece.

    Returns what the program found, what it wrote before, and how long it took.
    """
    child, terminal = pty.fork()
    if child == 0:
        own = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
        os.execve(sys.executable, [sys.executable, "-c", SCRIPT], {**own, **(environment or {})})
    begun, written, is_answered = time.monotonic(), b"", False
    while b">" not in written.partition(b"<")[2] and time.monotonic() < begun + 20:
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            written += os.read(terminal, 4096)
        except OSError:
            break
        if b"\x1b[c" in written and not is_answered:
            is_answered, begun = True, time.monotonic()
            for answer in answers:
                time.sleep(delay)
                os.write(terminal, answer)
    took = time.monotonic() - begun
    os.close(terminal)
    os.waitpid(child, 0)
    questions, _, found = written.decode().rpartition("<")
    return found.partition(">")[0], questions, took


def test_the_answers_are_read_and_the_terminal_is_as_it_was() -> None:
    found, _, _ = asked(ANSWERS)
    assert found == "kitty,sixel|b''|False"


def test_answers_may_come_in_pieces_with_keys_between() -> None:
    found, _, _ = asked(b"j", ANSWERS[:7], ANSWERS[7:30], ANSWERS[30:] + b"k\xc3\xa9", delay=0.05)
    assert found == "kitty,sixel|b'jk\\xc3\\xa9'|False"


def test_answers_may_take_a_while() -> None:
    assert asked(ANSWERS, delay=0.2)[0] == "kitty,sixel|b''|False"


def test_a_terminal_that_never_answers_costs_no_more_than_the_deadline() -> None:
    found, _, took = asked()
    assert found == "|b''|True"
    assert took < 5  # and not for ever


def test_nonsense_offers_nothing() -> None:
    found, _, _ = asked(b"\x1b[?;;;c", b"\x1b_Gi=31;NO\x1b\\")
    assert found.startswith("|")


@pytest.mark.parametrize("environment", [{"TERM": "linux"}, {"STY": "1"}, {"TERM_PROGRAM": "Apple_Terminal"}])
def test_who_would_write_the_questions_on_the_screen_is_not_asked(environment: dict[str, str]) -> None:
    found, questions, _ = asked(environment=environment)
    assert "\x1b" not in questions
    assert found == "|b''|False"


def test_without_a_terminal_nothing_is_asked() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()  # no terminal from now on
        from dicomtui.picture.asking import Asking

        with Asking({"TERM": "xterm"}) as asking:
            os.write(writer, str(asking.is_asked).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 9) == b"False"
    os.close(reader)
    os.close(writer)
