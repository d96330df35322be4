"""The Data Elements of an instance as a tree of rows: names, lengths, values as text, items on demand."""

import os
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.sequence import Sequence

from dicomtui.dataset import dictionary
from dicomtui.dataset.encoding import UNDEFINED
from dicomtui.dataset.scope import Path, Scope
from dicomtui.dataset.values import BINARY_VRS, STRING_VRS, TEXT_VRS, Raw, components, readable, size_text
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicomtui.dataset.reading import Instance

DEPTH_LIMIT = 64
"""Sequences nested deeper than this are named, not opened."""
PREVIEW = 1024
"""Bytes of a value that a row is made from; the rest is read when the value is opened."""

_HEX_PREVIEW = 32


class Element:
    """One Data Element: a row of the tag table."""

    __slots__ = ("__dict__", "_raw", "_scope", "depth", "length", "path", "tag", "vr")

    def __init__(self, raw: "RawDataElement | DataElement", scope: "Scope") -> None:
        self._raw, self._scope = raw, scope
        self.tag = int(raw.tag)
        self.path: Path = (*scope.path, self.tag)
        self.depth = scope.depth
        self.vr: str = scope.settle_vr(self.tag, raw.VR)
        self.length: int | None = None if _undefined(raw) else _length(raw)

    @cached_property
    def creator(self) -> str:
        """The Private Creator of the block of a private element, else ``""``."""
        return self._scope.creator(self.tag)

    @cached_property
    def name(self) -> str:
        """The attribute's name in the standard's or a vendor's dictionary."""
        return dictionary.name_of(self.tag, self.creator)

    @property
    def keyword(self) -> str:
        """The attribute's keyword, ``""`` for a private or unknown one."""
        return dictionary.keyword_of(self.tag)

    @property
    def offset(self) -> int | None:
        """Where the value begins in the source, None where that is not known."""
        return getattr(self._raw, "value_tell", None) or getattr(self._raw, "file_tell", None)

    @cached_property
    def items(self) -> "list[Item] | None":
        """The items of a sequence, None for any other element."""
        if self.vr != "SQ":
            return None
        if self.depth >= DEPTH_LIMIT:
            return []
        return [Item(dataset, index, self) for index, dataset in enumerate(self._scope.sequence(self._raw))]

    @cached_property
    def text(self) -> str:
        """The value as one safe line; long and binary values are cut and followed by their size."""
        if self.vr == "SQ":
            if self.depth >= DEPTH_LIMIT:
                return f"nested deeper than {DEPTH_LIMIT} levels"
            count = len(self.items or ())
            return f"{count} item{'' if count == 1 else 's'}"
        value = self.value
        if value is None:
            return safe_line("\\".join(self._converted()), PREVIEW)
        if not value:
            return ""
        shown = self._raw_value(value[:_HEX_PREVIEW] if self.vr in BINARY_VRS else value[:PREVIEW])
        line = "\\".join(readable(self.vr, part) for part in components(shown))
        whole = len(value) <= len(shown.value)
        return safe_line(line if whole else f"{line} … {size_text(len(value))}", PREVIEW * 2)

    @property
    def value(self) -> bytes | None:
        """The bytes as they stand in the file; None for a sequence or an element that pydicom converted."""
        raw = self._raw
        if isinstance(raw, RawDataElement):
            return raw.value or b""
        return raw.value if isinstance(raw.value, bytes) else None

    @property
    def values(self) -> list[str]:
        """All values as plain text, which is not yet safe to show."""
        value = self.value
        return self._converted() if value is None else components(self._raw_value(value)) if value else []

    @property
    def search_key(self) -> str:
        """What a search looks through: tag, keyword, name and value, casefolded."""
        tag = dictionary.format_tag(self.tag)
        text = self.text
        if self.vr in TEXT_VRS:
            text = self.values[0] if self.value else ""
        elif self.vr in STRING_VRS:  # as written too: a date is found with and without its dashes
            text += "\n" + "\\".join(self.values)
        return f"{tag}\n{tag[1:5]}{tag[6:10]}\n{self.keyword}\n{self.name}\n{self.creator}\n{text}".casefold()

    @property
    def pointer(self) -> str:
        """The place as text: ``RequestAttributesSequence[0].ScheduledProcedureStepID``."""
        parts: list[str] = []
        for position, part in enumerate(self.path):
            if position % 2:
                parts[-1] += f"[{part}]"
            else:
                parts.append(dictionary.keyword_of(part) or dictionary.format_tag(part))
        return ".".join(parts)

    def _raw_value(self, value: bytes) -> Raw:
        little = getattr(self._raw, "is_little_endian", True)
        return Raw(self.vr, value, little, self._scope.encodings)

    def _converted(self) -> list[str]:
        """Return the values of an element that pydicom has converted since it was read."""
        value = self._raw.value
        if value is None or isinstance(value, Sequence):
            return []
        many = not isinstance(value, str | bytes) and hasattr(value, "__iter__") and self._raw.VR != "PN"
        return [str(part) for part in (value if many else [value])]


