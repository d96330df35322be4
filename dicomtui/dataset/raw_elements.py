"""Data Elements as they stand in a file: header, raw value, items; nothing is converted."""

from dataclasses import dataclass
from typing import NamedTuple

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag

from dicomtui.dataset import dictionary

NESTING_LIMIT = 64
"""Sequences nested deeper than this are named, not opened."""
PIXEL_DATA_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
ITEM_START = {b"\xfe\xff\x00\xe0": True, b"\xff\xfe\xe0\x00": False}
"""The Item tag as bytes, and whether that is little endian."""
SEQUENCE_END_START = frozenset({b"\xfe\xff\xdd\xe0", b"\xff\xfe\xe0\xdd"})


class Header(NamedTuple):
    """What stands before a value."""

    tag: int
    vr: str | None
    """None in implicit encoding; ``UN`` for a Value Representation that the standard does not have."""
    length: int
    offset: int
    """Where the value begins."""

    @property
    def says_sequence(self) -> bool:
        """Whether the VR, written or the standard's, is SQ."""
        return self.vr == "SQ" or (self.vr is None and dictionary.vr_of(self.tag) == "SQ")

    @property
    def says_unknown(self) -> bool:
        """Whether neither the file nor the standard gives a VR, so that the value may be a sequence."""
        return self.vr == "UN" or (self.vr is None and dictionary.vr_of(self.tag) == "UN")


@dataclass(slots=True, eq=False)
class RawItem:
    """One item of a sequence, or the Data Set that is around all sequences."""

    elements: "Elements"
    implicit: bool
    little: bool
    length: int


@dataclass(slots=True, eq=False)
class RawSequence:
    """A sequence that was opened, with what could be read of its items."""

    tag: BaseTag
    length: int
    value_tell: int
    """Where the value begins in the source, as in :class:`~pydicom.dataelem.RawDataElement`."""
    items: list[RawItem]
    problem: str = ""
    """The first thing in it that could not be read as written."""


AnyElement = RawDataElement | RawSequence | DataElement
"""An element as it was read, or one that somebody made."""
Elements = dict[BaseTag, AnyElement]
