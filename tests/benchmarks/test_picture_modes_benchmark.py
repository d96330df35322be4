"""Cells and their bytes against ``Pixels.from_image``, and against hand-written changed cells."""

import io
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.style import Style
from rich_pixels import Pixels

from dicomtui.archive.phantom_slices import modality_values
from dicomtui.imaging.rendering import display
from dicomtui.imaging.viewport import Viewport, resample
from dicomtui.imaging.window import Window
from dicomtui.picture.cells import Cells, cells_of
from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.modes import Mode
from dicomtui.picture.terse import settled, terse_lines
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians

COLUMNS, LINES = 120, 60
SLICES = range(20, 30)
MODES = [Mode.HALF, Mode.QUADRANT, Mode.SEXTANT, Mode.OCTANT]


def pictures(mode: Mode) -> list[NDArray[np.uint8]]:
    """Neighbouring slices of a CT that fill the pane."""
    across, down = mode.pixels
    size = COLUMNS * across, LINES * down
    parts = (
        resample(modality_values(index), Viewport(), down / 2 / across, *size, exact=True)[0]
        for index in SLICES
    )
    return [display(part, Window(40, 400)) for part in parts]


def size(lines: list[str]) -> int:
    return len("".join(lines).encode())


def from_image(picture: NDArray[np.uint8]) -> Pixels:
    return Pixels.from_image(Image.fromarray(picture).convert("RGB"))


def floor(cells: Cells, shown: Cells) -> int:
    """Return the bytes of changed cells alone, with moves over the others and the colours that change."""
    total = 0
    for line in range(LINES):
        at, front, back = 0, -1, -1
        now, before = (
            list(zip(*(part[line].tolist() for part in of[:3]), strict=True)) for of in (cells, shown)
        )
        for column in range(COLUMNS):
            if now[column] == before[column]:
                continue
            glyph, wanted_front, wanted_back = now[column]
            if at != column:
                total += len(f"\x1b[{column - at}C")
            colours = [f"48;5;{wanted_back}"] if wanted_back != back else []
            if glyph != ord(" ") and wanted_front != front:
                colours.append(f"38;5;{wanted_front}")
                front = wanted_front
            total += len(f"\x1b[{';'.join(colours)}m") if colours else 0
            total += len(chr(glyph).encode())
            at, back = column + 1, wanted_back
    return total


@pytest.mark.parametrize("mode", MODES)
def test_computing(mode: Mode, report: Report) -> None:
    halves, made = pictures(Mode.HALF), pictures(mode)
    assert made[0].shape == (LINES * mode.pixels[1], COLUMNS * mode.pixels[0])
    one, other = itertools.cycle(made), itertools.cycle(halves)
    ours, theirs = medians(
        lambda: terse_lines(cells_of(next(one), mode, ColourDepth.PALETTE)),
        lambda: from_image(next(other)),
        rounds=2 * len(made),
    )
    report(f"Pixels.from_image / cells and bytes of {mode}, 256 colours", theirs / ours)
    assert theirs / ours > (4 if mode is Mode.OCTANT else 8)


@pytest.mark.parametrize("mode", MODES)
def test_bytes_of_a_whole_picture(mode: Mode, report: Report) -> None:
    Style.parse.cache_clear()
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="256", width=300)
    console.print(from_image(pictures(Mode.HALF)[0]))
    ours = size(terse_lines(cells_of(pictures(mode)[0], mode, ColourDepth.PALETTE)))
    share = ours / len(stream.getvalue().encode())
    report(f"bytes of {mode} / Pixels.from_image, 256 colours in both", share)
    if mode is Mode.HALF:
        assert share <= 1 / 6


@pytest.mark.parametrize("mode", MODES)
def test_bytes_of_a_cine(mode: Mode, report: Report) -> None:
    cells = [cells_of(picture, mode, ColourDepth.PALETTE) for picture in pictures(mode)]
    pairs = list(itertools.pairwise(cells))
    ours = np.median([size(terse_lines(after, before)) for before, after in pairs])
    least = np.median([floor(after, before) for before, after in pairs])
    report(f"bytes of {mode} / floor of changed cells", float(ours / least))
    assert ours <= 1.15 * least
    shown, sizes = cells[0], []
    for after in cells[1:]:
        waiting = settled(after, shown, 1)
        sizes.append(size(terse_lines(waiting, shown)))
        shown = waiting
    report(f"bytes of {mode} with a deadband / without", float(np.median(sizes) / ours))
