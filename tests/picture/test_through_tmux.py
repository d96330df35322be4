"""Pictures through tmux: what it is asked, what is offered, what is said, and what goes to it."""

import os
import re
import unicodedata
from pathlib import Path

import numpy as np
import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.picture import placeholders
from dicomtui.picture.answers import read_answers
from dicomtui.picture.graphics import Hole, graphics_of
from dicomtui.picture.modes import Mode
from dicomtui.picture.multiplexer import Tmux, passed_through, tmux_of
from dicomtui.picture.terminal import Terminal, terminal_of
from tests.picture.test_asking import asked

NEW_KITTY, OLD_KITTY = "kitty(0.41.1)", "kitty(0.26.5)"
TAKEN, REFUSED = b"\x1b_Gi=31;OK\x1b\\", b"\x1b_Gi=31;EINVAL:no\x1b\\"
DA1, DA1_WITH_SIXEL = b"\x1b[?1;2c", b"\x1b[?1;2;4c"
IN_TMUX = {"TERM": "tmux-256color", "LANG": "C.UTF-8", "TMUX": "/nowhere,1,0"}
LINE = "set -g allow-passthrough on"


def says(
    folder: Path, *, passes: str = "on", features: str = "256,title", outside: str = NEW_KITTY
) -> dict[str, str]:
    """Return an environment with a tmux that tells this of itself."""
    program = folder / "tmux"
    program.write_text(f"#!/bin/sh\necho '{passes}|{features}|9|18|{outside}'\n")
    program.chmod(0o755)
    return {**IN_TMUX, "PATH": f"{folder}:{os.environ['PATH']}"}


@pytest.mark.parametrize("passes", ["on", "all", "1"])  # 1 is what tmux 3.3 says
def test_kitty_is_offered_when_the_terminal_outside_took_a_test_picture(tmp_path: Path, passes: str) -> None:
    found, questions, _ = asked(DA1, TAKEN, environment=says(tmp_path, passes=passes))
    assert found == "kitty|b''|False"
    assert "\x1bPtmux;\x1b\x1b_Gi=31," in questions
    assert "a=T,U=1" in questions
    assert "\x1bPtmux;\x1b\x1b_Ga=d,d=I,i=31" in questions  # and nothing is left of it


def test_the_answer_from_outside_may_come_after_that_of_tmux(tmp_path: Path) -> None:
    found, _, _ = asked(DA1, b"j", TAKEN, delay=0.2, environment=says(tmp_path))
    assert found == "kitty|b'j'|False"


def test_an_answer_that_comes_too_late_offers_nothing_and_is_still_expected(tmp_path: Path) -> None:
    found, _, _ = asked(DA1, TAKEN, delay=0.8, environment=says(tmp_path))
    assert found == "|b''|True"


def test_no_answer_from_outside_costs_no_more_than_the_deadline(tmp_path: Path) -> None:
    found, _, took = asked(DA1, environment=says(tmp_path))
    assert found == "|b''|True"
    assert took < 5  # and not for ever


def test_a_picture_that_is_refused_is_not_offered(tmp_path: Path) -> None:
    assert asked(DA1, REFUSED, environment=says(tmp_path))[0] == "|b''|False"


@pytest.mark.parametrize(
    ("passes", "outside"),
    [
        ("off", NEW_KITTY),
        ("", NEW_KITTY),
        ("0", NEW_KITTY),
        ("on", OLD_KITTY),
        ("on", "XTerm(398)"),
        ("on", ""),
    ],
)
def test_who_would_not_draw_it_gets_no_test_picture(tmp_path: Path, passes: str, outside: str) -> None:
    found, questions, _ = asked(DA1, environment=says(tmp_path, passes=passes, outside=outside))
    assert found == "|b''|False"
    assert "_G" not in questions


def test_konsole_takes_the_picture_but_would_show_the_characters(tmp_path: Path) -> None:
    found, questions, _ = asked(DA1, TAKEN, environment=says(tmp_path, outside="Konsole 24.08"))
    assert found == "|b''|False"
    assert "_G" not in questions


@pytest.mark.parametrize(
    ("features", "answer", "found"),
    [
        ("256,sixel,title", DA1_WITH_SIXEL, "sixel"),
        ("256,title", DA1_WITH_SIXEL, ""),
        ("256,sixel,title", DA1, ""),
    ],
)
def test_sixels_are_offered_if_tmux_and_the_terminal_outside_draw_them(
    tmp_path: Path, features: str, answer: bytes, found: str
) -> None:
    environment = says(tmp_path, features=features, outside="XTerm(398)")
    assert asked(answer, environment=environment)[0] == f"{found}|b''|False"


