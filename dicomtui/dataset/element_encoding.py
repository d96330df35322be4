"""Data Elements -> bytes (PS3.5 7.1): values that are still as they were read go through as they are.

pydicom's writer converts and validates what it writes, and gives up at values that it would not write itself.
Here it is asked only for values that somebody has made or converted; a raw value is copied, its bytes swapped
where the byte order is another, and its header made anew.
"""

from collections.abc import Iterable, Iterator
from struct import Struct, calcsize
from typing import NamedTuple

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import writers
from pydicom.sequence import Sequence
from pydicom.valuerep import VR

from dicomtui.dataset.charsets import LOCALISED_VRS, decode
from dicomtui.dataset.dictionary import format_tag
from dicomtui.dataset.encoding import LONG_VRS, SHORT_VRS, UNDEFINED
from dicomtui.dataset.parsing import parse_sequence
from dicomtui.dataset.raw_elements import (
    ITEM,
    ITEM_END,
    NESTING_LIMIT,
    SEQUENCE_END,
    AnyElement,
    Elements,
    RawSequence,
)
from dicomtui.dataset.scope import Scope
from dicomtui.dataset.values import BINARY_VRS, NUMBER_FORMATS
from dicomtui.errors import WriteError
from dicomtui.text import safe_line

_LONG = frozenset(vr.decode("ascii") for vr in LONG_VRS)
_KNOWN = frozenset(vr.decode("ascii") for vr in LONG_VRS | SHORT_VRS)
_SHORT_LIMIT = 0xFFFE  # the longest even length that two bytes hold
_ZERO_PADDED = BINARY_VRS | NUMBER_FORMATS.keys() | {"AT", "UI"}
_WORDS = {vr: calcsize(f"<{kind}") for vr, kind in NUMBER_FORMATS.items()} | {"AT": 2, "OW": 2}
_COMMAND_GROUP, _META_GROUP = 0x0000, 0x0002


class Form(NamedTuple):
    """How elements are encoded."""

    implicit: bool
    little: bool


class _Item(NamedTuple):
    elements: Elements
    undefined: bool
    """Whether a delimiter ends it."""


def elements_in(dataset: Dataset) -> Elements:
    """Return the elements of *dataset* as they are, converted or not."""
    return {element.tag: element for element in dataset.values()}


