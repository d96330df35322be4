"""Reads one file into an :class:`Instance`, without pydicom's parser: see ``element_parser`` for why.

Whatever the file holds, the outcome is an Instance with all that could be read and warnings that say what
could not, or one :class:`~dicomtui.errors.ReadError`. Pixel data is located, never loaded.
"""

import io
import warnings
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import pydicom.config
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence

from dicomtui.dataset.charsets import DEFAULT, Encodings, encodings_in
from dicomtui.dataset.encoding import DEFLATED_LITTLE, HEAD, UNDEFINED, Encoding, find_encoding
from dicomtui.dataset.fragments import walk_fragments
from dicomtui.dataset.parsing import Parsed, parse_elements
from dicomtui.dataset.raw_elements import AnyElement, Elements, Header, RawItem, RawSequence
from dicomtui.dataset.source import ByteSource, FileSource, MemorySource
from dicomtui.errors import ReadError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    import os

    from pydicom.tag import BaseTag

# A reader shows what is there; judging values is the work of a validator.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
# pydicom's warnings quote values as they are, which would reach the terminal past dicomtui.text.
warnings.filterwarnings("ignore", module=r"pydicom\b")

INFLATE_LIMIT = 256 << 20
"""Bytes that a deflated Data Set (PS3.5 A.5) may have when inflated."""
_CHUNK = 1 << 20
_META_LIMIT = 16 << 20  # bytes of File Meta Information that are looked through for the encoding


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
    elements: Elements | None = None
    """The elements as they stand in the source, which pydicom's conversions leave alone; None for a
    :attr:`dataset` that was not read but made."""

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
        If the source is not DICOM, or cannot be read at all.
    """
    try:
        with source.open() as stream:
            encoding = _encoding(source, stream)
            if encoding.transfer_syntax != DEFLATED_LITTLE:
                return _Reader(source, stream, encoding, []).read()
            inflated, problems = _inflated(source.name, stream, encoding.start)
        with inflated.open() as stream:
            return _Reader(inflated, stream, encoding, problems).read()
    except ReadError:
        raise
    except Exception as error:  # a failing disk, a broken archive, too little memory
        reason = safe_line(f"{type(error).__name__}: {error}", 200)
        raise ReadError(f"{safe_line(source.name)}: cannot be read ({reason})") from error


def _encoding(source: ByteSource, stream: BinaryIO) -> Encoding:
    head = stream.read(HEAD)
    encoding = find_encoding(head, source.size)
    while encoding is not None and len(head) < min(encoding.start + 8, source.size, _META_LIMIT):
        more = stream.read(encoding.start + HEAD - len(head))  # the File Meta Information is longer
        if not more:
            break
        head += more
        encoding = find_encoding(head, source.size)
    if encoding is None:
        raise ReadError(
            f"{safe_line(source.name)}: not DICOM (no DICM prefix and no believable first element)"
        )
    return encoding


def _inflated(name: str, stream: BinaryIO, start: int) -> tuple[MemorySource, list[str]]:
    """Inflate the Data Set that begins at *start*; what stands before an error or a cut is kept."""
    stream.seek(0)
    content = io.BytesIO()  # whose bytes are had without a copy
    content.write(stream.read(start))
    limit = start + INFLATE_LIMIT
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    problem = "the deflated Data Set is cut"
    while not inflater.eof:
        chunk = inflater.unconsumed_tail or stream.read(_CHUNK)
        try:
            inflated = inflater.decompress(chunk, _CHUNK)
        except zlib.error as error:
            problem = f"the deflated Data Set cannot be inflated ({error})"
            break
        if not chunk and not inflated:
            break
        content.write(inflated)
        if content.tell() > limit:
            raise ReadError(
                f"{safe_line(name)}: the deflated Data Set is larger than {INFLATE_LIMIT >> 20} MiB"
            )
    if content.tell() == start and not inflater.eof:
        raise ReadError(f"{safe_line(name)}: {problem}")
    return MemorySource(name, content.getvalue()), [] if inflater.eof else [problem]


class _Reader:
    """Collects the elements of one source, whatever happens on the way."""

    def __init__(self, source: ByteSource, stream: BinaryIO, encoding: Encoding, warnings: list[str]) -> None:
        self._source, self._stream, self._encoding = source, stream, encoding
        self._warnings = warnings
        self._pixel_data: PixelDataElement | None = None

    def read(self) -> Instance:
        encoding = self._encoding
        meta: Elements = {}
        if encoding.meta is not None:
            meta = self._parse(encoding.meta, implicit=False, little=True, group=2).elements
        command = self._parse(encoding.start, implicit=True, little=True, group=0)
        elements = command.elements
        start: int | None = command.position
        while start is not None:
            parsed = self._parse(start, implicit=encoding.implicit, little=encoding.little)
            elements |= parsed.elements
            start = self._after(parsed.pixel_data) if parsed.pixel_data else None
        if not elements and not meta and self._pixel_data is None:
            raise ReadError(f"{safe_line(self._source.name)}: not DICOM (no element can be read)")
        if not encoding.declared:
            self._warnings.append(f"no Transfer Syntax UID (0002,0010): read as {encoding.transfer_syntax}")
        dataset = _dataset(self._source.name, meta, elements, encoding)
        warnings = tuple(dict.fromkeys(self._warnings))
        return Instance(self._source, dataset, encoding, self._pixel_data, warnings, meta | elements)

    def _parse(self, start: int, *, implicit: bool, little: bool, group: int | None = None) -> Parsed:
        end = self._source.size
        parsed = parse_elements(self._stream, start, end, implicit=implicit, little=little, group=group)
        self._warnings += parsed.problems
        return parsed

    def _after(self, header: Header) -> int | None:
        """Record the pixel data and return the offset behind it, None when nothing can follow."""
        if self._pixel_data is not None:
            where = f"stopped at byte {header.offset:,}"
            self._warnings.append(f"{where}: pixel data stands more than once; the first is shown")
            return None
        self._pixel_data = self._located(header)
        end = self._pixel_data.offset + self._pixel_data.length
        return end if end < self._source.size else None

    def _located(self, header: Header) -> PixelDataElement:
        tag, vr, length, offset = header
        size = self._source.size
        if length != UNDEFINED:
            present = max(0, size - offset)
            if present < length:
                self._warnings.append(f"pixel data is cut: {present:,} of {length:,} bytes are there")
            return PixelDataElement(tag, vr or "OW", offset, min(present, length), None)
        offsets, lengths, end, ended = walk_fragments(self._stream, offset, size, self._encoding.little)
        if not ended:
            self._warnings.append(f"stopped at byte {end:,}: the encapsulated pixel data has no end")
        end = end + 8 if ended else size
        fragments = Fragments(tuple(offsets), tuple(lengths))
        return PixelDataElement(tag, vr or "OB", offset, end - offset, fragments)


def _dataset(name: str, meta: Elements, elements: Elements, encoding: Encoding) -> FileDataset:
    """Return what pydicom makes of the elements; it converts its own copy on access."""
    dataset = FileDataset(
        name,
        _converted(elements, DEFAULT),
        file_meta=FileMetaDataset(_converted(meta, DEFAULT)),
        is_implicit_VR=encoding.implicit,
        is_little_endian=encoding.little,
    )
    codecs = encodings_in(elements)
    dataset.set_original_encoding(encoding.implicit, encoding.little, list(codecs))
    return dataset


def _converted(elements: Elements, inherited: Encodings) -> "dict[BaseTag, RawDataElement | DataElement]":
    """Return *elements* in the order of their tags, sequences as pydicom has them."""
    codecs = encodings_in(elements, inherited)
    return {
        element.tag: _sequence(element, codecs) if isinstance(element, RawSequence) else element
        for element in sorted(elements.values(), key=_tag)
    }


def _sequence(sequence: RawSequence, inherited: Encodings) -> DataElement:
    undefined = sequence.length == UNDEFINED
    items = Sequence(_item(item, inherited) for item in sequence.items)
    items.is_undefined_length = undefined
    return DataElement(sequence.tag, "SQ", items, sequence.value_tell, undefined, already_converted=True)


def _item(item: RawItem, inherited: Encodings) -> Dataset:
    dataset = Dataset(_converted(item.elements, inherited), parent_encoding=list(inherited))
    codecs = encodings_in(item.elements, inherited)
    dataset.set_original_encoding(item.implicit, item.little, list(codecs))
    dataset.is_undefined_length_sequence_item = item.length == UNDEFINED
    return dataset


def _tag(element: AnyElement) -> int:
    return int(element.tag)
