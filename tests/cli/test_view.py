"""``dicomtui view``."""

import re
from pathlib import Path

import numpy as np
import pytest

from dicomtui.picture.cells import RAMP
from tests.builders import ct, ramp, write
from tests.cli.conftest import Run, in_terminal

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def _a_colourful_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "COLORTERM", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


def levels(text: str) -> np.ndarray:
    """Return the picture that characters stand for, from 0 (dark) up."""
    return np.array([[RAMP.index(character) for character in line] for line in text.splitlines()])


def test_a_piped_picture_is_80_columns_of_plain_text(run: Run, scan: Path) -> None:
    result = run("view", scan)
    assert result.code == 0
    assert result.raw_out.isascii()
    assert "\x1b" not in result.out
    picture = levels(result.out)
    assert picture.shape == (40, 80)  # square, two pixels in a cell
    assert (picture[:, 0] == 0).all()
    assert (picture[:, -1] == len(RAMP) - 1).all()
    assert (np.diff(picture.astype(int), axis=1) >= 0).all()


def test_the_width_is_what_was_asked_for(run: Run, scan: Path) -> None:
    assert levels(run("view", scan, "--columns", "30").out).shape == (15, 30)


def test_pixels_that_are_not_square_keep_their_shape(run: Run, tmp_path: Path) -> None:
    path = write(ct(PixelSpacing=[2, 1]), tmp_path / "tall.dcm")
    assert levels(run("view", path, "--columns", "30").out).shape == (30, 30)


def test_an_extreme_shape_stays_printable(run: Run, tmp_path: Path) -> None:
    path = write(ct(ramp(0, rows=4000, columns=1)), tmp_path / "line.dcm")
    result = run("view", path)
    assert result.code == 0
    assert len(result.out.splitlines()) <= 2000


def test_a_window_decides_what_is_black_and_white(run: Run, scan: Path) -> None:
    lung = levels(run("view", scan, "--window", "-600,200").out)
    bone = levels(run("view", scan, "--window=600,200").out)
    assert lung.mean() > bone.mean()
    assert set(np.unique(lung[:, :10])) == {0}


def test_frames_are_numbered_from_one(run: Run, tmp_path: Path) -> None:
    dark, bright = np.full((32, 32), -1024), np.full((32, 32), 1024)
    path = write(ct(np.stack([dark, bright])), tmp_path / "two.dcm")
    assert levels(run("view", path, "--frame", "1").out).max() == 0
    assert levels(run("view", path, "--frame", "2").out).min() == len(RAMP) - 1
    for number in ("0", "-1", "3", "x", "99999999999999999999"):
        result = run("view", path, "--frame", number)
        assert (result.code, result.out, len(result.errors)) == (2, "", 1), number
    assert "has 2 frames" in run("view", path, "--frame", "3").err


@pytest.mark.parametrize("options", [("--window", "40"), ("--window", "40,0"), ("--window", "nan,1")])
def test_a_window_that_is_none_is_a_usage_error(run: Run, scan: Path, options: tuple[str, str]) -> None:
    result = run("view", scan, *options)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)


@pytest.mark.parametrize("columns", ["0", "-5", "100000", "wide"])
def test_an_impossible_width_is_a_usage_error(run: Run, scan: Path, columns: str) -> None:
    assert run("view", scan, "--columns", columns).code == 2


