"""One container: where its members stand, and what gives their bytes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import BinaryIO

from dicomtui.archive.folder import Entry as Row
from dicomtui.archive.forward import StretchReader
from dicomtui.archive.gzip_reader import SPACING, GzipPlaces, GzipReader
from dicomtui.archive.kept import Kept
from dicomtui.archive.member_sources import (
    ContainerFile,
    DeflatedSource,
    GzippedSource,
    MemberSource,
    WindowSource,
)
from dicomtui.archive.members import (
    DEFLATED,
    SEPARATOR,
    Directory,
    Entry,
    inner_name,
    is_hidden,
    listed,
    parts_of,
)
from dicomtui.archive.series import natural_key
from dicomtui.archive.tar_headers import BLOCK, TarWalk, is_tar_header
from dicomtui.archive.zip_directory import data_start, read_zip_directory
from dicomtui.errors import ReadError
from dicomtui.text import safe_line

ZIP, TAR, TAR_GZ = "zip", "tar", "tar.gz"

_ZIP_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP_MAGIC = b"\x1f\x8b"
_REMEMBERED = 400_000
"""Members in the directories that are kept."""


class Container:
    """One container whose directory was read."""

    def __init__(self, kind: str, directory: Directory, places: GzipPlaces) -> None:
        self.directory = directory
        self._kind, self._places = kind, places
        self._entries = {entry.name: entry for entry in directory.entries}

    def has(self, name: str) -> bool:
        """Whether there is a member of this name."""
        return self._entry(name) is not None

    def _entry(self, name: str) -> Entry | None:
        """Return a member by its name, also as it stands in the container."""
        return self._entries.get(name) or self._entries.get(inner_name(name))

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Return names in the order in which the members stand in the file."""
        last = Entry("", 0, 1 << 63)
        return sorted(names, key=lambda name: (self._entry(name) or last).offset)

    def sources(
        self, file: ContainerFile, names: Iterable[str], stream: BinaryIO
    ) -> Iterator[tuple[str, MemberSource | ReadError]]:
        """Yield the bytes of members, or why there are none, with their addresses in the open *file*."""
        reader: GzipReader | None = None
        for name in names:
            address = file.path + SEPARATOR + name
            entry = self._entry(name)
            if entry is None:
                yield address, _refusal(address, "no such member")
            elif entry.reason:
                yield address, _refusal(address, entry.reason)
            elif self._kind == ZIP:
                yield address, _zip_source(address, file, entry, stream)
            elif self._kind == TAR:
                yield address, WindowSource(address, file, entry.offset, entry.size, stream)
            else:
                reader = self._go_to(entry.offset, reader, stream)
                yield address, GzippedSource(address, file, entry, self._places, (reader, stream))

    def _go_to(self, offset: int, reader: GzipReader | None, stream: BinaryIO) -> GzipReader:
        if reader is None or not reader.offset <= offset <= reader.offset + SPACING:
            return self._places.reader_at(offset, stream.fileno())
        reader.skip(offset - reader.offset)
        return reader

    def level(self, path: str, prefix: str) -> list[Row]:
        """Return the rows of a folder, ``""`` for the outermost one, in the container at *path*."""
        folders, members = self._levels.get(prefix, ({}, []))
        above = path + SEPARATOR + (prefix + "/" if prefix else "")
        rows = [Row(name, above + name, True) for name in sorted(folders, key=natural_key)]
        labels = {entry.name: (parts_of(entry.name) or [entry.name])[-1] for entry in members}
        members = sorted(members, key=lambda entry: natural_key(labels[entry.name]))
        return rows + [
            Row(labels[entry.name], path + SEPARATOR + entry.name, False, entry.reason) for entry in members
        ]

    @cached_property
    def _levels(self) -> dict[str, tuple[dict[str, None], list[Entry]]]:
        """The names of folders and the members in each folder."""
        levels: dict[str, tuple[dict[str, None], list[Entry]]] = defaultdict(lambda: ({}, []))
        for entry in listed(self.directory.entries):
            folders = parts_of(entry.name)[:-1]
            levels["/".join(folders)][1].append(entry)
            while folders and folders[-1] not in levels["/".join(folders[:-1])][0]:
                levels["/".join(folders[:-1])][0][folders[-1]] = None
                folders.pop()
        return dict(levels)


