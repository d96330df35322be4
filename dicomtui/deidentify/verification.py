"""Reads back what was written of a de-identified instance, before it gets its name.

What is checked does not rest on what the engine did, but on the bytes: an engine or a writer that fails must
be found here. Nothing may be in the file that is neither a header nor a value of the result, and no value may
hold what identified the patient.
"""

import io
import os
import zlib
from contextlib import suppress
from typing import BinaryIO, cast

from dicomtui.dataset.encoding import DEFLATED_LITTLE, PREAMBLE, SHORT_VRS
from dicomtui.dataset.layout import LayoutError, Placed, layout_of
from dicomtui.dataset.reading import Instance, PixelDataElement, read_source
from dicomtui.dataset.source import ByteSource, FileSource, MemorySource
from dicomtui.deidentify.cleaning import tag_path
from dicomtui.deidentify.engine import Result
from dicomtui.deidentify.token_search import TokenSearch
from dicomtui.errors import DicomTuiError, WriteError

_CHUNK = 1 << 20
_OFFSET_TABLES = frozenset({0x7FE00001, 0x7FE00002})
_DIRECTORY_GROUP = 0x0004


class Leak(DicomTuiError):  # noqa: N818  a word that says what it is
    """What was written holds something that identifies; the message says where and what kind, not what."""


def verify(
    written: str | os.PathLike[str] | BinaryIO, result: Result, original: Instance, *, pixels_cleaned: bool
) -> None:
    """Raise an error unless *written* is a whole and de-identified file of *result*.

    All bytes but the pixel data are searched for the tokens of *result*: text in any of the standard's
    character sets and in UTF-16, in private and binary values too, names without regard to their case, dates
    with and without separators, a deflated Data Set inflated.

    A token is found only as a word or number of its own. Words that the rules keep or write (see
    :meth:`~dicomtui.deidentify.tokens.Tokens.identifying`) are no tokens; of numbers with fewer than seven
    digits, those in values of AS, DS, IS and TM do not count, since any series number may equal a Patient ID.
    Where a value that stays by rule holds a name or an identifier all the same (a filter that is called like
    the patient), nobody can tell chance from a leak, and the file fails: better one that a person has to look
    at than one that should not have left the house.

    Parameters
    ----------
    written : path or BinaryIO
        A file, or the stream that it was written to. The stream is left at its end.
    result : Result
        What was written, with the tokens to search for.
    original : Instance
        What it was made from.
    pixels_cleaned : bool
        Whether the pixel data was changed on purpose; otherwise its bytes must be the original's.

    Raises
    ------
    Leak
        If something that identifies is in the file.
    WriteError
        If the file cannot be read back as what was to be written.
    """
    source = _source_of(written)
    try:
        copy = read_source(source)
        if copy.warnings:
            raise _different(f"reading it back says: {copy.warnings[0]}")
        _check(copy, source, result)
        _compare_pixels(copy, original, pixels_cleaned)
    finally:
        if not isinstance(written, str | os.PathLike):
            written.seek(0, os.SEEK_END)


def _check(copy: Instance, source: ByteSource, result: Result) -> None:
    pixels, encoding = copy.pixel_data, copy.encoding
    with copy.source.open() as stream:
        data = stream.read(copy.source.size if pixels is None else pixels.offset)
        behind = b""
        if pixels is not None:
            stream.seek(pixels.offset + pixels.length)
            behind = stream.read()
    if any(data[: PREAMBLE - 4]):
        raise Leak("the preamble is not empty")
    if encoding.transfer_syntax == DEFLATED_LITTLE:
        _refuse_trailing(source, encoding.start)
    try:
        end = len(data) if pixels is None else len(data) - _header_length(pixels, implicit=encoding.implicit)
        meta = layout_of(data, PREAMBLE, encoding.start, implicit=False, little=True)
        body = layout_of(data, encoding.start, end, implicit=encoding.implicit, little=encoding.little)
        rest = layout_of(behind, 0, len(behind), implicit=encoding.implicit, little=encoding.little)
    except LayoutError as error:
        where = tag_path(error.path) if error.path else "the Data Set"
        raise _different(f"{where} {error.reason}") from error
    _check_tags(copy, result, meta, [*body, *rest])
    search = TokenSearch(result.tokens)
    for content, values in ((data, [*meta, *body]), (behind, rest)):
        hit = search.first_hit(content, values)
        if hit is not None:
            raise Leak(
                f"{tag_path(hit.value.path)} holds {hit.kind} of the original: leave out the option that "
                "keeps it, or empty this attribute in a copy and de-identify that"
            )


