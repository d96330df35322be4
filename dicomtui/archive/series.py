"""Which instances make a stack, and in which order they are stepped through."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import hypot, isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dicomtui.archive.header import Header


NaturalKey = tuple[tuple[str, int, str], ...]
"""Text, then how many digits follow it and which."""

_SAME_DIRECTION = 1e-3
"""How far direction cosines of one stack may differ: 0.06 degrees."""
_SAME_PLACE = 1e-3
"""Millimetres up to which two positions are one."""
_PARTS = re.compile(r"([^0-9]*)([0-9]*)")


def natural_key(name: str) -> NaturalKey:
    """Return a key that sorts file names as a reader would: IMG2 before IMG10, whatever else they hold."""
    parts = []
    for text, digits in _PARTS.findall(name.casefold()):
        significant = digits.lstrip("0")  # compared by length and digits: int() refuses thousands of them
        parts.append((text, len(significant) if digits else -1, significant))
    return (*parts, (name, 0, ""))


def stack(headers: "Iterable[Header]", header: "Header") -> "list[Header]":
    """Return the instances that are stepped through together with *header*, in order.

    These are the instances of its series that are images like it, or are none like it. They are ordered by
    position along the slice normal (PS3.3 C.7.6.2.1.1) where all have a position and one orientation, else
    by Instance Number and file name. Files with the same SOP Instance UID stand side by side.

    Parameters
    ----------
    headers : iterable of Header
        What to choose from, in any order, *header* among it.
    header : Header
        One without Series Instance UID stands alone.
    """
    series = header.series_instance_uid
    if not series:
        return [header]
    members = sorted(
        (
            other
            for other in headers
            if other.series_instance_uid == series and other.has_pixels == header.has_pixels
        ),
        key=_by_number,
    )
    places = _places(members)
    if places is not None:
        in_space = sorted(zip(places, members, strict=True), key=lambda pair: (pair[0], _by_time(pair[1])))
        members = [member for _, member in in_space]
    copies: dict[tuple[str, str], list[Header]] = {}
    for member in members:
        uid = member.sop_instance_uid
        copies.setdefault((uid, "" if uid else member.path), []).append(member)
    return [member for same in copies.values() for member in same]


_Number = tuple[bool, int]


def _number(value: int | None) -> _Number:
    return value is None, value or 0


def _by_number(header: "Header") -> tuple[_Number, NaturalKey]:
    return _number(header.instance_number), natural_key(header.path)


def _by_time(header: "Header") -> tuple[_Number, _Number, _Number, tuple[_Number, NaturalKey]]:
    """Return what orders instances at one place."""
    return (
        _number(header.acquisition_number),
        _number(header.temporal_position),
        _number(header.echo_number),
        _by_number(header),
    )


def _places(headers: "Sequence[Header]") -> list[int] | None:
    """Return a number for each instance's place along the normal; None if they are no stack in space."""
    distances = _distances(headers)
    if distances is None:
        return None
    places = [0] * len(distances)
    ascending = sorted(range(len(distances)), key=distances.__getitem__)
    for before, after in pairwise(ascending):
        places[after] = places[before] + (distances[after] - distances[before] > _SAME_PLACE)
    return places


def _distances(headers: "Sequence[Header]") -> list[float] | None:
    """Return how far along the normal each instance is, in millimetres."""
    orientation = headers[0].image_orientation if headers else None
    if orientation is None:
        return None
    normal = _normal(orientation)
    if not 0.5 < hypot(*normal) < 2:  # cosines that are none
        return None
    distances = []
    for header in headers:
        position, other = header.image_position, header.image_orientation
        if position is None or other is None:
            return None
        if any(abs(a - b) > _SAME_DIRECTION for a, b in zip(orientation, other, strict=True)):
            return None
        distances.append(sum(a * b for a, b in zip(normal, position, strict=True)))
    return distances if all(map(isfinite, distances)) else None


def _normal(orientation: Sequence[float]) -> tuple[float, float, float]:
    a, b, c, d, e, f = orientation
    return b * f - c * e, c * d - a * f, a * e - b * d
