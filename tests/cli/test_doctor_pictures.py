"""The test pictures of ``dicomtui doctor``: on a terminal each mode that it has, elsewhere none."""

import re

import numpy as np
import pytest

from dicomtui.cli.test_pattern import pattern
from dicomtui.picture.modes import Mode
from tests.cli.conftest import in_terminal

HEADING = "a wedge from black to white"


def doctor(*options: str, **environment: str) -> str:
    code, text = in_terminal(["doctor", *options], columns=100, lines=40, **environment)
    assert code == 0
    return text


@pytest.fixture(scope="module")
def in_all_colours() -> str:
    return doctor(TERM="xterm-256color", COLORTERM="truecolor", LC_ALL="C.UTF-8")


def test_each_mode_that_is_offered_is_drawn_under_its_name(in_all_colours: str) -> None:
    drawn = re.findall(rf"^(\S+): {HEADING}", in_all_colours, re.MULTILINE)
    assert {Mode.HALF, Mode.QUADRANT} <= set(drawn)
    assert [name for name in Mode if name in drawn] == drawn
    for name, picture in zip(drawn, in_all_colours.split(HEADING)[1:], strict=True):
        assert len(picture.splitlines()) > 6, name


def test_the_wedge_has_many_greys_and_the_colours_are_there(in_all_colours: str) -> None:
    half = in_all_colours.split(f"{Mode.HALF}: {HEADING}")[1].split(HEADING)[0]
    colours = {tuple(map(int, found)) for found in re.findall(r"[34]8;2;(\d+);(\d+);(\d+)", half)}
    assert len({red for red, green, blue in colours if red == green == blue}) > 10
    assert {(230, 0, 0), (0, 230, 0), (0, 0, 230)} <= colours


@pytest.mark.parametrize("option", ["--no-pictures", "--json"])
def test_who_wants_no_pictures_gets_none(option: str) -> None:
    assert HEADING not in doctor(option, TERM="xterm-256color", LC_ALL="C.UTF-8")


@pytest.mark.parametrize(("across", "down"), [(48, 6), (96, 12), (480, 120)])
def test_the_pattern_is_a_wedge_a_round_disc_lines_and_three_colours(across: int, down: int) -> None:
    picture = pattern(across, down).astype(int)
    assert picture.shape == (down, across, 3)
    quarter = across // 4
    wedge, disc, lines, bands = (picture[:, part * quarter : (part + 1) * quarter] for part in range(4))
    assert (np.diff(wedge[..., 0], axis=1) > 0).all()
    assert (disc == disc[::-1]).all()
    assert (disc == disc[:, ::-1]).all()
    assert disc[down // 2, quarter // 2].min() > 0 == disc[0, 0].max()
    assert (lines == lines[:1]).all()
    assert set(lines.ravel()) == {0, 255}
    assert [tuple(bands[row, 0] > 0) for row in (0, down // 2, down - 1)] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_the_disc_is_as_high_as_wide_where_cells_are_twice_as_high_as_wide() -> None:
    disc = pattern(480, 120)[:, 120:240, 0] > 0  # a pixel is a tenth of a column, and a twentieth of a line
    wide, high = disc.any(axis=0).sum() / 10, disc.any(axis=1).sum() / 20 * 2
    assert wide == pytest.approx(high, abs=0.3)
