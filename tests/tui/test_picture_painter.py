"""The terminal comes in step with a picture, whatever was drawn over it, in no more than its line can pay."""

import random
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.modes import Mode
from dicomtui.picture.palette import GREYS
from dicomtui.tui.widgets.edge_marks import Mark
from dicomtui.tui.widgets.picture_painter import UNCHANGED
from dicomtui.tui.widgets.picture_quality import LEVELS, Bandwidth
from tests.picture.emulated import Looks, by_segments, seen
from tests.tui.painted_pane import ACROSS, DOWN, ENVIRONMENTS, THIN, Pane, terminal

if TYPE_CHECKING:
    from dicomtui.tui.widgets.picture_surface import Surface


def do_something(pane: Pane, chance: random.Random) -> str:
    """Do one of the things that happen to a pane; return which."""
    some = chance.sample(pane.lines, chance.randrange(1, len(pane.lines)))
    what = chance.choice(
        [
            "show",
            "move",
            "near",
            "part",
            "late part",
            "cover",
            "covered unseen",
            "shell",
            "moved",
            "resize",
            "mode",
        ]
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
    elif what == "moved":
        pane.scribble()
        pane.place += 1
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


def test_what_something_lay_over_does_not_wait_for_its_turn() -> None:
    pane = Pane("true colour", THIN)
    pane.rest()
    covered = list(pane.lines)[len(pane.lines) // 2 :]
    pane.prepare()
    pane.cover(covered)
    pane.pictures.change(1)
    pane.show()
    assert not pane.painter.is_exact
    wanted = by_segments(pane.pictures.cells(pane.painter.look))
    shown = seen(pane.emulated)
    assert [shown[y] for y in covered] == [wanted[y] for y in covered]


def test_elsewhere_on_the_terminal_everything_is_written_though_nothing_changed() -> None:
    pane = Pane("256 colours")
    pane.show()
    pane.scribble()
    pane.place += 1
    assert pane.painter.prepare(cast("Surface", pane.pictures), pane.place)
    pane.write()
    assert pane.is_in_step()


@pytest.mark.parametrize("rate", [THIN, 1e9])
def test_a_line_is_thin_if_a_whole_picture_is_too_much_and_stays_so_when_little_changes(rate: float) -> None:
    pane = Pane("256 colours", rate)
    assert not pane.painter.is_thin
    for _ in range(3):
        pane.show()
        assert pane.painter.is_thin == (rate == THIN)


def test_in_true_colour_pictures_that_move_on_a_thin_line_have_the_greys_of_the_palette() -> None:
    pane = Pane("true colour", THIN)
    pane.rest()
    greys = {f"{grey:02x}" * 3 for grey in GREYS[ColourDepth.PALETTE]}
    for seed in range(3):
        pane.pictures.change(seed)
        pane.show(moving=True)
    assert {colour for line in seen(pane.emulated) for _, *colours in line for colour in colours} - {
        ""
    } <= greys
    pane.rest()
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
        assert pane.painter.is_exact == (pane.quality.level == LEVELS[0])
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