class ElementEncoder:
    """Encodes elements in one form.

    Parameters
    ----------
    form : Form
        Implicit or explicit VR, little or big endian.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        order = "<" if form.little else ">"
        self._tag_and_length = Struct(f"{order}HHL").pack
        self._tag_vr_length = Struct(f"{order}HH2sH").pack
        self._tag_vr_long_length = Struct(f"{order}HH2sHL").pack

    def header(self, tag: int, vr: str, length: int) -> bytes:
        """Return what stands before a value of *length* bytes.

        Raises
        ------
        WriteError
            If no such length can be written.
        """
        if length > UNDEFINED:
            raise _refused(tag, f"has {length:,} bytes; an element holds at most {UNDEFINED - 1:,}")
        group, element = tag >> 16, tag & 0xFFFF
        if self.form.implicit:
            return self._tag_and_length(group, element, length)
        if vr in _LONG:
            return self._tag_vr_long_length(group, element, vr.encode("ascii"), 0, length)
        if length > _SHORT_LIMIT:  # PS3.5 6.2.2 note 4
            return self._tag_vr_long_length(group, element, b"UN", 0, length)
        return self._tag_vr_length(group, element, vr.encode("ascii"), length)

    def delimiter(self, tag: int, length: int = 0) -> bytes:
        """Return the header of an item, or what ends an item or a sequence (PS3.5 7.5)."""
        return self._tag_and_length(tag >> 16, tag & 0xFFFF, length)

    def encoded(self, scope: Scope) -> Iterator[tuple[int, bytes]]:
        """Yield each element of a Data Set with its tag, in the order of the tags.

        Group Lengths, which are retired (PS3.5 7.2) and would be wrong, are left out, and so is what belongs
        in a Command Set or the File Meta Information.

        Raises
        ------
        WriteError
            If an element cannot be encoded.
        """
        elements = scope.elements
        for tag in sorted(elements):
            group = tag >> 16
            if tag & 0xFFFF and group not in (_COMMAND_GROUP, _META_GROUP):
                yield tag, self.element(elements[tag], scope)

    def element(self, element: AnyElement, scope: Scope) -> bytes:
        """Return one element.

        Parameters
        ----------
        element : AnyElement
            One of the Data Set of *scope*.
        scope : Scope
            Gives character set and VRs that are not written.
        """
        if isinstance(element, RawDataElement):
            return self._raw(element, scope)
        if isinstance(element, RawSequence):
            return self._opened(element, scope)
        if element.VR == "SQ" or isinstance(element.value, Sequence):
            items = (
                _Item(elements_in(item), bool(item.is_undefined_length_sequence_item))
                for item in element.value or ()
            )
            return self._sequence(int(element.tag), items, bool(element.is_undefined_length), scope)
        return self._made(element, scope)

    def _raw(self, raw: RawDataElement, scope: Scope) -> bytes:
        form, tag, vr = self.form, int(raw.tag), raw.VR
        value = raw.value or b""
        moved = raw.is_little_endian != form.little
        if vr not in _KNOWN:
            vr = scope.vr(raw)
        if raw.length == UNDEFINED:
            return self._undefined(tag, vr, value, moved)
        if vr == "SQ" and (moved or raw.is_implicit_VR != form.implicit) and value:
            opened = parse_sequence(raw, scope.level)
            if opened is not None:
                return self._opened(opened, scope)
            vr = "UN"
        if moved and (size := _WORDS.get(vr)):
            value = _swapped(value, size)
        return self._whole(tag, vr, value)

    def _whole(self, tag: int, vr: str, value: bytes) -> bytes:
        if len(value) & 1:
            value += b"\0" if vr in _ZERO_PADDED else b" "
        return self.header(tag, vr, len(value)) + value

    def _undefined(self, tag: int, vr: str, value: bytes, moved: bool) -> bytes:
        """Return a value that a delimiter ends, such as fragments outside of the pixel data."""
        if moved and value:
            raise _refused(tag, "has no length, so that its byte order cannot be changed")
        vr = vr if vr in _LONG else "UN"
        return self.header(tag, vr, UNDEFINED) + value + self.delimiter(SEQUENCE_END)

    def _opened(self, sequence: RawSequence, scope: Scope) -> bytes:
        if sequence.problem:
            raise _refused(int(sequence.tag), f"cannot be copied whole: {sequence.problem}")
        items = (_Item(item.elements, item.length == UNDEFINED) for item in sequence.items)
        return self._sequence(int(sequence.tag), items, sequence.length == UNDEFINED, scope)

    def _sequence(self, tag: int, items: Iterable[_Item], undefined: bool, scope: Scope) -> bytes:
        if scope.level >= NESTING_LIMIT:
            raise _refused(tag, f"is nested deeper than {NESTING_LIMIT} sequences")
        parts: list[bytes] = []
        for index, item in enumerate(items):
            inner = Scope(item.elements, (*scope.path, tag, index), scope.depth + 1, scope)
            content = b"".join(data for _, data in self.encoded(inner))
            parts.append(self.delimiter(ITEM, UNDEFINED if item.undefined else _checked(tag, len(content))))
            parts.append(content)
            if item.undefined:
                parts.append(self.delimiter(ITEM_END))
        value = b"".join(parts)
        if undefined:
            return self.header(tag, "SQ", UNDEFINED) + value + self.delimiter(SEQUENCE_END)
        return self.header(tag, "SQ", _checked(tag, len(value))) + value

    def _made(self, element: DataElement, scope: Scope) -> bytes:
        """Return an element whose value pydicom has converted, or somebody made."""
        tag = int(element.tag)
        vr = element.VR if len(element.VR) == 2 else scope.vr(element)
        value = b""
        if not element.is_empty:
            try:
                value = self._by_pydicom(element, vr, scope)
            except WriteError:
                raise
            except Exception as error:  # it raises anything for values that its dictionary does not expect
                why = f"is no value of {vr} that can be written ({type(error).__name__})"
                raise _refused(tag, why) from error
        if element.is_undefined_length:
            return self._undefined(tag, vr, value, moved=False)
        return self._whole(tag, vr, value)

    def _by_pydicom(self, element: DataElement, vr: str, scope: Scope) -> bytes:
        buffer = DicomBytesIO()
        buffer.is_little_endian, buffer.is_implicit_VR = self.form.little, self.form.implicit
        write, argument = writers[VR(vr)]
        if vr not in LOCALISED_VRS:
            write(buffer, element, *(() if argument is None else (argument,)))  # type: ignore[operator]
            return buffer.getvalue()
        write(buffer, element, encodings=list(scope.encodings))  # type: ignore[operator]
        value = buffer.getvalue()
        values = [element.value] if isinstance(element.value, str) or vr == "PN" else element.value
        text = "\\".join(map(str, values if isinstance(values, Iterable) else [values])).rstrip(" ")
        if not text.isascii() and decode(value, scope.encodings, name=vr == "PN").rstrip(" ") != text:
            why = "has characters that Specific Character Set (0008,0005) does not hold"
            raise _refused(int(element.tag), why)
        return value


def _swapped(value: bytes, size: int) -> bytes:
    """Return *value* with the bytes of each word in the other order; what is no whole word stays."""
    whole = len(value) - len(value) % size
    swapped = bytearray(value)
    for place in range(size):
        swapped[place:whole:size] = value[size - 1 - place : whole : size]
    return bytes(swapped)


def _checked(tag: int, length: int) -> int:
    if length >= UNDEFINED:
        raise _refused(tag, f"has {length:,} bytes, more than a length can say")
    return length


def _refused(tag: int, why: str) -> WriteError:
    return WriteError(f"{format_tag(tag)} {safe_line(why, 200)}")
