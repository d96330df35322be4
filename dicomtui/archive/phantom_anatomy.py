"""A chest and upper abdomen made of ellipsoids: something to look at that is no patient.

Coordinates are those of the patient in millimetres (PS3.3 C.7.6.2.1.1): x to the left, y to the back, z to
the head, with the lowest slice at z = 0; values are Hounsfield units. Every figure here is invented: no image
of a person was used.
"""

from functools import cache
from math import atan2, cos, degrees, pi, sin
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SLICES = 60
THICKNESS = 2.5
"""Millimetres from slice to slice, and of each slice."""

AIR = -1000
INSERT_STEPS = (-100, 0, 50, 100, 200, 400, 800)
"""Hounsfield units of the rods that lie under the patient, from the patient's right to the left."""
INSERT_RADIUS = 7.0

FAT, MUSCLE, BLOOD, MARROW, CORTEX = -100, 58, 235, 230, 720

Point = tuple[float, float, float]


class Solid(NamedTuple):
    """An ellipsoid of one value, turned about the z axis."""

    centre: Point
    radii: Point
    value: float
    turned: float = 0.0
    """Degrees from the x axis towards the back."""


LONG = 1e4  # millimetres; a solid of this length is a column through all slices

BODY = (
    Solid((0, -12, 75), (158, 105, 900), 45),
    Solid((0, -12, 75), (156, 103, 900), FAT),
    Solid((0, -11, 75), (141, 91, 800), MUSCLE),
)
CAVITY = Solid((0, -14, 75), (124, 76, 700), FAT)
BACK = (
    Solid((-34, 66, 75), (25, 15, LONG), 62, -8),
    Solid((34, 66, 75), (25, 15, LONG), 62, 8),
    Solid((0, 62, 75), (52, 3, LONG), FAT),
)
LUNGS = (
    Solid((-72, -8, 154), (60, 76, 120), 1, 5),
    Solid((74, -6, 154), (59, 76, 124), 1, -5),
)
HEART = (
    Solid((20, -36, 100), (60, 43, 41), -75, 32),
    Solid((20, -36, 100), (56, 39, 38), 105, 32),
    Solid((34, -26, 96), (30, 20, 26), 245, 36),
    Solid((2, -46, 98), (25, 17, 25), 190, 24),
    Solid((-20, -22, 104), (18, 20, 22), 200),
    Solid((14, -2, 110), (26, 14, 17), 240),
)
TRUNKS = (
    Solid((4, -24, 140), (15, 15, 36), BLOOD + 20),
    Solid((22, -34, 132), (13, 15, 26), BLOOD, 20),
    Solid((-4, -8, 128), (38, 9, 12), BLOOD, 8),
    Solid((-24, -18, 150), (9, 10, 60), 290),
    Solid((-22, 6, 30), (11, 9, 66), 150),
    Solid((22, 20, 75), (12, 12, LONG), 44),
    Solid((22, 20, 75), (11, 11, LONG), BLOOD),
    Solid((8, 16, 110), (8, 5, 62), 40),
    Solid((8, 15, 110), (2.4, 1.4, 58), -700),
)
AIRWAYS = (
    Solid((-1, -2, 168), (10.5, 10.5, 44), 30),
    Solid((-1, -2, 168), (8.5, 9, 43), AIR),
    Solid((-20, 2, 122), (18, 6.4, 7), 30, 8),
    Solid((-20, 2, 122), (17, 5, 5.6), AIR, 8),
    Solid((20, 3, 120), (19, 6, 6.4), 30, -8),
    Solid((20, 3, 120), (18, 4.6, 5), AIR, -8),
)
LIVER = (
    Solid((-58, -10, 28), (70, 68, 68), 112, 6),
    Solid((4, -50, 34), (60, 26, 31), 112, 8),
)
IN_LIVER = (
    Solid((-74, -30, 44), (13, 11, 12), 62, 20),
    Solid((-74, -30, 44), (7, 6, 7), 38, 20),
    Solid((-50, 22, 40), (8, 8, 8), 60),
    Solid((-96, 8, 30), (11, 10, 10), 4),
    Solid((-14, -54, 40), (6, 6, 6), 66),
    Solid((-92, -18, 70), (4, 4, 4), 175),
    Solid((-40, -2, 66), (30, 4, 4), 165, -28),
    Solid((-66, -8, 58), (4, 30, 4), 165, 18),
    Solid((-48, -6, 30), (26, 6, 6), 172, 12),
    Solid((-72, 4, 30), (26, 4.5, 4.5), 170, 40),
    Solid((-66, -24, 26), (4.5, 24, 4.5), 170, -16),
    Solid((-44, -56, 6), (15, 18, 22), 10, 20),
)
SPLEEN = (
    Solid((96, 18, 44), (26, 42, 42), 124, 14),
    Solid((94, 44, 30), (7, 7, 7), 160),
)
ABDOMEN = (
    Solid((56, -32, 30), (40, 33, 32), 62, -18),
    Solid((56, -32, 30), (37, 30, 29), 22, -18),
    Solid((12, -14, 14), (46, 9, 12), 92, -14),
    Solid((62, -50, 2), (24, 20, 16), 60),
    Solid((62, -50, 2), (21, 17, 14), 340),
    Solid((14, -62, 0), (22, 15, 15), 50),
    Solid((14, -64, 0), (18, 11, 12), -780),
    Solid((96, -28, 2), (16, 22, 16), 45, 10),
    Solid((96, -30, 2), (12, 17, 13), -820, 10),
    Solid((-6, -38, 4), (16, 12, 14), 48),
    Solid((-58, 38, 6), (25, 30, 40), 195, -14),
    Solid((-54, 37, 4), (14, 20, 27), 130, -14),
    Solid((-46, 35, 2), (8, 12, 18), -40, -14),
    Solid((60, 40, 12), (24, 30, 40), 195, 14),
    Solid((56, 39, 10), (14, 20, 27), 130, 14),
    Solid((48, 37, 8), (8, 12, 18), -40, 14),
)
STOMACH_GAS = Solid((56, -32, 30), (37, 30, 29), -960, -18)
GAS_LEVEL = -44.0  # gas rises to the front of a patient who lies on the back
IN_LUNGS = (
    Solid((-84, -22, 108), (6, 5.5, 5.5), 42),
    Solid((96, 20, 122), (3.5, 3.5, 3.5), 780),
    Solid((60, 34, 70), (9, 4, 4), -300, 30),
)
VERTEBRA = (
    Solid((0, 42, 0), (21, 17, LONG), CORTEX - 120),
    Solid((0, 42, 0), (18.5, 14.5, LONG), MARROW),
)
DISC = Solid((0, 42, 0), (20.5, 16.5, LONG), 92)
ARCH = (
    Solid((-25, 60, 0), (15, 4.5, LONG), 420, -14),
    Solid((25, 60, 0), (15, 4.5, LONG), 420, 14),
    Solid((0, 63, 0), (15, 13, LONG), 520),
    Solid((0, 79, 0), (4, 12, LONG), 480),
)
CANAL = (
    Solid((0, 62, 0), (10.5, 9, LONG), 5),
    Solid((0, 62, 0), (6, 4.5, LONG), 42),
)
STERNUM = (
    Solid((0, -93, 130), (19, 7, 64), 560),
    Solid((0, -93, 130), (16.5, 4.8, 62), 180),
)


