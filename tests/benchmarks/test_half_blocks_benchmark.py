"""Half blocks against ``Pixels.from_image`` of rich-pixels: computing, and bytes for the terminal."""

import io
import itertools
from collections.abc import Callable

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
from dicomtui.picture.cells import half_block_pixels, half_blocks
from dicomtui.picture.depth import ColourDepth
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians

SLICES = range(20, 30)
WINDOW = Window(40, 400)


@pytest.fixture(scope="module", params=[120, 240], ids=["120x60", "240x120"])
def pictures(request: pytest.FixtureRequest) -> list[NDArray[np.uint8]]:
    """Neighbouring slices of a CT as the terminal shows them, square."""
    side = request.param
    made = (resample(modality_values(index), Viewport(), 1.0, side, side, exact=True)[0] for index in SLICES)
    return [display(picture, WINDOW) for picture in made]


def from_image(picture: NDArray[np.uint8]) -> Pixels:
    return Pixels.from_image(Image.fromarray(picture).convert("RGB"))


def size(pixels: Callable[[], Pixels], colours: str) -> int:
    """Return the bytes that a terminal gets; a style that Rich remembers stays as it was first written."""
    Style.parse.cache_clear()
    stream = io.StringIO()
    Console(file=stream, force_terminal=True, color_system=colours, width=300).print(pixels())
    return len(stream.getvalue().encode())


def test_computing(pictures: list[NDArray[np.uint8]], report: Report) -> None:
    cells = f"{len(pictures[0])} x {len(pictures[0]) // 2} cells"
    one, other, another = itertools.tee(itertools.cycle(pictures), 3)
    ours, reduced, theirs = medians(
        lambda: half_blocks(next(one), ColourDepth.TRUE),
        lambda: half_blocks(next(other), ColourDepth.PALETTE),
        lambda: from_image(next(another)),
        rounds=2 * len(pictures),
    )
    report(f"Pixels.from_image / half_blocks, {cells}, all colours", theirs / ours)
    report(f"Pixels.from_image / half_blocks, {cells}, 256 colours", theirs / reduced)


def test_bytes(pictures: list[NDArray[np.uint8]], report: Report) -> None:
    picture = pictures[0]
    cells = f"{len(picture)} x {len(picture) // 2} cells"
    theirs = size(lambda: from_image(picture), "truecolor")
    reduced = size(lambda: from_image(picture), "256")
    ours = size(lambda: half_block_pixels(picture, ColourDepth.TRUE), "truecolor")
    ours_reduced = size(lambda: half_block_pixels(picture, ColourDepth.PALETTE), "256")
    report(f"bytes of half_blocks / from_image, {cells}, all colours", ours / theirs)
    report(f"bytes of half_blocks / from_image, {cells}, 256 colours", ours_reduced / reduced)
    report(f"bytes of half_blocks in 256 colours / from_image in all, {cells}", ours_reduced / theirs)
