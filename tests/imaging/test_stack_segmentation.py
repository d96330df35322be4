"""Regions of a series have the volumes that were made, and the numbers of numpy on the whole stack."""

import numpy as np
import pytest

from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.errors import UsageError
from dicomtui.imaging.processing import Chain
from dicomtui.imaging.stack_segmentation import stack_regions
from dicomtui.imaging.volume import NotAVolume
from tests.builders import ct, write

measure = pytest.importorskip("skimage.measure", reason="scikit-image (extra processing) is not installed")

PLACES = [2.5 * number for number in range(20)]
MIDDLES, RADII = ((20.0, 24.0, 25.0), (44.0, 40.0, 20.0)), (12.0, 6.0)
"""Two balls: across, down, along, in millimetres from the middle of the first pixel."""


@pytest.fixture(scope="module")
def balls() -> np.ndarray:
    z, y, x = np.meshgrid(PLACES, 1.0 * np.arange(56), 0.8 * np.arange(80), indexing="ij")
    values = np.random.default_rng(1).normal(0, 10, z.shape)
    for (across, down, along), radius in zip(MIDDLES, RADII, strict=True):
        values += 300.0 * ((x - across) ** 2 + (y - down) ** 2 + (z - along) ** 2 <= radius**2)
    return values.round().astype(np.int16)


@pytest.fixture(scope="module")
def stack(balls: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> list[Instance]:
    folder = tmp_path_factory.mktemp("stack")
    for number, plane in enumerate(balls):
        place = [-30.0, -20.0, PLACES[number]]
        attributes = {
            "PixelSpacing": [1.0, 0.8],
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "ImagePositionPatient": place,
        }
        write(ct(plane, **attributes), folder / f"{len(balls) - number:02}.dcm")
    return [read_instance(path) for path in sorted(folder.iterdir())]


def test_balls_have_their_volumes_and_the_statistics_of_numpy(
    stack: list[Instance], balls: np.ndarray
) -> None:
    regions = stack_regions(stack, Chain.parse("segment(low=150, smallest=10)"))
    assert [region.number for region in regions] == [1, 2]
    labels = measure.label(balls >= 150, connectivity=1)
    for region, radius in zip(regions, RADII, strict=True):
        inside = labels == labels[tuple(round(place) for place in region.middle)]
        assert region.unit == "mm³"
        assert region.size == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.05)
        assert region.pixels == np.count_nonzero(inside)
        assert region.mean == pytest.approx(balls[inside].mean(), rel=1e-6)
        assert region.deviation == pytest.approx(balls[inside].std(), rel=1e-5)


def test_filters_find_the_region_and_do_not_change_its_values(
    stack: list[Instance], balls: np.ndarray
) -> None:
    filtered = np.stack([Chain.parse("gaussian(1)").apply(plane.astype(np.float32)) for plane in balls])
    labels = measure.label(filtered >= 150, connectivity=1)
    largest = labels == np.argmax(np.bincount(labels.ravel())[1:]) + 1
    first = stack_regions(stack, Chain.parse("gaussian(1) | segment(150)"))[0]
    assert first.pixels == np.count_nonzero(largest)
    assert first.mean == pytest.approx(balls[largest].mean(), rel=1e-6)


@pytest.mark.parametrize(("ball", "along"), [(0, 25.0), (1, 20.0)])
def test_a_region_grows_from_a_point_of_a_plane_over_the_others(
    stack: list[Instance], ball: int, along: float
) -> None:
    across, down, _ = MIDDLES[ball]
    chain = Chain.parse(f"gaussian(1) | grow(column={round(across / 0.8)}, row={down:g}, tolerance=120)")
    (region,) = stack_regions(stack, chain, along)
    assert region.size == pytest.approx(4 / 3 * np.pi * RADII[ball] ** 3, rel=0.15)


def test_what_is_no_stack_or_finds_no_regions_is_refused(stack: list[Instance]) -> None:
    with pytest.raises(UsageError, match="add segment or grow"):
        stack_regions(stack, Chain.parse("gaussian | ~segment(3)"))
    with pytest.raises(NotAVolume, match="a gap"):
        stack_regions([*stack[:5], *stack[8:]], Chain.parse("segment(3)"))


def test_progress_may_end_it(stack: list[Instance]) -> None:
    def progress(done: int, count: int) -> None:
        assert count == len(stack)
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stack_regions(stack, Chain.parse("segment(3)"), progress=progress)


def test_an_empty_chain_of_paths_is_said() -> None:
    with pytest.raises(NotAVolume, match="no frame"):
        stack_regions([], Chain.parse("segment(3)"))
