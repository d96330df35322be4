"""Writes one instance in the DICOM File Format (PS3.10 7), pixels passed through or made on the way."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import FileDataset
from pydicom.tag import BaseTag

from dicomtui.dataset.element_encoding import ElementEncoder, Form, elements_in
from dicomtui.dataset.encoding import DEFLATED_LITTLE, EXPLICIT_BIG, GE_PRIVATE, IMPLICIT_LITTLE
from dicomtui.dataset.pixel_writing import (
    EXTENDED_LENGTHS,
    EXTENDED_OFFSETS,
    NewPixels,
    PassedThrough,
    Pixels,
    copy_pixels,
    write_new_pixels,
)
from dicomtui.dataset.raw_elements import PIXEL_DATA_TAGS, Elements
from dicomtui.dataset.scope import Scope
from dicomtui.errors import WriteError

__all__ = ["IMPLEMENTATION_UID", "NewPixels", "PassedThrough", "Pixels", "write_file"]

IMPLEMENTATION_UID = "2.25.278225400760991246557474945232818780638"
"""Implementation Class UID (0002,0012) of what this program writes."""

_TRANSFER_SYNTAX = BaseTag(0x00020010)
_PREAMBLE = 128


def write_file(stream: BinaryIO, dataset: FileDataset, pixels: Pixels | None) -> None:
    """Write preamble, File Meta Information and Data Set; memory holds the elements, never the pixel data.

    The Transfer Syntax UID (0002,0010) of the File Meta Information decides how elements are encoded. Values
    that were read and not touched since are copied byte for byte, but that odd lengths are padded; those of
    another byte order are swapped. The group length of the File Meta Information is made anew, other Group
    Lengths (PS3.5 7.2) are left out, and a value that is too long for its VR becomes one of UN (PS3.5 6.2.2).

    Parameters
    ----------
    stream : BinaryIO
        An empty stream that can be written, and seeks.
    dataset : FileDataset
        With File Meta Information. Nothing in it is changed or converted.
    pixels : PassedThrough, NewPixels or None
        Stands in place of any pixel data in *dataset*; None to write what is there.

    Raises
    ------
    WriteError
        If something cannot be written as it is, or pixel data is cut in its source. The message names the
        attribute, not the file.
    """
    meta = elements_in(dataset.file_meta)
    syntax = _transfer_syntax(meta)
    encoder = ElementEncoder(Form(syntax in (IMPLICIT_LITTLE, GE_PRIVATE), syntax != EXPLICIT_BIG))
    preamble = (dataset.preamble or b"")[:_PREAMBLE]
    stream.write(preamble.ljust(_PREAMBLE, b"\0") + b"DICM" + _file_meta(meta))
    elements = elements_in(dataset)
    if pixels is None:
        parts = _parts(encoder, elements)
        with _body(stream, syntax) as body:
            body.writelines(data for _, data in parts)
        return
    for tag in _replaced(pixels):
        elements.pop(BaseTag(tag), None)
    before, behind = _around(encoder, elements, _pixel_tag(pixels))
    with _body(stream, syntax) as body:
        body.write(before)
        if isinstance(pixels, PassedThrough):
            copy_pixels(body, pixels.instance, encoder)
        else:
            write_new_pixels(body, pixels, encoder)
        body.write(behind)


def _transfer_syntax(meta: Elements) -> str:
    element = meta.get(_TRANSFER_SYNTAX)
    value = element.value if isinstance(element, RawDataElement | DataElement) else None
    syntax = (value.decode("latin-1") if isinstance(value, bytes) else str(value or "")).strip(" \0")
    if not syntax:
        raise WriteError("(0002,0010) Transfer Syntax UID is missing, so that nothing can be encoded")
    return syntax


def _file_meta(meta: Elements) -> bytes:
    """Return the File Meta Information, which is explicit little endian always (PS3.10 7.1)."""
    encoder = ElementEncoder(Form(implicit=False, little=True))
    scope = Scope(meta)
    data = b"".join(
        encoder.element(meta[tag], scope) for tag in sorted(meta) if tag >> 16 == 2 and tag & 0xFFFF
    )
    return encoder.header(0x00020000, "UL", 4) + len(data).to_bytes(4, "little") + data


def _parts(encoder: ElementEncoder, elements: Elements) -> list[tuple[int, bytes]]:
    try:
        return list(encoder.encoded(Scope(elements)))
    except RecursionError as error:
        raise WriteError("sequences are nested too deep to be written") from error


def _around(encoder: ElementEncoder, elements: Elements, tag: int) -> tuple[bytes, bytes]:
    """Return the encoded elements before the pixel data and those behind it."""
    parts = _parts(encoder, elements)
    return b"".join(data for at, data in parts if at < tag), b"".join(data for at, data in parts if at > tag)


def _pixel_tag(pixels: Pixels) -> int:
    if isinstance(pixels, NewPixels):
        return EXTENDED_OFFSETS if pixels.has_long_offsets else pixels.tag
    if pixels.instance.pixel_data is None:
        raise WriteError("there is no pixel data to copy")
    return pixels.instance.pixel_data.tag


def _replaced(pixels: Pixels) -> frozenset[int]:
    """Return the tags of what *pixels* takes the place of: offsets go with the frames that they are of."""
    if isinstance(pixels, NewPixels):
        return PIXEL_DATA_TAGS | {EXTENDED_OFFSETS, EXTENDED_LENGTHS}
    return PIXEL_DATA_TAGS


@contextmanager
def _body(stream: BinaryIO, syntax: str) -> Iterator[BinaryIO]:
    """Give the stream that the Data Set goes to: *stream* itself, or one that deflates (PS3.5 A.5)."""
    if syntax != DEFLATED_LITTLE:
        yield stream
        return
    start = stream.tell()
    deflating = _Deflating(stream)
    yield cast("BinaryIO", deflating)
    deflating.finish()
    if (stream.tell() - start) % 2:
        stream.write(b"\0")


class _Deflating:
    """Deflates what is written to it, in raw form without a header."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)

    def write(self, data: bytes) -> int:
        self._stream.write(self._deflater.compress(data))
        return len(data)

    def writelines(self, parts: Iterator[bytes]) -> None:
        for part in parts:
            self.write(part)

    def finish(self) -> None:
        self._stream.write(self._deflater.flush())
