"""Compares the folders that a scan lists with those that an index knows, at the cost of a hash for each.

A folder all of whose files are known is signed: the hash of its listing stands beside it. While the listing
is the same, no row is looked at. Otherwise the rows are compared one by one, and what is new or changed has
to be read; when the last of it has been, the folder is signed again, unless somebody else has changed it
meanwhile.
"""

import marshal
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from dicomtui.archive.index_incoming import Incoming, Listing, Stamp
from dicomtui.archive.index_writing import Row, folder_of, held, put, row_of, take_out
from dicomtui.archive.members import CONTAINER_SUFFIXES, SEPARATOR

if TYPE_CHECKING:
    from dicomtui.archive.scanned_file import ScannedFile

T = TypeVar("T")
_SLICE = 1000
"""How many rows are read or taken out in one go, so that nobody waits for long."""


class Run(Protocol):
    """Runs a job on the database; it may run twice."""

    def __call__(self, job: Callable[[sqlite3.Connection], T], /) -> T:
        """Return what *job* returns."""


class _Known(NamedTuple):
    """What is known under a name."""

    id: int
    stamp: Stamp
    listed: bool
    """Whether a listing of regular files had it."""


class Folders:
    """What an index knows of the folders below *root*, while one scan after the other goes through them."""

    def __init__(self, root: str, read: Run, write: Run) -> None:
        self._root, self._read, self._write = root, read, write
        self._incoming = Incoming(root)
        self.above = self._incoming.above
        """What all paths begin with."""
        self.changes = 0
        """Grows whenever files come or go."""

    def wanted(self, folder: str, files: dict[str, Stamp]) -> Collection[str]:
        """Return the names in a listing that have to be read; forget those that are gone."""
        path, signature = self._incoming.path(folder), _signature(files)
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
            self._incoming.listings[folder] = Listing(number, signature, dict(unread))
        else:
            self._incoming.listings.pop(folder, None)
            self._write(lambda connection: self._sign(connection, number, signature))
        return unread

    def put(self, files: "list[ScannedFile]") -> None:
        """Put what was scanned in the place of what is known under the same names."""
        self.changes += 1
        places = [self._incoming.place(file.path) for file in files]
        spoilt = self._write(lambda connection: self._incoming.put(connection, places, files))
        for folder in spoilt:
            self._incoming.listings.pop(folder, None)
        for place, file in zip(places, files, strict=True):
            listing = self._incoming.listings.get(place.folder)
            if listing and not place.container and listing.unread.get(place.name) == (file.size, file.times):
                del listing.unread[place.name]
                if not listing.unread:
                    self._finish(place.folder)

    def finish(self, folders: Collection[str], unreadable: Collection[str]) -> None:
        """Forget what is in no folder of a scan that has met them all, and what it has not met otherwise.

        What stands below an unreadable folder is kept: tomorrow it may be readable again.
        """
        for folder, listing in list(self._incoming.listings.items()):
            self._remember_containers(listing)
            if not listing.unread:
                self._finish(folder)
        met = {self._incoming.path(folder) for folder in folders}
        kept = tuple(self._incoming.path(folder) for folder in unreadable)
        known = self._read(lambda connection: connection.execute(_PLAIN_FOLDERS).fetchall())
        for number, path in known:
            if path not in met and not path.startswith(kept):
                self._forget_folder(number)
        scan = self._incoming.scan
        while ids := self._read(lambda connection: _ids(connection, _NOT_MET, (scan, scan, _SLICE))):
            self._take_out(ids)
        self._incoming = Incoming(self._root)

    # --- one folder ---

    def _claim(self, connection: sqlite3.Connection, path: bytes) -> int:
        """Return the id of a folder, which is now ours to sign and unsigned."""
        number, _ = folder_of(connection, path, 0, self._incoming.scan)
        connection.execute("UPDATE folder SET signature = NULL WHERE id = ?", (number,))
        return number

    def _sign(self, connection: sqlite3.Connection, number: int, signature: bytes) -> None:
        connection.execute(
            "UPDATE folder SET signature = ? WHERE id = ? AND writer = ?",
            (signature, number, self._incoming.scan),
        )

    def _put_if_ours(self, connection: sqlite3.Connection, number: int, rows: list[Row]) -> None:
        writer = connection.execute("SELECT writer FROM folder WHERE id = ?", (number,)).fetchone()
        if writer == (self._incoming.scan,):
            put(connection, {number: rows})

    def _finish(self, folder: str) -> None:
        listing = self._incoming.listings.pop(folder)
        self._write(lambda connection: self._sign(connection, listing.id, listing.signature))

    def _rows(self, folder: int) -> Iterator[tuple[str, _Known]]:
        """Yield the names in a folder with what is known of them."""
        after = b""
        while True:
            rows = self._read(partial(_rows_after, folder=folder, name=after))
            for name, number, size, times, unlisted in rows:
                yield os.fsdecode(name), _Known(number, (size, times), unlisted is None)
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
        """Forget all in a folder but what this scan says of it, for instance why it cannot be listed."""
        for number, _ in self._read(lambda connection: connection.execute(_INSIDE, (folder,)).fetchall()):
            self._forget_folder(number)
        limits = (folder, self._incoming.scan, _SLICE)
        while ids := self._read(lambda connection: _ids(connection, _IN_FOLDER, limits)):
            self._take_out(ids)
        self._write(lambda connection: connection.execute(_DELETE, (folder,)))

    def _take_out(self, ids: list[int]) -> None:
        self.changes += 1
        self._write(partial(take_out, ids=ids))

    def _remember_containers(self, listing: Listing) -> None:
        """Take containers for known: the scan has met all of their members, if there are any."""
        names = [name for name in listing.unread if name.lower().endswith(CONTAINER_SUFFIXES)]
        rows = [row_of(name, *listing.unread[name], None, "", None) for name in names]
        if rows:
            self._write(lambda connection: self._put_if_ours(connection, listing.id, rows))
        for name in names:
            del listing.unread[name]


_PLAIN_FOLDERS = "SELECT id, path FROM folder WHERE container = 0"
_INSIDE = "SELECT id, path FROM folder WHERE container = ? AND container > 0"
_IN_FOLDER = "SELECT id FROM file WHERE folder = ? AND unlisted IS NOT ? LIMIT ?"
_DELETE = "DELETE FROM folder WHERE id = ? AND NOT EXISTS (SELECT 1 FROM file WHERE file.folder = folder.id)"
_NOT_MET = "SELECT id FROM file WHERE (unlisted < ? OR unlisted > ?) LIMIT ?"
_ROWS = "SELECT name, id, size, times, unlisted FROM file WHERE folder = ? AND name > ? ORDER BY name LIMIT ?"


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
