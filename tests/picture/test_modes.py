"""Cells of each mode: tiny pictures as a person would draw them, and the least error there can be."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dicomtui.picture.cells import RAMP, cells_of
from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.glyphs import glyph_table, inverses
from dicomtui.picture.modes import Mode
from tests.picture.reference import COLUMNS, ROWS, decoded, glyph_mask, rendered

CELL_MODES = [mode for mode in Mode if not mode.is_graphics]
BLOCKS = [Mode.HALF, Mode.QUADRANT, Mode.SEXTANT, Mode.OCTANT]
PARTED = [Mode.QUADRANT, Mode.SEXTANT, Mode.OCTANT]


@st.composite
def pictures(draw: st.DrawFn, modes: list[Mode], channels: tuple[int, ...] = ()) -> tuple[Mode, np.ndarray]:
    mode = draw(st.sampled_from(modes))
    across, down = mode.pixels
    columns, lines = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    return mode, draw(arrays.arrays(np.uint8, (lines * down, columns * across, *channels)))


def one_cell(mode: Mode, text: str) -> tuple[str, int, int]:
    """Return the character and its two greys for pixels written as # (200) and . (40)."""
    pixels = np.array([[200 if one == "#" else 40 for one in row] for row in text.split()], np.uint8)
    cells = cells_of(pixels, mode, ColourDepth.TRUE)
    assert cells.glyphs.shape == (1, 1)
    return chr(cells.glyphs[0, 0]), int(cells.front[0, 0]) & 255, int(cells.back[0, 0]) & 255


@pytest.mark.parametrize(
    ("mode", "text", "glyph"),
    [
        (Mode.HALF, "# .", "▀"),
        (Mode.QUADRANT, "#. .#", "▚"),
        (Mode.QUADRANT, "## #.", "▛"),
        (Mode.QUADRANT, ".. .#", "▗"),
        (Mode.SEXTANT, "#. .. ..", "\N{BLOCK SEXTANT-1}"),
        (Mode.SEXTANT, ".# #. ..", "\N{BLOCK SEXTANT-23}"),
        (Mode.SEXTANT, "#. #. #.", "▌"),
        (Mode.SEXTANT, ".# ## ##", "\N{BLOCK SEXTANT-23456}"),
        (Mode.OCTANT, ".. #. .. ..", "\U0001cd00"),  # BLOCK OCTANT-3
        (Mode.OCTANT, ".# #. .. ..", "\U0001cd01"),  # BLOCK OCTANT-23
        (Mode.OCTANT, ".# ## ## ##", "\U0001cde5"),  # BLOCK OCTANT-2345678
        (Mode.OCTANT, "#. .. .. ..", "\U0001cea8"),  # LEFT HALF UPPER ONE QUARTER BLOCK
        (Mode.OCTANT, "## .. .. ..", "\U0001fb82"),  # UPPER ONE QUARTER BLOCK
        (Mode.OCTANT, ".. .. .. ##", "▂"),
        (Mode.OCTANT, "#. #. .# .#", "▚"),
        (Mode.BRAILLE, "#. .. .. ..", "\N{BRAILLE PATTERN DOTS-1}"),
        (Mode.BRAILLE, ".. .. .. #.", "\N{BRAILLE PATTERN DOTS-7}"),
        (Mode.BRAILLE, ".# .. #. .#", "\N{BRAILLE PATTERN DOTS-348}"),
    ],
)
def test_two_greys_are_the_character_of_that_shape(mode: Mode, text: str, glyph: str) -> None:
    assert one_cell(mode, text) == (glyph, 200, 40)


@pytest.mark.parametrize("mode", BLOCKS)
@pytest.mark.parametrize("depth", [depth for depth in ColourDepth if depth is not ColourDepth.NONE])
def test_one_grey_is_a_space(mode: Mode, depth: ColourDepth) -> None:
    across, down = mode.pixels
    for grey in (0, 255):
        cells = cells_of(np.full((down, across), grey, np.uint8), mode, depth)
        assert cells.glyphs[0, 0] == ord(" ")
        assert cells.front[0, 0] == cells.back[0, 0]


def test_characters_go_from_dark_to_bright() -> None:
    cells = cells_of(np.linspace(0, 255, 60).astype(np.uint8)[np.newaxis], Mode.ASCII, ColourDepth.NONE)
    levels = [RAMP.index(chr(glyph)) for glyph in cells.glyphs[0]]
    assert levels == sorted(levels)
    assert set(levels) == set(range(len(RAMP)))


