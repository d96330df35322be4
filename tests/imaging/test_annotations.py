from dataclasses import replace
from math import ceil, floor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom.data import get_testdata_file

from dicomtui.dataset.reading import read_instance
from dicomtui.imaging.annotations import annotate, draw_coloured, draw_overlays, draw_shutter
from dicomtui.imaging.overlays import Overlay
from dicomtui.imaging.rendering import Frame, Rendering
from dicomtui.imaging.shutter import Shutter
from dicomtui.imaging.supplemental_palette import ColouredPixels
from dicomtui.imaging.viewport import Viewport, region_shown, resample
from tests.imaging.made_frames import description, native

viewports = st.builds(
    Viewport,
    zoom=st.sampled_from([0.5, 1.0, 1.7, 4.0]),
    center=st.tuples(st.floats(0.2, 0.8), st.floats(0.2, 0.8)),
    rotation=st.sampled_from([0, 90, 180, 270]),
    flipped_horizontally=st.booleans(),
    flipped_vertically=st.booleans(),
).map(lambda viewport: viewport.zoomed(1))
sizes = st.tuples(st.integers(3, 40), st.integers(3, 40))
masks = st.tuples(st.integers(1, 30), st.integers(1, 30), st.integers(0, 99)).map(
    lambda made: np.random.default_rng(made[2]).random(made[:2]) < 0.1
)


def an_overlay(mask: NDArray[Any]) -> Overlay:
    return Overlay(0x6000, "", "G", mask)


def a_frame(values: NDArray[Any], **layers: Any) -> Frame:
    return replace(Frame(values, None, (), "", False, 1.0, ()), **layers)


# --- where a layer lies ---


@given(masks, viewports, sizes)
def test_a_layer_is_turned_and_cut_as_the_picture_is(
    mask: NDArray[Any], viewport: Viewport, size: tuple[int, int]
) -> None:
    """A shutter's level is where the same picture, resampled as pictures are, is set."""
    picture, region = resample(mask.astype(np.float32), viewport, 1.0, *size, exact=False)
    drawn = draw_shutter(np.full(picture.shape, 9, np.uint8), region, Shutter(mask, 200))
    np.testing.assert_array_equal(drawn, np.where(picture > 0, 200, 9))


@given(masks, viewports, sizes)
def test_an_output_pixel_is_marked_where_any_pixel_inside_is(
    mask: NDArray[Any], viewport: Viewport, size: tuple[int, int]
) -> None:
    region = region_shown(mask.shape, viewport, 1.0, *size)
    drawn = draw_overlays(np.zeros((region.height, region.width), np.uint8), region, [an_overlay(mask)])
    left, top, right, bottom = region.box
    sideways = viewport.rotation in (90, 270)
    across, down = (region.height, region.width) if sideways else (region.width, region.height)
    steps = (right - left) / across, (bottom - top) / down
    for y in range(region.height):
        for x in range(region.width):
            spans = []
            places = region.to_picture(x, y)
            if any(abs(place - round(place)) < 1e-6 for place in places):
                continue  # between two pixels: either may be taken
            for middle, step, limit in zip(places, steps, mask.shape[::-1], strict=True):
                half = step / 2 if step > 1 else 0.0
                start = floor(middle - half + (1e-9 if half else 0))
                spans.append(slice(max(0, start), min(limit, max(start + 1, ceil(middle + half - 1e-9)))))
            assert (drawn[y, x] == 255) == mask[spans[1], spans[0]].any()


@given(st.integers(0, 999), st.integers(0, 999), viewports)
def test_a_thin_line_stays_visible_however_small_the_picture_is(
    row: int, column: int, viewport: Viewport
) -> None:
    viewport = viewport.fitted()
    mask = np.zeros((1000, 1000), bool)
    mask[row] = mask[:, column] = True
    region = region_shown(mask.shape, viewport, 1.0, 13, 13)
    drawn = draw_overlays(np.zeros((region.height, region.width), np.uint8), region, [an_overlay(mask)])
    assert (drawn == 255).all(axis=0).any()
    assert (drawn == 255).all(axis=1).any()