def test_a_tmux_that_does_not_answer_offers_nothing(tmp_path: Path) -> None:
    environment = says(tmp_path)
    (tmp_path / "tmux").write_text("#!/bin/sh\nexec sleep 20\n")
    assert asked(DA1_WITH_SIXEL, environment=environment)[0] == "|b''|False"


@pytest.mark.parametrize(
    "told", ["", "|||||||", "on|a|x|y|z", "on|sixel|0|0|a", "\x1b]2;x\x07|||9999|\x1b[2J"]
)
def test_nonsense_from_tmux_is_survived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    environment = says(tmp_path)
    (tmp_path / "tmux").write_text(f"#!/bin/sh\nprintf '%s\\n' '{told}'\n")
    monkeypatch.setenv("PATH", environment["PATH"])
    terminal = terminal_of(IN_TMUX, read_answers([DA1_WITH_SIXEL.decode(), TAKEN.decode()]), tmux_of(IN_TMUX))
    shown = " ".join([terminal.outside, terminal.hint, *terminal.reasons.values()])
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", shown)
    assert Mode.KITTY not in terminal.modes
    assert min(terminal.cell) > 0


def in_tmux(tmux: Tmux | None, *answers: bytes) -> Terminal:
    return terminal_of(IN_TMUX, read_answers(answer.decode() for answer in answers), tmux)


def test_the_line_for_the_configuration_is_said_where_it_would_help() -> None:
    off = in_tmux(Tmux(outside=NEW_KITTY, has_answered=True), DA1)
    assert LINE in off.hint
    assert LINE in off.reasons[Mode.KITTY]
    on = in_tmux(Tmux(passes=True, outside=NEW_KITTY, has_answered=True), DA1, TAKEN)
    assert on.modes >= {Mode.KITTY}
    assert not on.hint
    old = in_tmux(Tmux(outside=OLD_KITTY, has_answered=True), DA1)
    assert OLD_KITTY in old.reasons[Mode.KITTY]
    assert "0.28" in old.reasons[Mode.KITTY]
    late = in_tmux(Tmux(passes=True, outside=NEW_KITTY, has_answered=True), DA1)
    assert "in time" in late.reasons[Mode.KITTY]


def test_tmux_on_the_other_side_of_an_ssh_is_recognised_and_not_asked() -> None:
    found, questions, _ = asked(DA1, environment={"TERM": "tmux-256color"})
    assert found == "|b''|False"
    assert "_G" not in questions  # tmux would make it the title of the pane
    far = terminal_of({"TERM": "tmux-256color", "LANG": "C.UTF-8"})
    assert far.multiplexer == "tmux"
    assert far.hint


@pytest.mark.parametrize(
    ("tmux", "answers"), [(None, ()), (Tmux(), (DA1, TAKEN)), (Tmux(True, True, None, "x", True), (DA1,))]
)
def test_each_mode_is_offered_or_has_a_reason_in_tmux(tmux: Tmux | None, answers: tuple[bytes, ...]) -> None:
    terminal = in_tmux(tmux, *answers)
    assert terminal.modes | set(terminal.reasons) == set(Mode)
    assert not terminal.modes & set(terminal.reasons)


THROUGH = in_tmux(Tmux(passes=True, outside=NEW_KITTY, has_answered=True), DA1, TAKEN)


