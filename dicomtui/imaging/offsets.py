"""Which fragments of encapsulated pixel data make up a frame.

References
----------
DICOM PS3.5 A.4 (encapsulation, Basic Offset Table), PS3.3 C.7.6.3.1.8 (Extended Offset Table).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

import numpy as np

from dicomtui.dataset.reading import Fragments, Instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import label, value
from dicomtui.imaging.codestream import END_MARKER

START_LENGTH = 64
"""Bytes from the start of a fragment that tell whether a frame begins there."""
_ITEM_HEADER = 8


@dataclass(frozen=True, slots=True)
class FrameSpans:
    """Where each frame's fragments stand among the items."""

    firsts: Sequence[int]
    """Index of each frame's first item, and last the index behind the last frame's items."""
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self.firsts) - 1


def frame_spans(
    instance: Instance, fragments: Fragments, frames: int, begins_frame: Callable[[bytes], bool]
) -> FrameSpans:
    """Tell which fragments belong to which frame.

    Parameters
    ----------
    instance : Instance
        Its data set may have an Extended Offset Table; its source is read only where no table helps.
    fragments : Fragments
        All items, the Basic Offset Table first.
    frames : int
        The declared Number of Frames.
    begins_frame : callable
        Tells from the first bytes of a fragment whether a frame begins with it.

    Returns
    -------
    FrameSpans
        At most *frames* frames; a note says when there are fewer, or when a table is wrong.

    Raises
    ------
    DecodeError
        If there is no fragment at all.
    """
    if len(fragments.offsets) < 2:
        raise DecodeError("the encapsulated pixel data has no fragment")
    notes: list[str] = []
    firsts = _by_tables(instance, fragments, frames, notes) or _by_fragments(
        instance, fragments, frames, begins_frame
    )
    if len(firsts) - 1 < frames:
        notes.append(f"{label('NumberOfFrames')} is {frames:,}, the fragments hold {len(firsts) - 1:,}")
    return FrameSpans(firsts, tuple(notes))


def _by_tables(
    instance: Instance, fragments: Fragments, frames: int, notes: list[str]
) -> Sequence[int] | None:
    """Follow the first offset table that fits the fragments."""
    extended = value(instance.dataset, "ExtendedOffsetTable")
    if isinstance(extended, bytes) and extended:
        if firsts := _by_table(_numbers(extended, "<u8"), fragments, frames):
            return firsts
        notes.append(f"{label('ExtendedOffsetTable')} does not fit the fragments: not used")
    if fragments.lengths[0]:
        with instance.source.open() as stream:
            stream.seek(fragments.offsets[0])
            basic = _numbers(stream.read(fragments.lengths[0]), "<u4")
        if firsts := _by_table(basic, fragments, frames):
            return firsts
        notes.append("the Basic Offset Table does not fit the fragments: not used")
    return None


def _numbers(table: bytes, kind: str) -> list[int]:
    size = int(kind[-1])
    numbers: list[int] = np.frombuffer(table[: len(table) // size * size], kind).tolist()
    return numbers


def _by_table(table: list[int], fragments: Fragments, frames: int) -> list[int] | None:
    """Return the first item of each frame; None if the table does not point at rising item tags.

    Last entries that point behind the last fragment are left out: the file was cut. Where each frame can have
    a fragment of its own, none is missing, and such a table is wrong.
    """
    base = fragments.offsets[1] - _ITEM_HEADER
    behind = fragments.offsets[-1] + fragments.lengths[-1] - base
    index = {offset - _ITEM_HEADER - base: at for at, offset in enumerate(fragments.offsets) if at}
    there = list(takewhile(lambda offset: offset < behind, table[:frames]))
    firsts = [index.get(offset, 0) for offset in there]
    rising = all(a < b for a, b in pairwise(firsts))
    if len(table) < frames or firsts[:1] != [1] or not rising:
        return None
    missing = table[len(there) : frames]
    if missing and (min(missing) < behind or len(fragments.offsets) - 1 == frames):
        return None
    following = index.get(table[frames]) if len(table) > frames else None
    return [*firsts, following or len(fragments.offsets)]


def _by_fragments(
    instance: Instance, fragments: Fragments, frames: int, begins_frame: Callable[[bytes], bool]
) -> Sequence[int]:
    """Tell the frames apart by the number of fragments, else by how their codestreams begin and end."""
    behind = len(fragments.offsets)
    if behind - 1 == frames:
        return range(1, behind + 1)
    if frames == 1:
        return 1, behind
    starts = _starts(instance, fragments, begins_frame)
    if len(starts) != frames:
        ends = _behind_ends(instance, fragments)
        starts = ends if len(ends) == frames else starts
    if len(starts) == frames:
        starts[0] = 1  # what stands in front of the first codestream, an empty fragment perhaps, is no frame
    elif starts[:1] != [1]:
        starts.insert(0, 1)
    return [*starts, behind][: frames + 1]


def _starts(instance: Instance, fragments: Fragments, begins_frame: Callable[[bytes], bool]) -> list[int]:
    """Return the items that begin like a frame."""
    with instance.source.open() as stream:
        starts = []
        for at in range(1, len(fragments.offsets)):
            stream.seek(fragments.offsets[at])
            if begins_frame(stream.read(min(START_LENGTH, fragments.lengths[at]))):
                starts.append(at)
        return starts


def _behind_ends(instance: Instance, fragments: Fragments) -> list[int]:
    """Return the first item and each one behind an item that ends a codestream."""
    with instance.source.open() as stream:
        starts = [1]
        for at in range(1, len(fragments.offsets) - 1):
            tail = min(10, fragments.lengths[at])  # padding may follow the marker
            stream.seek(fragments.offsets[at] + fragments.lengths[at] - tail)
            if END_MARKER in stream.read(tail):
                starts.append(at + 1)
        return starts
