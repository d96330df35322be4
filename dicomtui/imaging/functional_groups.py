"""Attributes of one frame: in multi-frame objects they stand in functional groups, elsewhere in the data set.

References
----------
DICOM PS3.3 C.7.6.16 (Multi-frame Functional Groups Module).
"""

from collections.abc import Iterator

from pydicom.dataset import Dataset

from dicomtui.imaging.attributes import items


def frame_groups(dataset: Dataset, number: int) -> Iterator[Dataset]:
    """Yield the functional groups of a frame: its own, then those that all frames share.

    Parameters
    ----------
    dataset : Dataset
        Any data set; one without functional groups yields nothing.
    number : int
        The frame, from 1. A per-frame sequence that is too short has nothing to say about it.
    """
    own = items(dataset, "PerFrameFunctionalGroupsSequence")
    if 1 <= number <= len(own):
        yield own[number - 1]
    yield from items(dataset, "SharedFunctionalGroupsSequence")[:1]


def frame_item(dataset: Dataset, number: int, keyword: str) -> Dataset | None:
    """Return the first item of a sequence that describes frame *number*.

    It is looked for in the frame's own functional groups, in the shared ones, then in the data set itself
    (where other objects keep for instance the Real World Value Mapping Sequence).
    """
    places = (*frame_groups(dataset, number), dataset)
    return next((found[0] for place in places if (found := items(place, keyword))), None)


def frame_holders(dataset: Dataset, number: int, macro: str) -> Iterator[Dataset]:
    """Yield the data sets that may hold an attribute of frame *number*, the one that counts most first.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    number : int
        The frame, from 1.
    macro : str
        Keyword of the functional group's sequence, for instance ``PixelMeasuresSequence``.

    Yields
    ------
    Dataset
        The item of *macro* in the frame's own groups, the one in the shared groups, the data set itself.
    """
    for group in frame_groups(dataset, number):
        yield from items(group, macro)[:1]
    yield dataset