def outside_of(text: str) -> tuple[str, str]:
    """Return what the terminal outside gets past tmux, and what tmux itself gets."""
    passed = re.findall(r"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\", text)
    own = re.sub(r"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\", "", text)
    return "".join(part.replace("\x1b\x1b", "\x1b") for part in passed), own


def test_there_are_297_marks_that_stand_above_and_merge_with_nothing() -> None:
    marks = placeholders.marks()
    assert len(set(marks)) == len(marks) == 297
    assert marks[:3] == "\u0305\u030d\u030e"
    assert marks == "".join(sorted(marks))
    for mark in marks:
        assert (unicodedata.category(mark), unicodedata.combining(mark)) == ("Mn", 230)
        assert (
            unicodedata.normalize("NFC", placeholders.PLACEHOLDER + mark) == placeholders.PLACEHOLDER + mark
        )


@pytest.mark.parametrize(("columns", "lines"), [(1, 1), (7, 3), (80, 24)])
def test_each_cell_tells_its_place_and_its_picture(columns: int, lines: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (lines * 20, columns * 10), np.uint8)
    passed, own = outside_of(graphics_of(Mode.KITTY, THROUGH).place(pixels, columns, lines))
    first = dict(pair.split("=") for pair in re.match(r"\x1b_G([^;]*);", passed)[1].split(","))  # type: ignore[index]
    assert (first["a"], first["U"], first["c"], first["r"]) == ("T", "1", str(columns), str(lines))
    assert first["q"] == "2"
    screen = pyte.Screen(100, 40)
    stream = pyte.Stream(screen)
    stream.feed(f"\x1b[5;9H\x1b7{own}\x1b[30;1H\x1b8")
    assert (screen.cursor.y, screen.cursor.x) == (4, 8)
    (colour,) = set(re.findall(r"38;5;(\d+)", own))
    for line in range(lines):
        row = [screen.buffer[4 + line][column].data for column in range(8, 8 + columns)]
        places = [(line, column, int(first["i"]) >> 24) for column in range(columns)]
        assert meant(row) == places
        assert {screen.buffer[4 + line][column].data for column in (7, 8 + columns)} == {" "}
    assert int(first["i"]) & 0xFFFFFF == int(colour)


def meant(row: list[str]) -> list[tuple[int, ...] | None]:
    """Return the line, the column and the highest byte that each cell means, as the protocol has it."""
    found: list[tuple[int, ...] | None] = []
    for data in row:
        before = found[-1] if found else None
        if data[0] != placeholders.PLACEHOLDER:
            found.append(None)
        elif len(data) > 1:
            found.append(tuple(placeholders.marks().index(mark) for mark in data[1:]))
        else:
            found.append((before[0], before[1] + 1, before[2]) if before else (0, 0, 0))
    return found


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 29), st.integers(1, 9)), max_size=6))
def test_text_over_a_picture_moves_no_other_cell_of_it(spots: list[tuple[int, int, int]]) -> None:
    holes = [Hole(*spot) for spot in spots]
    _, own = outside_of(graphics_of(Mode.KITTY, THROUGH).place(np.zeros((6, 60), np.uint8), 30, 3, holes))
    screen = pyte.Screen(31, 3)  # pyte begins a new line before a mark that belongs to the last column
    stream = pyte.Stream(screen)
    stream.feed(own)
    for line, column, length in holes:
        stream.feed(f"\x1b[{line + 1};{column + 1}H" + "x" * min(length, 30 - column))
    for line in range(3):
        for column, cell in enumerate(meant([screen.buffer[line][column].data for column in range(30)])):
            assert cell is None or cell[:2] == (line, column)


def test_no_command_is_longer_than_tmux_takes() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (1000, 1500), np.uint8)
    text = graphics_of(Mode.KITTY, THROUGH).place(pixels, 100, 50)
    assert max(map(len, re.findall(r"\x1bPtmux;(?:[^\x1b]|\x1b\x1b)*\x1b\\", text))) < 5000


def test_a_pane_with_more_columns_than_marks_keeps_its_cells() -> None:
    assert graphics_of(Mode.KITTY, THROUGH).place(np.zeros((10, 900), np.uint8), 298, 10) == ""


def test_the_picture_that_is_deleted_is_the_one_that_was_placed() -> None:
    graphics = graphics_of(Mode.KITTY, THROUGH)
    passed, _ = outside_of(graphics.place(np.zeros((9, 9), np.uint8), 1, 1))
    number = re.search(r"i=(\d+)", passed)
    assert number is not None
    assert outside_of(graphics.erase(1, 1)) == (f"\x1b_Ga=d,d=I,i={number[1]},q=2\x1b\\", "")


def test_what_is_passed_through_comes_out_as_it_was() -> None:
    assert outside_of(passed_through("\x1b_Ga\x1b\\")) == ("\x1b_Ga\x1b\\", "")


def test_sixels_in_tmux_are_erased_cell_by_cell() -> None:
    screen = pyte.Screen(20, 6)
    stream = pyte.Stream(screen)
    stream.feed("\r\n".join(["x" * 20] * 6) + "\x1b[2;3H")
    stream.feed(graphics_of(Mode.SIXEL, THROUGH).erase(5, 3))
    assert screen.display == ["x" * 20] + ["xx     " + "x" * 13] * 3 + ["x" * 20] * 2


def test_characters_are_not_written_when_tmux_was_taken_to_another_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphics, pixels = graphics_of(Mode.KITTY, THROUGH), np.zeros((9, 9), np.uint8)
    for outside, is_placed in ((NEW_KITTY, True), ("XTerm(398)", False), (OLD_KITTY, False)):
        for name, value in says(tmp_path, outside=outside).items():
            monkeypatch.setenv(name, value)
        assert bool(graphics.place(pixels, 1, 1)) is is_placed


def test_the_terminal_outside_says_which_characters_it_draws() -> None:
    terminal = terminal_of(
        {**IN_TMUX, "KITTY_WINDOW_ID": "1"}, None, Tmux(outside="XTerm(398)", has_answered=True)
    )
    assert Mode.SEXTANT not in terminal.modes
    assert Mode.SEXTANT in THROUGH.modes
