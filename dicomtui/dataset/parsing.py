"""Parses Data Elements: all of a stream, or the items of one element that somebody looks into."""

import io
from typing import BinaryIO, NamedTuple

from pydicom.dataelem import RawDataElement

from dicomtui.dataset.element_parser import ElementParser, OpenItem, OpenSequence
from dicomtui.dataset.element_stream import ElementStream
from dicomtui.dataset.encoding import UNDEFINED
from dicomtui.dataset.raw_elements import ITEM_START, Elements, Header, RawItem, RawSequence


class Parsed(NamedTuple):
    """The elements of one stream, up to its end, to pixel data, or to what stopped the parser."""

    elements: Elements
    position: int
    """Where the next header would be."""
    pixel_data: Header | None
    problems: list[str]


def parse_elements(
    stream: BinaryIO, start: int, end: int, *, implicit: bool, little: bool, group: int | None = None
) -> Parsed:
    """Read the elements between *start* and *end*, up to pixel data.

    A sequence of defined length stays one :class:`~pydicom.dataelem.RawDataElement`, to be opened by
    :func:`parse_sequence` when somebody looks into it; one of undefined length must be read to find its end.

    Parameters
    ----------
    stream : BinaryIO
        The bytes that the offsets are about.
    start, end : int
        Offsets of the first header and behind the last byte.
    implicit, little : bool
        The encoding.
    group : int, optional
        Stop before the first element of another group.
    """
    item = RawItem({}, implicit, little, UNDEFINED)
    parser = ElementParser(ElementStream(stream, "file"), OpenItem(item, end, undefined=False), group=group)
    parser.run(start)
    return Parsed(item.elements, parser.position, parser.pixel_data, parser.problems)


def parse_sequence(raw: RawDataElement, level: int = 0) -> RawSequence | None:
    """Open the items of an element of defined length, and all that is nested in them.

    Parameters
    ----------
    raw : RawDataElement
        An element of VR SQ, or one of unknown VR whose value may be items (PS3.5 6.2.2 note 5).
    level : int
        The number of sequences around it.

    Returns
    -------
    RawSequence or None
        None if the VR does not say SQ and the value is not made of items.
    """
    value = raw.value or b""
    header = Header(raw.tag, raw.VR, raw.length, 0)
    if not header.says_sequence and value[:4] not in ITEM_START:
        return None
    sequence = RawSequence(raw.tag, raw.length, raw.value_tell, [])
    little = ITEM_START.get(value[:4], raw.is_little_endian)
    guess = None if header.says_sequence else header
    root = OpenSequence(sequence, len(value), False, raw.is_implicit_VR, little, guess)
    stream = ElementStream(io.BytesIO(value), "sequence")
    parser = ElementParser(stream, root, origin=raw.value_tell, level=level)
    parser.run(0)
    if parser.withdrawn:
        return None
    sequence.problem = parser.problems[0] if parser.problems else ""
    return sequence