_kept: Kept[Container] = Kept(_REMEMBERED)


def is_known(file: ContainerFile) -> bool:
    """Whether the directory of *file* was read lately."""
    return _kept.peek(file.key) is not None


def container_of(file: ContainerFile) -> Container:
    """Return the container in *file*, whose directory is read unless it was lately.

    Raises
    ------
    ReadError
        If it cannot be read, or holds too much.
    """
    return _kept.get(file.key, lambda: _read_container(file))


def _read_container(file: ContainerFile) -> tuple[Container, int]:
    places = GzipPlaces()
    with file.open() as stream, _named(file.path):
        kind = kind_of(stream)
        if kind == ZIP:
            directory = read_zip_directory(stream.fileno(), file.size)
        elif kind == TAR:
            walk = TarWalk(StretchReader(stream.fileno(), 0, file.size))
            directory = Directory(tuple(walk.entries()), walk.problem)
        elif kind == TAR_GZ:
            reader = GzipReader(stream.fileno())
            walk = TarWalk(reader)
            entries = []
            for entry in walk.entries():
                places.remember(reader)
                entries.append(entry)
            directory = Directory(tuple(entries), reader.problem or walk.problem)
        else:
            raise ReadError("neither a zip nor a tar")
    return Container(kind, directory, places), len(directory.entries)


def first_pass(file: ContainerFile, stream: BinaryIO) -> Iterator[tuple[str, MemberSource | ReadError]]:
    """Read a compressed tar whose directory is not known yet, which is then kept."""
    places, reader = GzipPlaces(), GzipReader(stream.fileno())
    walk = TarWalk(reader)
    entries = []
    with _named(file.path):
        for entry in walk.entries():
            places.remember(reader)
            entries.append(entry)
            address = file.path + SEPARATOR + entry.name
            if entry.reason and not is_hidden(entry.name):
                yield address, _refusal(address, entry.reason)
            elif not is_hidden(entry.name):
                yield address, GzippedSource(address, file, entry, places, (reader, stream))
    directory = Directory(tuple(entries), reader.problem or walk.problem)
    container = Container(TAR_GZ, directory, places)
    _kept.get(file.key, lambda: (container, len(entries)))
    if directory.problem:
        yield file.path, ReadError(f"{safe_line(file.path)}: {directory.problem}")


def _zip_source(
    address: str, file: ContainerFile, entry: Entry, stream: BinaryIO
) -> MemberSource | ReadError:
    try:
        start = data_start(stream.fileno(), entry)
    except ReadError as error:
        return _refusal(address, str(error))
    if entry.method == DEFLATED:
        return DeflatedSource(address, file, entry, start, stream)
    return WindowSource(address, file, start, entry.stored, stream)


def _refusal(address: str, reason: str) -> ReadError:
    return ReadError(f"{safe_line(address)}: {reason}")


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Put the name of a container in front of what is wrong with it."""
    try:
        yield
    except ReadError as error:
        raise _refusal(path, str(error)) from error
    except OSError as error:
        raise _refusal(path, (error.strerror or "cannot be read").lower()) from error


def kind_of(stream: BinaryIO) -> str | None:
    """Tell what kind of container a file is by its first bytes."""
    head = stream.read(BLOCK)
    if head.startswith(_ZIP_BEGINNINGS):
        return ZIP
    if is_tar_header(head):
        return TAR
    if head.startswith(_GZIP_MAGIC) and is_tar_header(GzipReader(stream.fileno()).read(BLOCK)):
        return TAR_GZ
    return None
