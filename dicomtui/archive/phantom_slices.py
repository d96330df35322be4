"""Draws the solids of ``phantom_anatomy`` into slices of Hounsfield units, with noise."""

from functools import cache
from math import cos, radians, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from dicomtui.archive.phantom_anatomy import (
    ABDOMEN,
    AIR,
    AIRWAYS,
    ARCH,
    BACK,
    BODY,
    CANAL,
    CAVITY,
    DISC,
    GAS_LEVEL,
    HEART,
    IN_LIVER,
    IN_LUNGS,
    INSERT_RADIUS,
    INSERT_STEPS,
    LIVER,
    LONG,
    LUNGS,
    SPLEEN,
    STERNUM,
    STOMACH_GAS,
    THICKNESS,
    TRUNKS,
    VERTEBRA,
    Solid,
    insert_centres,
    lung_vessels,
    ribs,
)

SIZE = 512
"""Rows and columns."""
SPACING = 0.7
"""Millimetres from pixel to pixel."""

Plane = NDArray[np.float32]


def modality_values(index: int) -> Plane:
    """Return one slice.

    Parameters
    ----------
    index : int
        0 for the lowest slice (kidneys, liver) to ``SLICES - 1`` for the highest (trachea).

    Returns
    -------
    ndarray of float32, shape (512, 512)
        Hounsfield units with reproducible noise, from -1024 to 3071.
    """
    z = index * THICKNESS
    canvas = _Canvas(z, AIR)
    _draw_couch(canvas)
    canvas.draw(*BODY, *BACK)
    inside = _Canvas(z, 0)
    inside.draw(CAVITY._replace(value=1))
    canvas.draw(CAVITY)
    _draw_chest(canvas, inside.values)
    _draw_abdomen(canvas, inside.values)
    canvas.draw(*TRUNKS, *AIRWAYS)
    _draw_bones(canvas)
    values: Plane = np.clip(canvas.values + _noise(index), -1024, 3071)
    return values


class _Canvas:
    """One slice that solids are drawn on, with edges as soft as a pixel."""

    def __init__(self, z: float, value: float) -> None:
        self.z = z
        self.values: Plane = np.full((SIZE, SIZE), value, np.float32)

    def draw(self, *solids: Solid, within: Plane | None = None) -> None:
        """Draw the cross-sections of *solids*, the later over the earlier, where *within* is not 0."""
        for solid in solids:
            height = (self.z - solid.centre[2]) / solid.radii[2]
            if abs(height) < 1:
                self._draw_ellipse(solid, sqrt(1 - height * height), within)

    def _draw_ellipse(self, solid: Solid, scale: float, within: Plane | None) -> None:
        a, b = solid.radii[0] * scale, solid.radii[1] * scale
        c, s = cos(radians(solid.turned)), sin(radians(solid.turned))
        columns = _span(solid.centre[0], sqrt((a * c) ** 2 + (b * s) ** 2))
        rows = _span(solid.centre[1], sqrt((a * s) ** 2 + (b * c) ** 2))
        x = (_millimetres()[columns] - solid.centre[0])[None, :]
        y = (_millimetres()[rows] - solid.centre[1])[:, None]
        distance = np.sqrt(((x * c + y * s) / a) ** 2 + ((y * c - x * s) / b) ** 2)
        share = np.clip((1 - distance) * (min(a, b) / SPACING) + 0.5, 0, 1)
        if within is not None:
            share *= within[rows, columns]
        window = self.values[rows, columns]
        window += share * (np.float32(solid.value) - window)


@cache
def _millimetres() -> Plane:
    """Return x of each column, which is y of each row."""
    return ((np.arange(SIZE) - (SIZE - 1) / 2) * SPACING).astype(np.float32)


def _span(centre: float, reach: float) -> slice:
    first = int((centre - reach) / SPACING + SIZE / 2) - 2
    return slice(max(0, first), max(0, min(SIZE, first + int(2 * reach / SPACING) + 5)))


def _draw_couch(canvas: _Canvas) -> None:
    """Draw a curved couch top of carbon fibre over foam, and the pad with the rods on it."""
    x, y = _millimetres()[None, :], _millimetres()[:, None]
    depth = y - (118 - x * x / 900)
    beside = np.abs(x) < 172
    canvas.values[(depth > 0) & (depth < 26) & beside] = -950
    canvas.values[(((depth > 0) & (depth < 2.5)) | ((depth > 24) & (depth < 26))) & beside] = -180
    canvas.values[(np.abs(x) < 94) & (np.abs(y - 105) < 10)] = 20
    for (rod_x, rod_y), value in zip(insert_centres(), INSERT_STEPS, strict=True):
        canvas.draw(Solid((rod_x, rod_y, 0), (INSERT_RADIUS, INSERT_RADIUS, LONG), value))


def _draw_chest(canvas: _Canvas, inside: Plane) -> None:
    lungs = _Canvas(canvas.z, 0)
    lungs.draw(*LUNGS, within=inside)
    denser_behind = (-880 + 0.5 * (_millimetres() + 60))[:, None]
    canvas.values += lungs.values * (denser_behind - canvas.values)
    canvas.draw(*lung_vessels(), *IN_LUNGS, within=lungs.values)
    canvas.draw(*HEART)


def _draw_abdomen(canvas: _Canvas, inside: Plane) -> None:
    liver = _Canvas(canvas.z, 0)
    liver.draw(*(solid._replace(value=1) for solid in LIVER), within=inside)
    canvas.draw(*SPLEEN, within=inside)
    canvas.draw(*LIVER, within=inside)
    canvas.draw(*IN_LIVER, within=liver.values)
    canvas.draw(*ABDOMEN, within=inside)
    in_front = (_millimetres() < GAS_LEVEL).astype(np.float32)[:, None] * inside
    canvas.draw(STOMACH_GAS, within=in_front)


def _draw_bones(canvas: _Canvas) -> None:
    canvas.draw(*ARCH, *CANAL)
    if canvas.z % 30 < 6:
        canvas.draw(DISC)
    else:
        canvas.draw(*VERTEBRA)
    canvas.draw(*STERNUM, *ribs(canvas.z))


@cache
def _noise_field() -> Plane:
    """Return grainy noise of 9 HU, larger than a slice so that each one gets another part of it."""
    white = np.random.default_rng(7).standard_normal((SIZE + 256, SIZE + 256), np.float32)
    grain = white + np.roll(white, 1, 0) + np.roll(white, 1, 1) + np.roll(white, (1, 1), (0, 1))
    return np.asarray(grain * (9 / 2), np.float32)


def _noise(index: int) -> Plane:
    row, column = (index * 97) % 256, (index * 59 + index // 4 * 31) % 256
    return _noise_field()[row : row + SIZE, column : column + SIZE]
