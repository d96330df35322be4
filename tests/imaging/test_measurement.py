"""Regions against numpy on masks that are known, against scikit-image, and against geometry."""

from math import degrees, pi, radians, tan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.errors import UsageError
from dicomtui.imaging.geometry import Plane, Spacing
from dicomtui.imaging.measurement import (
    angle,
    distance,
    measure_region,
    patient_place,
    profile,
)
from dicomtui.imaging.regions import Ellipse, Rectangle, polygon

SPACING = Spacing(2.0, 0.5, "PixelSpacing", True)


def values(rows: int = 40, columns: int = 50) -> np.ndarray:
    return np.random.default_rng(3).normal(100, 30, (rows, columns)).astype(np.float32)


def test_a_rectangle_has_the_statistics_of_its_pixels() -> None:
    found = measure_region(values(), Rectangle(5, 7, 20, 15), SPACING)
    inside = values()[7:16, 5:21].astype(float)
    assert found.statistics.pixels == inside.size
    assert (found.statistics.mean, found.statistics.deviation) == pytest.approx((inside.mean(), inside.std()))
    assert (found.statistics.least, found.statistics.largest) == (inside.min(), inside.max())
    assert found.statistics.median == pytest.approx(np.median(inside))
    assert found.area == pytest.approx(15 * 0.5 * 8 * 2.0)
    assert found.perimeter == pytest.approx(2 * (15 * 0.5 + 8 * 2.0))
    assert found.length_unit == "mm"
    assert sum(found.counts) == found.statistics.pixels


def test_an_ellipse_holds_the_pixels_whose_middle_is_inside() -> None:
    draw = pytest.importorskip("skimage.draw", reason="scikit-image (extra processing) is not installed")
    mask = Ellipse(24.3, 18.7, 11.2, 6.9).mask(40, 50)
    expected = np.zeros((40, 50), bool)
    expected[draw.ellipse(18.7, 24.3, 6.9, 11.2, (40, 50))] = True
    np.testing.assert_array_equal(mask, expected)


def test_a_circle_has_the_area_and_perimeter_of_one() -> None:
    found = measure_region(values(), Ellipse(20, 20, 8, 8), None)
    assert found.area == pytest.approx(pi * 64)
    assert found.perimeter == pytest.approx(2 * pi * 8)
    assert found.length_unit == "pixels"


def test_an_ellipse_of_pixels_that_are_not_square_can_be_a_circle() -> None:
    found = measure_region(values(), Ellipse(20, 20, 16, 4), SPACING)
    assert found.perimeter == pytest.approx(2 * pi * 8)


def to_the_edge(place: tuple[float, float], corners: list[tuple[float, float]]) -> float:
    """Return the distance to the nearest side."""
    at = np.array(place, float)
    nearest = np.inf
    for start, end in zip(np.array(corners), np.roll(np.array(corners), -1, axis=0), strict=True):
        length = float((end - start) @ (end - start))
        share = np.clip((at - start) @ (end - start) / length, 0, 1) if length else 0.0
        nearest = min(nearest, float(np.linalg.norm(start + share * (end - start) - at)))
    return nearest


@given(
    st.lists(st.tuples(st.floats(0, 49), st.floats(0, 39)), min_size=3, max_size=8),
)
def test_a_polygon_is_filled_as_scikit_image_does(corners: list[tuple[float, float]]) -> None:
    draw = pytest.importorskip("skimage.measure", reason="scikit-image (extra processing) is not installed")
    mask = polygon(corners).mask(40, 50)
    expected = draw.grid_points_in_poly((40, 50), [(y, x) for x, y in corners], binarize=False)
    # 1 is inside; on an edge, and a flat one is nothing else, rounding decides
    odd = (mask & (expected == 0)) | (~mask & (expected == 1))
    assert all(to_the_edge((x, y), corners) < 1e-6 for y, x in np.argwhere(odd))


def test_the_corners_and_edges_of_a_polygon_belong_to_it() -> None:
    mask = polygon([(1, 1), (5, 1), (5, 4), (1, 4)]).mask(8, 8)
    np.testing.assert_array_equal(mask, Rectangle(1, 1, 5, 4).mask(8, 8))


def test_a_polygon_has_the_area_of_a_triangle() -> None:
    found = measure_region(values(), polygon([(0, 0), (8, 0), (0, 3)]), SPACING)
    assert found.area == pytest.approx(4 * 6 / 2)
    assert found.perimeter == pytest.approx(4 + 6 + 52**0.5)


def test_pixels_without_a_value_do_not_count() -> None:
    picture = values()
    picture[10, 10] = np.nan
    padding = np.zeros(picture.shape, bool)
    padding[11, 11] = True
    found = measure_region(picture, Rectangle(9, 9, 12, 12), None, padding)
    assert found.statistics.pixels == 14
    assert np.isfinite(found.statistics.mean)


def test_a_region_without_values_is_refused() -> None:
    with pytest.raises(UsageError, match="no pixel with a value is inside the rectangle"):
        measure_region(values(), Rectangle(100, 100, 120, 120), None)
    with pytest.raises(UsageError, match="colours"):
        measure_region(np.zeros((4, 4, 3), np.uint8), Rectangle(0, 0, 2, 2), None)
    with pytest.raises(UsageError, match="three corners"):
        polygon([(0, 0), (1, 1)])


def test_distances_are_millimetres_by_the_size_of_pixels() -> None:
    assert distance((0, 0), (6, 2), SPACING) == (5.0, "mm")
    assert distance((0, 0), (3, 4), None) == (5.0, "pixels")


@given(st.floats(1, 179))
def test_angles_are_those_of_the_patient(wanted: float) -> None:
    half = tan(radians(wanted / 2)) * 10
    one, other = (10 / 0.5, half / 2.0), (10 / 0.5, -half / 2.0)
    assert angle(one, (0, 0), other, SPACING) == pytest.approx(wanted, abs=1e-6)


def test_an_angle_without_sides_is_refused() -> None:
    with pytest.raises(UsageError, match="three places"):
        angle((1, 1), (1, 1), (2, 2), None)
    assert degrees(0) == angle((1, 0), (0, 0), (2, 0), None)


def test_a_profile_is_interpolated_along_its_line() -> None:
    ramp = np.add.outer(10 * np.arange(20.0), np.arange(30.0))
    along = profile(ramp, (2, 3), (12, 3))
    np.testing.assert_allclose(along, ramp[3, 2:13])
    np.testing.assert_allclose(profile(ramp, (0, 0), (6, 8))[[0, 5, 10]], [0, 43, 86])
    assert np.isnan(profile(ramp, (-2, 0), (2, 0))[:2]).all()


def test_a_place_lies_in_the_patient_where_the_standard_says() -> None:
    plane = Plane((10, 20, 30), (0, 1, 0), (0, 0, -1))
    assert patient_place(plane, SPACING, (4, 3)) == pytest.approx((10, 20 + 4 * 0.5, 30 - 3 * 2.0))
