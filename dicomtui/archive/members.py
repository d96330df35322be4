"""The members of a container: their names, which are labels and never paths on disk, and where they stand."""

from collections.abc import Iterable
from typing import NamedTuple

SEPARATOR = "!/"
"""Stands between the path of a container and the name of a member in an address."""
MEMBER_LIMIT = 200_000
"""Members that a container may have."""
CONTAINER_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")

STORED, DEFLATED = 0, 8
"""Compression methods (APPNOTE.TXT 4.4.5); members of a tar are stored."""


class Entry(NamedTuple):
    """What a container says about one member; nothing of it is believed before it is read."""

    name: str
    size: int
    """Bytes that it has, or would have when inflated."""
    offset: int
    """Where it begins in the file: its local header in a zip, its first byte in a tar."""
    stored: int = 0
    """Bytes that it takes in the file."""
    method: int = STORED
    checksum: int | None = None
    """CRC-32 of the inflated bytes."""
    reason: str = ""
    """Why it cannot be opened."""


class Directory(NamedTuple):
    """The members of one container, in the order in which they are listed."""

    entries: tuple[Entry, ...]
    problem: str = ""
    """Why this may not be all."""


class Names:
    """Gives each member of a container a name of its own: of several ``name`` the second is ``name#2``."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """Return *name* as :func:`inner_name` has it, with a number behind it if it was given before."""
        found = name = inner_name(name) or "unnamed"
        count = self._counts.get(name, 1)
        while found in self._taken:
            count += 1
            found = f"{name}#{count}"
        self._counts[name] = count
        self._taken.add(found)
        return found


def inner_name(name: str) -> str:
    """Return the name of a member without what no path inside of a folder can have: ``__`` for ``..``."""
    if ".." not in name and "\0" not in name:
        return name
    return "/".join("__" if part == ".." else part for part in name.replace("\0", "_").split("/"))


def decode_name(raw: bytes, *, legacy: str | None = None) -> str:
    """Return a member's name, which is UTF-8 in practice, else in the *legacy* encoding.

    Parameters
    ----------
    raw : bytes
        The name as it stands in the container.
    legacy : str, optional
        The encoding of names that are not UTF-8; without it, bytes that are no UTF-8 are shown as escapes.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(legacy) if legacy else raw.decode("utf-8", "backslashreplace")


def is_hidden(name: str) -> bool:
    """Whether a file manager would leave out a member: a part of its name begins with a dot."""
    if not name.startswith(".") and "/." not in name:
        return False
    return any(part.startswith(".") and part.strip(".") for part in name.split("/"))


def nested_reason(name: str) -> str:
    """Return why a member that is a container itself, by its name, is not opened."""
    return "a container inside a container is not opened" if name.lower().endswith(CONTAINER_SUFFIXES) else ""


def parts_of(name: str) -> list[str]:
    """Return the folders of a name and the name itself, as a tree shows them."""
    return [part for part in name.split("/") if part not in ("", ".")]


def listed(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that are shown."""
    return [entry for entry in entries if not is_hidden(entry.name)]
