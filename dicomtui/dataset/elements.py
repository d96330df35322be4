"""The Data Elements of an instance as a tree of rows: names, lengths, values as text, items on demand."""

import io
import os
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.sequence import Sequence

from dicomtui.dataset import dictionary
from dicomtui.dataset.charsets import LOCALISED_VRS, Encodings, misfit
from dicomtui.dataset.encoding import UNDEFINED
from dicomtui.dataset.fragments import walk_fragments
from dicomtui.dataset.parsing import parse_sequence
from dicomtui.dataset.raw_elements import NESTING_LIMIT, AnyElement, Elements, RawItem, RawSequence
from dicomtui.dataset.scope import Path, Scope
from dicomtui.dataset.values import (
    BINARY_VRS,
    STRING_VRS,
    TEXT_VRS,
    Raw,
    components,
    odd_bytes,
    readable,
)
from dicomtui.text import safe_line
from dicomtui.wording import size_text

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicomtui.dataset.reading import Instance, PixelDataElement

PREVIEW = 1024
"""Bytes of a value that a row is made from; the rest is read when the value is opened."""
PIXEL_DATA_PREVIEW = 1 << 16
"""Bytes of pixel data that are read when the value is opened."""

_HEX_PREVIEW = 32
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_BIG_SEQUENCE = 1 << 20  # bytes above which a row counts the items without opening them