def _check_tags(copy: Instance, result: Result, meta: list[Placed], body: list[Placed]) -> None:
    """Raise an error if the elements at the top are not those of the result."""
    if any(value.path[0] >> 16 != 2 for value in meta):
        raise _different("an element stands among the File Meta Information")
    found = {int(tag) for tag in copy.elements or () if tag >> 16 != 2} - _OFFSET_TABLES
    wanted = {int(tag) for tag in result.dataset.keys() if tag & 0xFFFF} - _OFFSET_TABLES  # noqa: SIM118
    groups = {tag >> 16 for tag in found}
    if found != wanted or _DIRECTORY_GROUP in groups or any(each.path[0] not in found for each in body):
        odd = min(found ^ wanted, default=0)
        raise _different(f"{tag_path((odd,))} is there, or is not, against the rules")


def _compare_pixels(copy: Instance, original: Instance, cleaned: bool) -> None:
    new, old = copy.pixel_data, original.pixel_data
    if new is None or old is None:
        if new is not old:
            raise _different("it has lost its pixel data, or has got some")
        return
    if cleaned:
        return
    padding = 0 if old.fragments else old.length % 2
    if new.tag != old.tag or new.length != old.length + padding:
        raise _different("the pixel data is not that of the original")
    with original.source.open() as one, copy.source.open() as other:
        one.seek(old.offset)
        other.seek(new.offset)
        left = old.length
        while left:
            expected = one.read(min(_CHUNK, left))
            if not expected or other.read(len(expected)) != expected:
                raise _different("the pixel data is not that of the original")
            left -= len(expected)
        if any(other.read(padding)):
            raise _different("the padding of the pixel data is not empty")


def _header_length(pixels: PixelDataElement, *, implicit: bool) -> int:
    return 8 if implicit or pixels.vr.encode("ascii") in SHORT_VRS else 12


def _refuse_trailing(source: ByteSource, start: int) -> None:
    """Raise an error if more than a byte of padding stands behind a deflated Data Set (PS3.5 A.5)."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    with source.open() as stream:
        stream.seek(start)
        while not inflater.eof and (chunk := inflater.unconsumed_tail or stream.read(_CHUNK)):
            inflater.decompress(chunk, _CHUNK)
        if (inflater.unused_data + stream.read(2)) not in (b"", b"\0"):
            raise _different("something stands behind the deflated Data Set")


def _source_of(written: str | os.PathLike[str] | BinaryIO) -> ByteSource:
    if isinstance(written, str | os.PathLike):
        return FileSource(written)
    written.flush()
    with suppress(OSError):
        return _OpenFile(written.fileno())
    written.seek(0)
    return MemorySource("what was written", written.read())


class _OpenFile:
    """A file that is open already, and may have no name yet."""

    name = "what was written"

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def open(self) -> BinaryIO:
        """Return a new stream, which reads by offsets and so leaves the descriptor's position alone."""
        return cast("BinaryIO", io.BufferedReader(_ByOffset(self._descriptor), 1 << 16))


class _ByOffset(io.RawIOBase):
    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._position = descriptor, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_CUR:
            offset += self._position
        elif whence == os.SEEK_END:
            offset += os.fstat(self._descriptor).st_size
        self._position = offset
        return offset

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = os.preadv(self._descriptor, [buffer], self._position)
        self._position += count
        return count


def _different(what: str) -> WriteError:
    return WriteError(f"what was written is not what was to be written: {what}")
