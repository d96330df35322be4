"""Knows a header by that of another instance of its series, without walking it.

The instances of a series differ in a few values, such as Instance Number and Image Position (Patient); all
bytes between these are the same. A layout holds those stretches of one header. Where they stand in another
one, with a short value of any length in each gap between them, a walker would meet the same elements there.
Whatever differs otherwise is left to the walker.
"""

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, NamedTuple

from dicomtui.archive.decoding import Memory
from dicomtui.archive.forward import NOTHING, LimitError, Window
from dicomtui.archive.walker import NO_TAG, UnusualError, after_sequence, element_at
from dicomtui.dataset.encoding import DEFLATED_LITTLE, HEAD, PREAMBLE, UNDEFINED, Encoding

_MOST = 4
"""Layouts that are remembered; a folder may hold several series in turns."""
_MOST_VARYING = 48
"""Attributes that are taken to differ within a series."""
_LONGEST = 128
"""Bytes of a value in a gap."""
_CREDIT = 256
_PRICE = 12
"""What learning a layout takes, in the times that knowing a header by it saves."""
_REST = 1000
"""Headers after which it is tried again, where that did not pay."""
_TRANSFER_SYNTAX = 0x00020010
_CHARACTER_SET = 0x00080005

_LENGTHS = {
    (size, little): {
        Struct(f"{'<' if little else '>'}{'H' if size == 2 else 'L'}").pack(length): size + length
        for length in range(0, _LONGEST + 1, 2)
    }
    for size in (2, 4)
    for little in (True, False)
}
"""For each kind of length field its bytes, and how many they are together with the value."""


_Element = tuple[int, int, int, int, bool]
"""Tag; offsets of the length field, of the value and of what follows it; whether the value may differ.

There are hundreds of these in a header: making a class of them took as long as walking it.
"""


class _Gap(NamedTuple):
    """A value that may differ, and what comes before it."""

    before: bytes
    length: int
    """How many bytes these are."""
    lengths: dict[bytes, int]
    field: int
    """Bytes of the length field."""
    attribute: int
    """Which wanted attribute this is, or -1."""
    memory: Memory | None


class Layout(NamedTuple):
    """The stretches that the headers of a series share, and the values that stand in them."""

    transfer_syntax: str
    values: list[Any]
    gaps: list[_Gap]
    last: bytes
    """What comes after the last gap."""
    head: bytes
    """The header that it was made from."""
    elements: list[_Element]

    def read(self, head: bytes) -> list[Any] | None:
        """Return the values of the wanted attributes, or None if this is the layout of another header."""
        position = 0
        values = self.values.copy()
        try:
            for before, length, lengths, field, attribute, memory in self.gaps:
                if not head.startswith(before, position):
                    return None
                position += length
                end = position + lengths[head[position : position + field]]
                if memory is not None:
                    values[attribute] = memory[head[position:end]]
                position = end
        except KeyError:  # longer than expected, or of an odd length
            return None
        return values if head.startswith(self.last, position) else None


