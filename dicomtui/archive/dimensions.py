"""What tells apart the stacks that lie at the same places: size, kind of image, echo, time.

A series may hold a volume several times. Its instances are split by an attribute only where places are taken
more than once and each of its values has most of the places: else it says nothing about volumes.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dicomtui.archive.header import Header

FEW_PLACES = 4
"""Fewer are no volume: what is repeated there is watched over time, as one stack."""
_COVERED = 0.6
"""Which share of the places the parts must have on average."""
_LEAST = 3
"""How many instances the parts must have on average."""

Item = tuple[int, "Header"]
"""The number of a place, and an instance there."""


class Part(NamedTuple):
    """One of the stacks."""

    label: str
    """``echo 2``; ``""`` if it is the only one."""
    items: list[Item]


class _Dimension(NamedTuple):
    value: "Callable[[Header], Any]"
    """Of an instance; None or ``""`` if it has none."""
    labels: Callable[[Sequence[Any]], list[str]]
    """Of the values, in their order."""
    in_time: bool = False


def parts(items: Sequence[Item]) -> list[Part]:
    """Split instances of one orientation so that each place is taken once, where an attribute can do that.

    Parameters
    ----------
    items : sequence of (int, Header)
        In the order of places; the order at one place is kept.
    """
    return _split(list(items), _DIMENSIONS)


def _split(items: list[Item], dimensions: Sequence[_Dimension]) -> list[Part]:
    places = {place for place, _ in items}
    if len(places) == len(items):
        return [Part("", items)]
    for at, dimension in enumerate(dimensions):
        if dimension.in_time and len(places) < FEW_PLACES:
            continue
        groups: dict[Hashable, list[Item]] = {}
        for item in items:
            groups.setdefault(dimension.value(item[1]), []).append(item)
        if _are_volumes(groups.values(), len(places)):
            return _labelled(groups, dimension, dimensions[at + 1 :])
    return _by_rank(items, len(places))


def _labelled(
    groups: dict[Hashable, list[Item]], dimension: _Dimension, rest: Sequence[_Dimension]
) -> list[Part]:
    values = sorted(groups, key=lambda value: (value in (None, ""), value))
    found = []
    for value, label in zip(values, dimension.labels(values), strict=True):
        found += [
            Part(", ".join(filter(None, (label, part.label))), part.items)
            for part in _split(groups[value], rest)
        ]
    return found


def _are_volumes(groups: Iterable[Sequence[Item]], places: int) -> bool:
    sizes = [(len(group), len({place for place, _ in group})) for group in groups]
    count = len(sizes)
    return (
        count > 1
        and sum(size for size, _ in sizes) >= _LEAST * count
        and sum(covered for _, covered in sizes) >= _COVERED * places * count
    )


def _by_rank(items: list[Item], places: int) -> list[Part]:
    """Make a volume of the first instance of each place, one of the second, ... if most have as many."""
    taken = Counter(place for place, _ in items)
    often = max(taken.values())
    if places < FEW_PLACES or 2 * sum(count == often for count in taken.values()) <= places:
        return [Part("", items)]
    volumes: list[list[Item]] = [[] for _ in range(often)]
    seen: Counter[int] = Counter()
    for item in items:
        volumes[seen[item[0]]].append(item)
        seen[item[0]] += 1
    return [Part(f"volume {number}", volume) for number, volume in enumerate(volumes, 1)]


# --- the attributes ---


def _numbered(name: str) -> Callable[[Sequence[Any]], list[str]]:
    return lambda values: [f"no {name}" if value is None else f"{name} {value}" for value in values]


def _counted(name: str) -> Callable[[Sequence[Any]], list[str]]:
    return lambda values: [f"{name} {number}" for number in range(1, len(values) + 1)]


def _kinds(values: Sequence[str]) -> list[str]:
    """Return what is special about each Image Type: ``M`` where others have ``P`` at its place."""
    split = [value.split("\\") for value in values]
    shared = set(split[0]).intersection(*split)
    return [" ".join(word for word in words if word not in shared) or "plain" for words in split]


def _sizes(values: Sequence[tuple[int, int]]) -> list[str]:
    return [f"{columns}x{rows}" for rows, columns in values]


_DIMENSIONS = (
    _Dimension(lambda header: (header.rows, header.columns), _sizes),
    _Dimension(lambda header: header.image_type, _kinds),
    _Dimension(lambda header: header.echo_number, _numbered("echo")),
    _Dimension(lambda header: header.temporal_position, _numbered("time"), True),
    _Dimension(lambda header: header.acquisition_number, _numbered("acquisition"), True),
    _Dimension(lambda header: header.acquisition_time, _counted("time"), True),
)
