"""The directory of a zip (APPNOTE.TXT 4.3), read so that neither a lie nor a cut in it hides the rest.

:mod:`zipfile` refuses the whole archive for one bad record, takes a directory of any size into memory, cuts
names at a null character and has nothing to say without a directory.
"""

import os
import zlib
from collections.abc import Iterable, Iterator
from stat import S_IFMT, S_IFREG, S_ISLNK
from struct import Struct

from dicomtui.archive.members import (
    DEFLATED,
    MEMBER_LIMIT,
    STORED,
    Directory,
    Entry,
    Names,
    decode_name,
    nested_reason,
)
from dicomtui.errors import ReadError
from dicomtui.wording import count_text

LOCAL_HEADER = b"PK\x03\x04"
DIRECTORY_LIMIT = 256 << 20
"""Bytes that the directory may have."""

_RECORD = b"PK\x01\x02"
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_LOCATOR_64 = b"PK\x06\x07"
_LOCAL = Struct("<4sHHHHHLLLHH")
_CENTRAL = Struct("<4sHHHHHHLLLHHHHHLL")
_END_FIELDS = Struct("<4sHHHHLLH")
_END_64_FIELDS = Struct("<4sQHHLLQQQQ")
_LOCATOR_FIELDS = Struct("<4sLQL")
_LONGEST_END = _END_FIELDS.size + 0xFFFF + _LOCATOR_FIELDS.size + _END_64_FIELDS.size
_LONGEST_DESCRIPTOR = 24
"""Bytes of a data descriptor with 64-bit sizes (APPNOTE.TXT 4.3.9)."""

_ENCRYPTED, _DESCRIPTOR, _UTF8 = 0x0001, 0x0008, 0x0800
_FAT, _UNIX, _MACOS = 0, 3, 19
_METHODS = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
_SALVAGE_LIMIT = 4 << 30
"""Bytes that are inflated to find the members of an archive without a directory."""
_CHUNK = 1 << 18


def read_zip_directory(descriptor: int, size: int) -> Directory:
    """Return the members of an open zip of *size* bytes; without its directory, those that stand in a row.

    Raises
    ------
    ReadError
        If there are too many; the message names no file.
    """
    place = _directory_place(descriptor, size)
    if place is None:
        entries = _number(_walk_local_headers(descriptor, size))
        found = count_text(len(entries), "member")
        return Directory(entries, f"the archive is cut: its directory is missing, {found} found without it")
    start, length, shift = place
    if length > DIRECTORY_LIMIT:
        raise ReadError(f"its directory is larger than {DIRECTORY_LIMIT >> 20} MiB; unpack it")
    content = os.pread(descriptor, length, start)
    records = _records(content, shift, size)
    entries = _without_overlaps(_number(entry for entry, _ in records))
    ends = [end for _, end in records]
    if (ends[-1] if ends else 0) < len(content):
        return Directory(entries, f"the directory is damaged after {count_text(len(entries), 'member')}")
    return Directory(entries)


def data_start(descriptor: int, entry: Entry) -> int:
    """Return where the bytes of a member begin, behind its local header.

    Raises
    ------
    ReadError
        If there is none; the message names no file.
    """
    header = os.pread(descriptor, _LOCAL.size, entry.offset)
    if len(header) < _LOCAL.size or not header.startswith(LOCAL_HEADER):
        raise ReadError("the archive is damaged: the member is not where its directory says")
    fields = _LOCAL.unpack(header)
    return entry.offset + _LOCAL.size + int(fields[9]) + int(fields[10])


def _directory_place(descriptor: int, size: int) -> tuple[int, int, int] | None:
    """Return where the directory begins, its length, and how many bytes stand before the archive."""
    start = max(0, size - _LONGEST_END)
    tail = os.pread(descriptor, size - start, start)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_FIELDS.size:
        return None
    length, offset = _END_FIELDS.unpack_from(tail, at)[5:7]
    behind = start + at
    locator = at - _LOCATOR_FIELDS.size
    if locator >= 0 and tail.startswith(_LOCATOR_64, locator):
        found = _end_64(descriptor, _LOCATOR_FIELDS.unpack_from(tail, locator)[2], start + locator)
        if found is not None:
            behind, length, offset = found
    shift = behind - length - offset
    if shift < 0 or (length and os.pread(descriptor, 4, offset + shift) != _RECORD):
        return None
    return offset + shift, length, shift


def _end_64(descriptor: int, offset: int, locator: int) -> tuple[int, int, int] | None:
    """Return where the Zip64 record begins, and the length and offset of the directory that it tells."""
    for place in (offset, locator - _END_64_FIELDS.size):  # the latter if bytes stand before the archive
        if not 0 <= place <= locator - _END_64_FIELDS.size:
            continue
        record = os.pread(descriptor, _END_64_FIELDS.size, place)
        if record.startswith(_END_64):
            fields = _END_64_FIELDS.unpack(record)
            return place, fields[8], fields[9]
    return None


