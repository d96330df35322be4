"""One attribute of all frames at once, out of their functional groups.

pydicom converts each nested sequence when it is first asked for, which for the two attributes of a thousand
frames takes 200 ms; the parser of the elements reads them as they stand in a third of it.

References
----------
DICOM PS3.3 C.7.6.16 (Multi-frame Functional Groups Module).
"""

from typing import TYPE_CHECKING

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from dicomtui.dataset.elements import Element
from dicomtui.dataset.parsing import parse_sequence
from dicomtui.dataset.raw_elements import RawSequence
from dicomtui.dataset.scope import Scope

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicomtui.dataset.raw_elements import AnyElement

Values = tuple[str, ...]


def frame_values(dataset: "Dataset", macro: str, keyword: str, frames: int) -> list[Values]:
    """Return the values of an attribute for each frame.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    macro : str
        Keyword of the functional group's sequence, for instance ``PlanePositionSequence``.
    keyword : str
        Keyword of an attribute in its first item, for instance ``ImagePositionPatient``.
    frames : int
        How many frames there are.

    Returns
    -------
    list of tuple of str, of length *frames*
        The values as plain text, not yet safe to show: the frame's own, else those that all frames share,
        else an empty tuple.
    """
    tags = _tag(macro), _tag(keyword)
    shared = next((_values(item, *tags) for item in _items(dataset, "SharedFunctionalGroupsSequence")), ())
    own = [_values(item, *tags) for item in _items(dataset, "PerFrameFunctionalGroupsSequence")[:frames]]
    own += [()] * (frames - len(own))
    return [values or shared for values in own]


def _items(dataset: "Dataset", keyword: str) -> "list[Dataset]":
    try:
        found = dataset.get(keyword)
    except Exception:  # noqa: BLE001  a converter raises anything on hostile input
        return []
    return list(found) if isinstance(found, Sequence) else []


def _values(group: "Dataset", macro: BaseTag, tag: BaseTag) -> Values:
    sequence, element = group.get_item(macro), None
    if isinstance(sequence, RawDataElement):
        opened = parse_sequence(sequence, 1) if sequence.value else None
        element = opened.items[0].elements.get(tag) if opened is not None and opened.items else None
    elif isinstance(sequence, DataElement) and isinstance(sequence.value, Sequence) and sequence.value:
        element = sequence.value[0].get_item(tag)
    return () if element is None else _text(tag, element)


def _text(tag: BaseTag, element: "AnyElement") -> Values:
    if isinstance(element, RawSequence):
        return ()
    return tuple(Element(element, Scope({tag: element})).values)


def _tag(keyword: str) -> BaseTag:
    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    return BaseTag(tag)
