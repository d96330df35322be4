from math import floor

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from dicomtui.imaging.viewport import Viewport, region_shown, resample

pictures = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=30),
    elements=st.floats(-1e4, 1e4, width=32),
)
turned = st.builds(
    Viewport,
    rotation=st.sampled_from([0, 90, 180, 270]),
    flipped_horizontally=st.booleans(),
    flipped_vertically=st.booleans(),
)
viewports = st.builds(
    lambda viewport, zoom, across, down: viewport.zoomed(zoom).panned(across, down),
    turned,
    st.floats(0.1, 20),
    st.floats(-1, 1),
    st.floats(-1, 1),
)
sides = st.integers(1, 60)
aspects = st.sampled_from([1.0, 0.5, 2.0, 4 / 3, 0.37])


def shown(values: NDArray[np.float32], viewport: Viewport, *, exact: bool = False) -> NDArray[np.float32]:
    """Show a picture in an area of its own size."""
    rows, columns = values.shape
    width, height = (rows, columns) if viewport.rotation in (90, 270) else (columns, rows)
    part, _ = resample(values, viewport, 1.0, width, height, exact=exact)
    return part


# --- turning ---


@given(pictures)
def test_turning_moves_the_top_to_the_right(values: NDArray[np.float32]) -> None:
    np.testing.assert_array_equal(shown(values, Viewport().rotated()), np.rot90(values, -1))


@given(pictures, turned)
def test_turning_turns_what_is_seen_however_it_was_flipped(
    values: NDArray[np.float32], viewport: Viewport
) -> None:
    np.testing.assert_array_equal(shown(values, viewport.rotated()), np.rot90(shown(values, viewport), -1))


@given(pictures, turned)
def test_flipping_swaps_the_sides_that_are_seen(values: NDArray[np.float32], viewport: Viewport) -> None:
    seen = shown(values, viewport)
    np.testing.assert_array_equal(shown(values, viewport.flipped(horizontally=True)), seen[:, ::-1])
    np.testing.assert_array_equal(shown(values, viewport.flipped(vertically=True)), seen[::-1])


@given(viewports)
def test_four_turns_and_two_flips_change_nothing(viewport: Viewport) -> None:
    assert viewport.rotated().rotated().rotated().rotated() == viewport
    assert viewport.flipped(horizontally=True).flipped(horizontally=True) == viewport
    assert viewport.flipped(vertically=True).flipped(vertically=True) == viewport


# --- fitting ---


@given(sides, sides, aspects, sides, sides, viewports)
def test_the_part_shown_fits_the_area_and_lies_in_the_picture(
    rows: int, columns: int, aspect: float, width: int, height: int, viewport: Viewport
) -> None:
    region = region_shown((rows, columns), viewport, aspect, width, height)
    assert 1 <= region.width <= width
    assert 1 <= region.height <= height
    assert 0 <= region.left <= width - region.width
    assert 0 <= region.top <= height - region.height
    left, top, right, bottom = region.box
    assert -1e-9 <= left < right <= columns + 1e-9
    assert -1e-9 <= top < bottom <= rows + 1e-9


@given(sides, sides, aspects, sides, sides, turned)
def test_a_fitted_picture_is_whole_and_keeps_its_shape_within_a_pixel(
    rows: int, columns: int, aspect: float, width: int, height: int, viewport: Viewport
) -> None:
    region = region_shown((rows, columns), viewport, aspect, width, height)
    assert region.box == (0, 0, columns, rows)
    across, down = (height, width) if viewport.rotation in (90, 270) else (width, height)
    scale = min(across / columns, down / (rows * aspect))
    expected = (columns * scale, rows * aspect * scale)
    size = (region.width, region.height) if viewport.rotation in (0, 180) else (region.height, region.width)
    for pixels, wanted in zip(size, expected, strict=True):
        assert abs(pixels - wanted) <= 0.5 or (pixels == 1 and wanted < 1)
    assert region.width == width or region.height == height


def test_a_picture_of_flat_pixels_is_shown_wide() -> None:
    part, region = resample(np.zeros((100, 100), np.float32), Viewport(), 0.5, 80, 80, exact=True)
    assert part.shape == (40, 80)
    assert (region.left, region.top) == (0, 20)


# --- zooming and panning ---


def test_zooming_in_shows_the_middle_larger() -> None:
    values = np.arange(64, dtype=np.float32).reshape(8, 8)
    part, region = resample(values, Viewport().zoomed(2), 1.0, 8, 8, exact=True)
    assert region.box == (2, 2, 6, 6)
    np.testing.assert_array_equal(part, np.kron(values[2:6, 2:6], np.ones((2, 2))))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flipped", [False, True])