def _number(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Give each entry a name of its own; folders are left out, since the names of their members tell them."""
    names = Names()
    numbered = []
    for count, entry in enumerate(entries):
        if count >= MEMBER_LIMIT:
            raise ReadError(f"holds more than {MEMBER_LIMIT:,} members; unpack it")
        if not entry.name.endswith("/"):
            numbered.append(entry._replace(name=names.unique(entry.name)))
    return tuple(numbered)


def _records(content: bytes, shift: int, size: int) -> list[tuple[Entry, int]]:
    """Return the entries of the directory, each with the end of its record."""
    found: list[tuple[Entry, int]] = []
    position = 0
    while content.startswith(_RECORD, position) and position + _CENTRAL.size <= len(content):
        if len(found) > MEMBER_LIMIT:
            break
        fields = _CENTRAL.unpack_from(content, position)
        name_end = position + _CENTRAL.size + fields[10]
        extra_end = name_end + fields[11]
        raw = content[position + _CENTRAL.size : name_end]
        extra = dict(_extra_fields(content[name_end:extra_end]))
        position = extra_end + fields[12]
        found.append((_entry(fields, raw, extra, shift, size), position))
    return found


def _entry(fields: tuple[int, ...], raw: bytes, extra: dict[int, bytes], shift: int, size: int) -> Entry:
    made_by, flags, method, checksum = fields[1] >> 8, fields[3], fields[4], fields[7]
    stored, inflated, offset = _sizes_64((fields[8], fields[9], fields[16]), extra.get(0x0001, b""))
    offset += shift
    name = _name(raw, flags, extra.get(0x7075, b""), made_by)
    mode = fields[15] >> 16 if made_by in (_UNIX, _MACOS) else 0
    reason = _reason(flags, method, mode) or nested_reason(name)
    if not reason and offset + _LOCAL.size > size:
        reason = "the archive is cut before it"
    return Entry(name, inflated, offset, stored, method, checksum, reason)


def _sizes_64(sizes: tuple[int, int, int], extra: bytes) -> tuple[int, int, int]:
    """Return stored size, inflated size and offset, those that need it from the Zip64 field (4.5.3)."""
    stored, inflated, offset = sizes
    values = iter(Struct(f"<{len(extra) // 8}Q").unpack_from(extra))
    if inflated == 0xFFFFFFFF:
        inflated = next(values, inflated)
    if stored == 0xFFFFFFFF:
        stored = next(values, stored)
    if offset == 0xFFFFFFFF:
        offset = next(values, offset)
    return stored, inflated, offset


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 4 <= len(extra):
        kind = int.from_bytes(extra[position : position + 2], "little")
        length = int.from_bytes(extra[position + 2 : position + 4], "little")
        yield kind, extra[position + 4 : position + 4 + length]
        position += 4 + length


def _name(raw: bytes, flags: int, unicode_path: bytes, made_by: int) -> str:
    """Decode a name: UTF-8 where it is said or seen, else code page 437 (APPNOTE.TXT D.1)."""
    if unicode_path[:1] == b"\x01" and unicode_path[1:5] == zlib.crc32(raw).to_bytes(4, "little"):
        raw = unicode_path[5:]  # Info-ZIP's own field (4.6.9)
    name = decode_name(raw, legacy=None if flags & _UTF8 else "cp437")
    return name.replace("\\", "/") if made_by == _FAT else name


def _reason(flags: int, method: int, mode: int) -> str:
    if flags & _ENCRYPTED:
        return "encrypted"
    if S_IFMT(mode) not in (0, S_IFREG):
        return "a symbolic link" if S_ISLNK(mode) else "not a regular file"
    if method not in (STORED, DEFLATED):
        name = _METHODS.get(method, f"method {method}")
        return f"compressed by {name}, which cannot be inflated here; unpack it"
    return ""


def _without_overlaps(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Refuse members whose bytes are those of another: how a small archive is made to inflate for ever."""
    overlapping = set()
    reached = 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if entry.offset < reached:
            overlapping.add(entry.name)
        reached = max(reached, entry.offset + _LOCAL.size + entry.stored)
    if not overlapping:
        return entries
    reason = "its bytes are those of another member"
    return tuple(
        entry._replace(reason=entry.reason or reason) if entry.name in overlapping else entry
        for entry in entries
    )


def _walk_local_headers(descriptor: int, size: int) -> Iterator[Entry]:
    """Yield the members of an archive without a directory, one behind the other."""
    position, patience = 0, _SALVAGE_LIMIT
    while len(header := os.pread(descriptor, _LOCAL.size, position)) == _LOCAL.size:
        _, _, flags, method, _, _, checksum, stored, inflated, name_length, extra_length = _LOCAL.unpack(
            header
        )
        if not header.startswith(LOCAL_HEADER):
            return
        names = os.pread(descriptor, name_length + extra_length, position + _LOCAL.size)
        extra = dict(_extra_fields(names[name_length:]))
        name = _name(names[:name_length], flags, extra.get(0x7075, b""), _UNIX)
        stored, inflated, _ = _sizes_64((stored, inflated, 0), extra.get(0x0001, b""))
        start = position + _LOCAL.size + name_length + extra_length
        reason = _reason(flags, method, 0) or nested_reason(name)
        if flags & _DESCRIPTOR and not stored:
            if method != DEFLATED:
                return  # nothing tells where it ends
            stored, inflated = _deflated_length(descriptor, start, size, patience)
            patience -= inflated
            yield Entry(name, inflated, position, stored, method, None, reason)
            if patience < 0:
                return
        else:
            yield Entry(name, inflated, position, stored, method, checksum, reason)
        position = start + stored
        if flags & _DESCRIPTOR:
            behind = os.pread(descriptor, _LONGEST_DESCRIPTOR + len(LOCAL_HEADER), position)
            position += max(0, behind.find(LOCAL_HEADER))


def _deflated_length(descriptor: int, start: int, end: int, limit: int) -> tuple[int, int]:
    """Return how many bytes a member takes and has, where only inflating it can tell."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    position, inflated = start, 0
    while not inflater.eof and inflated <= limit:
        chunk = os.pread(descriptor, max(0, min(_CHUNK, end - position)), position)
        if not chunk:
            break
        position += len(chunk)
        while chunk and not inflater.eof and inflated <= limit:
            try:
                inflated += len(inflater.decompress(chunk, _CHUNK))
            except zlib.error:
                return position - start, inflated
            chunk = inflater.unconsumed_tail
    return position - start - len(inflater.unused_data), inflated
