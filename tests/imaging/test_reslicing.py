"""Planes and slabs through a made phantom: a ball at a known place in the patient lands there."""

from collections.abc import Sequence

import numpy as np
import pytest

from dicomtui.imaging.reslicing import Direction, Projection, Reslicer, Slab
from dicomtui.imaging.volume import Volume

pytest.importorskip("scipy", reason="scikit-image (extra processing) is not installed")

BALL, RADIUS = np.array([12.0, -20.0, 33.0]), 9.0
PLACES = {Direction.SAGITTAL: 0, Direction.CORONAL: 1, Direction.AXIAL: 2}


def turned(degrees: Sequence[float]) -> np.ndarray:
    """Return the columns of a rotation about x, then y, then z."""
    a, b, c = np.radians(degrees)
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


ACQUIRED = {
    "axial": turned((0, 0, 0)),
    "oblique": turned((25, 0, 0)),
    "double oblique": turned((20, -15, 30)),
    "sagittal": np.array([[0, 0, 1], [1, 0, 0], [0, -1, 0]], float),
    "backwards": np.diag([1.0, -1.0, -1.0]),
}


def phantom(ways: np.ndarray, sizes: Sequence[float] = (0.8, 1.0, 2.5)) -> Volume:
    """Return a volume around the ball, whose voxels are 1000 in it and 0 elsewhere; smooth at the edge."""
    steps = ways * np.array(sizes)
    shape = np.array([70, 56, 24])  # columns, rows, planes
    corner = BALL + np.array([2.0, -3.0, 1.0]) - steps @ ((shape - 1) / 2)
    grid = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
    distance = np.linalg.norm(grid @ steps.T + corner - BALL, axis=-1)
    values = 500 * np.clip(RADIUS + 1 - distance, 0, 2)
    vectors = tuple(tuple(map(float, steps[:, axis])) for axis in range(3))
    return Volume(values.T.astype(np.int16), 2.0, -1024.0, "HU", tuple(map(float, corner)), vectors)  # type: ignore[arg-type]


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("name", ACQUIRED)
def test_the_ball_lies_where_it_is_in_every_plane(name: str, direction: Direction) -> None:
    reslicer = Reslicer(phantom(ACQUIRED[name]))
    frame = reslicer.frame(Slab(direction, BALL[PLACES[direction]]))
    assert frame is not None
    bright = frame.values > -1024 + 1000
    rows, columns = np.nonzero(bright)
    column, row = reslicer.pixel_of(direction, tuple(BALL))
    assert columns.mean() == pytest.approx(column, abs=0.5)
    assert rows.mean() == pytest.approx(row, abs=0.5)
    area = np.count_nonzero(bright) * reslicer.spacing**2
    assert area == pytest.approx(np.pi * RADIUS**2, rel=0.12)
    assert frame.unit == "HU"
    assert np.nanmax(frame.values) == pytest.approx(2000 - 1024, abs=120)
    assert frame.place.position == pytest.approx(BALL[PLACES[direction]])


@pytest.mark.parametrize("name", ACQUIRED)
def test_the_plane_beside_the_ball_does_not_show_it(name: str) -> None:
    reslicer = Reslicer(phantom(ACQUIRED[name]))
    frame = reslicer.frame(Slab(Direction.AXIAL, BALL[2] + RADIUS + 4))
    assert frame is not None
    assert np.nanmax(frame.values) == pytest.approx(-1024)
    slab = reslicer.frame(Slab(Direction.AXIAL, BALL[2] + RADIUS + 4, Projection.MAXIMUM, 12))
    assert slab is not None
    assert np.nanmax(slab.values) > 0


def test_letters_and_rows_lead_as_readers_expect() -> None:
    reslicer = Reslicer(phantom(ACQUIRED["oblique"]))
    letters = {}
    for direction in Direction:
        frame = reslicer.frame(Slab(direction, reslicer.middle[PLACES[direction]]))
        assert frame is not None
        assert frame.place.orientation is not None
        letters[direction] = frame.place.orientation.across + frame.place.orientation.down
    assert letters == {Direction.AXIAL: "LP", Direction.CORONAL: "LF", Direction.SAGITTAL: "PF"}
    column, row = reslicer.pixel_of(Direction.CORONAL, (*BALL[:2], BALL[2] + 5))  # type: ignore[arg-type]
    assert row < reslicer.pixel_of(Direction.CORONAL, tuple(BALL))[1], "the head is above"
    assert column == pytest.approx(reslicer.pixel_of(Direction.CORONAL, tuple(BALL))[0])


def test_a_plane_of_the_grid_is_the_acquired_one() -> None:
    values = np.random.default_rng(1).integers(-1000, 3000, (5, 6, 7)).astype(np.int16)
    volume = Volume(values, 1.0, 0.0, "HU", (10.0, 20.0, 30.0), ((2.0, 0, 0), (0, 2.0, 0), (0, 0, 2.0)))
    reslicer = Reslicer(volume)
    for number in range(5):
        frame = reslicer.frame(Slab(Direction.AXIAL, 30.0 + 2 * number))
        assert frame is not None
        assert frame.padding is None
        np.testing.assert_array_equal(frame.values, values[number])
    coronal = reslicer.frame(Slab(Direction.CORONAL, 24.0))
    sagittal = reslicer.frame(Slab(Direction.SAGITTAL, 12.0))
    assert coronal is not None
    assert sagittal is not None
    np.testing.assert_array_equal(coronal.values, values[::-1, 2, :])
    np.testing.assert_array_equal(sagittal.values, values[::-1, :, 1])


@pytest.mark.parametrize(
    ("projection", "take"),
    [(Projection.MAXIMUM, np.max), (Projection.MINIMUM, np.min), (Projection.MEAN, np.mean)],
)
def test_a_slab_is_numpys_over_its_planes(projection: Projection, take: object) -> None:
    values = np.random.default_rng(2).integers(0, 3000, (9, 6, 7)).astype(np.int16)
    volume = Volume(values, 1.0, 0.0, "", (0.0, 0.0, 0.0), ((1.0, 0, 0), (0, 1.0, 0), (0, 0, 1.0)))
    frame = Reslicer(volume).frame(Slab(Direction.AXIAL, 4.0, projection, 5.0))
    assert frame is not None
    np.testing.assert_allclose(frame.values, take(values[2:7], axis=0), rtol=1e-6)  # type: ignore[operator]
    beyond = Reslicer(volume).frame(Slab(Direction.AXIAL, 0.0, projection, 5.0))
    assert beyond is not None
    np.testing.assert_allclose(beyond.values, take(values[:3], axis=0), rtol=1e-6)  # type: ignore[operator]


def test_work_that_is_not_wanted_any_more_ends() -> None:
    asked = []

    def is_wanted(done: int, count: int) -> bool:
        assert count == 25
        asked.append(done)
        return done < 2

    slab = Slab(Direction.AXIAL, BALL[2], Projection.MEAN, 20)
    assert Reslicer(phantom(ACQUIRED["axial"])).frame(slab, is_wanted) is None
    assert asked == [0, 1, 2]


def test_outside_the_volume_there_is_no_value() -> None:
    frame = Reslicer(phantom(ACQUIRED["double oblique"])).frame(Slab(Direction.AXIAL, BALL[2]))
    assert frame is not None
    assert frame.padding is not None
    assert frame.padding[0, 0]
    np.testing.assert_array_equal(frame.padding, np.isnan(frame.values))
