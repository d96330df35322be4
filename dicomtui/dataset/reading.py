"""Reads one file into an :class:`Instance`: the only place where pydicom's parser is called.

Whatever the file holds, the outcome is an Instance with all that could be read and warnings that say what
could not, or one :class:`~dicomtui.errors.ReadError`. Pixel data is located, never loaded.
"""

import zlib
from dataclasses import dataclass, field
from struct import unpack
from typing import TYPE_CHECKING, BinaryIO

import pydicom.config
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag

from dicomtui.dataset.encoding import DEFLATED_LITTLE, HEAD, UNDEFINED, Encoding, find_encoding
from dicomtui.dataset.source import ByteSource, FileSource, MemorySource
from dicomtui.errors import ReadError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    import os

    from pydicom.dataelem import DataElement, RawDataElement

# A reader shows what is there; judging values is the work of a validator.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

INFLATE_LIMIT = 256 << 20
"""Bytes that a deflated Data Set (PS3.5 A.5) may have when inflated."""

PIXEL_DATA_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_ITEM = 0xFFFEE000
_SEQUENCE_END = 0xFFFEE0DD
_CLOSE_SEQUENCE = {True: b"\xfe\xff\xdd\xe0\0\0\0\0", False: b"\xff\xfe\xe0\xdd\0\0\0\0"}


@dataclass(frozen=True, slots=True)
class Fragments:
    """The items of encapsulated pixel data (PS3.5 A.4), the Basic Offset Table first."""

    offsets: tuple[int, ...]
    """Where each item's value begins, in bytes from the start of the source."""
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PixelDataElement:
    """Where the pixel data of an instance stands."""

    tag: int
    """(7FE0,0010), or (7FE0,0008) and (7FE0,0009) for float and double values."""
    vr: str
    offset: int
    """Where the value begins, in bytes from the start of the source."""
    length: int
    """Bytes of the value that are present."""
    fragments: Fragments | None
    """None for native pixel data."""


@dataclass(frozen=True, eq=False)
class Instance:
    """One file's attributes, with its pixel data located but not read."""

    source: ByteSource
    """Gives the bytes that the offsets are about (a deflated Data Set is held inflated)."""
    dataset: FileDataset
    encoding: Encoding
    pixel_data: PixelDataElement | None = None
    warnings: tuple[str, ...] = field(default=())
    """One line for each thing that could not be read as written."""

    @property
    def transfer_syntax(self) -> str:
        """The Transfer Syntax UID, declared or inferred."""
        return self.encoding.transfer_syntax


def read_instance(path: "str | os.PathLike[str]") -> Instance:
    """Read the file at *path*.

    Raises
    ------
    ReadError
        If it is not a readable regular file, or not DICOM.
    """
    return read_source(FileSource(path))


def read_source(source: ByteSource) -> Instance:
    """Read a source such as :class:`~dicomtui.dataset.source.MemorySource`.

    Raises
    ------
    ReadError
        If the source is not DICOM.
    """
    with source.open() as stream:
        encoding = find_encoding(stream.read(HEAD), source.size)
        if encoding is None:
            raise ReadError(
                f"{safe_line(source.name)}: not DICOM (no DICM prefix and no believable first element)"
            )
        if encoding.transfer_syntax == DEFLATED_LITTLE:
            stream.seek(0)
            source = _inflated(source.name, stream.read(), encoding.start)
            with source.open() as inflated:
                return _Reader(source, inflated, encoding).read()
        return _Reader(source, stream, encoding).read()


def _inflated(name: str, content: bytes, start: int) -> MemorySource:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = inflater.decompress(content[start:], INFLATE_LIMIT)
    except zlib.error as error:
        raise ReadError(f"{safe_line(name)}: the deflated Data Set cannot be inflated ({error})") from error
    if inflater.unconsumed_tail:
        raise ReadError(f"{safe_line(name)}: the deflated Data Set is larger than {INFLATE_LIMIT >> 20} MiB")
    return MemorySource(name, content[:start] + body)


class _BoundedStream:
    """A stream that never asks for more than is there and closes the sequences which a cut left open.

    At the end of the data pydicom's parser asks in turn for a header of the next element (a short answer
    ends the item) and for the next item (a delimiter ends the sequence), so the answers alternate.
    """

    def __init__(self, stream: BinaryIO, size: int, little: bool) -> None:
        self.name = ""
        self.cut_at: int | None = None
        self._stream, self._size, self._little = stream, size, little
        self._closing = False
        self.tell, self.seek = stream.tell, stream.seek

    def read(self, count: int) -> bytes:
        position = self._stream.tell()
        data = self._stream.read(max(0, min(count, self._size - position)))
        if len(data) < count and (data or self._closing) and self.cut_at is None:
            self.cut_at = self._size
        if data or count != 8:
            return data
        self._closing = not self._closing
        return b"" if self._closing else _CLOSE_SEQUENCE[self._little]


