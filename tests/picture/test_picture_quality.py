"""How near cells come to the ideal picture, by a renderer that knows characters by their names."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.data import get_testdata_file

from dicomtui.dataset.reading import read_instance
from dicomtui.errors import DicomTuiError
from dicomtui.imaging.rendering import Rendering, default_window, display
from dicomtui.imaging.viewport import Viewport, resample
from dicomtui.picture.cells import cells_of
from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.modes import Mode
from tests.picture.reference import COLUMNS, ROWS, rendered

WIDTH, HEIGHT = 40, 20
"""Cells: fewer than the pixels of the pictures here, by far."""


def psnr(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(10 * np.log10(255**2 / max(((one - other) ** 2).mean(), 1e-9)))


def shown_and_ideal(path: Path, mode: Mode) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what a terminal shows of a picture, and the picture in the same pixels."""
    instance = read_instance(path)
    rendering = Rendering(instance)
    frame = rendering.frame(1)
    window = default_window(frame, rendering.modality)[0]

    def sampled(across: int, down: int, cell: float) -> NDArray[np.uint8]:
        part, _ = resample(
            frame.values, Viewport(), cell, WIDTH * across, HEIGHT * down, exact=True, padding=frame.padding
        )
        return display(part, window, inverse=frame.inverse)

    across, down = mode.pixels
    pixels = sampled(across, down, frame.aspect * down / across / 2)
    ideal = sampled(COLUMNS, ROWS, frame.aspect * ROWS / COLUMNS / 2).astype(float)
    pixels = pixels[: len(pixels) // down * down, : pixels.shape[1] // across * across]
    cells = cells_of(pixels, mode, ColourDepth.TRUE)
    shown = rendered(cells.glyphs, cells.front & 255, cells.back & 255)
    rows, columns = np.minimum(shown.shape, ideal.shape)
    return shown[:rows, :columns], ideal[:rows, :columns]


def of_pydicom(name: str) -> Path:
    path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip(f"pydicom has no {name} here")
    return Path(str(path))


def gains(path: Path) -> dict[Mode, float]:
    """Return by how many decibels each mode is nearer than half blocks."""
    half = psnr(*shown_and_ideal(path, Mode.HALF))
    return {
        mode: psnr(*shown_and_ideal(path, mode)) - half
        for mode in (Mode.QUADRANT, Mode.SEXTANT, Mode.OCTANT, Mode.BRAILLE)
    }


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "examples_overlay.dcm"])
def test_finer_characters_come_nearer_to_the_picture(name: str) -> None:
    gained = gains(of_pydicom(name))
    assert gained[Mode.QUADRANT] > 0
    assert gained[Mode.SEXTANT] > gained[Mode.QUADRANT]
    assert gained[Mode.OCTANT] > gained[Mode.QUADRANT]
    assert gained[Mode.BRAILLE] < 0


@pytest.mark.parametrize("name", ["CT_small.dcm", "examples_overlay.dcm"])
def test_sextants_gain_a_decibel_where_the_picture_is_finer_than_the_cells(name: str) -> None:
    assert gains(of_pydicom(name))[Mode.SEXTANT] >= 1


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "examples_overlay.dcm"])
def test_finer_characters_keep_more_of_the_structure(name: str) -> None:
    metrics = pytest.importorskip("skimage.metrics")
    path = of_pydicom(name)
    half, quadrant, sextant = (
        metrics.structural_similarity(*shown_and_ideal(path, mode), data_range=255)
        for mode in (Mode.HALF, Mode.QUADRANT, Mode.SEXTANT)
    )
    assert half < quadrant < sextant


@pytest.mark.corpus
def test_sextants_gain_a_decibel_on_real_ct_and_mr(corpus: Path) -> None:
    gained = {path: gains(path)[Mode.SEXTANT] for path in fine_slices(corpus)}
    assert len(gained) >= 5
    assert min(gained.values()) > 0
    assert np.median(list(gained.values())) >= 1, gained


def fine_slices(corpus: Path, count: int = 12) -> list[Path]:
    """Return CT and MR with more pixels than the cells have parts, one of each folder."""
    found: dict[Path, Path] = {}
    for path in sorted(corpus.rglob("*.dcm")):
        if path.parent in found or len(found) >= count:
            continue
        try:
            rendering = Rendering(read_instance(path))
            if rendering.modality not in ("CT", "MR"):
                continue
            values = rendering.frame(1).values
        except DicomTuiError:
            continue
        if values.ndim == 2 and min(values.shape) >= 128 and len(np.unique(values)) > 200:
            found[path.parent] = path
    return list(found.values())
