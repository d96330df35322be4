"""Writes pixel data: that of another file as it stands there, or frames that were made."""

import io
import os
from collections.abc import Iterator
from struct import pack
from typing import BinaryIO, Literal, NamedTuple

from dicomtui.dataset.dictionary import format_tag
from dicomtui.dataset.element_encoding import ElementEncoder
from dicomtui.dataset.encoding import SHORT_VRS, UNDEFINED
from dicomtui.dataset.raw_elements import ITEM, SEQUENCE_END
from dicomtui.dataset.reading import Instance, PixelDataElement
from dicomtui.errors import WriteError

_PIXEL_DATA = 0x7FE00010
_FLOATS = {"OF": 0x7FE00008, "OD": 0x7FE00009}  # Float and Double Float Pixel Data (PS3.3 C.7.6.24, C.7.6.25)
EXTENDED_OFFSETS, EXTENDED_LENGTHS = 0x7FE00001, 0x7FE00002

_CHUNK = 1 << 20
_TABLE_LIMIT = 1 << 31
"""Bytes of frames from which on the offsets stand in 64 bits: those of 32 might not suffice."""


class PassedThrough(NamedTuple):
    """The pixel data of an instance, byte for byte."""

    instance: Instance


class NewPixels(NamedTuple):
    """Pixel data that is made while it is written."""

    vr: str
    frames: Iterator[bytes]
    count: int  # type: ignore[assignment]  # the number of equal values in a tuple is of no use here
    """How many frames there are."""
    encapsulated: bool
    length: int
    """Bytes of all frames together: exactly for native pixel data; when encapsulated, those of the frames
    before they were encoded, which tell whether offsets of 32 bits suffice."""

    @property
    def tag(self) -> int:
        """The element that the frames go to: each kind of numbers has one of its own."""
        return _PIXEL_DATA if self.encapsulated else _FLOATS.get(self.vr, _PIXEL_DATA)

    @property
    def has_long_offsets(self) -> bool:
        """Whether an Extended Offset Table (PS3.3 C.7.6.3.1.8) takes the place of the Basic Offset Table."""
        return self.encapsulated and self.length + 8 * self.count > _TABLE_LIMIT


Pixels = PassedThrough | NewPixels


def copy_pixels(stream: BinaryIO, instance: Instance, encoder: ElementEncoder) -> None:
    """Write the pixel data element of *instance* to *stream*, without holding more than a chunk of it.

    Raises
    ------
    WriteError
        If it is cut in the source, or its byte order is not the one that is written.
    """
    pixels = instance.pixel_data
    if pixels is None:
        raise WriteError("there is no pixel data to copy")
    name = format_tag(pixels.tag)
    if instance.encoding.little != encoder.form.little:
        raise WriteError(f"{name} has another byte order than what is written; decode and encode it instead")
    with instance.source.open() as source:
        _refuse_cut(source, pixels, instance)
        vr = pixels.vr if pixels.vr.encode("ascii", "replace") not in SHORT_VRS else "OW"
        length = UNDEFINED if pixels.fragments else pixels.length + pixels.length % 2
        stream.write(encoder.header(pixels.tag, vr, length))
        _copy(source, pixels.offset, pixels.length, stream)
    if not pixels.fragments and pixels.length % 2:
        stream.write(b"\0")


def write_new_pixels(stream: BinaryIO, pixels: NewPixels, encoder: ElementEncoder) -> None:
    """Write the pixel data element frame by frame, and what says where the frames begin.

    Raises
    ------
    WriteError
        If the frames are not as many, or not as long, as was said.
    """
    if not pixels.encapsulated:
        stream.write(encoder.header(pixels.tag, pixels.vr, pixels.length + pixels.length % 2))
        written = sum(stream.write(frame) for frame in pixels.frames)
        if written != pixels.length:
            raise WriteError(f"pixel data became {written:,} bytes instead of {pixels.length:,}")
        stream.write(b"\0" * (written % 2))
        return
    long = pixels.has_long_offsets
    table = 0 if long else 4 * pixels.count
    places: list[int] = []
    if long:
        for tag in (EXTENDED_OFFSETS, EXTENDED_LENGTHS):
            stream.write(encoder.header(tag, "OV", 8 * pixels.count))
            places.append(stream.tell())
            stream.write(bytes(8 * pixels.count))
    stream.write(encoder.header(pixels.tag, pixels.vr, UNDEFINED) + encoder.delimiter(ITEM, table))
    if not long:
        places.append(stream.tell())
        stream.write(bytes(table))
    offsets, lengths = _write_fragments(stream, pixels, encoder)
    stream.write(encoder.delimiter(SEQUENCE_END))
    kind, limit = ("Q", 1 << 64) if long else ("L", 1 << 32)
    if offsets and offsets[-1] >= limit:
        raise WriteError("the encoded frames have more than 4 GiB, which was not foreseen; write them native")
    _patch(stream, places, [pack(f"<{len(each)}{kind}", *each) for each in (offsets, lengths)])