class Element:
    """One Data Element: a row of the tag table."""

    # there may be 100,000 of them; the dictionary holds what is cached, and is made when something is
    __slots__ = ("__dict__", "_raw", "_scope", "depth", "length", "path", "tag", "vr")

    def __init__(self, raw: AnyElement, scope: Scope) -> None:
        self._raw, self._scope = raw, scope
        self.tag = int(raw.tag)
        self.path: Path = (*scope.path, self.tag)
        self.depth = scope.depth
        self.length: int | None = _length(raw)
        self.vr: str = scope.vr(raw)
        if isinstance(raw, RawDataElement) and raw.value and self._may_be_sequence(raw.VR):
            opened = parse_sequence(raw, scope.level)
            self.vr = "UN" if opened is None else "SQ"
            self._raw = raw if opened is None else opened

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
        """Where the value begins in the source (in an inflated one, if deflated), None if not known."""
        raw = self._raw
        return raw.file_tell if isinstance(raw, DataElement) else raw.value_tell

    @cached_property
    def items(self) -> "list[Item] | None":
        """The items of a sequence, None for any other element."""
        if self.vr != "SQ":
            return None
        return [Item(item, index, self) for index, item in enumerate(self._sequence.items)]

    @property
    def children(self) -> "list[Item]":
        """The rows below: the items of a sequence."""
        return self.items or []

    @cached_property
    def text(self) -> str:
        """The value as one safe line; long and binary values are cut and followed by their size."""
        if self.vr == "SQ":
            return self._sequence_text()
        value = self.value
        if value is None:
            return safe_line("\\".join(self._converted()), PREVIEW)
        if not value:
            return ""
        shown = self._raw_value(value[:_HEX_PREVIEW] if self.vr in BINARY_VRS else value[:PREVIEW])
        line = "\\".join(readable(self.vr, part) for part in components(shown))
        if len(shown.value) < len(value):
            # the cut may stand inside a character of several bytes
            return f"{safe_line(line.rstrip(_REPLACEMENT), PREVIEW)} … {size_text(len(value))}"
        if odd := odd_bytes(self.vr, len(value)):
            line = f"{line} … and {value[-odd:].hex(' ')}".lstrip()
        return safe_line(line, PREVIEW)

    @property
    def value(self) -> bytes | None:
        """The bytes as they stand in the file; None for a sequence or an element that pydicom converted."""
        raw = self._raw
        if isinstance(raw, RawSequence) or self.vr == "SQ":
            return None
        if isinstance(raw, RawDataElement):
            return raw.value or b""
        return raw.value if isinstance(raw.value, bytes) else None

    @property
    def values(self) -> list[str]:
        """All values as plain text, which is not yet safe to show; a binary value as hexadecimal digits."""
        value = self.value
        return self._converted() if value is None else components(self._raw_value(value)) if value else []

    @cached_property
    def misfit(self) -> str:
        """Why the bytes of a text are probably not in the character set that counts for them, else ``""``."""
        value = self.value if self.vr in LOCALISED_VRS else None
        if not value or value[:PREVIEW].isascii():
            return ""
        scope = self._scope
        encodings = scope.encodings if scope.declares else None
        return misfit(value[:PREVIEW], encodings, name=self.vr == "PN", whole=len(value) <= PREVIEW)

    def with_encodings(self, scopes: "dict[int, Scope]", override: Encodings) -> "Element":
        """Return the same row read with other codecs; *scopes* holds those that were made for it before."""
        old = self._scope
        scope = scopes.get(id(old))
        if scope is None:
            scope = scopes[id(old)] = Scope(old.elements, old.path, old.depth, override=override)
        return Element(self._raw, scope)

    @property
    def search_key(self) -> str:
        """What a search looks through: tag, keyword, name and value, casefolded."""
        tag = dictionary.format_tag(self.tag)
        text = self.text
        if self.vr in TEXT_VRS:
            text = "\n".join(self.values)
        elif self.vr in STRING_VRS:  # as written too: a date is found with and without its dashes
            text += "\n" + "\\".join(self.values)
        return f"{tag}\n{tag[1:5]}{tag[6:10]}\n{self.keyword}\n{self.name}\n{self.creator}\n{text}".casefold()

    @property
    def pointer(self) -> str:
        """The place as text: ``RequestAttributesSequence[0].ScheduledProcedureStepID``."""
        return pointer_of(self.path)

    def _may_be_sequence(self, written: str | None) -> bool:
        """Whether only the value can tell: the VR is unknown, or a vendor's dictionary says SQ."""
        return self.vr == "UN" or (self.vr == "SQ" and written != "SQ" and dictionary.is_private(self.tag))

    @cached_property
    def _sequence(self) -> RawSequence:
        raw, level = self._raw, self._scope.level
        if isinstance(raw, RawSequence):
            return raw
        opened = None
        if level >= NESTING_LIMIT:
            opened = RawSequence(raw.tag, 0, 0, [], f"nested deeper than {NESTING_LIMIT} sequences")
        elif isinstance(raw, RawDataElement):
            opened = parse_sequence(raw, level)
        elif isinstance(raw.value, Sequence):
            items = [RawItem(_of(item), False, True, 0) for item in raw.value]
            opened = RawSequence(raw.tag, 0, 0, items)
        return opened or RawSequence(raw.tag, 0, 0, [])

    def _sequence_text(self) -> str:
        raw = self._raw
        count, problem = None, ""
        if isinstance(raw, RawDataElement) and raw.value and len(raw.value) > _BIG_SEQUENCE:
            # a row must not wait until thousands of items are opened
            offsets, _, end, _ = walk_fragments(
                io.BytesIO(raw.value), 0, len(raw.value), raw.is_little_endian
            )
            count = len(offsets) if end == len(raw.value) else None
        if count is None:
            count, problem = len(self._sequence.items), self._sequence.problem
        text = f"{count} item{'' if count == 1 else 's'}"
        return " … ".join(part for part in (text if count or not problem else "", problem) if part)

    def _raw_value(self, value: bytes) -> Raw:
        return Raw(self.vr, value, self.little, self._scope.encodings)

    @property
    def little(self) -> bool:
        """Whether :attr:`value` is little endian."""
        return self._raw.is_little_endian if isinstance(self._raw, RawDataElement) else True

    def _converted(self) -> list[str]:
        """Return the values of an element that pydicom has converted, or somebody made."""
        raw = self._raw
        if not isinstance(raw, DataElement) or raw.value is None or isinstance(raw.value, Sequence):
            return []
        many = not isinstance(raw.value, str | bytes) and hasattr(raw.value, "__iter__") and raw.VR != "PN"
        return [str(part) for part in (raw.value if many else [raw.value])]


class Item:
    """One item of a sequence."""

    def __init__(self, item: RawItem, index: int, sequence: Element) -> None:
        self.index = index
        self.path: Path = (*sequence.path, index)
        self.depth = sequence.depth + 1
        self._scope = Scope(item.elements, self.path, self.depth + 1, sequence._scope)

    @cached_property
    def elements(self) -> list[Element]:
        """The elements of the item."""
        return _rows(self._scope)

    @property
    def children(self) -> list[Element]:
        """The rows below: the elements."""
        return self.elements

    @property
    def text(self) -> str:
        """How much the item holds."""
        count = len(self.elements)
        return f"{count} element{'' if count == 1 else 's'}"


