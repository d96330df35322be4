"""Elements of any file as those of a DICOMDIR, which is always Explicit VR Little Endian (PS3.10 8.6).

Text is copied byte for byte, since a record keeps the character set of its instance.
"""

from struct import pack

from pydicom.dataelem import RawDataElement

from dicomtui.dataset import dictionary
from dicomtui.dataset.encoding import SHORT_VRS
from dicomtui.dataset.raw_elements import AnyElement, Elements, RawItem, RawSequence

_ITEM = b"\xfe\xff\x00\xe0"
_LONGEST_SHORT = 0xFFFE
_NUMBER_SIZES = (
    dict.fromkeys(("AT", "OW", "SS", "US"), 2)
    | dict.fromkeys(("FL", "OF", "OL", "SL", "UL"), 4)
    | dict.fromkeys(("FD", "OD", "OV", "SV", "UV"), 8)
)


def element(tag: int, vr: str, value: bytes) -> bytes:
    """Return one element; a value too long for its VR becomes empty.

    Parameters
    ----------
    tag : int
        Group and element.
    vr : str
        The Value Representation.
    value : bytes
        In little endian; it is padded to an even length.
    """
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB", "UN") else b" "
    code = vr.encode("ascii")
    if code not in SHORT_VRS:
        return pack("<HH2sHL", tag >> 16, tag & 0xFFFF, code, 0, len(value)) + value
    if len(value) > _LONGEST_SHORT:
        value = b""
    return pack("<HH2sH", tag >> 16, tag & 0xFFFF, code, len(value)) + value


def item(content: bytes) -> bytes:
    """Return one item of a sequence."""
    return _ITEM + pack("<L", len(content)) + content


def encoded(old: AnyElement, *, little: bool) -> bytes:
    """Return an element of a file as one of a DICOMDIR, ``b""`` for one that was not read from a file.

    Parameters
    ----------
    old : RawDataElement or RawSequence
        As it was read.
    little : bool
        The byte order of its value.
    """
    tag = int(old.tag)
    if isinstance(old, RawSequence):
        return element(tag, "SQ", b"".join(item(_content(nested)) for nested in old.items))
    if not isinstance(old, RawDataElement):
        return b""
    vr = old.VR if old.VR and old.VR != "UN" else dictionary.vr_of(tag)
    vr = vr[:2]  # of "US or SS" the first will do
    value = old.value or b""
    size = _NUMBER_SIZES.get(vr, 1)
    if size > 1 and not little:
        value = b"".join(value[start : start + size][::-1] for start in range(0, len(value), size))
    return element(tag, vr, value)


def value_at(elements: Elements, tag: int) -> bytes:
    """Return the value of an element without its padding, ``b""`` if it is absent or a sequence."""
    old = elements.get(tag)  # type: ignore[call-overload]  # a BaseTag is an int
    return (old.value or b"").strip(b" \0") if isinstance(old, RawDataElement) else b""


def with_items(sequence: RawSequence, tag: int, value: bytes) -> RawSequence:
    """Return *sequence* with only those items in which the element at *tag* has that *value*."""
    items = [nested for nested in sequence.items if value_at(nested.elements, tag) == value]
    return RawSequence(sequence.tag, sequence.length, sequence.value_tell, items)


def _content(nested: RawItem) -> bytes:
    elements = sorted(nested.elements.values(), key=lambda element: int(element.tag))
    return b"".join(encoded(element, little=nested.little) for element in elements)
