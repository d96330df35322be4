"""What a key in the processing panel costs: the step, the small picture made of it, and its cells."""

from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from dicomtui.imaging.processing import Chain, processed, quickly_processed
from dicomtui.imaging.rendering import Frame, display
from dicomtui.imaging.reslicing import Direction, Reslicer, Slab
from dicomtui.imaging.viewport import Viewport, resample
from dicomtui.imaging.volume import Volume
from dicomtui.imaging.window import Window
from dicomtui.picture.cells import cells_of
from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.modes import Mode

pytest.importorskip("skimage", reason="scikit-image (extra processing) is not installed")

AREA = (240, 134)
WINDOW = Window(40, 400)
STEPS = ("clahe", "gamma(0.5)", "gaussian(1)", "median(1)", "sharpen", "edges", "otsu", "nlm", "segment(300)")


@pytest.fixture(scope="module", params=[512, 2048], ids=["512x512", "2048x2048"])
def frame(request: pytest.FixtureRequest) -> Frame:
    y, x = np.mgrid[: request.param, : request.param]
    values = 400 * np.sin(x / 40) * np.cos(y / 30)
    values += np.random.default_rng(0).normal(0, 25, values.shape)
    return Frame(values.astype(np.float32), None, (), "HU", False, 1.0, ())


def painted(make: Callable[[], Frame | None]) -> Callable[[], object]:
    """Return all that happens between a key and the cells of the picture."""

    def paint() -> object:
        made = make()
        assert made is not None
        small, _ = resample(made.values, Viewport(), 1.0, *AREA, exact=made.values.size <= 1 << 20)
        return cells_of(display(small, WINDOW), Mode.HALF, ColourDepth.PALETTE)

    return paint


@pytest.mark.parametrize("step", STEPS)
def test_a_step(frame: Frame, step: str, benchmark: BenchmarkFixture) -> None:
    if step == "nlm" and frame.values.size > 1 << 20:
        pytest.skip("takes many seconds")
    chain = Chain.parse(step)
    benchmark.pedantic(painted(lambda: processed(frame, chain)), rounds=3, warmup_rounds=1)


def test_the_quick_preview(frame: Frame, benchmark: BenchmarkFixture) -> None:
    chain = Chain.parse("gamma(0.5)")
    benchmark.pedantic(painted(lambda: quickly_processed(frame, chain)), rounds=5, warmup_rounds=1)


@pytest.mark.parametrize("direction", Direction)
def test_a_plane_through_a_volume(direction: Direction, benchmark: BenchmarkFixture) -> None:
    values = np.random.default_rng(0).integers(0, 4000, (100, 512, 512), np.int16)
    steps = ((0.7, 0.0, 0.0), (0.0, 0.7, 0.0), (0.0, 0.0, 2.0))
    reslicer = Reslicer(Volume(values, 1.0, -1024.0, "HU", (0.0, 0.0, 0.0), steps))
    places = dict(zip((Direction.SAGITTAL, Direction.CORONAL, Direction.AXIAL), reslicer.middle, strict=True))
    slab = Slab(direction, places[direction])
    benchmark.pedantic(lambda: reslicer.frame(slab), rounds=3, warmup_rounds=1)
