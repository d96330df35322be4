"""Regions look only at the part of a frame that they lie in, and find there what they find anywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.imaging.measurement import values_inside
from dicomtui.imaging.regions import Ellipse, Rectangle, Region, part_of, polygon

ROWS, COLUMNS = 24, 31
PLACES = st.floats(-60, 90, allow_nan=False)
RADII = st.floats(0.01, 60)
REGIONS = st.one_of(
    st.builds(Ellipse, PLACES, PLACES, RADII, RADII),
    st.builds(
        lambda a, b, c, d: Rectangle(min(a, c), min(b, d), max(a, c), max(b, d)),
        PLACES,
        PLACES,
        PLACES,
        PLACES,
    ),
    st.lists(st.tuples(PLACES, PLACES), min_size=3, max_size=7).map(polygon),
)


def everywhere(region: Region) -> np.ndarray:
    y, x = np.mgrid[:ROWS, :COLUMNS].astype(float)
    return region.holds(x, y)


@given(REGIONS)
def test_the_part_it_lies_in_has_all_of_it(region: Region) -> None:
    np.testing.assert_array_equal(region.mask(ROWS, COLUMNS), everywhere(region))


@given(REGIONS)
def test_its_values_come_row_by_row_without_those_that_are_none(region: Region) -> None:
    values = np.arange(ROWS * COLUMNS, dtype=np.float32).reshape(ROWS, COLUMNS)
    values[::3] = np.nan
    padding = values % 5 == 0
    expected = values[everywhere(region) & ~padding & np.isfinite(values)]
    np.testing.assert_array_equal(values_inside(values, region, padding), expected)


@pytest.mark.parametrize("region", [Rectangle(500, 3, 600, 5), Ellipse(3, -90, 4, 4)])
def test_outside_of_the_frame_there_is_nothing_of_it(region: Region) -> None:
    _, inside = part_of(region, ROWS, COLUMNS)
    assert inside.size == 0
    assert not region.mask(ROWS, COLUMNS).any()


def test_a_small_region_of_a_large_frame_looks_at_few_pixels() -> None:
    _, inside = part_of(polygon([(2000, 2000), (2020, 2003), (2010, 2017)]), 4096, 3328)
    assert inside.size == 21 * 18


def test_the_bounds_are_those_of_the_shape() -> None:
    assert Ellipse(5, 6, 2, 3).bounds == (3, 3, 7, 9)
    assert polygon([(1, 2), (7, 3), (4, 9)]).bounds == (1, 2, 7, 9)
    assert Rectangle(1, 2, 3, 4).bounds == (1, 2, 3, 4)
