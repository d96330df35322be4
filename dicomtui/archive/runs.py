"""A regular expression that steps over runs of short Data Elements and picks wanted values out of them.

Elements stand in ascending order of their tags (PS3.5 7.1), and nearly all of those in a header are short.
Whatever is longer, has an odd or undefined length, another VR or another place than it should ends the run; a
loop takes over for that element.
"""

import re
from collections.abc import Iterator, Sequence

from dicomtui.dataset.short_elements import SHORT_VR, byte, even_lengths, sized

_LONGEST_SKIPPED = 64
_LONGEST = {
    "CS": 64,
    "DA": 10,
    "DS": 104,  # six decimals of 16 characters and their separators
    "IS": 12,
    "LO": 64,
    "PN": 64,
    "SH": 16,
    "TM": 16,
    "UI": 64,
}

VRS = frozenset({*_LONGEST, "US"})
"""Value Representations that a pattern can pick out."""


def compile_run(wanted: Sequence[tuple[int, str]], *, implicit: bool, little: bool) -> re.Pattern[bytes]:
    """Make the pattern for one kind of encoding.

    Parameters
    ----------
    wanted : sequence of (int, str)
        Tags of groups below 0100 in ascending order, each with its VR.
    implicit, little : bool
        VR encoding and byte order.

    Returns
    -------
    re.Pattern
        It always matches, be it nothing. Group *n* is the length field of the *n*-th wanted attribute (two
        bytes, four where the VR is implicit) and its value, or None.
    """
    skipped = ("" if implicit else SHORT_VR) + sized(
        even_lengths(_LONGEST_SKIPPED), implicit=implicit, little=little
    )
    parts = []
    previous = (wanted[0][0] & 0xFFFF0000) - 1
    for tag, vr in wanted:
        for stretch in _between(previous, tag, little):
            parts.append(f"(?:{stretch}{skipped})*+")
        group, element = tag >> 16, tag & 0xFFFF
        header = _tag(byte(group), byte(element & 0xFF), byte(element >> 8), little)
        header += "" if implicit else vr
        lengths = [2] if vr == "US" else even_lengths(_LONGEST[vr])
        parts.append(f"(?:{header}({sized(lengths, implicit=implicit, little=little)}))?+")
        previous = tag
    return re.compile("".join(parts).encode("ascii"), re.DOTALL)


def _between(low: int, high: int, little: bool) -> Iterator[str]:
    """Match the tags above *low* and below *high*: a group's end, whole groups, a group's beginning."""
    group, last_group = low >> 16, high >> 16
    if group == last_group:
        yield from _elements(group, (low & 0xFFFF) + 1, (high & 0xFFFF) - 1, little)
        return
    yield from _elements(group, (low & 0xFFFF) + 1, 0xFFFF, little)
    if group + 1 < last_group:
        yield _tag(byte(group + 1, last_group - 1), ".", ".", little)
    yield from _elements(last_group, 0, (high & 0xFFFF) - 1, little)


def _elements(group: int, first: int, last: int, little: bool) -> Iterator[str]:
    """Match the tags of one group from *first* to *last*, if there are any."""
    stretches = []
    while first <= last:
        high = first >> 8
        if first & 0xFF == 0 and first + 0xFF <= last:  # whole blocks of 256 elements
            blocks = (last + 1) >> 8
            stretches.append(_tag(byte(group), ".", byte(high, blocks - 1), little))
            first = blocks << 8
        else:
            end = min(last, first | 0xFF)
            stretches.append(_tag(byte(group), byte(first & 0xFF, end & 0xFF), byte(high), little))
            first = end + 1
    if stretches:
        yield "(?:" + "|".join(stretches) + ")"


def _tag(group: str, low: str, high: str, little: bool) -> str:
    return f"{group}\\x00{low}{high}" if little else f"\\x00{group}{high}{low}"
