"""Regions are scikit-image's, their numbers numpy's on masks that are known."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dicomtui.imaging.geometry import Spacing
from dicomtui.imaging.segmentation import coloured, grow, regions_of, segment

measure = pytest.importorskip("skimage.measure", reason="scikit-image (extra processing) is not installed")
morphology = pytest.importorskip("skimage.morphology")
segmentation = pytest.importorskip("skimage.segmentation")

values_2d = arrays(np.float32, (9, 11), elements=st.integers(0, 4).map(float))


@given(values=values_2d, low=st.integers(0, 4), smallest=st.integers(1, 12))
def test_regions_are_those_of_scikit_image_without_the_small_ones(
    values: np.ndarray, low: int, smallest: int
) -> None:
    found = segment(values, low, 3, smallest)
    labels = measure.label((values >= low) & (values <= 3), connectivity=1)
    with warnings.catch_warnings():  # of a picture with one region it says that it may be a mistake
        warnings.simplefilter("ignore", UserWarning)
        kept = morphology.remove_small_objects(labels, max_size=smallest - 1)
    np.testing.assert_array_equal(found > 0, kept > 0)
    assert len(np.unique(found)) == len(np.unique(kept))
    sizes = np.bincount(found.ravel())[1:]
    assert (np.diff(sizes) <= 0).all(), "the largest comes first"


@given(values=values_2d, column=st.integers(0, 10), row=st.integers(0, 8), tolerance=st.integers(0, 3))
def test_growing_is_scikit_images_flood(values: np.ndarray, column: int, row: int, tolerance: int) -> None:
    expected = segmentation.flood(values, (row, column), tolerance=tolerance, connectivity=1)
    np.testing.assert_array_equal(grow(values, column, row, tolerance) == 1, expected)


def test_a_point_outside_grows_from_the_edge_and_none_from_the_middle() -> None:
    values = np.arange(35, dtype=np.float32).reshape(5, 7)
    assert np.argwhere(grow(values, 99, 99, 0)).tolist() == [[4, 6]]
    assert np.argwhere(grow(values, -1, -1, 0)).tolist() == [[2, 3]]


def test_a_disc_has_its_area_mean_and_deviation() -> None:
    y, x = np.mgrid[:200, :180]
    inside = (x - 90) ** 2 + (y - 70) ** 2 <= 40**2
    values = np.where(inside, 100 + np.random.default_rng(1).normal(0, 5, inside.shape), 0)
    values = values.astype(np.float32)
    (region,) = regions_of(segment(values, 50, 1e9, 1), values, Spacing(0.5, 0.25, "PixelSpacing", True))
    assert region.unit == "mm²"
    assert region.size == pytest.approx(np.pi * 40**2 * 0.125, rel=0.01)
    assert region.pixels == np.count_nonzero(inside)
    assert region.mean == pytest.approx(values[inside].mean(), rel=1e-6)
    assert region.deviation == pytest.approx(values[inside].std(), rel=1e-4)
    assert region.middle == pytest.approx((70, 90))
    assert region.text.startswith("1 red  ")


def test_a_ball_has_its_volume_over_the_planes() -> None:
    z, y, x = np.mgrid[:30, :40, :50]
    values = (((z - 15) * 2.0) ** 2 + (y - 20) ** 2 + (x - 25) ** 2 <= 15**2).astype(np.float32)
    (region,) = regions_of(segment(values, 1, 1, 1), values, voxel_mm3=2.0)
    assert region.unit == "mm³"
    assert region.size == pytest.approx(4 / 3 * np.pi * 15**3, rel=0.02)
    assert region.middle == pytest.approx((15, 20, 25))


def test_nothing_found_has_no_colour() -> None:
    labels = segment(np.zeros((4, 4), np.float32), 1, 2, 1)
    assert coloured(labels) is None
    assert regions_of(labels, np.zeros((4, 4))) == ()


def test_regions_are_seen_through() -> None:
    from dicomtui.imaging.annotations import draw_coloured
    from dicomtui.imaging.viewport import Viewport, region_shown

    values = np.zeros((6, 6), np.float32)
    values[1:4, 1:4] = 1
    layer = coloured(segment(values, 1, 1, 1))
    assert layer is not None
    region = region_shown((6, 6), Viewport(), 1.0, 6, 6)
    dark = draw_coloured(np.full((6, 6), 20, np.uint8), region, layer)
    bright = draw_coloured(np.full((6, 6), 220, np.uint8), region, layer)
    assert (dark[0, 0] == 20).all()
    assert (bright[2, 2].astype(int) > dark[2, 2]).all()
    assert dark[2, 2, 0] > dark[2, 2, 1]
