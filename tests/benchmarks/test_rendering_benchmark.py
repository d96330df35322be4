"""What a key press costs: the small picture is windowed, not the whole one."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pytest_benchmark.fixture import BenchmarkFixture

from dicomtui.imaging.modality_lut import modality_lut
from dicomtui.imaging.rendering import display
from dicomtui.imaging.viewport import Viewport, resample
from dicomtui.imaging.voi_lut import automatic_window
from dicomtui.imaging.window import Window

AREA = (240, 134)
"""Output pixels of a terminal of 240 columns and 67 lines."""

WINDOW = Window(40, 400)


def a_dataset() -> Dataset:
    dataset = Dataset()
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsStored, dataset.PixelRepresentation = 12, 0
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
    dataset.WindowCenter, dataset.WindowWidth = WINDOW.center, WINDOW.width
    return dataset


@pytest.fixture(scope="module", params=[(512, 512), (4096, 3328)], ids=["512x512", "4096x3328"])
def stored(request: pytest.FixtureRequest) -> NDArray[np.uint16]:
    return np.random.default_rng(0).integers(0, 4096, request.param, np.uint16)


def best_of(runs: int, call: Callable[[], object]) -> float:
    """Return the least time of some runs in seconds: what is left when the machine does nothing else."""
    times = []
    for _ in range(runs):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times)


def test_a_window_key_costs_a_fraction_of_windowing_the_whole_picture(stored: NDArray[np.uint16]) -> None:
    dataset = a_dataset()
    values = modality_lut(dataset, 1).apply(stored)
    small, _ = resample(values, Viewport(), 1.0, *AREA, exact=True)
    key = best_of(20, lambda: display(small, WINDOW.shifted(1)))
    whole = best_of(2, lambda: apply_voi_lut(apply_modality_lut(stored, dataset), dataset))
    assert whole / key > (500 if stored.size > 1 << 20 else 10)


def test_the_first_paint_is_much_quicker_than_the_exact_one(stored: NDArray[np.uint16]) -> None:
    values = modality_lut(a_dataset(), 1).apply(stored)
    nearest = best_of(20, lambda: resample(values, Viewport(), 1.0, *AREA, exact=False))
    exact = best_of(2, lambda: resample(values, Viewport(), 1.0, *AREA, exact=True))
    assert exact / nearest > (20 if stored.size > 1 << 20 else 1)


def test_window_key(benchmark: BenchmarkFixture, stored: NDArray[np.uint16]) -> None:
    small, _ = resample(modality_lut(a_dataset(), 1).apply(stored), Viewport(), 1.0, *AREA, exact=True)
    benchmark(lambda: display(small, WINDOW.shifted(1)))


def test_window_key_at_600_pixels(benchmark: BenchmarkFixture) -> None:
    small = np.random.default_rng(0).normal(0, 500, (600, 600)).astype(np.float32)
    benchmark(lambda: display(small, WINDOW.shifted(1)))


def test_new_frame(benchmark: BenchmarkFixture, stored: NDArray[np.uint16]) -> None:
    dataset = a_dataset()
    benchmark(lambda: resample(modality_lut(dataset, 1).apply(stored), Viewport(), 1.0, *AREA, exact=False))


def test_automatic_window(benchmark: BenchmarkFixture, stored: NDArray[np.uint16]) -> None:
    values = modality_lut(a_dataset(), 1).apply(stored)
    benchmark(lambda: automatic_window(values))


def test_pydicom_windows_the_whole_picture(benchmark: BenchmarkFixture, stored: NDArray[np.uint16]) -> None:
    dataset = a_dataset()
    benchmark.pedantic(
        lambda: apply_voi_lut(apply_modality_lut(stored, dataset), dataset), rounds=3, iterations=1
    )