class PixelDataRow(Element):
    """The pixel data, which is described and read in part, but never loaded as a whole."""

    __slots__ = ("_instance", "_pixel_data")

    def __init__(self, instance: "Instance", pixel_data: "PixelDataElement", scope: Scope) -> None:
        self._instance, self._pixel_data = instance, pixel_data
        placeholder = DataElement(
            pixel_data.tag, pixel_data.vr, b"", pixel_data.offset, already_converted=True
        )
        super().__init__(placeholder, scope)
        self.length = None if pixel_data.fragments else pixel_data.length

    @property
    def value(self) -> bytes:
        """The first bytes of the value."""
        with self._instance.source.open() as stream:
            stream.seek(self._pixel_data.offset)
            return stream.read(min(self._pixel_data.length, PIXEL_DATA_PREVIEW))

    @property
    def uri(self) -> str:
        """Where the value stands: the file, the offset of its first byte, the bytes that are present."""
        path = quote(os.path.abspath(self._instance.source.name), errors="surrogateescape")
        return f"file://{path}?offset={self._pixel_data.offset}&length={self._pixel_data.length}"

    @cached_property
    def text(self) -> str:
        """The size of the value, or of its fragments."""
        fragments = self._pixel_data.fragments
        if fragments is None:
            return size_text(self._pixel_data.length)
        count = max(0, len(fragments.offsets) - 1)
        return f"{size_text(sum(fragments.lengths[1:]))} in {count} fragment{'' if count == 1 else 's'}"

    def with_encodings(self, scopes: "dict[int, Scope]", override: Encodings) -> "PixelDataRow":
        """Return the row itself: there is no text in it."""
        return self

    @property
    def little(self) -> bool:
        """Whether :attr:`value` is little endian."""
        return self._instance.encoding.little


def pointer_of(path: Path) -> str:
    """Return the place of an element, or of an item, as text: ``RequestAttributesSequence[0]``."""
    parts: list[str] = []
    for position, part in enumerate(path):
        if position % 2:
            parts[-1] += f"[{part}]"
        else:
            parts.append(dictionary.keyword_of(part) or dictionary.format_tag(part))
    return ".".join(parts)


def elements_of(instance: "Instance", without: Collection[int] = ()) -> list[Element]:
    """Return the top-level elements of *instance*: File Meta Information, Data Set, pixel data.

    Parameters
    ----------
    instance : Instance
        What was read, or made.
    without : collection of int
        Tags of elements of which no row is needed.
    """
    meta, body = _at_the_top(instance)
    scope = Scope(body)
    elements = _rows(scope, without)
    if instance.pixel_data is not None:
        elements.append(PixelDataRow(instance, instance.pixel_data, scope))
        elements.sort(key=_tag)
    return _rows(Scope(meta), without) + elements


def with_encodings(elements: Iterable[Element], override: Encodings) -> list[Element]:
    """Return the same rows, with texts at every depth read with other codecs than (0008,0005) names.

    Parameters
    ----------
    elements : iterable of Element
        The top-level elements of an instance, as :func:`elements_of` gives them, or some of an item.
    override : tuple of str
        Python codecs, the first for text before any escape sequence.
    """
    scopes: dict[int, Scope] = {}
    return [element.with_encodings(scopes, override) for element in elements]


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


def _at_the_top(instance: "Instance") -> tuple[Elements, Elements]:
    """Return the File Meta Information and the Data Set, as read where they were read."""
    elements = instance.elements
    if elements is None:
        return _of(instance.dataset.file_meta), _of(instance.dataset)
    meta = {tag: element for tag, element in elements.items() if tag >> 16 == 2}
    return meta, {tag: element for tag, element in elements.items() if tag >> 16 != 2}


def _of(dataset: "Dataset") -> Elements:
    return {element.tag: element for element in dataset.values()}


def _rows(scope: Scope, without: Collection[int] = ()) -> list[Element]:
    raws = (raw for tag, raw in scope.elements.items() if tag not in without)
    return sorted((Element(raw, scope) for raw in raws), key=_tag)


def _tag(element: Element) -> int:
    return element.tag


def _length(raw: AnyElement) -> int | None:
    if not isinstance(raw, DataElement):
        return None if raw.length == UNDEFINED else raw.length
    if raw.is_undefined_length:
        return None
    return len(raw.value) if isinstance(raw.value, bytes | str) else 0
