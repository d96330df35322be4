"""Zip and tar as folders: their members are read where they stand, and nothing is ever unpacked to disk.

An address names a member: the path of the container, ``!/`` and the member's name, which is a label alone and
never a path. What a container says about itself is believed only as far as its bytes bear it out.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import BinaryIO, NamedTuple

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
    CONTAINER_SUFFIXES,
    DEFLATED,
    SEPARATOR,
    Directory,
    Entry,
    is_hidden,
    listed,
    parts_of,
)
from dicomtui.archive.series import natural_key
from dicomtui.archive.tar_headers import BLOCK, TarWalk, is_tar_header
from dicomtui.archive.zip_directory import data_start, read_zip_directory
from dicomtui.dataset.source import open_regular
from dicomtui.errors import ReadError
from dicomtui.text import safe_line

_ZIP_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP_MAGIC = b"\x1f\x8b"
_ZIP, _TAR, _TAR_GZ = "zip", "tar", "tar.gz"
_REMEMBERED = 400_000
"""Members in the directories that are kept."""


class Member(NamedTuple):
    """One member of a container."""

    name: str
    size: int
    """Bytes of it, by what its container says."""
    address: str
    reason: str = ""
    """Why it cannot be opened, ``""`` if it can."""


class Listing(NamedTuple):
    """The members of a container, and why they may not be all."""

    members: list[Member]
    problem: str = ""


def is_container(path: str) -> bool:
    """Whether the regular file at *path* is a zip, a tar or a tar.gz, by its name and its first bytes."""
    if not path.lower().endswith(CONTAINER_SUFFIXES):
        return False
    try:
        with open_regular(path) as stream:
            return _kind(stream) is not None
    except (ReadError, OSError):
        return False


def split_address(address: str) -> tuple[str, str] | None:
    """Return the path of the container and the name of the member that an address is made of.

    None if it is no address: what exists under this path always wins.
    """
    at = address.find(SEPARATOR)
    if at < 0 or os.path.lexists(address):
        return None
    while at >= 0:
        path = address[:at]
        if os.path.isfile(path) and is_container(os.path.realpath(path)):
            return path, address[at + len(SEPARATOR) :]
        at = address.find(SEPARATOR, at + 1)
    return None


def is_member(address: str) -> bool:
    """Whether an address names a member that can be listed, and not a folder in a container.

    Raises
    ------
    ReadError
        If the container cannot be read, or holds too much.
    """
    place = split_address(address)
    return place is not None and _container(ContainerFile(place[0])).has(place[1])


def list_members(path: str) -> list[Member]:
    """Return the members of the container at *path* but those that a folder would not show either.

    Raises
    ------
    ReadError
        If it cannot be read, or holds too much.
    """
    return list_container(path).members


def list_container(path: str) -> Listing:
    """Return the members of the container at *path*, and what hides others, if anything does."""
    directory = _container(ContainerFile(path)).directory
    members = [
        Member(entry.name, entry.size, path + SEPARATOR + entry.name, entry.reason)
        for entry in listed(directory.entries)
    ]
    return Listing(members, directory.problem)


def list_level(address: str) -> list[Row]:
    """Return the rows of one folder inside a container, folders first, in natural order of their names.

    Parameters
    ----------
    address : str
        The path of a container, or the address of a folder in it.

    Raises
    ------
    ReadError
        If the container cannot be read, or holds too much.
    """
    path, name = split_address(address) or (address, "")
    container = _container(ContainerFile(path))
    prefix = "/".join(parts_of(name))
    rows = container.level(path, prefix)
    if not prefix and container.directory.problem:
        rows.append(Row(container.directory.problem, path, False, "not all members are shown"))
    return rows


def member_source(address: str) -> MemberSource:
    """Return the bytes of the member at *address*.

    Raises
    ------
    ReadError
        If there is no such member, or it cannot be opened.
    """
    place = split_address(address)
    if place is None:
        raise ReadError(f"{safe_line(address)}: no such file, and no member of a zip or tar")
    file = ContainerFile(place[0])
    container = _container(file)
    with file.open() as stream:
        ((_, source),) = container.sources(file, [place[1]], stream)
    if isinstance(source, ReadError):
        raise source
    source.open().close()  # so that size and problems are those of the bytes
    return source


def read_members(
    path: str, names: Sequence[str] | None = None
) -> Iterator[tuple[str, MemberSource | ReadError]]:
    """Yield members with their addresses, in the order of the file.

    A member's :meth:`~MemberSource.forward` is at hand until the next one is asked for, and reads no more
    than it is asked for. Where the container ends too soon, the last pair is its path and the reason.

    Parameters
    ----------
    path : str
        The container.
    names : sequence of str, optional
        The members that are wanted; by default those of :func:`list_members`.

    Raises
    ------
    ReadError
        If the container cannot be read, or holds too much.
    """
    file = ContainerFile(path)
    if names is None and _containers.peek(file.key) is None:
        with file.open() as stream:
            if _kind(stream) == _TAR_GZ:
                yield from _first_pass(file, stream)
                return
    container = _container(file)
    wanted = [entry.name for entry in listed(container.directory.entries)] if names is None else names
    with file.open() as stream:
        yield from container.sources(file, container.in_order(wanted), stream)
    if names is None and container.directory.problem:
        yield path, ReadError(f"{safe_line(path)}: {container.directory.problem}")


class _Container:
    """One container whose directory was read."""

    def __init__(self, kind: str, directory: Directory, places: GzipPlaces) -> None:
        self.directory = directory
        self._kind, self._places = kind, places
        self._entries = {entry.name: entry for entry in directory.entries}

    def has(self, name: str) -> bool:
        """Whether there is a member of this name."""
        return name in self._entries

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Return names in the order in which the members stand in the file."""
        last = Entry("", 0, 1 << 63)
        return sorted(names, key=lambda name: self._entries.get(name, last).offset)

    def sources(
        self, file: ContainerFile, names: Iterable[str], stream: BinaryIO
    ) -> Iterator[tuple[str, MemberSource | ReadError]]:
        """Yield the bytes of members, or why there are none, with their addresses in the open *file*."""
        reader: GzipReader | None = None
        for name in names:
            address = file.path + SEPARATOR + name
            entry = self._entries.get(name)
            if entry is None:
                yield address, _refusal(address, "no such member")
            elif entry.reason:
                yield address, _refusal(address, entry.reason)
            elif self._kind == _ZIP:
                yield address, _zip_source(address, file, entry, stream)
            elif self._kind == _TAR:
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


