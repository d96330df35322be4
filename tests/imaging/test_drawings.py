"""What is drawn stands where it is in the picture, however that is looked at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.imaging.drawings import Drawing, draw, to_output
from dicomtui.imaging.viewport import Viewport, region_shown

RED = (255, 0, 0)
VIEWPORTS = st.builds(
    Viewport,
    zoom=st.floats(1, 40),
    center=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    rotation=st.sampled_from([0, 90, 180, 270]),
    flipped_horizontally=st.booleans(),
    flipped_vertically=st.booleans(),
)


@given(VIEWPORTS, st.floats(0.2, 5), st.integers(4, 60), st.integers(4, 60))
def test_places_come_back_to_the_output_pixels_that_show_them(
    viewport: Viewport, aspect: float, width: int, height: int
) -> None:
    region = region_shown((30, 50), viewport, aspect, width, height)
    for x, y in [(0, 0), (region.width - 1, 0), (region.width // 2, region.height - 1)]:
        column, row = region.to_picture(x, y)
        ((there_x, there_y),) = to_output(region, [(column - 0.5, row - 0.5)])
        assert (there_x, there_y) == pytest.approx((x, y), abs=1e-6)


@given(VIEWPORTS)
def test_a_pixel_is_drawn_where_it_is_seen(viewport: Viewport) -> None:
    region = region_shown((40, 40), viewport, 1.0, 80, 80)
    column, row = (int(place) for place in region.to_picture(region.width // 2, region.height // 2))
    shown = np.zeros((region.height, region.width), np.uint8)
    drawn = draw(shown, region, [Drawing([(column, row), (column, row)], RED)])
    ys, xs = np.nonzero(drawn[..., 0])
    assert len(xs) == 1
    seen = region.to_picture(int(xs[0]), int(ys[0]))
    assert (int(seen[0]), int(seen[1])) == (column, row)


@pytest.mark.parametrize("form", ["line", "outline", "cross", "hair"])
def test_drawing_changes_nothing_but_its_copy_and_uses_its_colour(form: str) -> None:
    region = region_shown((20, 20), Viewport(), 1.0, 20, 20)
    shown = np.full((20, 20), 9, np.uint8)
    drawn = draw(shown, region, [Drawing([(3, 3), (12, 3), (12, 12)], RED, form)])  # type: ignore[arg-type]
    assert np.all(shown == 9)
    colours = {tuple(pixel) for pixel in drawn.reshape(-1, 3).tolist()}
    assert colours == {(9, 9, 9), RED}


def test_a_cross_leaves_its_place_to_be_seen() -> None:
    region = region_shown((21, 21), Viewport(), 1.0, 21, 21)
    drawn = draw(np.zeros((21, 21), np.uint8), region, [Drawing([(10, 10)], RED, "cross")])
    assert drawn[10, 10].tolist() == [0, 0, 0]
    assert [drawn[10, x, 0] for x in (6, 7, 8, 12, 13, 14)] == [255] * 6


def test_an_outline_closes_and_a_line_does_not() -> None:
    region = region_shown((20, 20), Viewport(), 1.0, 20, 20)
    corners = [(2, 2), (15, 2), (15, 15)]
    blank = np.zeros((20, 20), np.uint8)
    assert draw(blank, region, [Drawing(corners, RED, "outline")])[8, 8, 0] == 255
    assert draw(blank, region, [Drawing(corners, RED)])[8, 8, 0] == 0


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12), st.floats(1, 1000))
def test_lines_that_lead_far_away_are_drawn_in_no_time(x: float, y: float, zoom: float) -> None:
    region = region_shown((512, 512), Viewport(zoom), 1.0, 100, 100)
    drawn = draw(np.zeros((100, 100), np.uint8), region, [Drawing([(256, 256), (x, y)], RED)])
    assert drawn.shape == (100, 100, 3)