# --- how it looks ---


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 3)])
@pytest.mark.parametrize("colour", [255, 0, (255, 220, 0)])
def test_overlays_have_their_colour_on_grey_and_on_colour(shape: tuple[int, ...], colour: Any) -> None:
    shown = np.full(shape, 77, np.uint8)
    region = region_shown((4, 4), Viewport(), 1.0, 4, 4)
    drawn = draw_overlays(shown, region, [an_overlay(np.eye(4, dtype=bool))], colour)
    assert drawn.ndim == (3 if isinstance(colour, tuple) else len(shape))
    assert (drawn[np.eye(4, dtype=bool)] == colour).all()
    assert (drawn[~np.eye(4, dtype=bool)] == 77).all()
    assert (shown == 77).all()  # what was given is not changed


def test_nothing_to_draw_costs_no_copy() -> None:
    shown = np.zeros((4, 4), np.uint8)
    region = region_shown((4, 4), Viewport(), 1.0, 4, 4)
    assert annotate(shown, region, a_frame(shown)) is shown
    empty = a_frame(shown, overlays=(an_overlay(np.zeros((4, 4), bool)),))
    assert annotate(shown, region, empty) is shown


def test_overlays_lie_over_the_shutter_and_both_can_be_switched_off() -> None:
    shown = np.full((1, 4), 50, np.uint8)
    region = region_shown((1, 4), Viewport(), 1.0, 4, 1)
    frame = a_frame(
        shown.astype(np.float32),
        shutter=Shutter(np.array([[True, True, False, False]]), 10),
        overlays=(an_overlay(np.array([[False, True, True, False]])),),
    )
    assert annotate(shown, region, frame).tolist() == [[10, 255, 255, 50]]
    assert annotate(shown, region, frame, overlays=False).tolist() == [[10, 10, 50, 50]]
    assert annotate(shown, region, frame, shutter=False).tolist() == [[50, 255, 255, 50]]
    assert annotate(shown, region, frame, shutter=False, overlays=False) is shown


def test_coloured_pixels_turn_a_grey_picture_into_rgb() -> None:
    shown = np.full((1, 3), 50, np.uint8)
    region = region_shown((1, 3), Viewport(), 1.0, 3, 1)
    rgb = np.array([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], np.uint8)
    coloured = ColouredPixels(np.array([[False, True, False]]), rgb)
    assert draw_coloured(shown, region, coloured).tolist() == [[[50] * 3, [4, 5, 6], [50] * 3]]
    elsewhere = ColouredPixels(np.zeros((1, 3), bool), rgb)
    assert draw_coloured(shown, region, elsewhere) is shown


# --- from a file to the screen ---


def test_the_overlay_of_a_real_file_is_drawn() -> None:
    path = get_testdata_file("examples_overlay.dcm", download=False)
    assert isinstance(path, str)
    frame = Rendering(read_instance(path)).frame(1)
    region = region_shown(frame.values.shape, Viewport(), frame.aspect, 120, 80)
    shown = np.zeros((region.height, region.width), np.uint8)
    drawn = annotate(shown, region, frame)
    assert 0 < (drawn == 255).mean() < 0.5
    assert not frame.notes


def test_a_file_with_a_shutter_and_a_bitmap_for_it_does_not_draw_the_bitmap() -> None:
    dataset = description(4, 8, bits=8, ShutterShape="BITMAP", ShutterOverlayGroup=0x6000)
    for element, vr, value in [(0x10, "US", 4), (0x11, "US", 8), (0x50, "SS", [1, 1])]:
        dataset.add_new(0x60000000 | element, vr, value)
    dataset.add_new(0x60003000, "OW", b"\x0f" * 4)
    frame = Rendering(native(dataset, bytes(32), vr="OB")).frame(1)
    assert frame.overlays == ()
    assert frame.shutter is not None
    assert frame.shutter.hidden[0].tolist() == [True] * 4 + [False] * 4


def test_what_lies_about_layers_is_noted_in_the_frame() -> None:
    dataset = description(4, 8, bits=8, ShutterShape="HEART")
    dataset.add_new(0x60000010, "US", 4)
    frame = Rendering(native(dataset, bytes(32), vr="OB")).frame(1)
    assert (frame.overlays, frame.shutter) == ((), None)
    assert [note.split(":")[0] for note in frame.notes] == ["no overlay", "no shutter"]
