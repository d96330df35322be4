"""The members of a tar (POSIX pax, GNU, v7), told from front to back, so that it may be compressed.

:mod:`tarfile` reads names of any length into memory, follows sizes backwards, and stops at one bad record.
"""

from collections.abc import Iterator
from typing import Protocol

from dicomtui.archive.forward import ForwardReader
from dicomtui.archive.members import MEMBER_LIMIT, STORED, Entry, Names, decode_name, nested_reason
from dicomtui.errors import ReadError

BLOCK = 512
EXTENSION_LIMIT = 1 << 20
"""Bytes that a long name or the attributes of a member may have."""

_OLD_FILE = b"\0"
"""A file, or in archives older than POSIX a folder, whose name ends so."""
_WITHOUT_BYTES = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
_SILENT = frozenset({b"5", b"D", b"V"})
"""Folders, whose members tell them, and the label of a volume."""
_LINK, _SYMBOLIC_LINK, _SPARSE, _CONTINUED = b"1", b"2", b"S", b"M"
_LONG_NAME, _LONG_LINK, _PAX, _PAX_FOR_ALL = b"L", b"K", (b"x", b"X"), b"g"
_REASONS = {
    _LINK: "a link to another member",
    _SYMBOLIC_LINK: "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a named pipe",
    _SPARSE: "a sparse file, which cannot be read here; unpack it",
    _CONTINUED: "begins in another archive",
}
_CHECKSUM = slice(148, 156)


def is_tar_header(block: bytes) -> bool:
    """Whether a block of 512 bytes is the header of a member, or the end of an archive."""
    if len(block) < BLOCK:
        return False
    if not block.strip(b"\0"):
        return True
    expected = _number(block[_CHECKSUM])
    return expected is not None and expected == sum(block) - sum(block[_CHECKSUM]) + 8 * ord(" ")


class TarReader(ForwardReader, Protocol):
    """Gives the bytes of a tar from its first one on."""

    @property
    def reached(self) -> int:
        """How many bytes were passed, as far as there are any."""


class TarWalk:
    """One walk over the headers of a tar.

    Attributes
    ----------
    problem : str
        Why the walk ended before the archive did.
    """

    def __init__(self, reader: TarReader) -> None:
        self._reader = reader
        self._position = 0
        self._names = Names()
        self.problem = ""

    def entries(self) -> Iterator[Entry]:
        """Yield the members; while one is out, the reader stands at its first byte.

        Raises
        ------
        ReadError
            If there are too many; the message names no file.
        """
        count = 0
        extension: dict[str, str] = {}
        while (block := self._block()) is not None:
            kind, size = block[156:157], _number(block[124:136])
            if size is None or size < 0:
                self.problem = f"the archive is damaged at byte {self._position - BLOCK:,}"
                return
            if kind in (_LONG_NAME, _LONG_LINK, _PAX_FOR_ALL, *_PAX):
                if not self._extend(extension, kind, size):
                    return
                continue
            count += 1
            if count > MEMBER_LIMIT:
                raise ReadError(f"holds more than {MEMBER_LIMIT:,} members; unpack it")
            if kind == _SPARSE and block[482] and not self._skip_sparse_map():
                return
            size = 0 if kind in _WITHOUT_BYTES else _pax_size(extension, size)
            name = extension.get("path") or _name(block)
            if kind not in _SILENT and not (kind == _OLD_FILE and name.endswith("/")):
                name = name.rstrip("/")
                sparse = any(key.startswith("GNU.sparse.") for key in extension)
                reason = _REASONS.get(_SPARSE if sparse else kind, "") or nested_reason(name)
                unique = self._names.unique(name)
                yield Entry(unique, size, self._position, size, STORED, None, reason)
            extension = {}
            self._skip(size)

    def _block(self) -> bytes | None:
        """Return the next header, None at the end."""
        block = self._reader.read(BLOCK)
        start, self._position = self._position, self._position + len(block)
        if len(block) < BLOCK:
            if block or self._reader.reached < start:
                self.problem = "the archive is cut"
            return None  # many writers leave out the two blocks that mark the end
        if not is_tar_header(block):
            self.problem = f"the archive is damaged at byte {start:,}"
            return None
        return block if block.strip(b"\0") else None

    def _skip(self, size: int) -> None:
        """Step over the bytes of a member, which fill whole blocks."""
        whole = -(-size // BLOCK) * BLOCK
        self._reader.skip(whole)
        self._position += whole

    def _extend(self, extension: dict[str, str], kind: bytes, size: int) -> bool:
        """Take what a record says about the next member; return False where the walk has to end."""
        if size > EXTENSION_LIMIT:
            self.problem = f"the archive is damaged at byte {self._position - BLOCK:,}"
            return False
        content = self._reader.read(size)
        self._reader.skip(-size % BLOCK)
        self._position += size + -size % BLOCK
        if kind == _LONG_NAME:
            extension["path"] = decode_name(content.partition(b"\0")[0])
        elif kind in _PAX:
            extension.update(_pax_records(content))
        return True

    def _skip_sparse_map(self) -> bool:
        """Step over the blocks that go on with the map of an old GNU sparse file."""
        while len(block := self._reader.read(BLOCK)) == BLOCK:
            self._position += BLOCK
            if not block[504]:
                return True
        self.problem = "the archive is cut"
        return False


def _number(field: bytes) -> int | None:
    """Return a number in octal digits, or in binary as GNU tar writes large ones; None if it is neither."""
    if field[0] in (0x80, 0xFF):
        number = int.from_bytes(field[1:], "big")
        return number if field[0] == 0x80 else number - (256 ** (len(field) - 1))
    try:
        return int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        return None


def _name(block: bytes) -> str:
    name = block[:100].partition(b"\0")[0]
    if block[257:263] == b"ustar\0" and (prefix := block[345:500].partition(b"\0")[0]):
        name = prefix + b"/" + name
    return decode_name(name)


def _pax_records(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the keywords and values of an extended header, ``length keyword=value`` each."""
    position = 0
    while position < len(content):
        length, space, _ = content[position : position + 20].partition(b" ")
        if not space or not length.isdigit() or int(length) <= len(length):
            return
        record = content[position + len(length) + 1 : position + int(length) - 1]
        keyword, _, value = record.partition(b"=")
        yield decode_name(keyword), decode_name(value)
        position += int(length)


def _pax_size(extension: dict[str, str], size: int) -> int:
    """Return the size that an extended header gives instead of *size*."""
    text = extension.get("size", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else size