class Layouts:
    """The layouts of the headers that were read last.

    Parameters
    ----------
    wanted : sequence of int
        Tags of the wanted attributes, in ascending order.
    series : int
        The tag by which series differ.
    """

    def __init__(self, wanted: Sequence[int], series: int) -> None:
        self._indices = {tag: index for index, tag in enumerate(wanted)}
        self._last_tag, self._series = wanted[-1], series
        self._layouts: list[Layout] = []
        self._varying: frozenset[int] = frozenset()
        self._credit = _CREDIT

    def read(self, head: bytes) -> tuple[str, list[Any]] | None:
        """Return the Transfer Syntax UID and the values in a header that is like one before."""
        if self._credit < _PRICE:
            return None
        for place, layout in enumerate(self._layouts):
            values = layout.read(head)
            if values is not None:
                self._credit = min(self._credit + 1, _CREDIT)
                if place:
                    self._put_first(layout, layout)
                return layout.transfer_syntax, values
        return None

    def learn(self, head: bytes, encoding: Encoding, values: list[Any], memories: Sequence[Memory]) -> None:
        """Remember a header that was walked.

        Parameters
        ----------
        head : bytes
            The beginning of the file.
        encoding : Encoding
            What was found in it.
        values : list
            What the walker has found.
        memories : sequence of Memory
            Where the values of each wanted attribute are looked up.
        """
        if encoding.meta != PREAMBLE or encoding.transfer_syntax == DEFLATED_LITTLE:
            return
        if self._credit < _PRICE:
            self._credit = self._credit - 1 if self._credit > -_REST else _CREDIT // 2
            return
        self._credit -= _PRICE
        found = _elements(head, encoding, self._last_tag)
        if found is None:
            return
        elements, stop = found
        replaced = next((old for old in self._layouts if self._is_of_series(head, elements, old)), None)
        if replaced is not None:
            self._varying |= _differing(replaced.head, replaced.elements, head, elements)
            if len(self._varying) > _MOST_VARYING:
                self._varying = frozenset()
        varying = self._varying - {_TRANSFER_SYNTAX, _CHARACTER_SET, self._series}
        gaps, last = _gaps(head, elements, stop, varying, self._gap_maker(encoding, memories))
        layout = Layout(encoding.transfer_syntax, values, gaps, last, head, elements)
        self._put_first(layout, replaced)

    def _put_first(self, layout: Layout, replaced: Layout | None) -> None:
        self._layouts = [layout, *(old for old in self._layouts if old is not replaced)][:_MOST]

    def _is_of_series(self, head: bytes, elements: list[_Element], other: Layout) -> bool:
        """Whether a header has the same elements as that of a layout, and belongs to the same series."""
        return [element[0] for element in elements] == [element[0] for element in other.elements] and (
            self._series not in _differing(other.head, other.elements, head, elements)
        )

    def _gap_maker(self, encoding: Encoding, memories: Sequence[Memory]) -> Callable[[bytes, _Element], _Gap]:
        def make(before: bytes, element: _Element) -> _Gap:
            tag, field, value, _, _ = element
            size = value - field
            index = self._indices.get(tag, -1)
            little = encoding.little or tag >> 16 == 2
            memory = memories[index] if index >= 0 else None
            return _Gap(before, len(before), _LENGTHS[size, little], size, index, memory)

        return make


def _gaps(
    head: bytes,
    elements: list[_Element],
    stop: int,
    varying: frozenset[int],
    make: Callable[[bytes, _Element], _Gap],
) -> tuple[list[_Gap], bytes]:
    """Return the gaps in a header, and the bytes from behind the last of them to *stop*."""
    gaps, position = [], 0
    for element in elements:
        tag, field, _, end, has_gap = element
        if has_gap and tag in varying:
            gaps.append(make(head[position:field], element))
            position = end
    return gaps, head[position:stop]


def _differing(head: bytes, elements: list[_Element], other: bytes, others: list[_Element]) -> frozenset[int]:
    """Return the tags of the elements whose values differ between two headers."""
    return frozenset(
        tag
        for (tag, field, _, end, _), (_, other_field, _, other_end, _) in zip(elements, others, strict=True)
        if head[field:end] != other[other_field:other_end]
    )


def _elements(head: bytes, encoding: Encoding, last_tag: int) -> tuple[list[_Element], int] | None:
    """Return the elements up to *last_tag* and where a walker stops looking; None if not all is there."""
    window = Window(head, NOTHING)
    elements: list[_Element] = []
    position, implicit, little, is_dataset = PREAMBLE, False, True, False
    try:
        while True:
            if position == encoding.start:
                implicit, little, is_dataset = encoding.implicit, encoding.little, True
            tag, vr, header, length = element_at(head, position, implicit, little)
            if tag == NO_TAG:
                return None
            value = position + header
            if tag > last_tag:
                stop = _stop(position, value + length)
                return (elements, stop) if is_dataset and stop <= len(head) else None
            size = 2 if vr and header == 8 else 4
            if length == UNDEFINED:
                end = after_sequence(window, value, implicit, little)
                if window.data is not head:
                    return None
            else:
                end = value + length
            has_gap = length <= _LONGEST and length % 2 == 0 and vr != b"UN"
            elements.append((tag, value - size, value, end, has_gap))
            position = end
    except (UnusualError, LimitError):
        return None


def _stop(position: int, following: int) -> int:
    """Return the end of what tells a walker that nothing wanted comes any more: one header, or two."""
    return following + 12 if following < 2 * HEAD else position + 12
