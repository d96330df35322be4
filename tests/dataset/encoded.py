"""Encodes Data Elements byte by byte, so that a test can write what no library would (PS3.5 7.1, 7.5)."""

from struct import pack

from dicomtui.dataset.elements import Element, elements_of, walk
from dicomtui.dataset.reading import read_source
from dicomtui.dataset.source import MemorySource

UNDEFINED = 0xFFFFFFFF
IMPLICIT, EXPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
DEFLATED, JPEG = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.50"
LONG = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")
ITEM_END = pack("<HHL", 0xFFFE, 0xE00D, 0)
SEQUENCE_END = pack("<HHL", 0xFFFE, 0xE0DD, 0)


def element(tag: int, vr: str, value: bytes, length: int | None = None, *, order: str = "<") -> bytes:
    """Return an explicit element; *length* lies about the value where it is given."""
    length = len(value) if length is None else length
    start = pack(order + "HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    return start + (pack(order + "HL", 0, length) if vr in LONG else pack(order + "H", length)) + value


def implicit(tag: int, value: bytes, length: int | None = None) -> bytes:
    """Return an implicit little endian element."""
    return pack("<HHL", tag >> 16, tag & 0xFFFF, len(value) if length is None else length) + value


def item(content: bytes, length: int | None = None, *, order: str = "<") -> bytes:
    """Return an item of defined length."""
    return pack(order + "HHL", 0xFFFE, 0xE000, len(content) if length is None else length) + content


def open_item(content: bytes) -> bytes:
    """Return an item that a delimiter ends."""
    return pack("<HHL", 0xFFFE, 0xE000, UNDEFINED) + content + ITEM_END


def open_sequence(tag: int, items: bytes, vr: str = "SQ") -> bytes:
    """Return an explicit sequence that a delimiter ends."""
    return element(tag, vr, items + SEQUENCE_END, UNDEFINED)


def part10(data_set: bytes, transfer_syntax: str = EXPLICIT) -> bytes:
    """Return a file: preamble, prefix, the Transfer Syntax UID alone, *data_set*."""
    uid = transfer_syntax.encode()
    return b"\0" * 128 + b"DICM" + element(0x00020010, "UI", uid + b"\0" * (len(uid) % 2)) + data_set


def source(data_set: bytes, transfer_syntax: str = EXPLICIT) -> MemorySource:
    """Return :func:`part10` as a source."""
    return MemorySource("made", part10(data_set, transfer_syntax))


def rows(data_set: bytes, transfer_syntax: str = EXPLICIT) -> list[Element]:
    """Return the elements of a made Data Set at every depth, without the File Meta Information."""
    found = walk(elements_of(read_source(source(data_set, transfer_syntax))))
    return [row for row in found if row.tag >> 16 != 2]
