"""Files that are made byte by byte, so that tests can hold what no library writes."""

import struct
import zlib
from collections.abc import Iterable

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG = "1.2.840.10008.1.2.2"
SYNTAXES = (IMPLICIT, EXPLICIT, DEFLATED, BIG)

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
LONG_VRS = ("OB", "OW", "SQ", "UN", "UT")


def element(tag: int, vr: str, value: bytes, syntax: str = EXPLICIT, length: int | None = None) -> bytes:
    """Return one element; *length* is what its header claims."""
    order = ">" if syntax == BIG else "<"
    length = len(value) if length is None else length
    head = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
    if syntax == IMPLICIT or tag >> 16 == 0xFFFE:
        return head + struct.pack(order + "L", length) + value
    if vr in LONG_VRS:
        return head + vr.encode() + bytes(2) + struct.pack(order + "L", length) + value
    return head + vr.encode() + struct.pack(order + "H", length) + value


def sequence(
    tag: int, items: Iterable[bytes], syntax: str = EXPLICIT, *, defined: bool = False, vr: str = "SQ"
) -> bytes:
    """Return a sequence; it and its items have lengths, or delimiters."""
    if defined:
        return element(tag, vr, b"".join(element(ITEM, "", item, syntax) for item in items), syntax)
    delimiter = element(ITEM_END, "", b"", syntax)
    value = b"".join(element(ITEM, "", item + delimiter, syntax, UNDEFINED) for item in items)
    return element(tag, vr, value + element(SEQUENCE_END, "", b"", syntax), syntax, UNDEFINED)


def even(value: bytes, padding: bytes = b" ") -> bytes:
    """Return *value* with a length as the standard wants it."""
    return value + padding * (len(value) % 2)


def a_file(body: bytes, syntax: str = EXPLICIT, sop_class: str = "1.2.840.10008.5.1.4.1.1.7") -> bytes:
    """Return a file with preamble and File Meta Information around *body*."""
    if syntax == DEFLATED:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        body = deflater.compress(body) + deflater.flush()
    meta = element(0x00020001, "OB", b"\0\1")
    meta += element(0x00020002, "UI", even(sop_class.encode(), b"\0"))
    meta += element(0x00020003, "UI", b"1.2.3.4\0")
    meta += element(0x00020010, "UI", even(syntax.encode(), b"\0"))
    return bytes(128) + b"DICM" + element(0x00020000, "UL", struct.pack("<L", len(meta))) + meta + body


UIDS = {
    0x00080016: b"1.2.840.10008.5.1.4.1.1.7\0",
    0x00080018: b"1.2.3.4.5\0",
    0x0020000D: b"1.2.3\0",
    0x0020000E: b"1.2.3.4\0",
}


def a_body(syntax: str = EXPLICIT, *extra: tuple[int, str, bytes]) -> bytes:
    """A Data Set with its UIDs and *extra* elements, in order."""
    elements = {tag: element(tag, "UI", uid, syntax) for tag, uid in UIDS.items()}
    elements |= {tag: element(tag, vr, value, syntax) for tag, vr, value in extra}
    return b"".join(content for _, content in sorted(elements.items()))
