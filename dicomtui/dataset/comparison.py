"""What is different between two instances, at every depth."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from dicomtui.dataset.comparable import Ignored, Key, keyed, same_value
from dicomtui.dataset.elements import Element, Item, PixelDataRow, elements_of, pointer_of
from dicomtui.dataset.item_alignment import aligned
from dicomtui.dataset.raw_equality import context, same_raw

if TYPE_CHECKING:
    from dicomtui.dataset.reading import Instance, PixelDataElement

Kind = Literal["added", "removed", "changed"]

_CHUNK = 1 << 20


class Difference(NamedTuple):
    """An element or an item that is not the same in both instances."""

    old: Element | Item | None
    """None for what was added."""
    new: Element | Item | None
    """None for what was removed."""
    same_value: bool = False
    """Whether only the Value Representation differs."""

    @property
    def kind(self) -> Kind:
        """What became of it from the first instance to the second."""
        return "added" if self.old is None else "removed" if self.new is None else "changed"

    @property
    def row(self) -> Element | Item:
        """The old one, or what was added."""
        row = self.new if self.old is None else self.old
        assert row is not None
        return row

    @property
    def pointer(self) -> str:
        """Where it stands in the first instance, or, if it was added, in the second one."""
        return pointer_of(self.row.path)


SamePixels = Callable[["Instance", "Instance"], bool]


def compare(
    old: "Instance",
    new: "Instance",
    ignored: Ignored = Ignored(),  # noqa: B008  it cannot be changed
    same_pixels: "SamePixels | None" = None,
) -> list[Difference]:
    """Find what is different, in the order of tags: File Meta Information, then the Data Set.

    How a value is encoded (Transfer Syntax, byte order, lengths, character set, padding) makes no difference,
    nor does the block that a Private Creator has reserved. Items of sequences are compared with those that
    they belong to, even where others were added or removed before them.

    Parameters
    ----------
    old, new : Instance
        The two of them.
    ignored : Ignored
        What does not count.
    same_pixels : callable, optional
        Whether both have the same pixel data; by default :func:`same_bytes`.

    Returns
    -------
    list of Difference
        Empty if there is none. With the instances swapped it is the same, but for added and removed.
    """
    return _Comparison(old, new, ignored, same_pixels or same_bytes).differences()


def same_bytes(old: "Instance", new: "Instance") -> bool:
    """Whether the pixel data of two instances is encoded to the same bytes, read a piece at a time.

    The Basic Offset Table of encapsulated pixel data does not count.
    """
    mine, theirs = old.pixel_data, new.pixel_data
    if mine is None or theirs is None:
        return mine is theirs
    spans, others = _spans(mine), _spans(theirs)
    if [length for _, length in spans] != [length for _, length in others]:
        return False
    with old.source.open() as stream, new.source.open() as other:
        for (offset, length), (place, _) in zip(spans, others, strict=True):
            stream.seek(offset)
            other.seek(place)
            for done in range(0, length, _CHUNK):
                size = min(_CHUNK, length - done)
                if stream.read(size) != other.read(size):
                    return False
    return True


def _spans(element: "PixelDataElement") -> list[tuple[int, int]]:
    if element.fragments is None:
        return [(element.offset, element.length)]
    return list(zip(element.fragments.offsets[1:], element.fragments.lengths[1:], strict=True))


class _Comparison:
    def __init__(self, old: "Instance", new: "Instance", ignored: Ignored, same_pixels: SamePixels) -> None:
        self._old, self._new, self._ignored, self._same_pixels = old, new, ignored, same_pixels
        self._vr_is_written = not (old.encoding.implicit or new.encoding.implicit)

    def differences(self) -> list[Difference]:
        return list(self._elements(*self._at_the_top()))

    def _at_the_top(self) -> tuple[list[Element], list[Element]]:
        """Return the elements of both, without those that stand there with the same bytes."""
        old, new = self._old.elements, self._new.elements
        if old is None or new is None or context(self._old, old) != context(self._new, new):
            return elements_of(self._old), elements_of(self._new)
        same = {tag for tag in old.keys() & new.keys() if same_raw(old[tag], new[tag])}
        return elements_of(self._old, without=same), elements_of(self._new, without=same)

    def _elements(self, old: list[Element], new: list[Element]) -> Iterator[Difference]:
        mine, theirs = keyed(old, self._ignored), keyed(new, self._ignored)

        def place(key: tuple[Key, int]) -> tuple[int, tuple[Key, int]]:
            return (mine.get(key) or theirs[key]).tag, key

        for key in sorted(mine.keys() | theirs.keys(), key=place):
            element, other = mine.get(key), theirs.get(key)
            if element is None or other is None:
                yield Difference(element, other)
            else:
                yield from self._pair(element, other)

    def _pair(self, old: Element, new: Element) -> Iterator[Difference]:
        if isinstance(old, PixelDataRow) and isinstance(new, PixelDataRow):
            if not self._same_pixels(self._old, self._new):
                yield Difference(old, new)
        elif old.vr == "SQ" and new.vr == "SQ":
            yield from self._items(old.items or [], new.items or [])
        elif "SQ" in (old.vr, new.vr):
            if old.value or new.value or old.items or new.items:
                yield Difference(old, new)
        else:
            same = same_value(old, new, self._ignored)
            if not same or (old.vr != new.vr and self._vr_is_written):
                yield Difference(old, new, same)

    def _items(self, old: list[Item], new: list[Item]) -> Iterator[Difference]:
        for place, other in aligned(old, new, self._ignored):
            if place is None or other is None:
                yield Difference(None if place is None else old[place], None if other is None else new[other])
            else:
                yield from self._elements(old[place].elements, new[other].elements)
