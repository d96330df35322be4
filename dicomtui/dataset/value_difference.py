"""Which part of a value differs: one of many values, a piece of a long text, bytes at an offset."""

from typing import NamedTuple

from dicomtui.dataset.comparable import value_of
from dicomtui.dataset.elements import Element, Item, PixelDataRow
from dicomtui.dataset.values import BINARY_VRS, readable
from dicomtui.text import safe_line
from dicomtui.wording import size_text

MOST_PARTS = 4
"""Values of one element that are told one by one; of more the whole is shown."""
_LONG = 60  # characters of a value from which on only the part that differs is shown
_CONTEXT = 12  # characters that are shown on either side of it
_BYTES = 8


class Part(NamedTuple):
    """What differs, and where in the value that is."""

    where: str
    """``value 3 of 6``, ``from character 120 of 200``, ``from byte 8``; empty for the whole value."""
    old: str
    """One safe line."""
    new: str


def parts_of(old: Element | Item, new: Element | Item) -> list[Part]:
    """Return what differs between two values, at least one part.

    Parameters
    ----------
    old, new : Element or Item
        Of a :class:`~dicomtui.dataset.comparison.Difference` whose kind is changed.
    """
    whole = Part("", old.text, new.text)
    if isinstance(old, Item) or isinstance(new, Item) or "SQ" in (old.vr, new.vr):
        return [whole]
    if isinstance(old, PixelDataRow) or isinstance(new, PixelDataRow):
        same_size = whole.old == whole.new  # which is all that a row tells of pixels
        return [whole._replace(where="other pixels" if same_size else "")]
    mine, theirs = value_of(old), value_of(new)
    if mine == theirs and old.vr == new.vr:  # what fills it up was asked for
        return [Part("padding", *(f"{row.length or 0:,} bytes" for row in (old, new)))]
    if isinstance(mine, bytes) and isinstance(theirs, bytes):
        return [_binary(mine, theirs) if mine and theirs else whole]
    if isinstance(mine, bytes) or isinstance(theirs, bytes):
        return [whole]
    if len(mine) == len(theirs) == 1:
        return [_text(mine[0], theirs[0]) or whole]
    return _values(old.vr, mine, theirs) or [whole]


def whole_value(row: Element | Item) -> str:
    """Return a value in full, but for binary ones, as text that is not yet safe to show."""
    if isinstance(row, Item) or row.vr == "SQ" or isinstance(row, PixelDataRow) or row.vr in BINARY_VRS:
        return row.text
    return "\\".join(readable(row.vr, value) for value in row.values)


def _values(vr: str, old: tuple[str, ...], new: tuple[str, ...]) -> list[Part]:
    """Return the few of many values that differ; nothing where the whole tells more."""
    if len(old) != len(new):
        return []
    differing = [place for place, value in enumerate(old) if value != new[place]]
    if len(old) <= 2 or not 0 < len(differing) <= min(MOST_PARTS, len(old) - 1):
        return []
    return [
        Part(
            f"value {place + 1:,} of {len(old):,}",
            safe_line(readable(vr, old[place])),
            safe_line(readable(vr, new[place])),
        )
        for place in differing
    ]


def _text(old: str, new: str) -> Part | None:
    """Return the piece of a long text that differs."""
    if max(len(old), len(new)) <= _LONG:
        return None
    first, last = _common_ends(old, new)
    start = max(0, first - _CONTEXT)
    where = f"from character {first + 1:,} of {len(old):,}"
    return Part(where, _piece(old, start, last), _piece(new, start, last))


def _piece(text: str, start: int, last: int) -> str:
    stop = len(text) - max(0, last - _CONTEXT)
    begun, ended = "…" if start else "", "…" if stop < len(text) else ""
    return safe_line(f"{begun}{text[start:stop]}{ended}")


def _binary(old: bytes, new: bytes) -> Part:
    first, last = _common_ends(old, new)

    def told(value: bytes) -> str:
        piece = value[first : len(value) - last][:_BYTES]
        more = " …" if len(value) - last - first > _BYTES else ""
        return f"{piece.hex(' ')}{more} ({size_text(len(value))})".lstrip()

    return Part(f"from byte {first:,}", told(old), told(new))


def _common_ends(old: str | bytes, new: str | bytes) -> tuple[int, int]:
    """Return how many characters are the same at the beginning, and how many of the others at the end."""
    most = min(len(old), len(new))
    first = _common(old, new, most)
    return first, _common(old[first:][::-1], new[first:][::-1], most - first)


def _common(old: str | bytes, new: str | bytes, most: int) -> int:
    """Return how many characters are the same at the beginning, by halves: a loop over 100 MB takes long."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
