"""Compares the folders that a scan lists with those that an index knows, at the cost of a hash for each.

A folder all of whose files are known is signed: the hash of its listing stands beside it. While the listing
is the same, no row is looked at. Otherwise the rows are compared one by one, and what is new or changed has
to be read; when the last of it has been, the folder is signed again, unless somebody else has changed it
meanwhile.
"""

import marshal
import os
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterator
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from dicomtui.archive.index_writing import Row, folder_of, held, put, row_of, take_out
from dicomtui.archive.members import CONTAINER_SUFFIXES, SEPARATOR

if TYPE_CHECKING:
    from dicomtui.archive.scanned_file import ScannedFile

T = TypeVar("T")
Stamp = tuple[int, int]
"""Size and mtime_ns."""

_SLICE = 1000
"""How many rows are read or taken out in one go, so that nobody waits for long."""


class Run(Protocol):
    """Runs a job on the database; it may run twice."""

    def __call__(self, job: Callable[[sqlite3.Connection], T], /) -> T:
        """Return what *job* returns."""


class _Listing(NamedTuple):
    """A folder whose files are not all known yet."""

    id: int
    signature: bytes
    unread: dict[str, Stamp]
    """What has to be read."""


class _Known(NamedTuple):
    """What is known under a name."""

    id: int
    stamp: Stamp
    listed: bool
    """Whether a listing of regular files had it."""


class _Place(NamedTuple):
    """Where a file or member belongs."""

    folder: str
    container: str
    """The name of the container in that folder whose member it is, or ``""``."""
    name: str


class Folders:
    """What an index knows of the folders below *root*, while one scan after the other goes through them."""

    def __init__(self, root: str, read: Run, write: Run) -> None:
        self._read, self._write = read, write
        self.above = (root if os.path.isdir(root) else os.path.dirname(root)).rstrip("/") + "/"
        """What all paths begin with."""
        self.changes = 0
        """Grows whenever files come or go."""
        self.begin()

    def begin(self) -> None:
        """Forget what the scan before this one has left open."""
        self._scan = secrets.randbits(62)
        self._listings: dict[str, _Listing] = {}

    def wanted(self, folder: str, files: dict[str, Stamp]) -> Collection[str]:
        """Return the names in a listing that have to be read; forget those that are gone."""
        path, signature = self._path(folder), _signature(files)
        signed = self._read(lambda connection: _signed(connection, path))
        if signed == [(signature,)] or not (signed or files):
            return ()
        number = self._write(lambda connection: self._claim(connection, path))
        known = dict(self._rows(number)) if signed else {}
        for name, row in known.items():
            if not row.listed and name in files and _is_known(row, files[name]):
                self._write(partial(_mark_listed, number=row.id))
        self._forget_changed(number, path, known, files)
        unread = {name: stamp for name, stamp in files.items() if not _is_known(known.get(name), stamp)}
        if unread:
            self._listings[folder] = _Listing(number, signature, dict(unread))
        else:
            self._write(lambda connection: self._sign(connection, number, signature))
        return unread

    def put(self, files: "list[ScannedFile]") -> None:
        """Put what was scanned in the place of what is known under the same names."""
        self.changes += 1
        places = [self._place(file.path) for file in files]
        spoilt = self._write(lambda connection: self._put(connection, places, files))
        for folder in spoilt:
            self._listings.pop(folder, None)
        for place, file in zip(places, files, strict=True):
            listing = self._listings.get(place.folder)
            if (
                listing
                and not place.container
                and listing.unread.get(place.name) == (file.size, file.mtime_ns)
            ):
                del listing.unread[place.name]
                if not listing.unread:
                    self._finish(place.folder)

    def finish(self, folders: Collection[str]) -> None:
        """Forget what is in no folder of a scan that has met them all, and what it has not met otherwise."""
        for folder, listing in list(self._listings.items()):
            self._remember_containers(listing)
            if not listing.unread:
                self._finish(folder)
        met = {self._path(folder) for folder in folders}
        known = self._read(lambda connection: connection.execute(_PLAIN_FOLDERS).fetchall())
        for number, path in known:
            if path not in met:
                self._forget_folder(number)
        scan = self._scan
        while ids := self._read(lambda connection: _ids(connection, _NOT_MET, (scan, scan, _SLICE))):
            self._take_out(ids)
        self.begin()

    # --- one folder ---

    def _claim(self, connection: sqlite3.Connection, path: bytes) -> int:
        """Return the id of a folder, which is now ours to sign and unsigned."""
        number, _ = folder_of(connection, path, 0, self._scan)
        connection.execute("UPDATE folder SET signature = NULL WHERE id = ?", (number,))
        return number

    def _sign(self, connection: sqlite3.Connection, number: int, signature: bytes) -> None:
        connection.execute(
            "UPDATE folder SET signature = ? WHERE id = ? AND writer = ?", (signature, number, self._scan)
        )

    def _finish(self, folder: str) -> None:
        listing = self._listings.pop(folder)
        self._write(lambda connection: self._sign(connection, listing.id, listing.signature))

    def _rows(self, folder: int) -> Iterator[tuple[str, _Known]]:
        """Yield the names in a folder with what is known of them."""
        after = b""
        while True:
            rows = self._read(partial(_rows_after, folder=folder, name=after))
            for name, number, size, mtime_ns, unlisted in rows:
                yield os.fsdecode(name), _Known(number, (size, mtime_ns), unlisted is None)
            if len(rows) < _SLICE:
                return
            after = rows[-1][0]

    def _forget_changed(
        self, folder: int, path: bytes, known: dict[str, _Known], files: dict[str, Stamp]
    ) -> None:
        """Forget the names that are gone, and the members of containers that are gone or have changed."""
        gone = [row.id for name, row in known.items() if row.listed and name not in files]
        for ids in (gone[start : start + _SLICE] for start in range(0, len(gone), _SLICE)):
            self._take_out(ids)
        for number, inside in self._read(
            lambda connection: connection.execute(_INSIDE, (folder,)).fetchall()
        ):
            name = os.fsdecode(inside[len(path) : -len(SEPARATOR)])
            if name not in files or not _is_known(known.get(name), files[name]):
                self._forget_folder(number)

    def _forget_folder(self, folder: int) -> None:
        for number, _ in self._read(lambda connection: connection.execute(_INSIDE, (folder,)).fetchall()):
            self._forget_folder(number)
        while ids := self._read(lambda connection: _ids(connection, _IN_FOLDER, (folder, _SLICE))):
            self._take_out(ids)
        self._write(lambda connection: connection.execute("DELETE FROM folder WHERE id = ?", (folder,)))

    def _take_out(self, ids: list[int]) -> None:
        self.changes += 1
        self._write(partial(take_out, ids=ids))

    def _remember_containers(self, listing: _Listing) -> None:
        """Take containers for known: the scan has met all of their members, if there are any."""
        names = [name for name in listing.unread if name.lower().endswith(CONTAINER_SUFFIXES)]
        rows = [row_of(name, *listing.unread[name], None, "", None) for name in names]
        if rows:
            self._write(lambda connection: put(connection, {listing.id: rows}))
        for name in names:
            del listing.unread[name]

    # --- what was scanned ---

    def _put(
        self, connection: sqlite3.Connection, places: list[_Place], files: "list[ScannedFile]"
    ) -> list[str]:
        """Put files into their folders; return those folders that somebody else has changed."""
        spoilt = []
        numbers: dict[tuple[str, str], int] = {}
        rows: dict[int, list[Row]] = {}
        for place, file in zip(places, files, strict=True):
            number = numbers.get(place[:2])
            if number is None:
                number, ours = self._folder(connection, place)
                numbers[place[:2]] = number
                if not (ours or place.container):
                    spoilt.append(place.folder)
            rows.setdefault(number, []).append(self._row(connection, number, place, file))
        put(connection, rows)
        return spoilt

    def _folder(self, connection: sqlite3.Connection, place: _Place) -> tuple[int, bool]:
        path = self._path(place.folder)
        number, ours = folder_of(connection, path, 0, self._scan)
        if place.container:
            inside = path + os.fsencode(place.container + SEPARATOR)
            number, _ = folder_of(connection, inside, number, self._scan)
        return number, ours

    def _row(self, connection: sqlite3.Connection, number: int, place: _Place, file: "ScannedFile") -> Row:
        listing = self._listings.get(place.folder)
        listed = bool(place.container) or (listing is not None and place.name in listing.unread)
        unlisted = None if listed else self._scan
        row = row_of(place.name, file.size, file.mtime_ns, file.header, file.reason, unlisted)
        if not listed:
            connection.execute(_UNSIGN, (number, number, row.name))
        return row

    def _path(self, folder: str) -> bytes:
        """Return the path of a folder as it is stored: relative, and with its separator."""
        path = folder if folder.endswith("/") else folder + "/"
        if not path.startswith(self.above):
            raise ValueError("a folder outside of the index")
        return os.fsencode(path[len(self.above) :])

    def _place(self, path: str) -> _Place:
        folder, name = _split(path)
        start = path.find(SEPARATOR)
        if start < 0 or folder in self._listings:
            return _Place(folder, "", name)
        while start >= 0:
            above, container = _split(path[:start])
            listing = self._listings.get(above)
            if container in listing.unread if listing else container.lower().endswith(CONTAINER_SUFFIXES):
                return _Place(above, container, path[start + len(SEPARATOR) :])
            start = path.find(SEPARATOR, start + 1)
        return _Place(folder, "", name)


