"""Which instances make a stack, and in which order they are stepped through."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dicomtui.archive.dimensions import parts
from dicomtui.archive.places import Orientation, by_orientation, normal_of, places_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicomtui.archive.header import Header
    from dicomtui.archive.quality import Finding


NaturalKey = tuple[tuple[str, int, str], ...]
"""Text, then how many digits follow it and which."""

_LEAST_IN_DIRECTION = 3
"""How many images each direction has on average where directions make stacks: not in a turning projection."""
_PARTS = re.compile(r"([^0-9]*)([0-9]*)")


def natural_key(name: str) -> NaturalKey:
    """Return a key that sorts file names as a reader would: IMG2 before IMG10, whatever else they hold."""
    parts = []
    for text, digits in _PARTS.findall(name.casefold()):
        significant = digits.lstrip("0")  # compared by length and digits: int() refuses thousands of them
        parts.append((text, len(significant) if digits else -1, significant))
    return (*parts, (name, 0, ""))


@dataclass(frozen=True)
class Stack:
    """Instances of a series that are stepped through together."""

    headers: "list[Header]"
    """In order."""
    label: str = ""
    """What tells it from the others of its series, such as ``axial, echo 2``; ``""`` if there are none."""

    @cached_property
    def findings(self) -> "list[Finding]":
        """What is odd about it."""
        from dicomtui.archive.quality import findings  # only who asks pays

        return findings(self.headers)


def stack(headers: "Iterable[Header]", header: "Header") -> "list[Header]":
    """Return the instances that are stepped through together with *header*, in order.

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
    members = [other for other in headers if other.series_instance_uid == series]
    return next((one.headers for one in stacks(members) if header in one.headers), [header])


def stacks(headers: "Iterable[Header]") -> list[Stack]:
    """Return the instances of one series as stacks.

    Images are kept apart from other objects. Those that lie in space are split by orientation and, where they
    are at the same places, by what tells them apart there (see :mod:`dicomtui.archive.dimensions`). They are
    ordered by position along the slice normal; all else by Instance Number and file name. Files with the same
    SOP Instance UID stand side by side.

    Parameters
    ----------
    headers : iterable of Header
        In any order, which does not count.
    """
    ordered = sorted(headers, key=_by_number)
    copies: dict[tuple[str, str], list[Header]] = {}
    for header in ordered:
        uid = header.sop_instance_uid
        copies.setdefault((uid, "" if uid else header.path), []).append(header)
    firsts = [same[0] for same in copies.values()]
    rest = {same[0].path: same for same in copies.values() if len(same) > 1}
    images = [header for header in firsts if header.has_pixels]
    others = [header for header in firsts if not header.has_pixels]
    found = _stacks_of_images(images) if images else []
    if others:
        found.append(("other objects", others))
    single = len(found) == 1
    return [
        Stack(
            [one for header in members for one in rest.get(header.path, (header,))], "" if single else label
        )
        for label, members in _distinct(found)
    ]


_Labelled = tuple[str, "list[Header]"]


def _stacks_of_images(images: "list[Header]") -> list[_Labelled]:
    """Return the stacks of images that are in order of their numbers."""
    directions = by_orientation(images)
    if directions is None or (len(directions) > 1 and len(images) < _LEAST_IN_DIRECTION * len(directions)):
        return [("images", images)]
    groups = [
        (_direction(orientation) if len(directions) > 1 else "", sorted(group, key=_by_number))
        for orientation, group in directions.items()
    ]
    return [
        (", ".join(filter(None, (direction, label))) or "images", members)
        for direction, group in sorted(groups, key=lambda pair: _by_number(pair[1][0]))
        for label, members in _stacks_of_direction(group)
    ]


def _stacks_of_direction(images: "list[Header]") -> list[_Labelled]:
    places = places_of(images) if images[0].series_instance_uid else None
    if places is None:
        return [("", images)]
    items = [(place.number, header) for place, header in zip(places, images, strict=True)]
    items.sort(key=lambda item: (item[0], _by_time(item[1])))
    return [(part.label, [header for _, header in part.items]) for part in parts(items)]


def _direction(orientation: Orientation | None) -> str:
    """Return the name of the plane that is nearest."""
    if orientation is None:
        return "without position"
    x, y, z = map(abs, normal_of(orientation))
    return "axial" if z >= max(x, y) else "coronal" if y >= x else "sagittal"


def _distinct(found: list[_Labelled]) -> list[_Labelled]:
    """Give a number to each of several stacks with one label: ``axial 1``, ``axial 2``."""
    often = Counter(label for label, _ in found)
    seen: Counter[str] = Counter()
    distinct = []
    for label, members in found:
        seen[label] += 1
        distinct.append((f"{label} {seen[label]}" if often[label] > 1 else label, members))
    return distinct


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
