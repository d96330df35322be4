"""The terminal comes in step with a picture, whatever was drawn over it, in no more than its line can pay."""

import random
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from dicomtui.picture.cells import Cells, cells_of
from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.modes import Mode
from dicomtui.picture.palette import GREYS, nearest_levels
from dicomtui.picture.terminal import Terminal, terminal_of
from dicomtui.tui.line_rate import LineRate
from dicomtui.tui.widgets.edge_marks import Mark
from dicomtui.tui.widgets.picture_painter import UNCHANGED, Painter
from dicomtui.tui.widgets.picture_quality import LEVELS, Bandwidth, Quality
from dicomtui.tui.widgets.picture_surface import Look, Surface
from tests.picture.emulated import Looks, by_segments, screen, seen

ACROSS, DOWN = 2, 12
"""Pixels of a cell, of which each mode of cells takes its part."""
THIN = 20_000.0
"""Bytes per second of a line that pictures of this size are too much for."""
ENVIRONMENTS = {
    "256 colours": {"TERM": "xterm-256color", "LANG": "C.UTF-8"},
    "true colour": {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"},
    "16 colours": {"TERM": "xterm", "LANG": "C.UTF-8"},
    "no colours": {"TERM": "vt220", "LANG": "C.UTF-8"},
    "no blocks": {"TERM": "xterm-256color", "LANG": "C"},
}


def terminal(name: str) -> Terminal:
    return terminal_of(ENVIRONMENTS[name])


class Pictures:
    """What stands for a surface: greys of a pane."""

    def __init__(self, columns: int = 40, lines: int = 12) -> None:
        self.size = columns, lines
        self.wide: dict[int, list[Mark]] = {}
        self.change(0)

    def change(self, seed: int, noise: int = 255) -> None:
        """Show another picture: with little noise, one that is near to what is shown."""
        rng = np.random.default_rng(seed)
        shape = self.size[1] * DOWN, self.size[0] * ACROSS
        if noise == 255 or self.greys.shape != shape:
            self.greys = rng.integers(0, 256, shape).astype(np.uint8)
        else:
            self.greys = np.clip(self.greys + rng.integers(-noise, noise + 1, shape), 0, 255).astype(np.uint8)

    def cells(self, look: Look) -> Cells:
        across, down = look.mode.pixels
        pixels = self.greys[:: DOWN // down, :: ACROSS // across]
        if look.is_coarse:
            pixels = np.repeat(np.repeat(pixels[::2, ::2], 2, axis=0), 2, axis=1)
            pixels = pixels[: self.size[1] * down, : self.size[0] * across]
        if look.few_greys:
            pixels = nearest_levels()[pixels].astype(np.uint8)
        return cells_of(pixels, look.mode, look.depth)

    def wide_texts(self) -> dict[int, list[Mark]]:
        return self.wide


class Pane:
    """A painter, and the terminal that gets what it writes."""

    def __init__(self, name: str, rate: float = float("inf"), bandwidth: Bandwidth = Bandwidth.AUTO) -> None:
        line = LineRate()
        line.answered(100_000, 0.0, 100_000 / rate)
        self.quality = Quality(line, bandwidth)
        self.painter = Painter(terminal(name), self.quality)
        self.pictures = Pictures()
        self.place = 0
        self.emulated, self.stream = screen(*self.pictures.size)

    @property
    def lines(self) -> range:
        return range(self.pictures.size[1])

    def prepare(self, *, moving: bool = False) -> None:
        self.painter.begin(moving=moving)
        assert self.painter.prepare(cast("Surface", self.pictures), self.place)

    def texts(self, lines: range | list[int]) -> list[str]:
        """Write lines; return what the terminal got."""
        texts = [self.painter.strip(y).render(Console()) for y in lines]
        for y, text in zip(lines, texts, strict=True):
            self.stream.feed(f"\x1b[{y + 1}H{text}")
        return texts

    def write(self, lines: range | list[int] | None = None) -> int:
        """Write lines as Textual does; return how many bytes they took."""
        return sum(len(text.encode()) for text in self.texts(self.lines if lines is None else lines))

    def show(self, *, moving: bool = False) -> int:
        self.prepare(moving=moving)
        return self.write()

    def rest(self) -> int:
        """Show the picture until it is exact, as a pane does; return how many times it took."""
        for times in range(1, len(self.lines) + 3):
            self.show()
            if self.painter.is_exact:
                return times
        raise AssertionError("it never becomes exact")

    def cover(self, lines: list[int]) -> None:
        """Have something drawn over the right half of lines: they are handed out, and cut."""
        half = self.pictures.size[0] // 2
        for y in lines:
            left = self.painter.strip(y).crop(0, half)
            assert left.cell_length == half
            self.stream.feed(f"\x1b[{y + 1}H\x1b[0m{left.text}{'#' * (self.pictures.size[0] - half)}")

    def scribble(self) -> None:
        """Have the shell write over everything."""
        for y in self.lines:
            self.stream.feed(f"\x1b[{y + 1}H\x1b[0m{'$' * self.pictures.size[0]}")

    def resize(self, columns: int, lines: int) -> None:
        self.pictures.size = columns, lines
        self.pictures.change(columns * lines)
        self.place += 1
        self.emulated, self.stream = screen(columns, lines)

    def is_in_step(self) -> bool:
        """Whether the terminal shows just what the picture is."""
        mode = self.painter.mode or self.painter.look.mode
        cells = self.pictures.cells(Look(mode, self.painter.look.depth))
        return seen(self.emulated) == by_segments(cells)


def do_something(pane: Pane, chance: random.Random) -> str:
    """Do one of the things that happen to a pane; return which."""
    some = chance.sample(pane.lines, chance.randrange(1, len(pane.lines)))
    what = chance.choice(
        ["show", "move", "near", "part", "late part", "cover", "covered unseen", "shell", "resize", "mode"]
    )
    moving = chance.random() < 0.5
    if what in ("show", "move", "near"):
        pane.pictures.change(chance.randrange(1 << 30), 8 if what == "near" else 255)
        pane.show(moving=moving or what == "move")
    elif what == "part":
        pane.prepare(moving=moving)
        pane.write(some)
    elif what == "late part":
        pane.pictures.change(chance.randrange(1 << 30), 30)
        pane.prepare(moving=moving)
        pane.write(some)
        pane.write([y for y in pane.lines if chance.random() < 0.5])
    elif what == "cover":
        pane.prepare(moving=moving)
        pane.cover(some)
        pane.write([y for y in pane.lines if y not in some])
    elif what == "covered unseen":
        pane.prepare(moving=moving)
        pane.cover(some)
        pane.write(some)
    elif what == "shell":
        pane.scribble()
        pane.painter.forget()
    elif what == "resize":
        pane.resize(chance.randrange(8, 50), chance.randrange(2, 14))
    else:
        pane.painter.next_mode()
    return what


@pytest.mark.parametrize("name", ENVIRONMENTS)
@given(
    seed=st.integers(0, 1 << 30),
    rate=st.sampled_from([THIN, float("inf")]),
    bandwidth=st.sampled_from(list(Bandwidth)),
)
@settings(deadline=None, max_examples=8)
def test_at_rest_the_terminal_shows_the_picture_whatever_happened(
    name: str, seed: int, rate: float, bandwidth: Bandwidth
) -> None:
    pane = Pane(name, rate, bandwidth)
    chance = random.Random(seed)
    done = []
    for _ in range(3):
        done += [do_something(pane, chance) for _ in range(4)]
        pane.rest()
        assert pane.is_in_step(), done
        assert not pane.painter.is_approximate


def test_what_stays_as_it_is_takes_next_to_nothing() -> None:
    pane = Pane("256 colours")
    assert pane.show() > 1000
    assert pane.show() <= UNCHANGED * len(pane.lines)
    assert pane.is_in_step()
    assert not pane.painter.prepare(cast("Surface", pane.pictures), pane.place)


def test_only_what_changes_is_written() -> None:
    pane = Pane("256 colours")
    whole = pane.show()
    pane.pictures.greys[:DOWN, :ACROSS] ^= 0x80
    assert pane.show() < whole / 20
    assert pane.is_in_step()


@pytest.mark.parametrize("seed", range(5))
def test_moving_pictures_take_no_more_than_they_may_unless_they_are_as_coarse_as_can_be(seed: int) -> None:
    pane = Pane("256 colours", THIN)
    pane.rest()
    for number in range(6):
        pane.pictures.change(seed * 10 + number, (20, 40, 255)[number % 3])
        taken = pane.show(moving=True)
        assert taken <= pane.painter.budget or pane.painter.look.is_coarse
        assert pane.painter.is_approximate == (pane.quality.level != LEVELS[0])
        assert not pane.painter.is_exact


def test_an_exact_picture_comes_in_parts_where_the_line_is_thin_and_each_part_is_paid_for() -> None:
    pane = Pane("true colour", THIN)
    pane.show()
    for seed in range(3):
        pane.pictures.change(seed + 1)
        times = 0
        while True:
            taken = pane.show()
            times += 1
            assert taken <= pane.painter.budget + UNCHANGED * len(pane.lines)
            assert pane.painter.is_approximate == (not pane.painter.is_exact)
            if pane.painter.is_exact:
                break
        assert times > 2
        assert pane.is_in_step()


def test_a_line_that_is_too_much_by_itself_is_shown_all_the_same() -> None:
    pane = Pane("true colour", THIN)
    pane.resize(200, 3)
    pane.show()
    pane.pictures.change(1)
    assert pane.rest() == 3
    assert pane.is_in_step()


def test_a_full_line_gets_every_picture_exactly_though_it_moves() -> None:
    pane = Pane("256 colours", THIN, Bandwidth.FULL)
    for seed in range(4):
        pane.pictures.change(seed)
        pane.show(moving=True)
        assert pane.painter.is_exact
        assert pane.is_in_step()


@pytest.mark.parametrize(
    ("name", "at_rest", "moving"),
    [
        ("256 colours", Mode.QUADRANT, Mode.HALF),
        ("no colours", Mode.QUADRANT, Mode.HALF),
        ("no blocks", Mode.ASCII, Mode.ASCII),
    ],
)
def test_pictures_are_fine_at_rest_and_cheap_while_they_move(name: str, at_rest: Mode, moving: Mode) -> None:
    pane = Pane(name)
    pane.show(moving=True)
    assert pane.painter.look.mode is moving
    assert pane.painter.is_exact == (at_rest is moving)
    pane.show()
    assert pane.painter.look.mode is at_rest
    assert pane.painter.is_exact
    assert pane.is_in_step()


@pytest.mark.parametrize("mode", [mode for mode in Mode if not mode.is_graphics])
def test_the_mode_that_the_user_chose_is_kept_while_pictures_move(mode: Mode) -> None:
    pane = Pane("256 colours")
    pane.painter.mode = mode
    for moving in (True, False):
        pane.show(moving=moving)
        assert pane.painter.look.mode is mode
        assert pane.painter.is_exact
        assert pane.is_in_step()


def test_below_real_pixels_lie_the_cells_that_are_chosen_by_themselves() -> None:
    pane = Pane("256 colours")
    pane.painter.mode = Mode.SIXEL
    pane.show()
    assert pane.painter.graphics_mode is Mode.SIXEL
    assert pane.painter.look.mode is Mode.QUADRANT


def test_the_modes_follow_each_other_and_the_automatic_one_follows_the_last() -> None:
    painter = Pane("256 colours").painter
    texts = [painter.mode_text]
    chosen = set()
    while True:
        painter.next_mode()
        if painter.mode is None:
            break
        chosen.add(painter.mode)
        texts.append(painter.mode_text)
    assert chosen == terminal("256 colours").modes
    assert texts[0] == "auto: quadrant"
    assert len(texts) == len(set(texts)) == len(chosen) + 1


def test_a_terminal_without_colours_gets_none_in_any_mode_and_shows_the_picture() -> None:
    pane = Pane("no colours")
    for mode in (None, Mode.HALF, Mode.QUADRANT, Mode.BRAILLE, Mode.ASCII):
        pane.painter.mode = mode
        for moving in (True, False):
            pane.prepare(moving=moving)
            assert pane.painter.look.depth is ColourDepth.NONE
            assert "m" not in "".join(pane.texts(pane.lines)).replace("\x1b[0m", "")
        pane.rest()
        assert pane.is_in_step()


def ranks(looks: Looks) -> "np.ndarray[tuple[int, ...], np.dtype[np.int_]]":
    """Return which grey of the palette the upper and the lower half of each cell are."""
    greys = sorted(GREYS[ColourDepth.PALETTE])
    return np.array(
        [
            [
                greys.index(int(colour[:2], 16))
                for colour in {" ": (back, back), "▄": (back, front)}.get(char, (front, back))
            ]
            for line in looks
            for char, front, back in line
        ]
    )


def test_while_it_moves_no_cell_is_off_by_more_steps_of_grey_than_the_deadband() -> None:
    pane = Pane("256 colours", THIN)
    pane.painter.mode = Mode.HALF
    pane.rest()
    deadbands = set()
    for seed in range(20):
        pane.pictures.change(seed, 14)
        pane.show(moving=True)
        wanted = pane.pictures.cells(pane.painter.look)
        off = np.abs(ranks(seen(pane.emulated)) - ranks(by_segments(wanted)))
        assert off.max() <= pane.quality.level.deadband
        deadbands.add(pane.quality.level.deadband)
    assert len(deadbands) > 1
    pane.rest()
    assert pane.is_in_step()


def test_what_pictures_take_is_told_in_bytes() -> None:
    pane = Pane("256 colours")
    assert pane.painter.traffic_text == "0.0 kB  0.0/s"
    taken = pane.show()
    assert pane.painter.traffic_text == f"{taken / 1000:.1f} kB  0.5/s"


def test_texts_that_are_no_cells_are_taken_from_the_surface() -> None:
    pane = Pane("256 colours")
    pane.pictures.wide = {3: [Mark(1, "山田")]}
    pane.show()
    assert pane.painter.texts == pane.pictures.wide