def test_panning_right_shows_what_was_further_right_on_the_screen(rotation: int, flipped: bool) -> None:
    values = np.arange(64 * 64, dtype=np.float32).reshape(64, 64)
    viewport = Viewport(flipped_vertically=flipped)
    for _ in range(rotation // 90):
        viewport = viewport.rotated()
    before, _ = resample(values, viewport.zoomed(4), 1.0, 16, 16, exact=False)
    after, _ = resample(values, viewport.zoomed(4).panned(0.25, 0.5), 1.0, 16, 16, exact=False)
    np.testing.assert_array_equal(after[:8, :12], before[8:, 4:])


@given(viewports)
def test_panning_never_leaves_the_picture(viewport: Viewport) -> None:
    there = viewport.panned(100, 100).panned(-0.1, -0.1)
    assert there != viewport.panned(100, 100) or viewport.zoom <= 1  # one key press back is one step back
    assert viewport.zoomed(1 / viewport.zoom).center == pytest.approx((0.5, 0.5))


def test_fitting_keeps_the_picture_turned() -> None:
    viewport = Viewport().rotated().flipped(vertically=True)
    assert viewport.zoomed(3).panned(0.2, 0).fitted() == viewport


@given(sides, sides, aspects, sides, sides, turned)
def test_one_to_one_shows_a_column_as_one_pixel(
    rows: int, columns: int, aspect: float, width: int, height: int, viewport: Viewport
) -> None:
    viewport = viewport.one_to_one((rows, columns), aspect, width, height)
    region = region_shown((rows, columns), viewport, aspect, width, height)
    across = region.height if viewport.rotation in (90, 270) else region.width
    assert across == pytest.approx(region.box[2] - region.box[0], abs=1e-6)


# --- values ---


@given(pictures, aspects, sides, sides, viewports)
def test_the_nearest_values_are_those_that_a_probe_finds(
    values: NDArray[np.float32], aspect: float, width: int, height: int, viewport: Viewport
) -> None:
    part, region = resample(values, viewport, aspect, width, height, exact=False)
    for y in {0, region.height // 2, region.height - 1}:
        for x in {0, region.width // 2, region.width - 1}:
            column, row = region.to_picture(x, y)
            assume(abs(column - round(column)) > 1e-6 and abs(row - round(row)) > 1e-6)
            assert part[y, x] == values[floor(row), floor(column)]


@given(pictures, st.integers(1, 4), st.integers(1, 4))
def test_a_smaller_picture_has_the_averages_of_its_areas(
    values: NDArray[np.float32], across: int, down: int
) -> None:
    large = np.kron(values, np.ones((down, across), np.float32)) + np.float32(0)
    large += np.tile(
        np.linspace(-1, 1, down, dtype=np.float32)[:, np.newaxis], (values.shape[0], large.shape[1])
    )
    rows, columns = values.shape
    part, _ = resample(large, Viewport(), across / down, columns, rows, exact=True)
    assume(part.shape == values.shape)
    expected = large.reshape(rows, down, columns, across).mean(axis=(1, 3), dtype=np.float64)
    np.testing.assert_allclose(part, expected, rtol=1e-4, atol=2e-2)


@given(pictures, aspects, viewports)
def test_averages_lie_between_the_values(
    values: NDArray[np.float32], aspect: float, viewport: Viewport
) -> None:
    part, _ = resample(values, viewport, aspect, 7, 5, exact=True)
    slack = 1e-3 + 1e-5 * np.abs(values).max()
    assert values.min() - slack <= part.min()
    assert part.max() <= values.max() + slack


def test_colours_are_averaged_too() -> None:
    rgb = np.zeros((4, 4, 3), np.uint8)
    rgb[:, 2:] = (200, 100, 50)
    part, _ = resample(rgb, Viewport(), 1.0, 1, 1, exact=True)
    assert part.tolist() == [[[100, 50, 25]]]
    assert (
        resample(rgb, Viewport().rotated(), 1.0, 4, 4, exact=False)[0].tolist() == np.rot90(rgb, -1).tolist()
    )


# --- padding ---


@given(
    pictures,
    st.floats(allow_nan=False, width=32),
    st.booleans(),
    viewports,
    st.randoms(use_true_random=False),
)
def test_padding_never_bleeds_into_the_picture(
    values: NDArray[np.float32], padding_value: float, exact: bool, viewport: Viewport, random: object
) -> None:
    padding = np.random.default_rng(values.size).random(values.shape) < 0.4
    padded = np.where(padding, np.float32(padding_value), values)
    one, _ = resample(values, viewport, 1.0, 9, 9, exact=exact, padding=padding)
    other, _ = resample(padded, viewport, 1.0, 9, 9, exact=exact, padding=padding)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_does_not_spread(bad: float) -> None:
    values = np.full((8, 8), 5, np.float32)
    values[0, 0] = bad
    part, _ = resample(values, Viewport(), 1.0, 4, 4, exact=True, padding=~np.isfinite(values))
    assert (part == 5).all()


def test_where_at_least_half_is_padding_there_is_no_value() -> None:
    values = np.arange(8, dtype=np.float32).reshape(2, 4)
    padding = np.array([[1, 0, 1, 0], [1, 0, 0, 0]], bool)
    part, _ = resample(values, Viewport(), 1.0, 2, 1, exact=True, padding=padding)
    assert np.isnan(part[0, 0])
    assert part[0, 1] == pytest.approx((3 + 6 + 7) / 3)


def test_the_picture_itself_is_left_as_it_is() -> None:
    values = np.arange(16, dtype=np.float32).reshape(4, 4)
    before = values.copy()
    part, _ = resample(values, Viewport(), 1.0, 4, 4, exact=True, padding=values > 7)
    part[:] = -1
    np.testing.assert_array_equal(values, before)
