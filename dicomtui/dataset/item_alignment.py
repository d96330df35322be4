"""Which items of a sequence are the same in two instances, in their order.

An item that was removed in the middle must not make all behind it differ. Items that are equal stay together,
then those that identify themselves alike, then those that have most in common.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dicomtui.dataset.comparable import Ignored, Key, fingerprint, keyed, value_of
from dicomtui.dataset.elements import Element, Item

Pair = tuple[int | None, int | None]
"""Places of an item among the old and the new ones, from 0; None where it is not there."""
Value = tuple[str, ...] | bytes

_SIMILAR_PAIRS = 10_000
"""Pairs of items that are looked at for what they have in common; more are told by their places."""
_ANY_PAIR = (
    1e-3  # what two items are worth that have nothing in common: rather changed than removed and added
)
_IDENTIFYING = (
    (0x00081155,),  # Referenced SOP Instance UID
    (0x0020000E,),  # Series Instance UID
    (0x0020000D,),  # Study Instance UID
    (0x00080100,),  # Code Value
    (0x00400007,),  # Scheduled Procedure Step Description
    (0x00209164,),  # Dimension Organization UID
    (0x00209165,),  # Dimension Index Pointer
    (0x00620004,),  # Segment Number
    (0x30060022,),  # ROI Number
    (0x30060084,),  # Referenced ROI Number
    (0x30060082,),  # Observation Number
    (0x300A0012,),  # Dose Reference Number
    (0x300A0071,),  # Fraction Group Number
    (0x300A00C0,),  # Beam Number
    (0x300A0112,),  # Control Point Index
    (0x300A0182,),  # Patient Setup Number
    (0x300C0004,),  # Referenced Beam Number
    (0x00209111, 0x00209157),  # Frame Content Sequence, Dimension Index Values
    (0x0040A043, 0x00080100),  # Concept Name Code Sequence, Code Value
)
"""Attributes by which items tell themselves apart: paths of tags through the first items of sequences."""


class _Look(NamedTuple):
    """One item, as far as it matters here."""

    whole: bytes
    name: tuple[tuple[int, ...], Value] | None
    parts: frozenset[tuple[tuple[Key, int], bytes]]


def aligned(old: Sequence[Item], new: Sequence[Item], ignored: Ignored) -> list[Pair]:
    """Return which items belong together, both in their order; it is the same whichever is the old one.

    Parameters
    ----------
    old, new : sequence of Item
        The items of one sequence in two instances.
    ignored : Ignored
        What does not count.
    """
    mine = [_look(item, ignored) for item in old]
    theirs = [_look(item, ignored) for item in new]
    if [look.whole for look in mine] > [look.whole for look in theirs]:  # so that ties fall alike
        return [(ours, other) for other, ours in _pairs(theirs, mine)]
    return list(_pairs(mine, theirs))


def _look(item: Item, ignored: Ignored) -> _Look:
    elements = keyed(item.elements, ignored)
    parts = frozenset((key, fingerprint(element, ignored)) for key, element in elements.items())
    return _Look(fingerprint(item, ignored), _name(item, ignored), parts)


def _name(item: Item, ignored: Ignored) -> tuple[tuple[int, ...], Value] | None:
    """Return by what an item tells itself apart, if by anything."""
    for path in _IDENTIFYING:
        elements: list[Element] = item.elements
        for tag in path:
            found = next((element for element in elements if element.tag == tag), None)
            elements = found.items[0].elements if found is not None and found.items else []
        if (
            found is not None
            and found.vr != "SQ"
            and not ignored.covers(found)
            and (value := value_of(found))
        ):
            return path, value
    return None


def _pairs(old: Sequence[_Look], new: Sequence[_Look]) -> Iterator[Pair]:
    first, last = _equal_ends([look.whole for look in old], [look.whole for look in new])
    yield from ((place, place) for place in range(first))
    levels = [([look.whole for look in looks], [look.name for look in looks]) for looks in (old, new)]
    inside = range(first, len(old) - last), range(first, len(new) - last)
    yield from _refined(*inside, list(zip(*levels, strict=True)), (old, new))
    yield from ((len(old) - left, len(new) - left) for left in range(last, 0, -1))


def _refined(
    old: range,
    new: range,
    levels: Sequence[tuple[Sequence[object], Sequence[object]]],
    looks: tuple[Sequence[_Look], Sequence[_Look]],
) -> Iterator[Pair]:
    """Pair what is unique on the first level, and what lies between on the next ones."""
    if not old or not new:
        yield from ((place, None) for place in old)
        yield from ((None, place) for place in new)
        return
    if not levels:
        yield from _most_alike(old, new, *looks)
        return
    i, j = old.start, new.start
    for x, y in _anchors(old, new, *levels[0]):
        yield from _refined(range(i, x), range(j, y), levels[1:], looks)
        yield x, y
        i, j = x + 1, y + 1
    yield from _refined(range(i, old.stop), range(j, new.stop), levels[1:], looks)


def _equal_ends(old: Sequence[bytes], new: Sequence[bytes]) -> tuple[int, int]:
    """Return how many items are equal at the beginning, and how many of the others at the end."""
    most = min(len(old), len(new))
    first = next((place for place in range(most) if old[place] != new[place]), most)
    most -= first
    return first, next((place for place in range(most) if old[-1 - place] != new[-1 - place]), most)


def _anchors(
    old: range, new: range, old_tokens: Sequence[object], new_tokens: Sequence[object]
) -> list[tuple[int, int]]:
    """Return the longest series of pairs, in order, of tokens that stand once on either side."""
    counts = Counter(old_tokens[place] for place in old), Counter(new_tokens[place] for place in new)
    places = {new_tokens[place]: place for place in new if counts[1][new_tokens[place]] == 1}
    found = [
        (place, places[token])
        for place in old
        if (token := old_tokens[place]) is not None and counts[0][token] == 1 and token in places
    ]
    ends: list[int] = []  # by length, the smallest end of a rising series of places
    series: list[int] = []  # which pair of *found* that is
    before: list[int] = []
    for number, (_, place) in enumerate(found):
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        series[length : length + 1] = [number]
        before.append(series[length - 1] if length else -1)
    chosen, number = [], series[-1] if series else -1
    while number >= 0:
        chosen.append(found[number])
        number = before[number]
    return chosen[::-1]


def _most_alike(old: range, new: range, olds: Sequence[_Look], news: Sequence[_Look]) -> Iterator[Pair]:
    """Pair the items that have most in common, in their order; too many of them by their places."""
    if len(old) * len(new) > _SIMILAR_PAIRS:
        both = min(len(old), len(new))
        yield from zip(old, new, strict=False)
        yield from ((place, None) for place in old[both:])
        yield from ((None, place) for place in new[both:])
        return
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]  # of what is left from here on
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            pair = _likeness(olds[old[i]], news[new[j]]) + best[i + 1][j + 1]
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            yield old[i], None
            i += 1
        elif best[i][j] == best[i][j + 1]:
            yield None, new[j]
            j += 1
        else:
            yield old[i], new[j]
            i, j = i + 1, j + 1
    yield from ((place, None) for place in old[i:])
    yield from ((None, place) for place in new[j:])


def _likeness(old: _Look, new: _Look) -> float:
    """Return which share of their elements two items have in common, never 0."""
    most = max(len(old.parts), len(new.parts), 1)
    return _ANY_PAIR + len(old.parts & new.parts) / most
