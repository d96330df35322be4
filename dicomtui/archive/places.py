"""Where the instances of a stack lie along their slice normal (PS3.3 C.7.6.2.1.1)."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import hypot, isfinite
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dicomtui.archive.header import Header

SAME_DIRECTION = 1e-3
"""How far direction cosines of one stack may differ: 0.06 degrees."""
SAME_PLACE = 1e-3
"""Millimetres up to which two positions are one."""

Vector = tuple[float, float, float]
Orientation = tuple[float, float, float, float, float, float]

_MOST_ORIENTATIONS = 200
"""So that a series whose images all look another way costs no time."""


class Place(NamedTuple):
    """Where one instance lies."""

    number: int
    """The same for instances at the same place, ascending along the normal."""
    along: float
    """Millimetres along the normal."""
    aside: Vector
    """Its position without that: millimetres in the plane through the origin."""


def orientation_of(header: "Header") -> Orientation | None:
    """Return the direction of an instance that has a place in space, else None."""
    orientation, position = header.image_orientation, header.image_position
    if orientation is None or position is None or not all(map(isfinite, position)):
        return None
    return orientation if 0.5 < hypot(*normal_of(orientation)) < 2 else None  # else cosines that are none


def normal_of(orientation: Orientation) -> Vector:
    """Return the slice normal, of length 1 where the direction cosines are such."""
    a, b, c, d, e, f = orientation
    return b * f - c * e, c * d - a * f, a * e - b * d


def by_orientation(headers: "Sequence[Header]") -> "dict[Orientation | None, list[Header]] | None":
    """Group instances by their direction; those without a place in space are under None.

    The result is the same for any order of arrival. It is None if there are too many directions for stacks.
    """
    exact: dict[Orientation | None, list[Header]] = {}
    for header in headers:
        exact.setdefault(orientation_of(header), []).append(header)
    groups: dict[Orientation | None, list[Header]] = {}
    if None in exact:
        groups[None] = exact.pop(None)
    for orientation in sorted(key for key in exact if key is not None):
        near = next((known for known in groups if known and _is_near(known, orientation)), orientation)
        groups.setdefault(near, []).extend(exact[orientation])
        if len(groups) > _MOST_ORIENTATIONS:
            return None
    return groups


def places_of(headers: "Sequence[Header]") -> list[Place] | None:
    """Return the place of each instance; None if they are no stack in space: of one direction, all placed."""
    orientations = {orientation_of(header) for header in headers}
    known = [orientation for orientation in orientations if orientation is not None]
    if not known or len(known) < len(orientations):
        return None
    first = min(known)
    if not all(_is_near(first, other) for other in known):
        return None
    normal = _unit(normal_of(first))
    points = [header.image_position or (0.0, 0.0, 0.0) for header in headers]
    along = [sum(a * b for a, b in zip(normal, point, strict=True)) for point in points]
    if not all(map(isfinite, along)):
        return None
    numbers = _numbers(along)
    return [
        Place(number, height, _minus(point, normal, height))
        for number, height, point in zip(numbers, along, points, strict=True)
    ]


def _numbers(along: Sequence[float]) -> list[int]:
    numbers = [0] * len(along)
    ascending = sorted(range(len(along)), key=along.__getitem__)
    for before, after in pairwise(ascending):
        numbers[after] = numbers[before] + (along[after] - along[before] > SAME_PLACE)
    return numbers


def _unit(vector: Vector) -> Vector:
    length = hypot(*vector)
    x, y, z = vector
    return x / length, y / length, z / length


def _minus(point: Vector, normal: Vector, height: float) -> Vector:
    x, y, z = (p - height * n for p, n in zip(point, normal, strict=True))
    return x, y, z


def _is_near(one: Iterable[float], other: Iterable[float]) -> bool:
    return all(abs(a - b) <= SAME_DIRECTION for a, b in zip(one, other, strict=True))