def insert_centres() -> list[tuple[float, float]]:
    """Return x and y in millimetres of the rods of :data:`INSERT_STEPS`, the same in every slice."""
    return [(26.0 * (number - 3), 105.0) for number in range(len(INSERT_STEPS))]


def ribs(z: float) -> list[Solid]:
    """Return the cross-sections of the ribs at *z*.

    A rib leaves the spine high and comes forward low, so that a slice cuts several of them.
    """
    solids: list[Solid] = []
    for number in range(-2, 9):
        around = (number * 27 + 14 - z) / 140
        if 0.06 < around < 0.86:
            solids += _rib(-1, around) + _rib(1, around)
    return solids


def _rib(side: int, around: float) -> list[Solid]:
    angle = pi * around
    x, y = side * 131 * sin(angle), -13 + 82 * cos(angle)
    turned = degrees(atan2(-82 * sin(angle), side * 131 * cos(angle)))
    if around > 0.78:  # cartilage
        return [Solid((x, y, 0), (11, 4.5, LONG), 115, turned)]
    return [
        Solid((x, y, 0), (13, 5.2, LONG), CORTEX, turned),
        Solid((x, y, 0), (10.5, 3, LONG), MARROW + 60, turned),
    ]


@cache
def lung_vessels() -> list[Solid]:
    """Return spheres along branches that run from each hilum towards the surface of its lung."""
    random = np.random.default_rng(20240115)
    spheres: list[Solid] = []
    for side in (-1, 1):
        for _ in range(44):
            hilum = np.array([side * 32.0, random.uniform(-8, 10), random.uniform(84, 134)])
            azimuth, climb = random.uniform(-1.5, 1.5), random.normal((hilum[2] - 108) / 30, 0.5)
            heading = np.array([side * cos(azimuth), sin(azimuth), climb])
            spheres += _branch(random, hilum, heading, random.uniform(1.6, 3.4), random.uniform(50, 95))
    return spheres


def _branch(
    random: np.random.Generator,
    start: NDArray[np.float64],
    heading: NDArray[np.float64],
    radius: float,
    length: float,
) -> list[Solid]:
    """Return one vessel that grows thinner and gives off smaller ones."""
    bend = random.normal(0, 0.006, 3)
    spheres, point = [], start
    for step in np.arange(0, length, 1.2):
        heading = heading + bend
        point = point + 1.2 * heading / np.linalg.norm(heading)
        size = radius * (1 - step / length) + 0.5
        x, y, z = (float(value) for value in point)
        spheres.append(Solid((x, y, z), (size, size, max(size, THICKNESS / 2)), 40))
        if radius > 1.2 and random.random() < 0.07:
            aside = heading / np.linalg.norm(heading) + random.normal(0, 0.6, 3)
            spheres += _branch(random, point, aside, size * 0.6, (length - step) * 0.7)
    return spheres