def _write_fragments(
    stream: BinaryIO, pixels: NewPixels, encoder: ElementEncoder
) -> tuple[list[int], list[int]]:
    """Write each frame as one fragment; return where the items begin, after the first, and their lengths."""
    offsets: list[int] = []
    lengths: list[int] = []
    position = 0
    for frame in pixels.frames:
        padding = len(frame) % 2
        length = len(frame) + padding
        if length >= UNDEFINED:
            raise WriteError(f"a frame has {length:,} bytes, more than a fragment holds; write it native")
        offsets.append(position)
        lengths.append(length)
        stream.write(encoder.delimiter(ITEM, length))
        stream.write(frame)
        stream.write(b"\0" * padding)
        position += 8 + length
    if len(offsets) != pixels.count:
        raise WriteError(f"{len(offsets)} frames were encoded instead of {pixels.count}")
    return offsets, lengths


def _patch(stream: BinaryIO, places: list[int], tables: list[bytes]) -> None:
    end = stream.tell()
    for place, table in zip(places, tables, strict=False):
        stream.seek(place)
        stream.write(table)
    stream.seek(end)


def _refuse_cut(source: BinaryIO, pixels: PixelDataElement, instance: Instance) -> None:
    """Raise an error where not all of the pixel data is there: a copy would look whole, and is not."""
    name, cut = format_tag(pixels.tag), "cut off in the source; get a whole copy of the file first"
    order: Literal["little", "big"] = "little" if instance.encoding.little else "big"
    if pixels.fragments is None:
        size = 2 if pixels.vr.encode("ascii", "replace") in SHORT_VRS else 4
        source.seek(pixels.offset - size)
        declared = int.from_bytes(source.read(size), order)
        if declared != pixels.length:
            raise WriteError(f"{name} is {cut} ({pixels.length:,} of {declared:,} bytes are there)")
        return
    fragments = pixels.fragments
    last = fragments.offsets[-1] + fragments.lengths[-1] if fragments.offsets else pixels.offset
    source.seek(last)
    group, element = (int.from_bytes(source.read(2), order) for _ in range(2))
    if last + 8 != pixels.offset + pixels.length or group << 16 | element != SEQUENCE_END:
        raise WriteError(f"{name} is {cut} (its fragments have no end)")


def _copy(source: BinaryIO, offset: int, length: int, target: BinaryIO) -> None:
    """Copy bytes, inside the kernel where both ends are files."""
    copied = _copy_in_kernel(source, offset, length, target)
    source.seek(offset + copied)
    while copied < length:
        chunk = source.read(min(_CHUNK, length - copied))
        if not chunk:
            raise WriteError("the source has become shorter while it was read; try again")
        target.write(chunk)
        copied += len(chunk)


def _copy_in_kernel(source: BinaryIO, offset: int, length: int, target: BinaryIO) -> int:
    """Copy what can be copied without reading it, and return how many bytes that was."""
    if not (_is_file(source) and _is_file(target) and hasattr(os, "copy_file_range")):
        return 0
    target.flush()
    start, copied = target.tell(), 0
    while copied < length:
        try:
            count = os.copy_file_range(
                source.fileno(), target.fileno(), length - copied, offset + copied, start + copied
            )
        except OSError:  # other file systems, an old kernel, a full disk: writing says what it is
            break
        if not count:
            break
        copied += count
    target.seek(start + copied)
    return copied


def _is_file(stream: BinaryIO) -> bool:
    """Whether the descriptor of *stream* holds the same bytes at the same offsets."""
    return isinstance(stream, io.BufferedReader | io.BufferedRandom | io.BufferedWriter) and isinstance(
        stream.raw, io.FileIO
    )