class Item:
    """One item of a sequence."""

    def __init__(self, dataset: "Dataset", index: int, sequence: Element) -> None:
        self.index = index
        self.path: Path = (*sequence.path, index)
        self.depth = sequence.depth + 1
        self._scope = Scope(dataset, self.path, self.depth + 1, sequence._scope)

    @cached_property
    def elements(self) -> list[Element]:
        """The elements of the item."""
        return _elements(self._scope)

    @property
    def text(self) -> str:
        """How much the item holds."""
        count = len(self.elements)
        return f"{count} element{'' if count == 1 else 's'}"


def elements_of(instance: "Instance") -> list[Element]:
    """Return the top-level elements of *instance*: File Meta Information, Data Set, pixel data."""
    dataset = instance.dataset
    meta = _elements(Scope(dataset.file_meta))
    body = Scope(dataset)
    elements = _elements(body)
    if instance.pixel_data is not None:
        elements.append(PixelDataRow(instance, body))
        elements.sort(key=lambda element: element.tag)
    return meta + elements


class PixelDataRow(Element):
    """The pixel data, which is described and read in part, but never loaded as a whole."""

    __slots__ = ("_instance",)

    def __init__(self, instance: "Instance", scope: "Scope") -> None:
        pixel_data = instance.pixel_data
        assert pixel_data is not None
        self._instance = instance
        length = UNDEFINED if pixel_data.fragments else pixel_data.length
        raw = DataElement(pixel_data.tag, pixel_data.vr, b"", file_value_tell=pixel_data.offset)
        super().__init__(raw, scope)
        self.length = None if length == UNDEFINED else length

    @property
    def value(self) -> bytes:
        """The first bytes of the value."""
        pixel_data = self._instance.pixel_data
        assert pixel_data is not None
        with self._instance.source.open() as stream:
            stream.seek(pixel_data.offset)
            return stream.read(min(pixel_data.length, 1 << 16))

    @property
    def uri(self) -> str:
        """Where the value stands: the file, the offset of its first byte, the bytes that are present."""
        pixel_data = self._instance.pixel_data
        assert pixel_data is not None
        path = quote(os.path.abspath(self._instance.source.name), errors="surrogateescape")
        return f"file://{path}?offset={pixel_data.offset}&length={pixel_data.length}"

    @cached_property
    def text(self) -> str:
        """The size of the value, or of its fragments."""
        pixel_data = self._instance.pixel_data
        assert pixel_data is not None
        if pixel_data.fragments is None:
            return size_text(pixel_data.length)
        count = max(0, len(pixel_data.fragments.offsets) - 1)
        size = sum(pixel_data.fragments.lengths[1:])
        return f"{size_text(size)} in {count} fragment{'' if count == 1 else 's'}"


def walk(elements: list[Element]) -> Iterator[Element]:
    """Yield every element at every depth, in the order of the file."""
    stack = [iter(elements)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        yield element
        for item in reversed(element.items or ()):
            stack.append(iter(item.elements))


def _elements(scope: Scope) -> list[Element]:
    return [Element(raw, scope) for raw in scope.dataset.values()]


def _undefined(raw: "RawDataElement | DataElement") -> bool:
    if isinstance(raw, RawDataElement):
        return raw.length == UNDEFINED
    return raw.is_undefined_length


def _length(raw: "RawDataElement | DataElement") -> int:
    if isinstance(raw, RawDataElement):
        return raw.length
    return len(raw.value) if isinstance(raw.value, bytes | str) else 0
