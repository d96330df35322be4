"""Half blocks: what a terminal shows is the picture."""

from io import StringIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from rich.console import Console
from rich_pixels import Pixels

from dicomtui.picture.cells import RAMP, UPPER_HALF, half_block_pixels, half_blocks, ramp
from dicomtui.picture.depth import ColourDepth, colour_depth
from dicomtui.picture.palette import GREYS, colour, colour_codes

GREY = arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)))
RGB = arrays.arrays(np.uint8, st.tuples(st.integers(1, 8), st.integers(1, 8), st.just(3)))


def shown(lines: list) -> np.ndarray:
    """Turn cells back into the pixels that a terminal shows."""
    rows = []
    for line in lines:
        above, below = [], []
        for segment in line:
            background = tuple(segment.style.bgcolor.get_truecolor())
            front = background if segment.style.color is None else tuple(segment.style.color.get_truecolor())
            assert set(segment.text) == ({" "} if segment.style.color is None else {UPPER_HALF})
            above += [front] * len(segment.text)
            below += [background] * len(segment.text)
        rows += [above, below]
    return np.array(rows, np.uint8)


@given(GREY)
def test_grey_pictures_come_back_as_they_were(pixels: np.ndarray) -> None:
    back = shown(half_blocks(pixels, ColourDepth.TRUE))
    np.testing.assert_array_equal(back[: len(pixels)], np.repeat(pixels[..., None], 3, axis=2))
    assert not back[len(pixels) :].any()


@given(RGB)
def test_colour_pictures_come_back_as_they_were(pixels: np.ndarray) -> None:
    np.testing.assert_array_equal(shown(half_blocks(pixels, ColourDepth.TRUE))[: len(pixels)], pixels)


@given(GREY, st.sampled_from(list(ColourDepth)))
def test_every_line_is_as_wide_as_the_picture(pixels: np.ndarray, depth: ColourDepth) -> None:
    lines = half_blocks(pixels, depth)
    assert len(lines) == (len(pixels) + 1) // 2
    assert {sum(len(segment.text) for segment in line) for line in lines} == {pixels.shape[1]}


def test_equal_neighbours_are_one_segment() -> None:
    pixels = np.repeat(np.array([[10, 10, 200, 200, 200]], np.uint8), 4, axis=0)
    assert [[len(segment.text) for segment in line] for line in half_blocks(pixels, ColourDepth.TRUE)] == [
        [2, 3]
    ] * 2


@given(RGB.filter(lambda pixels: len(pixels) % 2 == 0))
def test_the_picture_is_that_of_rich_pixels(pixels: np.ndarray) -> None:
    theirs = Pixels.from_image(Image.fromarray(pixels))._segments.segments
    lines: list[list] = [[]]
    for segment in theirs:
        if segment.text == "\n":
            lines.append([])
        else:
            lines[-1].append(segment)
    rows = []
    for line in filter(None, lines):  # rich-pixels draws with the lower half block
        rows.append([tuple(segment.style.bgcolor.get_truecolor()) for segment in line])
        rows.append([tuple(segment.style.color.get_truecolor()) for segment in line])
    np.testing.assert_array_equal(shown(half_blocks(pixels, ColourDepth.TRUE)), np.array(rows, np.uint8))


@given(arrays.arrays(np.uint8, (1, 64)))
def test_greys_of_the_palette_are_the_nearest_there_are(pixels: np.ndarray) -> None:
    codes = colour_codes(pixels, ColourDepth.PALETTE)
    values = np.array(list(GREYS[ColourDepth.PALETTE]))
    best = np.abs(pixels[..., None].astype(int) - values).min(axis=-1)
    got = np.array([[colour(int(code), ColourDepth.PALETTE).get_truecolor()[0] for code in codes[0]]])
    np.testing.assert_array_equal(np.abs(got - pixels.astype(int)), best)


def test_the_palette_has_thirty_greys_that_xterm_shows_so() -> None:
    greys = GREYS[ColourDepth.PALETTE]
    assert len(greys) == 30
    for value, index in greys.items():
        assert tuple(colour(index, ColourDepth.PALETTE).get_truecolor()) == (value,) * 3


@given(RGB)
def test_colours_of_the_palette_are_never_worse_than_the_cube(pixels: np.ndarray) -> None:
    cube = np.array([0, 95, 135, 175, 215, 255])
    codes = colour_codes(pixels, ColourDepth.PALETTE)
    found = [[colour(int(code), ColourDepth.PALETTE) for code in line] for line in codes]
    got = np.array([[one.get_truecolor() for one in line] for line in found])
    worst = np.abs(pixels[..., None].astype(int) - cube).min(axis=-1)
    assert (((got - pixels.astype(int)) ** 2).sum(-1) <= (worst**2).sum(-1)).all()


def test_plain_text_goes_from_dark_to_bright() -> None:
    line = ramp(np.tile(np.linspace(0, 255, 40).astype(np.uint8), (2, 1)))[0]
    levels = [RAMP.index(character) for character in line]
    assert levels == sorted(levels)
    assert line[0] == RAMP[0]
    assert line[-1] == RAMP[-1]


def test_as_a_renderable_it_ends_its_lines() -> None:
    console = Console(width=20, file=StringIO(), color_system="truecolor", force_terminal=True)
    console.print(half_block_pixels(np.zeros((4, 3), np.uint8), ColourDepth.TRUE))
    written = console.file.getvalue()
    assert written.count("\n") >= 2
    assert written.count("   ") == 2


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color"}, ColourDepth.PALETTE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, ColourDepth.TRUE),
        ({"TERM": "screen", "COLORTERM": "24bit"}, ColourDepth.TRUE),
        ({"TERM": "xterm-direct"}, ColourDepth.TRUE),
        ({"TERM": "linux"}, ColourDepth.SIXTEEN),
        ({"TERM": "xterm"}, ColourDepth.SIXTEEN),
        ({"TERM": "dumb"}, ColourDepth.NONE),
        ({}, ColourDepth.NONE),
        ({"TERM": "vt220"}, ColourDepth.NONE),
        ({"TERM": "xterm-mono"}, ColourDepth.NONE),
        ({"TERM": "rxvt-m"}, ColourDepth.NONE),
        ({"TERM": "vte"}, ColourDepth.SIXTEEN),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, ColourDepth.PALETTE),  # greys are what is looked at
    ],
)
def test_the_environment_says_how_many_colours_there_are(
    environment: dict[str, str], depth: ColourDepth
) -> None:
    assert colour_depth(environment) is depth
