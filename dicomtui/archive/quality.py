"""What is odd about a stack, in words for a row and for a page.

Few false alarms count for more than completeness. Spacing is judged only where instances lie in space; what
is repeated at a few places is a loop in time and no fault; localisers lie as they please; projections, such
as the views of a mammography, may each have a size of their own.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import atan2, degrees, dist
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.dimensions import FEW_PLACES
from dicomtui.archive.members import SEPARATOR
from dicomtui.archive.places import Place, places_of
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from dicomtui.archive.header import Header

_SPACING_SHARE, _SPACING_MM = 0.01, 0.02
"""How far a step may be from the usual one: positions are written with two decimals at times."""
_GAP = 1.5
"""How many usual steps a step has that is a gap."""
_MOST_GAPS = 3
"""Gaps are at most every third step; else the spacing is uneven."""
_LEAST_TILT = 0.5
"""Degrees."""
_STRAIGHT_MM = 0.5
"""How far aside an instance may lie of the line through a tilted stack."""
_SAME_PIXELS = 1e-3
"""Share by which Pixel Spacing may differ."""
_ABSURD = 1e6
"""Millimetres or instances that nobody wants to read in full."""
_NAMED = 3
"""How many cases a sentence names."""


class Finding(NamedTuple):
    """One oddity."""

    mark: str
    """For a row: ``gap 15 mm``."""
    sentence: str
    """For a page; it may quote file names."""


def findings(headers: "Sequence[Header]") -> list[Finding]:
    """Return what is odd about a stack.

    Parameters
    ----------
    headers : sequence of Header
        In order: a :class:`~dicomtui.archive.series.Stack`'s.
    """
    found = list(_duplicates(headers))
    firsts = _without_copies(headers)
    places = places_of(firsts) if len(firsts) > 1 else None
    if places is None or not all(header.has_pixels and header.series_instance_uid for header in firsts):
        return found
    found += _mixed(firsts)
    if not any("LOCALIZER" in header.image_type for header in firsts):
        found += _shared_places(firsts, places)
        found += _spacing(firsts, places)
        found += _tilt(places)
    return found


# --- files ---


def _duplicates(headers: "Sequence[Header]") -> Iterator[Finding]:
    first: dict[str, Header] = {}
    named = []
    for header in headers:
        known = first.setdefault(header.sop_instance_uid or header.path, header)
        if known is not header:
            named.append(f"{_file(header)} repeats {_file(known)}")
    if named:
        yield Finding(
            count_text(len(named), "duplicate"),
            f"{count_text(len(named), 'file')} with the SOP Instance UID (0008,0018) of another:"
            f" {_some(named)}.",
        )


def _without_copies(headers: "Sequence[Header]") -> "list[Header]":
    known: dict[str, Header] = {}
    for header in headers:
        known.setdefault(header.sop_instance_uid or header.path, header)
    return list(known.values())


# --- sizes ---


def _mixed(headers: "Sequence[Header]") -> Iterator[Finding]:
    sizes = Counter(f"{header.columns}x{header.rows}" for header in headers).most_common()
    if len(sizes) > 1:
        named = [size for size, _ in sizes]
        counted = [f"{count_text(count, 'instance')} of {size}" for size, count in sizes]
        yield Finding(
            f"mixed sizes {_some(named)}", f"Images of several sizes in one stack: {_some(counted)}."
        )
    pixels = sorted({header.pixel_spacing for header in headers if header.pixel_spacing is not None})
    if pixels and any(
        high > low * (1 + _SAME_PIXELS) for low, high in zip(pixels[0], pixels[-1], strict=True)
    ):
        low, high = (f"{_mm(one[0])}x{_mm(one[1])}" for one in (pixels[0], pixels[-1]))
        yield Finding(
            "mixed pixel spacing",
            f"Pixel Spacing (0028,0030) differs in one stack: from {low} to {high} mm.",
        )


# --- places ---


def _shared_places(headers: "Sequence[Header]", places: Sequence[Place]) -> Iterator[Finding]:
    taken: dict[int, list[Header]] = {}
    for place, header in zip(places, headers, strict=True):
        taken.setdefault(place.number, []).append(header)
    shared = [there for there in taken.values() if len(there) > 1]
    if not shared or len(taken) < FEW_PLACES or 2 * len(shared) > len(taken):
        return
    named = [" and ".join(map(_name, there[:2])) for there in shared]
    yield Finding(
        f"{count_text(len(shared), 'place')} shared",
        f"{count_text(len(shared), 'position')} with more than one instance: {_some(named)}.",
    )


class _Step(NamedTuple):
    millimetres: float
    before: "Header"
    after: "Header"


def _spacing(headers: "Sequence[Header]", places: Sequence[Place]) -> Iterator[Finding]:
    last = {place.number: (place, header) for place, header in zip(places, headers, strict=True)}
    in_space = [last[number] for number in sorted(last)]
    steps = [
        _Step(place.along - other.along, before, after)
        for (other, before), (place, after) in pairwise(in_space)
    ]
    if len(steps) < 2:
        return
    usual = sorted(step.millimetres for step in steps)[(len(steps) - 1) // 2]
    tolerance = max(_SPACING_MM, _SPACING_SHARE * usual)
    odd = [step for step in steps if abs(step.millimetres - usual) > tolerance]
    gaps = [step for step in odd if step.millimetres >= _GAP * usual]
    if len(gaps) > max(1, len(steps) // _MOST_GAPS):
        gaps = []
    yield from _gaps(gaps, usual)
    rest = [step for step in odd if step not in gaps]
    if rest:
        lengths = [step.millimetres for step in steps if step not in gaps]
        span = f"{_mm(min(lengths))}-{_mm(max(lengths))} mm"
        first = rest[0]
        yield Finding(
            f"uneven spacing {span}",
            f"Instances are {span} apart, {_mm(usual)} mm as a rule;"
            f" the first other step is from {_name(first.before)} to {_name(first.after)}.",
        )


def _gaps(gaps: Sequence[_Step], usual: float) -> Iterator[Finding]:
    if not gaps:
        return
    named = []
    for step in gaps:
        missing = round(step.millimetres / usual) - 1
        about = f", room for {count_text(missing, 'instance')}" if 0 < missing < _ABSURD else ""
        named.append(
            f"{_mm(step.millimetres)} mm between {_name(step.before)} and {_name(step.after)}{about}"
        )
    mark = f"gap {_mm(gaps[0].millimetres)} mm" if len(gaps) == 1 else f"{len(gaps)} gaps"
    start = "A gap" if len(gaps) == 1 else f"{len(gaps)} gaps"
    yield Finding(mark, f"{start} where instances are {_mm(usual)} mm apart as a rule: {_some(named)}.")


def _tilt(places: Sequence[Place]) -> Iterator[Finding]:
    """Tell whether the instances lie along their normal, beside it, or anywhere."""
    ordered = sorted(places)
    first, last = ordered[0], ordered[-1]
    height = last.along - first.along
    if height <= 0 or last.number < 2:
        return
    aside = dist(first.aside, last.aside)
    for place in ordered:
        share = (place.along - first.along) / height
        expected = [a + share * (b - a) for a, b in zip(first.aside, last.aside, strict=True)]
        off = dist(place.aside, expected)
        if off > _STRAIGHT_MM:
            yield Finding(
                "not in line", f"Positions lie up to {_mm(off)} mm aside of the line through the stack."
            )
            return
    tilt = degrees(atan2(aside, height))
    if tilt >= _LEAST_TILT:
        yield Finding(
            f"tilt {tilt:.1f}°",
            f"The line through the positions is {tilt:.1f}° off the slice normal (gantry tilt):"
            " a volume made of them is sheared.",
        )


# --- words ---


def _name(header: "Header") -> str:
    if header.instance_number is not None:
        return f"instance {header.instance_number}"
    return os.path.basename(header.path)


def _file(header: "Header") -> str:
    """Return the end of the path that tells copies apart, which are often called the same."""
    container, separator, member = header.path.partition(SEPARATOR)
    if separator:
        return f"{os.path.basename(container)}{separator}{member}"
    return "/".join(header.path.rsplit("/", 3)[-3:]).lstrip("/")


def _some(named: Sequence[str]) -> str:
    more = len(named) - _NAMED
    return ", ".join(named[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _mm(length: float) -> str:
    if length >= _ABSURD:
        return f"{length:.3g}"
    return f"{length:.2f}".rstrip("0").rstrip(".")