def test_colours_come_when_they_are_asked_for(run: Run, scan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")  # an option says more than the environment
    result = run("view", scan, "--color", "always", "--columns", "32")
    assert "\x1b[" in result.out
    bare = ESCAPE.sub("", result.out)
    assert set(bare) <= {"▀", " ", "\n"}
    assert [len(line) for line in bare.splitlines()] == [32] * 16
    assert all(line.endswith("\x1b[0m") for line in result.out.splitlines())
    assert "\x1b" not in run("view", scan, "--color", "never").out


def test_standard_input_can_be_looked_at(run: Run, scan: Path) -> None:
    assert run("view", "-", stdin=scan.read_bytes()).out == run("view", scan).out


def test_an_instance_without_pixels_prints_what_it_is(run: Run, report: Path) -> None:
    result = run("view", report)
    assert result.code == 1
    assert "Comprehensive SR Storage" in result.out
    assert result.errors == [f"dicomtui: {report}: has no pixel data, so there is no picture"]


def test_what_cannot_be_decoded_is_one_line(run: Run, tmp_path: Path) -> None:
    path = write(ct(BitsAllocated=13), tmp_path / "odd.dcm")
    result = run("view", path)
    assert (result.code, result.out, len(result.errors)) == (1, "", 1)
    assert str(path) in result.err


def test_a_window_on_a_colour_picture_is_said_to_have_no_effect(run: Run, tmp_path: Path) -> None:
    dataset = ct(PhotometricInterpretation="RGB", SamplesPerPixel=3, PlanarConfiguration=0)
    dataset.Rows, dataset.Columns, dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 8, 8, 7
    dataset.PixelData = bytes(range(192))
    path = write(dataset, tmp_path / "colour.dcm")
    result = run("view", path, "--window", "40,400")
    assert result.code == 0
    assert result.errors == [f"dicomtui: {path}: warning: --window has no effect on colours"]


def test_on_a_terminal_the_picture_has_colours_and_fits(scan: Path) -> None:
    code, received = in_terminal(["view", str(scan)], columns=60, lines=20, PYTHONIOENCODING="utf-8")
    assert code == 0
    assert "\x1b[48;5;" in received
    rows = ESCAPE.sub("", received).splitlines()
    assert len(rows) == 19  # a line is left for the prompt
    assert {len(row) for row in rows} == {38}


def test_no_color_and_a_poor_encoding_give_plain_text_on_a_terminal(scan: Path) -> None:
    for environment in ({"NO_COLOR": "1"}, {"PYTHONIOENCODING": "ascii"}):
        code, received = in_terminal(["view", str(scan)], columns=60, lines=20, **environment)
        assert code == 0
        assert set(received) <= {*RAMP, "\n"}


@pytest.mark.parametrize(
    ("mode", "first", "last"),
    [
        ("quadrant", "▘", "▟"),
        ("sextant", "\U0001fb00", "\U0001fb3b"),
        ("octant", "\U0001cd00", "\U0001cde5"),
        ("braille", "\u2801", "\u28ff"),
    ],
)
def test_finer_characters_are_used_when_asked_for(
    run: Run, scan: Path, mode: str, first: str, last: str
) -> None:
    result = run("view", scan, "--graphics", mode, "--columns", "30", "--color", "never")
    assert result.code == 0
    assert "\x1b" not in result.out
    lines = result.out.splitlines()
    assert {len(line) for line in lines} == {30}
    assert len(lines) == 15
    assert any(first <= character <= last for character in result.out)


@pytest.mark.parametrize(
    ("mode", "begins"), [("sixel", "\x1bP"), ("kitty", "\x1b_G"), ("iterm2", "\x1b]1337;")]
)
def test_real_pixels_go_to_a_pipe_as_they_are(run: Run, scan: Path, mode: str, begins: str) -> None:
    result = run("view", scan, "--graphics", mode, "--columns", "20")
    assert result.code == 0
    assert begins in result.raw_out.decode("latin-1")


def test_a_terminal_without_real_pixels_gets_none(scan: Path) -> None:
    code, received = in_terminal(
        ["view", str(scan), "--graphics", "sixel"], columns=80, lines=24, TERM="dumb"
    )
    assert code == 2
    assert "--graphics sixel:" in received
    assert "\x1bP" not in received


def test_an_unknown_mode_is_a_usage_error(run: Run, scan: Path) -> None:
    assert run("view", scan, "--graphics", "crayon").code == 2


def test_a_colour_map_colours_a_grey_picture_as_the_standard_says(run: Run, scan: Path) -> None:
    from pydicom.pixels import apply_color_lut

    monochrome = np.arange(256, dtype=np.uint8)[None]
    palette = apply_color_lut(monochrome, palette="HOT_IRON")[0].astype(int)
    result = run("view", scan, "--color", "always", "--colour-map", "Hot-Iron")
    assert result.code == 0
    codes = [int(code) for code in re.findall(rb"48;5;(\d+)", result.raw_out)]
    steps = [0, 95, 135, 175, 215, 255]
    cube = [
        (steps[at // 36], steps[at // 6 % 6], steps[at % 6])
        for at in (code - 16 for code in codes if code < 232)
    ]
    assert any(red > green for red, green, _ in cube)
    assert all(np.abs(palette - colour).max(axis=1).min() <= 40 for colour in cube)  # half a step of the cube


def test_a_colour_map_that_there_is_not_is_refused_with_those_there_are(run: Run, scan: Path) -> None:
    result = run("view", scan, "--colour-map", "no\x1bmap")
    assert (result.code, result.out) == (2, "")
    assert "viridis" in result.err
    assert "\x1b" not in result.err


def test_a_colour_map_for_colours_is_warned_of(run: Run) -> None:
    from pydicom.data import get_testdata_file

    path = get_testdata_file("SC_rgb.dcm", download=False)
    result = run("view", path, "--colour-map", "viridis")
    assert result.code == 0
    assert "--colour-map has no effect on colours" in result.err
