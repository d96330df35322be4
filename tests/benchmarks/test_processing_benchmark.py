"""What a key in the processing panel costs, up to the cells; what a plane through a volume costs."""

from collections.abc import Callable

import numpy as np
import pytest

from dicomtui.imaging.processing import Chain, processed, quickly_processed
from dicomtui.imaging.rendering import Frame, display
from dicomtui.imaging.reslicing import Direction, Reslicer, Slab
from dicomtui.imaging.viewport import Viewport, resample
from dicomtui.imaging.volume import Volume
from dicomtui.imaging.window import Window
from dicomtui.picture.cells import cells_of
from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.modes import Mode
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians

exposure = pytest.importorskip("skimage.exposure", reason="scikit-image (extra processing) is not installed")
filters = pytest.importorskip("skimage.filters")

AREA = (160, 96)
WINDOW = Window(40, 400)
GOAL = 0.030
"""Seconds of computing that a change of a step may take on 512 x 512."""


def a_frame(side: int) -> Frame:
    y, x = np.mgrid[:side, :side]
    values = 400 * np.sin(x / 40) * np.cos(y / 30)
    values += np.random.default_rng(0).normal(0, 25, values.shape)
    return Frame(values.astype(np.float32), None, (), "HU", False, 1.0, ())


def painted(make: Callable[[], Frame | None]) -> Callable[[], object]:
    """Return all that is computed between a key and the cells of the picture."""

    def paint() -> object:
        made = make()
        assert made is not None
        small, _ = resample(made.values, Viewport(), 1.0, *AREA, exact=made.values.size <= 1 << 20)
        return cells_of(display(small, WINDOW), Mode.HALF, ColourDepth.PALETTE)

    return paint


@pytest.mark.parametrize("step", ["clahe", "gamma(0.5)", "gaussian", "median", "sharpen", "segment(300)"])
def test_a_step_on_512_x_512(step: str, report: Report) -> None:
    frame, chain = a_frame(512), Chain.parse(step)
    (key,) = medians(painted(lambda: processed(frame, chain)))
    report(f"{step} on 512 x 512, to its cells / the goal of 30 ms", key / GOAL)


def test_the_chain_adds_little_to_scikit_image(report: Report) -> None:
    values = a_frame(512).values
    unit = (values - values.min()) / (values.max() - values.min())
    calls: dict[str, Callable[[], object]] = {
        "clahe": lambda: exposure.equalize_adapthist(unit, kernel_size=(64, 64), clip_limit=0.01),
        "gaussian": lambda: filters.gaussian(values, 1, preserve_range=True),
    }
    for step, call in calls.items():
        chain = Chain.parse(step)
        mine, theirs = medians(lambda chain=chain: chain.apply(values), call)  # type: ignore[misc]
        report(f"{step} on 512 x 512 / scikit-image's function alone", mine / theirs)


@pytest.mark.parametrize("step", ["clahe", "gamma(0.5)", "gaussian"])
def test_a_step_on_2048_x_2048(step: str, report: Report) -> None:
    frame, chain = a_frame(2048), Chain.parse(step)
    (key,) = medians(painted(lambda: processed(frame, chain)), rounds=3)
    report(f"{step} on 2048 x 2048, in a thread, to its cells / 30 ms", key / GOAL)


def test_a_quick_preview_comes_before_the_whole(report: Report) -> None:
    frame, chain = a_frame(2048), Chain.parse("gamma(0.5)")
    quick, whole = medians(
        painted(lambda: quickly_processed(frame, chain)), painted(lambda: processed(frame, chain)), rounds=5
    )
    report("gamma on 2048 x 2048: its quick preview / the whole", quick / whole)


def test_a_plane_through_a_volume(report: Report) -> None:
    values = np.random.default_rng(0).integers(0, 4000, (100, 512, 512), np.int16)
    steps = ((0.7, 0.0, 0.0), (0.0, 0.7, 0.0), (0.0, 0.0, 2.0))
    reslicer = Reslicer(Volume(values, 1.0, -1024.0, "HU", (0.0, 0.0, 0.0), steps))
    places = dict(zip((Direction.SAGITTAL, Direction.CORONAL, Direction.AXIAL), reslicer.middle, strict=True))
    for direction in Direction:
        slab = Slab(direction, places[direction])
        (plane,) = medians(lambda slab=slab: reslicer.frame(slab), rounds=3)  # type: ignore[misc]
        report(f"{direction} plane through 100 x 512 x 512 / 30 ms", plane / GOAL)
