"""Puts what a scan has looked into where it belongs: into a folder, or into a container in it."""

import os
import secrets
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.index_writing import Row, folder_of, put, row_of, take_out
from dicomtui.archive.members import CONTAINER_SUFFIXES, SEPARATOR

if TYPE_CHECKING:
    from dicomtui.archive.scanned_file import ScannedFile

Stamp = tuple[int, int]
"""Size, and what stands for the times of a change."""


class Listing(NamedTuple):
    """A folder whose files are not all known yet."""

    id: int
    signature: bytes
    unread: dict[str, Stamp]
    """What has to be read."""


class Place(NamedTuple):
    """Where a file or member belongs."""

    folder: str
    container: str
    """The name of the container in that folder whose member it is, or ``""``."""
    name: str


class Incoming:
    """One scan of *root*, from the listing of its folders to the last file that was read.

    Parameters
    ----------
    root : str
        What is scanned: a folder, a file or a container.
    """

    def __init__(self, root: str) -> None:
        self.above = (root if os.path.isdir(root) else os.path.dirname(root)).rstrip("/") + "/"
        """What all paths begin with."""
        self.scan = secrets.randbits(62)
        """Stands for this scan among all that write into the same tables."""
        self.listings: dict[str, Listing] = {}

    def path(self, folder: str) -> bytes:
        """Return the path of a folder as it is stored: relative, and with its separator."""
        path = folder if folder.endswith("/") else folder + "/"
        if not path.startswith(self.above):
            raise ValueError("a folder outside of the index")
        return os.fsencode(path[len(self.above) :])

    def place(self, path: str) -> Place:
        """Return where a file belongs; only the name of a container in a listing says what a member is."""
        folder, name = self._split(path)
        start = path.find(SEPARATOR)
        if start < 0 or folder in self.listings:
            return Place(folder, "", name)
        while start >= 0:
            above, container = self._split(path[:start])
            listing = self.listings.get(above)
            if container in listing.unread if listing else container.lower().endswith(CONTAINER_SUFFIXES):
                return Place(above, container, path[start + len(SEPARATOR) :])
            start = path.find(SEPARATOR, start + 1)
        return Place(folder, "", name)

    def put(
        self, connection: sqlite3.Connection, places: list[Place], files: "list[ScannedFile]"
    ) -> list[str]:
        """Put files into their places; return the folders that another program has changed meanwhile."""
        spoilt: list[str] = []
        numbers: dict[tuple[str, str, bool], int] = {}
        rows: dict[int, list[Row]] = {}
        for place, file in zip(places, files, strict=True):
            listed = self._is_listed(place)
            key = (place.folder, place.container, listed)
            number = numbers.get(key)
            if number is None:
                number = numbers[key] = self._folder(connection, place, listed, spoilt)
            row = row_of(
                place.name, file.size, file.times, file.header, file.reason, None if listed else self.scan
            )
            if not listed:
                connection.execute(_UNSIGN, (self.scan, number, number, row.name))
            rows.setdefault(number, []).append(row)
        put(connection, rows)
        return spoilt

    def _is_listed(self, place: Place) -> bool:
        """Whether a place is that of a regular file or a member, which the stamps of a listing vouch for."""
        listing = self.listings.get(place.folder)
        return bool(place.container) or (listing is not None and place.name in listing.unread)

    def _folder(self, connection: sqlite3.Connection, place: Place, listed: bool, spoilt: list[str]) -> int:
        """Return the id of a folder or of the inside of a container."""
        path = self.path(place.folder)
        number, ours = folder_of(connection, path, 0, self.scan if listed else None)
        if listed and not ours:
            spoilt.append(place.folder)
        if not place.container:
            return number
        if not ours:  # another program may have taken it for known, with other members
            take_out(connection, _bare(connection, number, os.fsencode(place.container)))
        inside = path + os.fsencode(place.container + SEPARATOR)
        return folder_of(connection, inside, number, self.scan)[0]

    def _split(self, path: str) -> tuple[str, str]:
        folder, _, name = path.rpartition("/")
        if len(folder) + 1 < len(self.above):  # the root itself
            return path, ""
        return folder or "/", name


_UNSIGN = (
    "UPDATE folder SET signature = NULL, writer = ? WHERE id = ? AND EXISTS"
    " (SELECT 1 FROM file WHERE folder = ? AND name = ? AND unlisted IS NULL)"
)


def _bare(connection: sqlite3.Connection, folder: int, name: bytes) -> list[int]:
    rows = connection.execute(
        "SELECT id FROM file WHERE folder = ? AND name = ? AND shared IS NULL AND reason IS NULL",
        (folder, name),
    )
    return [number for (number,) in rows]