_containers: Kept[_Container] = Kept(_REMEMBERED)


def _container(file: ContainerFile) -> _Container:
    return _containers.get(file.key, lambda: _read_container(file))


def _read_container(file: ContainerFile) -> tuple[_Container, int]:
    places = GzipPlaces()
    with file.open() as stream, _named(file.path):
        kind = _kind(stream)
        if kind == _ZIP:
            directory = read_zip_directory(stream.fileno(), file.size)
        elif kind == _TAR:
            walk = TarWalk(StretchReader(stream.fileno(), 0, file.size))
            directory = Directory(tuple(walk.entries()), walk.problem)
        elif kind == _TAR_GZ:
            reader = GzipReader(stream.fileno())
            walk = TarWalk(reader)
            entries = []
            for entry in walk.entries():
                places.remember(reader)
                entries.append(entry)
            directory = Directory(tuple(entries), reader.problem or walk.problem)
        else:
            raise ReadError("neither a zip nor a tar")
    return _Container(kind, directory, places), len(directory.entries)


def _first_pass(file: ContainerFile, stream: BinaryIO) -> Iterator[tuple[str, MemberSource | ReadError]]:
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
    container = _Container(_TAR_GZ, directory, places)
    _containers.get(file.key, lambda: (container, len(entries)))
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


def _kind(stream: BinaryIO) -> str | None:
    """Tell what kind of container a file is by its first bytes."""
    head = stream.read(BLOCK)
    if head.startswith(_ZIP_BEGINNINGS):
        return _ZIP
    if is_tar_header(head):
        return _TAR
    if head.startswith(_GZIP_MAGIC) and is_tar_header(GzipReader(stream.fileno()).read(BLOCK)):
        return _TAR_GZ
    return None