@pytest.mark.parametrize("mode", [*PARTED, Mode.HALF])
def test_every_character_covers_the_pixels_that_it_stands_for(mode: Mode) -> None:
    across, down = mode.pixels
    table = glyph_table(mode)
    assert len(set(table.tolist())) == 1 << across * down
    for bits, code in enumerate(table.tolist()):
        pixels = np.array([bits >> at & 1 for at in range(across * down)]).reshape(down, across)
        wanted = np.repeat(np.repeat(pixels, ROWS // down, axis=0), COLUMNS // across, axis=1)
        np.testing.assert_array_equal(glyph_mask(code), wanted, hex(code))


def test_the_dots_of_braille_lie_where_the_pixels_are() -> None:
    for bits, code in enumerate(glyph_table(Mode.BRAILLE).tolist()):
        mask = glyph_mask(code).reshape(4, ROWS // 4, 2, COLUMNS // 2).max(axis=(1, 3)).ravel()
        assert sum(1 << at for at in range(8) if mask[at]) == bits


def test_exchanged_colours_have_the_opposite_character() -> None:
    for code, other in inverses().items():
        np.testing.assert_array_equal(glyph_mask(code), 1 - glyph_mask(other))


@given(pictures(PARTED))
@settings(deadline=None)
def test_no_two_greys_show_a_cell_better(made: tuple[Mode, np.ndarray]) -> None:
    mode, pixels = made
    across, down = mode.pixels
    cells = cells_of(pixels, mode, ColourDepth.TRUE)
    shown = rendered(cells.glyphs, cells.front & 255, cells.back & 255)
    for line, column in itertools.product(*map(range, cells.glyphs.shape)):
        part = pixels[line * down : (line + 1) * down, column * across : (column + 1) * across].astype(float)
        got = shown[line * ROWS : (line + 1) * ROWS, column * COLUMNS : (column + 1) * COLUMNS]
        got = got[ROWS // down // 2 :: ROWS // down, COLUMNS // across // 2 :: COLUMNS // across]
        best = min(_error(part.ravel(), bits) for bits in range(1 << part.size - 1))
        assert ((got - part) ** 2).sum() <= best + part.size * 0.25 + 1e-6  # greys are rounded


def _error(values: np.ndarray, bits: int) -> float:
    mask = (bits >> np.arange(values.size) & 1).astype(bool)
    return sum(((part - part.mean()) ** 2).sum() for part in (values[mask], values[~mask]) if part.size)


@given(pictures(PARTED, (3,)))
def test_cells_of_two_colours_come_back_as_they_were(made: tuple[Mode, np.ndarray]) -> None:
    mode, pixels = made
    across, down = mode.pixels
    pair = pixels[:2, :2].reshape(-1, 3)[[0, -1]]
    pixels = pair[(pixels[..., 0] > 127).astype(int)]
    cells = cells_of(pixels, mode, ColourDepth.TRUE)
    shown = rendered(cells.glyphs, decoded(cells.front), decoded(cells.back))
    wanted = np.repeat(np.repeat(pixels, ROWS // down, axis=0), COLUMNS // across, axis=1)
    np.testing.assert_array_equal(shown, wanted)


@pytest.mark.parametrize("mode", CELL_MODES)
@pytest.mark.parametrize("depth", list(ColourDepth))
@pytest.mark.parametrize("channels", [(), (3,)])
def test_brighter_pictures_look_brighter_in_every_depth(
    mode: Mode, depth: ColourDepth, channels: tuple[int, ...]
) -> None:
    across, down = mode.pixels
    means = []
    for grey in (0, 40, 100, 160, 220, 255):
        cells = cells_of(np.full((8 * down, 8 * across, *channels), grey, np.uint8), mode, depth)
        covered = _ink(cells.glyphs, mode)
        front, back = _bright(cells.front, depth, 255), _bright(cells.back, depth, 0)
        means.append(float((covered * front + (1 - covered) * back).mean()))
    assert means == sorted(means)
    assert means[0] == 0
    assert means[-1] > (40 if mode is Mode.BRAILLE and depth is ColourDepth.NONE else 150)
    assert len(set(means)) >= (4 if depth in (ColourDepth.NONE, ColourDepth.SIXTEEN) else 6)


def _ink(glyphs: np.ndarray, mode: Mode) -> np.ndarray:
    if mode is Mode.ASCII:
        return np.vectorize(lambda code: RAMP.index(chr(code)) / (len(RAMP) - 1))(glyphs)
    return np.vectorize(lambda code: glyph_mask(int(code)).mean())(glyphs)


def _bright(codes: np.ndarray, depth: ColourDepth, uncoloured: int) -> np.ndarray:
    from dicomtui.picture.palette import colour

    if depth is ColourDepth.NONE:
        return np.full(codes.shape, float(uncoloured))
    return np.vectorize(lambda code: sum(colour(int(code), depth).get_truecolor()) / 3)(codes)


@pytest.mark.parametrize("mode", BLOCKS)
def test_without_colours_half_the_pixels_of_middle_grey_are_set(mode: Mode) -> None:
    across, down = mode.pixels
    cells = cells_of(np.full((12 * down, 12 * across), 127, np.uint8), mode, ColourDepth.NONE)
    assert _ink(cells.glyphs, mode).mean() == pytest.approx(0.5, abs=0.01)