class _Reader:
    """Collects the elements of one source, whatever happens on the way."""

    def __init__(self, source: ByteSource, stream: BinaryIO, encoding: Encoding) -> None:
        self._source, self._stream, self._encoding = source, stream, encoding
        self._warnings: list[str] = []
        self._pixel_data: PixelDataElement | None = None
        self._found: tuple[int, str, int] | None = None

    def read(self) -> Instance:
        encoding = self._encoding
        meta = (
            self._elements(encoding.meta, implicit=False, little=True, group=2)
            if encoding.meta is not None
            else {}
        )
        elements = self._elements(encoding.start, implicit=True, little=True, group=0)
        start = self._stream.tell() if elements else encoding.start
        elements |= self._elements(start, encoding.implicit, encoding.little)
        while self._found is not None and self._locate_pixel_data():
            elements |= self._elements(self._stream.tell(), encoding.implicit, encoding.little)
        if not elements and not meta:
            raise ReadError(f"{safe_line(self._source.name)}: not DICOM (no element can be read)")
        if not encoding.declared:
            self._warnings.append(f"no Transfer Syntax UID (0002,0010): read as {encoding.transfer_syntax}")
        return Instance(
            self._source, self._dataset(meta, elements), encoding, self._pixel_data, tuple(self._warnings)
        )

    def _dataset(self, meta: "_Elements", elements: "_Elements") -> FileDataset:
        encoding = self._encoding
        dataset = FileDataset(
            self._source.name,
            dict(sorted(elements.items())),
            file_meta=FileMetaDataset(meta),
            is_implicit_VR=encoding.implicit,
            is_little_endian=encoding.little,
        )
        dataset.set_original_encoding(encoding.implicit, encoding.little, dataset._character_set)
        return dataset

    def _elements(self, start: int, implicit: bool, little: bool, group: int | None = None) -> "_Elements":
        """Read elements from *start* up to the pixel data, the end of *group*, the end, or what stops it."""
        elements: _Elements = {}
        bounded = _BoundedStream(self._stream, self._source.size, little)
        self._found = None

        def stop(tag: BaseTag, vr: str | None, length: int) -> bool:
            if group is not None:
                return tag >> 16 != group
            if tag in PIXEL_DATA_TAGS:
                self._found = tag, vr or ("OB" if length == UNDEFINED else "OW"), length
            return self._found is not None

        self._stream.seek(start)
        try:
            for element in data_element_generator(bounded, implicit, little, stop):  # type: ignore[arg-type]
                if element.tag in elements:
                    self._warnings.append(f"{element.tag} stands more than once; the last one is shown")
                elements[element.tag] = element
        except Exception as error:  # noqa: BLE001  a parser raises anything on hostile input
            self._stopped(self._stream.tell(), error)
        else:
            if bounded.cut_at is not None:
                self._stopped(bounded.cut_at, "the file ends inside an element")
        return elements

    def _stopped(self, position: int, why: "Exception | str") -> None:
        reason = f"{type(why).__name__}: {why}" if isinstance(why, Exception) else why
        self._warnings.append(f"stopped at byte {position:,}: {safe_line(reason, 200)}")

    def _locate_pixel_data(self) -> bool:
        """Record where the pixel data stands and move behind it; False when nothing can follow."""
        assert self._found is not None
        tag, vr, length = self._found
        header = 8 if self._encoding.implicit or vr not in _LONG_VR_NAMES else 12
        offset = self._stream.tell() + header
        present = self._source.size - offset
        if length != UNDEFINED:
            if present < length:
                self._warnings.append(f"pixel data is cut: {present:,} of {length:,} bytes are there")
            self._pixel_data = PixelDataElement(tag, vr, offset, min(present, length), None)
            self._stream.seek(offset + length)
            return present > length
        fragments, end = self._walk_items(offset)
        self._pixel_data = PixelDataElement(tag, vr, offset, end - offset, fragments)
        return self._source.size > end

    def _walk_items(self, position: int) -> tuple[Fragments, int]:
        offsets: list[int] = []
        lengths: list[int] = []
        read, seek, size = self._stream.read, self._stream.seek, self._source.size
        order = "<HHL" if self._encoding.little else ">HHL"
        seek(position)
        while len(header := read(8)) == 8:
            group, element, length = unpack(order, header)
            tag = group << 16 | element
            if tag == _SEQUENCE_END:
                return Fragments(tuple(offsets), tuple(lengths)), position + 8
            if tag != _ITEM or position + 8 + length > size:
                break
            offsets.append(position + 8)
            lengths.append(length)
            position += 8 + length
            seek(position)
        self._stopped(position, "the encapsulated pixel data has no end")
        seek(size)
        return Fragments(tuple(offsets), tuple(lengths)), size


_Elements = dict[BaseTag, "RawDataElement | DataElement"]
_LONG_VR_NAMES = frozenset({"OB", "OW", "OF", "OD", "UN"})
