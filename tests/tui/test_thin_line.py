"""What reaches the terminal, byte by byte: valid, in step with the screen, no more than the line carries."""

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyte
import pytest

from dicomtui.picture.glyphs import inverses
from tests.builders import ct, write, write_series
from tests.tui.thin_line import ThinLine

SEQUENCE = re.compile(
    rb"""
    [\x20-\x7e\r\n\x80-\xff]+            # text, in UTF-8
    | \x1b\[ [<=>?]? [0-9;:]* [ $"]* [@-~]   # CSI
    | \x1b[78]                             # keep and restore the cursor
    | \x1b\][^\x07\x1b]*(\x07|\x1b\\)      # OSC
    | \x1b[_P][^\x1b]*\x1b\\               # APC, DCS
    """,
    re.VERBOSE,
)
ACTIONS = {
    "step": ("j", "k", "J", "K", "G", "gg"),
    "change": (".", ">", "v", "R", "F", "3", "0", "+", "-", "=", "X", "O", "C", "H"),
    "cover": ("?", "\x10", "\x1b"),
    "layout": ("z", "\x02", "t", "m", "P"),
    "point": ("s", "sl", "sljj"),
    "toast": ("]]]]", "T"),
}


@pytest.fixture
def cine(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[:128, :128]
    moving = [np.hypot(rows - 64 - 30 * np.sin(t / 5), columns - 64 - 30 * np.cos(t / 5)) for t in range(30)]
    frames = np.stack([np.where(one < 25, 200, -100) + rng.normal(0, 60, one.shape) for one in moving])
    dataset = ct(frames.astype(np.int16), WindowCenter=40, WindowWidth=400, FrameTime=50)
    dataset.FrameIncrementPointer = 0x00181063
    return write(dataset, tmp_path / "cine" / "cine.dcm")


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return write_series(tmp_path / "series", 8)


Cell = tuple[str, str, str, bool, bool]


def screen_of(data: bytes, size: tuple[int, int]) -> list[list[Cell]]:
    """Return what a terminal shows that got *data*."""
    screen = pyte.Screen(*size)
    pyte.ByteStream(screen).feed(re.sub(rb"\x1b\[[<=>][0-9;]*[a-z]", b"", data))
    return [[_cell(screen.buffer[line][column]) for column in range(size[0])] for line in range(size[1])]


def _cell(char: pyte.screens.Char) -> Cell:
    if char.data == "█":  # a space in the other colour
        return " ", "", char.fg, False, char.reverse
    inverse = inverses().get(ord(char.data or " "), 0)
    if char.data != " " and inverse and char.fg > char.bg:  # the same, its colours exchanged
        return chr(inverse), char.bg, char.fg, char.bold, char.reverse
    colour = "" if char.data in " " else char.fg  # of a space only what is behind it is seen
    return char.data, colour, char.bg, char.bold and char.data != " ", char.reverse


def difference(one: list[list[Cell]], other: list[list[Cell]]) -> list[str]:
    return [
        f"line {line}, column {column}: {mine} instead of {yours}"
        for line, (left, right) in enumerate(zip(one, other, strict=True))
        for column, (mine, yours) in enumerate(zip(left, right, strict=True))
        if mine != yours
    ]


def repainted(line: ThinLine) -> list[list[Cell]]:
    """Return what the terminal shows once the whole screen was painted anew."""
    columns, lines = line.size
    for width in (columns - 1, columns):
        before = len(line.seen())
        line.resize(width, lines)
        line.until(lambda before=before: len(line.seen()) > before, "a repaint")
        line.until_quiet()
    return screen_of(line.seen()[before:], line.size)


def go_to_picture(line: ThinLine) -> None:
    line.until_seen(r"\d ms")
    line.press("\x1b3")
    line.until_quiet()


def do_something(line: ThinLine, rng: random.Random) -> str:
    """Press keys or resize, and wait for as long as somebody might; return what was done."""
    kind = rng.choice([*ACTIONS, "play", "resize"])
    keys = rng.choice(ACTIONS.get(kind, (" ",)))
    if kind == "resize":
        sizes = [(columns, lines) for columns in (80, 100, 120) for lines in (24, 30)]
        line.resize(*rng.choice([size for size in sizes if size != line.size]))
        line.until(lambda: len(line.seen()) > line.resized_at, "a repaint")
        keys = f"{line.size}"
    else:
        line.press(keys)
    if kind == "play":
        time.sleep(0.3)
        line.press(keys)
    line.until_quiet(rng.choice((0.0, 0.02, 0.2)))
    return keys


@pytest.mark.parametrize(
    ("seed", "rounds", "bits", "environment"),
    [
        pytest.param(7, 2, float("inf"), {"COLORTERM": "truecolor"}, id="local, true colour"),
        pytest.param(7, 3, 1e6, {}, marks=pytest.mark.slow, id="1 Mbit/s, 256 colours"),
        pytest.param(1, 5, float("inf"), {}, marks=pytest.mark.slow, id="local, 256 colours"),
        pytest.param(2, 4, 3e5, {"TERM": "xterm"}, marks=pytest.mark.slow, id="0.3 Mbit/s, 16 colours"),
        pytest.param(3, 4, 2e6, {"TERM": "vt220"}, marks=pytest.mark.slow, id="2 Mbit/s, no colours"),
        pytest.param(
            4, 5, 1e6, {"COLORTERM": "truecolor"}, marks=pytest.mark.slow, id="1 Mbit/s, true colour"
        ),
    ],
)
def test_after_steps_modals_toasts_and_resizes_the_screen_is_as_if_painted_anew(
    series: Path, seed: int, rounds: int, environment: dict[str, str], bits: float
) -> None:
    rng = random.Random(seed)
    with ThinLine([str(series)], (100, 30), bits=bits, round_trip=0.01, environment=environment) as line:
        go_to_picture(line)
        done = []
        for number in range(rounds):
            done += [do_something(line, rng) for _ in range(12)]
            line.press("\x1b")
            line.until_quiet()
            line.press("\x1b")
            line.until_quiet(6)  # toasts go
            if number % 2:
                before = len(line.seen())
                line.press("?")  # below a modal everything is dimmed
                line.until(lambda before=before: len(line.seen()) > before, "a modal")
                line.until_quiet()
            seen = screen_of(line.seen()[line.resized_at :], line.size)
            assert not difference(seen, repainted(line))[:5], done


@pytest.mark.parametrize("exported", [{"COLUMNS": "100", "LINES": "30"}, {"COLUMNS": "60"}, {"LINES": "7"}])
def test_the_screen_is_as_large_as_the_terminal_whatever_a_shell_exports(
    series: Path, exported: dict[str, str]
) -> None:
    with ThinLine([str(series)], (100, 30), environment=exported) as line:
        line.until_seen(r"\d ms")
        line.until_quiet()
        for columns, lines in ((120, 36), (90, 24)):
            line.resize(columns, lines)
            line.until(lambda: len(line.seen()) > line.resized_at, "a repaint")
            line.until_quiet()
            shown = screen_of(line.seen(), line.size)
            assert _text(shown[-1:]).strip(), "the last line is empty"
            assert all(cells[-1][0].strip() for cells in shown[1:-3]), "panes do not reach the right edge"


def test_only_valid_sequences_reach_the_terminal(cine: Path) -> None:
    with ThinLine([str(cine)], (120, 40)) as line:
        go_to_picture(line)
        for keys in (" ", "v", "?", "\x1b", "X", " ", "z", "B", "3", "\x10", "\x1b", "q"):
            line.press(keys)
            line.until_quiet(0.1) if keys != " " else line.until_seen(r"frame \d")
        data = line.seen()
    position = 0
    while position < len(data):
        match = SEQUENCE.match(data, position)
        assert match is not None, data[position : position + 60]
        position = match.end()
    data.decode()


@pytest.mark.slow
def test_while_it_plays_on_a_thin_line_it_is_approximate_and_afterwards_it_is_not(cine: Path) -> None:
    with ThinLine([str(cine)], (160, 48), bits=1e5, round_trip=0.03) as line:
        go_to_picture(line)
        at = line.press(" ")
        line.until_seen("approximate", at)
        line.press(" ")
        line.until_quiet(0.6)
        shown = screen_of(line.seen(), line.size)
        assert "approximate" not in _text(shown)
        assert not difference(shown, repainted(line))[:5]


def _text(shown: list[list[Cell]]) -> str:
    return "\n".join("".join(cell[0] for cell in cells) for cells in shown)


@pytest.fixture
def silent(cine: Path) -> Iterator[ThinLine]:
    with ThinLine([str(cine)], (120, 40), answers=False) as line:
        yield line


def test_a_terminal_that_never_answers_shows_a_cine_all_the_same(silent: ThinLine) -> None:
    go_to_picture(silent)
    silent.press(" ")
    shown = set()

    def are_several() -> bool:  # of a number only the digits that change are sent
        shown.update(re.findall(r"frame (\d+)/30", _text(screen_of(silent.seen(), silent.size))))
        return len(shown) > 2

    silent.until(are_several, "frames")


def test_no_answer_is_left_for_the_shell(cine: Path) -> None:
    with ThinLine([str(cine)], (120, 40), round_trip=0.3) as line:
        go_to_picture(line)
        line.press(" ")
        line.until_seen(r"frame [5-9]/")
        line.press("q")
        line.until_seen(re.escape("\x1b[?1049l"))
        line.until_quiet(0.5)
        assert line.typed_after_leaving == b""
