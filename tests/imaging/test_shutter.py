from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import dicomtui.dataset.reading  # noqa: F401  it makes pydicom take values as they are
from dicomtui.imaging.overlays import Overlay
from dicomtui.imaging.shutter import Shutter, shutter_of

SHAPE = (20, 30)
RECTANGLE = {
    "ShutterShape": "RECTANGULAR",
    "ShutterLeftVerticalEdge": 5,
    "ShutterRightVerticalEdge": 12,
    "ShutterUpperHorizontalEdge": 3,
    "ShutterLowerHorizontalEdge": 17,
}
CIRCLE = {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [10, 15], "RadiusOfCircularShutter": 6}
TRIANGLE = {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [2, 2, 2, 25, 18, 2]}


def shuttered(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def the_shutter(shape: tuple[int, int] = SHAPE, aspect: float = 1.0, **attributes: Any) -> Shutter:
    found = shutter_of(shuttered(**attributes), 1, shape, aspect)
    assert found is not None
    return found


def every_pixel(shape: tuple[int, int] = SHAPE) -> list[tuple[int, int]]:
    """Return rows and columns as the standard counts them."""
    return [(row, column) for row in range(1, shape[0] + 1) for column in range(1, shape[1] + 1)]


def test_a_file_without_a_shutter_hides_nothing() -> None:
    assert shutter_of(Dataset(), 1, SHAPE) is None
    assert shutter_of(shuttered(ShutterShape=""), 1, SHAPE) is None


@given(st.integers(-5, 40), st.integers(-5, 40), st.integers(-5, 30), st.integers(-5, 30))
def test_a_rectangle_leaves_its_columns_and_rows(left: int, right: int, upper: int, lower: int) -> None:
    edges = (left, right, upper, lower)
    found = the_shutter(**dict(zip(RECTANGLE, ("RECTANGULAR", *edges), strict=True)))
    seen = [left <= column <= right and upper <= row <= lower for row, column in every_pixel()]
    if any(seen):
        assert (~found.hidden).ravel().tolist() == seen
        assert found.notes == ()
    else:
        assert not found.hidden.any()
        assert "would hide everything" in found.notes[0]


@given(st.integers(1, 20), st.integers(1, 30), st.integers(0, 40), st.sampled_from([0.5, 1.0, 2.0]))
def test_a_circle_is_round_on_the_screen(row: int, column: int, radius: int, aspect: float) -> None:
    found = the_shutter(
        aspect=aspect,
        ShutterShape="CIRCULAR",
        CenterOfCircularShutter=[row, column],
        RadiusOfCircularShutter=radius,
    )
    distances = [((y - row) * aspect) ** 2 + (x - column) ** 2 for y, x in every_pixel()]
    assert (~found.hidden).ravel().tolist() == [distance <= radius**2 for distance in distances]


def test_a_polygon_leaves_what_lies_inside_its_edges() -> None:
    found = the_shutter(**TRIANGLE)
    for row, column in every_pixel():
        # above 0 inside the slanted edge from (2, 25) to (18, 2)
        slack = (18 - 2) * (25 - column) - (25 - 2) * (row - 2)
        if row >= 2 and column >= 2 and slack >= 0:
            assert not found.hidden[row - 1, column - 1]
        elif row < 2 or column < 2 or slack < -23:  # a pixel and more outside
            assert found.hidden[row - 1, column - 1]


@given(st.lists(st.tuples(st.integers(-50, 80), st.integers(-50, 80)), min_size=3, max_size=9))
def test_any_polygon_hides_nothing_that_pillow_fills_when_cut_from_a_larger_sheet(
    vertices: list[tuple[int, int]],
) -> None:
    sheet = Image.new("1", (200, 200))
    ImageDraw.Draw(sheet).polygon([(column + 60, row + 60) for row, column in vertices], fill=1)
    expected = np.asarray(sheet)[61:81, 61:91]
    numbers = [number for vertex in vertices for number in vertex]
    found = the_shutter(ShutterShape="POLYGONAL", VerticesOfThePolygonalShutter=numbers)
    if expected.any():
        assert (found.hidden != ~expected).sum() <= 2  # edges that leave the sheet may be rounded anew
    else:
        assert not found.hidden.any()


def test_all_shapes_together_leave_the_least() -> None:
    shapes = ["RECTANGULAR", "CIRCULAR", "POLYGONAL"]
    together = the_shutter(**{**RECTANGLE, **CIRCLE, **TRIANGLE, "ShutterShape": shapes})
    one_by_one = [the_shutter(**kind).hidden for kind in (RECTANGLE, CIRCLE, TRIANGLE)]
    np.testing.assert_array_equal(together.hidden, np.logical_or.reduce(one_by_one))


@pytest.mark.parametrize(
    ("value", "level"), [(None, 0), (0, 0), (65535, 255), (0x8080, 128), ([1, 2], 0), (-1, 0), (99999, 0)]
)
def test_the_presentation_value_has_sixteen_bits(value: Any, level: int) -> None:
    stated = {} if value is None else {"ShutterPresentationValue": value}
    assert the_shutter(**RECTANGLE, **stated).level == level


# --- bitmap ---


def test_a_bitmap_shutter_hides_where_its_overlay_is_set() -> None:
    mask = np.zeros(SHAPE, bool)
    mask[4:9, 3:] = True
    overlays = [Overlay(0x6000, "", "G", ~mask), Overlay(0x6002, "", "G", mask)]
    dataset = shuttered(ShutterShape="BITMAP", ShutterOverlayGroup=0x6002)
    found = shutter_of(dataset, 1, SHAPE, overlays=overlays)
    assert found is not None
    np.testing.assert_array_equal(found.hidden, mask)
    assert found.group == 0x6002


def test_a_bitmap_shutter_without_its_overlay_is_noted() -> None:
    found = the_shutter(ShutterShape="BITMAP", ShutterOverlayGroup=0x6004)
    assert not found.hidden.any()
    assert found.notes == ("no shutter: Shutter Overlay Group (0018,1623) is 6004: there is no such overlay",)


# --- frames ---


def test_each_frame_of_an_enhanced_instance_has_its_own_shutter() -> None:
    def group(column: int) -> Dataset:
        edges = {**RECTANGLE, "ShutterLeftVerticalEdge": column, "ShutterRightVerticalEdge": column}
        return shuttered(FrameDisplayShutterSequence=Sequence([shuttered(**edges)]))

    dataset = shuttered(PerFrameFunctionalGroupsSequence=Sequence([group(2), group(9)]))
    seen = [
        np.flatnonzero(~found.hidden[9]).tolist()
        for number in (1, 2)
        if (found := shutter_of(dataset, number, SHAPE)) is not None
    ]
    assert seen == [[1], [8]]
    assert shutter_of(dataset, 3, SHAPE) is None


# --- files that lie ---


@pytest.mark.parametrize(
    ("attributes", "note"),
    [
        ({"ShutterShape": "HEART\x1b[2J"}, "no shutter: Shutter Shape (0018,1600) is HEART\\x1b[2J"),
        ({"ShutterShape": "CIRCULAR"}, "no shutter: Center of Circular Shutter (0018,1610) is absent"),
        (
            {**CIRCLE, "CenterOfCircularShutter": [1, 2, 3]},
            "no shutter: Center of Circular Shutter (0018,1610) is 1\\2\\3",
        ),
        (
            {**RECTANGLE, "ShutterLeftVerticalEdge": 2**31 - 1},
            "no shutter: Shutter Left Vertical Edge (0018,1602) is 2.14748e+09",
        ),
        (
            {**TRIANGLE, "VerticesOfThePolygonalShutter": [1, 1, 5, 5]},
            "no shutter: Vertices of the Polygonal Shutter (0018,1620) has 4 numbers: no polygon",
        ),
        (
            {**TRIANGLE, "VerticesOfThePolygonalShutter": [1, 2] * 5000},
            "no shutter: Vertices of the Polygonal Shutter (0018,1620) has 10,000 numbers: no polygon",
        ),
    ],
)
def test_a_shutter_that_makes_no_sense_hides_nothing_and_says_so(
    attributes: dict[str, Any], note: str
) -> None:
    found = the_shutter(**attributes)
    assert not found.hidden.any()
    assert found.notes == (note,)
