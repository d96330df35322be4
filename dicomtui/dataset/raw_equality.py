"""Whether elements of two files stand there with the same bytes, which is known before they are decoded."""

from typing import TYPE_CHECKING

from dicomtui.dataset import dictionary
from dicomtui.dataset.raw_elements import AnyElement, Elements, RawItem, RawSequence

if TYPE_CHECKING:
    from dicomtui.dataset.reading import Instance

_GOVERNING = frozenset({0x00080005, 0x00280103})  # Specific Character Set, Pixel Representation


def context(instance: "Instance", elements: Elements) -> tuple[object, ...]:
    """Return what decides how elements are read: where it is the same, the same bytes are the same value.

    It is the encoding, the character set, Pixel Representation, and which creator has which private block.
    """
    governing = {
        tag: element.value
        for tag, element in elements.items()
        if (tag in _GOVERNING or dictionary.is_private_creator(tag)) and not isinstance(element, RawSequence)
    }
    return instance.encoding.implicit, instance.encoding.little, governing


def same_raw(one: AnyElement | RawItem, other: AnyElement | RawItem) -> bool:
    """Whether two elements have the same bytes, wherever they stand in their files."""
    pending: list[tuple[AnyElement | RawItem, AnyElement | RawItem]] = [(one, other)]
    while pending:
        one, other = pending.pop()
        if isinstance(one, RawItem) or isinstance(other, RawItem):
            if not (isinstance(one, RawItem) and isinstance(other, RawItem)):
                return False
            if one.elements.keys() != other.elements.keys():
                return False
            if (one.implicit, one.little) != (other.implicit, other.little):
                return False
            pending += [(element, other.elements[tag]) for tag, element in one.elements.items()]
        elif isinstance(one, RawSequence) or isinstance(other, RawSequence):
            if not (isinstance(one, RawSequence) and isinstance(other, RawSequence)):
                return False
            if len(one.items) != len(other.items):
                return False
            pending += zip(one.items, other.items, strict=True)
        elif one.VR != other.VR or one.value != other.value:
            return False
    return True
