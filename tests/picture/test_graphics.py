"""Real pixels: what is sent is decoded again and compared with the picture."""

import base64
import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image

from dicomtui.picture.graphics import Hole, graphics_of
from dicomtui.picture.modes import Mode
from dicomtui.picture.png import png
from dicomtui.picture.sixel import sixel
from dicomtui.picture.terminal import terminal_of

TERMINAL = terminal_of({"TERM": "xterm", "LANG": "C.UTF-8"})


def drawn(text: str) -> NDArray[np.uint8]:
    """Draw sixels as a terminal does: RGB; what no sixel reached stays 255, 0, 255."""
    found = re.fullmatch(r'\x1bP0;1;0q"1;1;([0-9]+);([0-9]+)([#0-9;!$?-~-]*)\x1b\\', text)
    assert found is not None
    width, height = int(found[1]), int(found[2])
    picture = np.full((height, width, 3), (255, 0, 255), np.uint8)
    colours: dict[int, tuple[int, ...]] = {}
    x = y = colour = 0
    for token in re.finditer(r"#([0-9]+)((?:;[0-9]+)*)|!([0-9]+)(.)|([$-])|(.)", found[3]):
        if token[1] is not None:
            colour = int(token[1])
            if token[2]:
                kind, *parts = map(int, token[2][1:].split(";"))
                assert kind == 2
                colours[colour] = tuple(round(part * 2.55) for part in parts)
        elif token[5] is not None:
            x, y = 0, y + 6 * (token[5] == "-")
        else:
            count, character = int(token[3] or 1), token[4] or token[6]
            for bit in range(6):
                if ord(character) - 63 >> bit & 1:
                    picture[y + bit, x : x + count] = colours[colour]
            x += count
            assert x <= width
    return picture


@given(arrays(np.uint8, st.tuples(st.integers(6, 20), st.integers(1, 40))), st.sampled_from([2, 16, 64, 256]))
def test_sixels_show_the_greys_as_near_as_their_colours_allow(
    pixels: NDArray[np.uint8], colours: int
) -> None:
    shown = drawn(sixel(pixels, colours)).astype(int)
    assert len(shown) == len(pixels) // 6 * 6
    nearest = 255 / (colours - 1) / 2
    assert np.abs(shown - pixels[: len(shown), :, None]).max() <= nearest + 255 / 100


def test_sixels_show_few_colours_exactly() -> None:
    pixels = np.zeros((12, 30, 3), np.uint8)
    pixels[:, 10:20], pixels[6:, 20:] = (255, 0, 0), (0, 255, 255)
    assert np.abs(drawn(sixel(pixels, 16)).astype(int) - pixels).max() <= 3


def test_a_picture_lower_than_six_pixels_is_none_in_sixels() -> None:
    assert sixel(np.zeros((5, 9), np.uint8), 16) == ""


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_a_png_holds_the_greys(pixels: NDArray[np.uint8]) -> None:
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png(pixels)))), pixels)


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))), st.booleans())
def test_a_png_holds_colours_and_where_they_are_seen(pixels: NDArray[np.uint8], has_holes: bool) -> None:
    opaque = pixels[..., 0] > 99
    read = np.asarray(Image.open(io.BytesIO(png(pixels, opaque if has_holes else None))))
    assert np.array_equal(read[..., :3], pixels)
    if has_holes:
        assert np.array_equal(read[..., 3] == 255, opaque)


def received(text: str) -> tuple[dict[str, str], Any]:
    """Take kitty's commands apart: the keys of the first, the picture."""
    commands = re.findall(r"\x1b_G([^;\x1b]*);([^\x1b]*)\x1b\\", text)
    assert "".join(f"\x1b_G{keys};{data}\x1b\\" for keys, data in commands) == text
    assert all(len(data) <= 4096 for _, data in commands)
    assert all("q=2" in keys for keys, _ in commands)
    more = [dict(key.split("=") for key in keys.split(",")).get("m", "0") for keys, _ in commands]
    assert more == ["1"] * (len(commands) - 1) + ["0"]
    data = base64.b64decode("".join(data for _, data in commands))
    return dict(key.split("=") for key in commands[0][0].split(",")), Image.open(io.BytesIO(data))


@pytest.mark.parametrize("side", [8, 400])
def test_kitty_gets_the_picture_in_pieces_and_answers_nothing(side: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (side, side), np.uint8)
    keys, picture = received(graphics_of(Mode.KITTY, TERMINAL).place(pixels, 40, 20))
    assert (keys["a"], keys["c"], keys["r"], keys["C"]) == ("T", "40", "20", "1")
    assert np.array_equal(np.asarray(picture), pixels)


def test_text_is_seen_through_holes_of_kittys_pictures() -> None:
    pixels = np.full((40, 60), 9, np.uint8)
    _, picture = received(graphics_of(Mode.KITTY, TERMINAL).place(pixels, 6, 2, [Hole(1, 2, 3)]))
    transparent = np.asarray(picture)[..., 1] == 0
    assert transparent[20:, 20:50].all()
    assert transparent.sum() == 20 * 30


def test_iterm2_gets_a_file_of_the_size_it_says() -> None:
    pixels = np.arange(120, dtype=np.uint8).reshape(10, 12)
    text = graphics_of(Mode.ITERM2, TERMINAL).place(pixels, 5, 3)
    found = re.fullmatch(r"\x1b\]1337;File=inline=1;size=(\d+);width=5;height=3;[^:]*:([^\x07]*)\x07", text)
    assert found is not None
    data = base64.b64decode(found[2])
    assert len(data) == int(found[1])
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)


@pytest.mark.parametrize("mode", [Mode.SIXEL, Mode.KITTY, Mode.ITERM2])
def test_a_small_picture_takes_fewer_bytes(mode: Mode) -> None:
    graphics = graphics_of(mode, replace(TERMINAL, sixel_colours=256))
    pixels = np.random.default_rng(1).integers(0, 256, (120, 120), np.uint8)
    assert len(graphics.place(pixels, 12, 6, small=True)) < 0.8 * len(graphics.place(pixels, 12, 6))
