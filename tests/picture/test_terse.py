"""What a terminal shows of few bytes: an emulator is the judge."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomtui.picture.cells import Cells, cells_of
from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.modes import Mode
from dicomtui.picture.segments import line_segments
from dicomtui.picture.terse import settled, terse_lines
from tests.picture.emulated import by_segments, feed, screen, seen

COLUMNS, LINES = 9, 3
CELL_MODES = [mode for mode in Mode if not mode.is_graphics]
COLOURED = [depth for depth in ColourDepth if depth is not ColourDepth.NONE]


@st.composite
def picture(draw: st.DrawFn, mode: Mode, depth: ColourDepth, levels: int = 4) -> Cells:
    """Cells with many equal neighbours."""
    across, down = mode.pixels
    shape = LINES * down, COLUMNS * across
    generator = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    greys = generator.choice(np.array([0, 8, 60, 130, 190, 255], np.uint8)[:levels], shape)
    if draw(st.booleans()):
        greys[:, shape[1] // 3 :] = greys[:1, :1]
    if draw(st.booleans()):
        greys = np.stack([greys, greys[::-1], greys // 2], axis=-1)
    return cells_of(greys, mode, depth)


@given(st.data(), st.sampled_from(CELL_MODES), st.sampled_from(list(ColourDepth)))
@settings(deadline=None, max_examples=60)
def test_a_whole_picture_looks_as_its_segments_do(
    data: st.DataObject, mode: Mode, depth: ColourDepth
) -> None:
    cells = data.draw(picture(mode, depth))
    made, stream = screen(COLUMNS, LINES)
    feed(stream, terse_lines(cells))
    assert seen(made) == by_segments(cells)


@given(st.data(), st.sampled_from(list(ColourDepth)))
@settings(deadline=None, max_examples=40)
def test_after_any_sequence_of_changes_it_looks_as_the_last_picture(
    data: st.DataObject, depth: ColourDepth
) -> None:
    made, stream = screen(COLUMNS, LINES)
    shown = None
    for mode in data.draw(st.lists(st.sampled_from(CELL_MODES), min_size=2, max_size=5)):
        cells = data.draw(picture(mode, depth))
        feed(stream, terse_lines(cells, shown))
        shown = cells
    assert seen(made) == by_segments(cells)


@given(st.data(), st.sampled_from(CELL_MODES), st.sampled_from(list(ColourDepth)))
@settings(deadline=None, max_examples=40)
def test_the_cursor_ends_behind_the_line_in_the_colours_of_the_terminal(
    data: st.DataObject, mode: Mode, depth: ColourDepth
) -> None:
    before, after = (data.draw(picture(mode, depth)) for _ in range(2))
    for shown in (None, before, after):
        made, stream = screen(COLUMNS, LINES)
        feed(stream, terse_lines(after, shown))
        assert (made.cursor.x, made.cursor.attrs.fg, made.cursor.attrs.bg) == (COLUMNS, "default", "default")


@given(st.data(), st.sampled_from(CELL_MODES))
@settings(deadline=None, max_examples=20)
def test_without_colours_none_are_sent(data: st.DataObject, mode: Mode) -> None:
    cells = data.draw(picture(mode, ColourDepth.NONE))
    assert not {";", "m"} & set("".join(terse_lines(cells)).replace("\x1b[0m", ""))
    assert all(segment.style is None for line in range(LINES) for segment in line_segments(cells, line))


@pytest.mark.parametrize("depth", COLOURED)
def test_what_is_shown_already_costs_next_to_nothing(depth: ColourDepth) -> None:
    cells = cells_of(np.arange(LINES * 2 * COLUMNS, dtype=np.uint8).reshape(-1, COLUMNS), Mode.HALF, depth)
    assert terse_lines(cells, cells) == [f"\x1b[{COLUMNS}C"] * LINES


@pytest.mark.parametrize("depth", [ColourDepth.PALETTE, ColourDepth.TRUE])
def test_small_steps_of_grey_wait_and_large_ones_do_not(depth: ColourDepth) -> None:
    shown, small, large = (
        cells_of(np.full((2, 3), grey, np.uint8), Mode.HALF, depth) for grey in (100, 106, 160)
    )
    assert (settled(small, shown, 1).back == shown.back).all()
    assert (settled(large, shown, 1).back == large.back).all()
    assert settled(small, shown, 0) is small


def test_without_colours_no_character_waits() -> None:
    black, white = (
        cells_of(np.full((2, 3), grey, np.uint8), Mode.HALF, ColourDepth.NONE) for grey in (0, 255)
    )
    half = cells_of(np.array([[255] * 3, [0] * 3], np.uint8), Mode.HALF, ColourDepth.NONE)
    for now, before in ((black, half), (half, black), (white, half)):
        assert (settled(now, before, 2).glyphs == now.glyphs).all()