_PLAIN_FOLDERS = "SELECT id, path FROM folder WHERE container = 0"
_INSIDE = "SELECT id, path FROM folder WHERE container = ? AND container > 0"
_IN_FOLDER = "SELECT id FROM file WHERE folder = ? LIMIT ?"
_NOT_MET = "SELECT id FROM file WHERE (unlisted < ? OR unlisted > ?) LIMIT ?"
_ROWS = (
    "SELECT name, id, size, mtime_ns, unlisted FROM file WHERE folder = ? AND name > ? ORDER BY name LIMIT ?"
)
_UNSIGN = (
    "UPDATE folder SET signature = NULL WHERE id = ? AND EXISTS"
    " (SELECT 1 FROM file WHERE folder = ? AND name = ? AND unlisted IS NULL)"
)


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder or "/", name


def _signed(connection: sqlite3.Connection, path: bytes) -> list[tuple[bytes | None]]:
    return connection.execute(
        "SELECT signature FROM folder WHERE path = ? AND container = 0", (path,)
    ).fetchall()


def _rows_after(
    connection: sqlite3.Connection, folder: int, name: bytes
) -> list[tuple[bytes, int, int, int, int | None]]:
    return connection.execute(_ROWS, (folder, name, _SLICE)).fetchall()


def _ids(connection: sqlite3.Connection, statement: str, parameters: tuple[int, ...]) -> list[int]:
    return [number for (number,) in connection.execute(statement, parameters)]


def _signature(files: dict[str, Stamp]) -> bytes:
    # version 2 of the format says the same of equal values; later ones write references
    return blake2b(marshal.dumps(sorted(files.items()), 2), digest_size=16).digest()


def _is_known(row: _Known | None, stamp: Stamp) -> bool:
    return row is not None and (row.stamp == stamp or row.stamp == held(stamp))


def _mark_listed(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("UPDATE file SET unlisted = NULL WHERE id = ?", (number,))
