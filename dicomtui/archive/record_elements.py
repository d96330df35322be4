"""Elements of any file as those of a DICOMDIR, which is always Explicit VR Little Endian (PS3.10 8.6)."""

from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from dicomtui.dataset import dictionary
from dicomtui.dataset.element_encoding import ElementEncoder, Form
from dicomtui.dataset.elements import Element, Item
from dicomtui.dataset.raw_elements import ITEM, Elements
from dicomtui.dataset.reading import Instance
from dicomtui.dataset.scope import Scope

_ENCODER = ElementEncoder(Form(implicit=False, little=True))
_RELATIONSHIP = 0x0040A010
_MODIFIES = b"HAS CONCEPT MOD"


def element(tag: int, value: bytes) -> bytes:
    """Return one element of the standard's dictionary.

    Parameters
    ----------
    tag : int
        Group and element.
    value : bytes
        In little endian; it is padded to an even length.
    """
    vr = dictionary.vr_of(tag)
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB") else b" "
    return _ENCODER.header(tag, vr, len(value)) + value


def sequence_head(tag: int, length: int) -> bytes:
    """Return what stands before the items of a sequence, whose *length* includes their own heads."""
    return _ENCODER.header(tag, "SQ", length)


def item(content: bytes) -> bytes:
    """Return one item of a sequence."""
    return _ENCODER.delimiter(ITEM, len(content)) + content


def copied(instance: Instance, tag: int) -> bytes:
    """Return the element at *tag* of an instance, ``b""`` where it is absent or has no value.

    Text is copied byte for byte, since a record keeps the character set of its instance.

    Raises
    ------
    WriteError
        If it cannot be encoded.
    """
    row = _row(instance, tag)
    if row is None or not (row.items or (row.value or b"").strip(b" \0")):
        return b""
    return _encoded(row, instance.encoding.little)


def modifiers(instance: Instance, tag: int) -> bytes:
    """Return the Content Sequence at *tag* with those items alone that modify the title (PS3.3 F.5)."""
    row = _row(instance, tag)
    items = (row.items or []) if row is not None else []
    kept = [nested for nested in items if _modifies(nested)]
    return _sequence(tag, kept, instance.encoding.little) if kept else b""


def value_at(elements: Elements, tag: int) -> bytes:
    """Return the value of an element without its padding, ``b""`` if it is absent or an opened sequence."""
    return raw_value_at(elements, tag).strip(b" \0")


def raw_value_at(elements: Elements, tag: int) -> bytes:
    """Return the value of an element as it stands there, like :func:`value_at`."""
    old = elements.get(BaseTag(tag))
    return old.value or b"" if isinstance(old, RawDataElement) else b""


def _row(instance: Instance, tag: int) -> Element | None:
    elements = instance.elements or {}
    old = elements.get(BaseTag(tag))
    return None if old is None else Element(old, Scope(elements))


def _modifies(nested: Item) -> bool:
    return any(
        row.tag == _RELATIONSHIP and (row.value or b"").strip() == _MODIFIES for row in nested.elements
    )


def _encoded(row: Element, little: bool) -> bytes:
    if row.items is not None:
        return _sequence(row.tag, row.items, little)
    value = row.value or b""
    raw = RawDataElement(BaseTag(row.tag), row.vr, len(value), value, 0, False, little)
    return _ENCODER.element(raw, Scope({}))


def _sequence(tag: int, items: list[Item], little: bool) -> bytes:
    content = b"".join(item(b"".join(_encoded(row, little) for row in each.elements)) for each in items)
    return sequence_head(tag, len(content)) + content
