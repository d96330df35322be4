"""Builds files element by element, with what a careful writer would not write."""

from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from dicomtui.dataset.reading import Instance, read_source
from dicomtui.dataset.source import MemorySource

LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
SOP_CLASS, SOP_INSTANCE = CTImageStorage, "1.2.3.4.5.6.7.8.9"
STUDY = "1.2.3.4.5.6.7.8"


def even(value: bytes, vr: str = "LO") -> bytes:
    return value + (b"\0" if vr in ("UI", "OB", "UN") else b" ") * (len(value) % 2)


def explicit(tag: int, vr: str, value: bytes | str) -> bytes:
    """Return an element in Explicit VR Little Endian."""
    value = even(value.encode("utf-8") if isinstance(value, str) else value, vr)
    head = tag.to_bytes(4)[1::-1] + tag.to_bytes(4)[:1:-1] + vr.encode()
    if vr in LONG:
        return head + b"\0\0" + len(value).to_bytes(4, "little") + value
    return head + len(value).to_bytes(2, "little") + value


def implicit(tag: int, value: bytes | str) -> bytes:
    """Return an element in Implicit VR Little Endian."""
    value = even(value.encode("utf-8") if isinstance(value, str) else value)
    return tag.to_bytes(4)[1::-1] + tag.to_bytes(4)[:1:-1] + len(value).to_bytes(4, "little") + value


def item(*elements: bytes) -> bytes:
    content = b"".join(elements)
    return b"\xfe\xff\x00\xe0" + len(content).to_bytes(4, "little") + content


def file_of(*elements: bytes, sop_class: str = SOP_CLASS, preamble: bytes = bytes(128)) -> bytes:
    """Return a file with these elements behind those that every instance has, in the order of their tags."""
    meta = explicit(0x00020002, "UI", sop_class) + explicit(0x00020003, "UI", SOP_INSTANCE)
    meta += explicit(0x00020010, "UI", ExplicitVRLittleEndian)
    given = {element[:4] for element in elements}
    base = [
        explicit(0x00080016, "UI", sop_class),
        explicit(0x00080018, "UI", SOP_INSTANCE),
        explicit(0x0020000D, "UI", STUDY),
    ]
    whole = [*elements, *(element for element in base if element[:4] not in given)]
    whole.sort(key=lambda element: element[1::-1] + element[3:1:-1])
    length = explicit(0x00020000, "UL", len(meta).to_bytes(4, "little"))
    return preamble + b"DICM" + length + meta + b"".join(whole)


def instance_of(*elements: bytes, sop_class: str = SOP_CLASS) -> Instance:
    return read_source(MemorySource("made.dcm", file_of(*elements, sop_class=sop_class)))
