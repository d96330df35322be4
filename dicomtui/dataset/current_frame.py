"""What the functional groups say of one frame, as rows without the sequences around them.

References
----------
DICOM PS3.3 C.7.6.16 (Multi-frame Functional Groups Module).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dicomtui.dataset.elements import Element, Item

_SHARED, _PER_FRAME = 0x52009229, 0x52009230


def frame_elements(elements: "Sequence[Element]", number: int) -> "list[Element]":
    """Return what the functional groups say of a frame.

    Parameters
    ----------
    elements : sequence of Element
        The rows of the instance, as :func:`~dicomtui.dataset.elements.elements_of` gives them. They keep the
        items that were opened, so that with the same rows another frame costs next to nothing.
    number : int
        The frame, from 1.

    Returns
    -------
    list of Element
        First what the frame's own groups hold, then what all frames share, each in the order of tags; a group
        that the frame has itself takes the place of the shared one. A group of one item stands as the
        elements of that item; one of several items, or an element that is no sequence, stands as it is. The
        rows are those of the tree: path and depth are of the place where they stand in the file. Empty
        without functional groups, and shared groups alone where the frame has none of its own.
    """
    own, shared = _group(elements, _PER_FRAME, number), _group(elements, _SHARED, 1)
    has_itself = {macro.tag for macro in own}
    return [*_flat(own), *_flat(macro for macro in shared if macro.tag not in has_itself)]


def _group(elements: "Sequence[Element]", tag: int, number: int) -> "Sequence[Element]":
    """Return the functional groups in the item of that *number*, from 1."""
    sequence = next((element for element in elements if element.tag == tag), None)
    items: Sequence[Item] = sequence.children if sequence is not None else ()
    return items[number - 1].elements if 1 <= number <= len(items) else ()


def _flat(macros: "Iterable[Element]") -> "Iterable[Element]":
    for macro in macros:
        items = macro.children
        if len(items) == 1:
            yield from items[0].elements
        else:
            yield macro
