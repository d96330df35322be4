"""Zip and tar as folders: their members are read where they stand, and nothing is ever unpacked to disk.

An address names a member: the path of the container, ``!/`` and the member's name, which is a label alone and
never a path. What a container says about itself is believed only as far as its bytes bear it out.
"""

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dicomtui.archive.container import TAR_GZ, container_of, first_pass, is_known, kind_of
from dicomtui.archive.folder import Entry as Row
from dicomtui.archive.member_sources import ContainerFile, MemberSource
from dicomtui.archive.members import CONTAINER_SUFFIXES, SEPARATOR, listed, parts_of
from dicomtui.dataset.source import open_regular
from dicomtui.errors import ReadError
from dicomtui.text import safe_line


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
            return kind_of(stream) is not None
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
    return place is not None and container_of(ContainerFile(place[0])).has(place[1])


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
    directory = container_of(ContainerFile(path)).directory
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
    container = container_of(ContainerFile(path))
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
    container = container_of(file)
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
    if names is None and not is_known(file):
        with file.open() as stream:
            if kind_of(stream) == TAR_GZ:
                yield from first_pass(file, stream)
                return
    container = container_of(file)
    wanted = [entry.name for entry in listed(container.directory.entries)] if names is None else names
    with file.open() as stream:
        yield from container.sources(file, container.in_order(wanted), stream)
    if names is None and container.directory.problem:
        yield path, ReadError(f"{safe_line(path)}: {container.directory.problem}")
