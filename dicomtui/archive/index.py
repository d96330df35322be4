"""The rows of a scan in a database: asked for series, instances and reasons, kept up to date at little cost.

An index is in memory, because a copy of names on disk is the user's decision; asked to, it is kept. It is a
memory of what was read and never trusted: what is damaged is made anew, and no path that it gives leads out
of the folder that it is about.
"""

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from dicomtui.archive import index_reading
from dicomtui.archive.containers import split_address
from dicomtui.archive.header import Header
from dicomtui.archive.index_file import KeptIndex, clear_indexes, list_indexes, open_store, remove
from dicomtui.archive.index_folder import Folders
from dicomtui.archive.index_incoming import Stamp
from dicomtui.archive.index_reading import ROWS, SeriesRow
from dicomtui.archive.index_store import Store, is_damage
from dicomtui.archive.members import SEPARATOR, parts_of
from dicomtui.errors import UsageError, WriteError
from dicomtui.outcomes import Skipped
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from dicomtui.archive.scanned_file import ScannedFile

__all__ = ["Index", "KeptIndex", "SeriesRow", "clear_indexes", "kept_index", "list_indexes", "open_index"]

T = TypeVar("T")

_MISTAKES = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError)
"""What SQLite and its module raise for a condition that they cannot use."""
_WRITTEN = 250
"""Files that one transaction puts in; a reader waits for no longer."""


class Index:
    """What is known of the files below a folder.

    A scan may list folders in one thread and put in files in another while others read; nobody waits long.

    Parameters
    ----------
    root : str
        A folder, a file or a container: an absolute path without links.
    store : Store
        Where the rows are.
    notice : str
        Why it is not kept although it was asked to be, ``""`` otherwise.
    inside : str
        The folder or member, inside a container, to which it is narrowed; ``""`` for all of it.
    """

    def __init__(self, root: str, store: Store, notice: str = "", inside: str = "") -> None:
        self.root, self.notice = root, notice
        self.about = root + SEPARATOR + inside if inside else root
        """What it is asked about: the root, or the address of what is inside."""
        self._inside = parts_of(inside)
        self.restarts = 0
        """How often rows were lost: what has been scanned has to be scanned again."""
        self._store, self._closed, self._swap = store, False, Lock()
        self._folders = Folders(root, self._read, self._write)

    @property
    def kept(self) -> bool:
        """Whether it is on disk."""
        return bool(self._store.path)

    @property
    def changes(self) -> int:
        """A number that grows whenever files may have come or gone."""
        return self._folders.changes + self.restarts

    @property
    def instances(self) -> int:
        """How many instances there are."""
        return self._read(index_reading.instances)

    def close(self) -> None:
        """Let go of the database; a kept one stays on disk."""
        self._closed = True
        self._store.close()

    # --- bringing it up to date ---

    def update(self, files: "Iterable[ScannedFile]") -> None:
        """Put in what was scanned, in the place of what is known under the same paths."""
        rest = iter(files) if not self._inside else filter(self._concerns, files)
        while part := list(islice(rest, _WRITTEN)):
            self._folders.put(part)

    def wanted(self, folder: str, files: dict[str, Stamp]) -> Collection[str]:
        """Return the names of a listing that are new or changed; forget those that are gone.

        Parameters
        ----------
        folder : str
            The path of the folder.
        files : dict
            Size and times of each of its regular files.
        """
        return self._folders.wanted(folder, files)

    def forget_folders_not_in(self, folders: Collection[str], unreadable: Collection[str] = ()) -> None:
        """Forget what is in no folder of those that a scan has listed; this ends the scan.

        What is known of *unreadable* folders and of those below them stays.
        """
        self._folders.finish(folders, unreadable)
        if self.kept:
            now = time.time()
            self._write(
                lambda connection: connection.execute(
                    "INSERT OR REPLACE INTO about VALUES ('when', ?)", (now,)
                )
            )

    def _concerns(self, file: "ScannedFile") -> bool:
        member = file.path[len(self.root) + len(SEPARATOR) :]
        return not member or parts_of(member)[: len(self._inside)] == self._inside

    # --- asking ---

    def series(self) -> list[SeriesRow]:
        """Return all series, in no order."""
        return self._read(lambda connection: index_reading.all_series(connection, self._above))

    def headers(self, where: str = "", parameters: Sequence[object] = ()) -> Iterator[Header]:
        r"""Yield the headers of all instances, or of those for which a condition holds.

        Parameters
        ----------
        where : str
            SQL for ``WHERE``. The columns are named like the fields of :class:`Header`, all but the path;
            several numbers are text with ``\`` between them.
        parameters : sequence
            The values of its placeholders.

        Raises
        ------
        UsageError
            If SQLite finds the condition wrong or too complex.
        """
        for after in self._ranges():
            read = partial(index_reading.headers_between, root=self._above, after=after)
            yield from self._asked(partial(read, where=where, parameters=parameters), where)

    def ids_by_path(self, where: str = "", parameters: Sequence[object] = ()) -> list[int]:
        """Return the ids of what :meth:`headers` gives, folder by folder in the order of paths.

        Raises
        ------
        UsageError
            If SQLite finds the condition wrong or too complex.
        """
        folders: dict[bytes, bytes] = {}
        keys: list[tuple[bytes, bytes, int]] = []
        for after in self._ranges():
            read = partial(index_reading.places_between, after=after, where=where, parameters=parameters)
            for folder, name, number in self._asked(read, where):
                keys.append((folders.setdefault(folder, folder), name, number))
        keys.sort()
        return [number for _, _, number in keys]

    def headers_by_id(self, ids: Sequence[int]) -> Iterator[tuple[int, Header]]:
        """Yield the headers with these ids, in this order, of instances that are still there."""
        for start in range(0, len(ids), ROWS):
            part = ids[start : start + ROWS]
            found = self._read(partial(index_reading.headers_with, root=self._above, ids=part))
            yield from ((number, found[number]) for number in part if number in found)

    def series_with_file(self, word: str) -> Iterator[tuple[str, str, str, str]]:
        """Yield the values by which :class:`SeriesRow` goes where *word*, in any case, is in a file's name.

        A series may come several times.
        """
        pattern = "%" + word.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
        where = "CAST(name AS TEXT) LIKE ? ESCAPE '!'"
        for after in self._ranges():
            yield from self._read(
                partial(index_reading.series_between, after=after, where=where, parameters=(pattern,))
            )

    def headers_of(self, row: SeriesRow) -> list[Header]:
        """Return the headers of all instances of a series."""
        found: list[Header] = []
        for shared in self._read(partial(index_reading.shared_of, row=row)):
            after: int | None = 0
            while after is not None:
                part, after = self._read(
                    partial(index_reading.headers_sharing, root=self._above, shared=shared, after=after)
                )
                found += part
        return found

    def skipped(self) -> list[Skipped]:
        """Return the files that are no instances, with the reasons."""
        read = partial(index_reading.skipped_between, root=self._above)
        return [skipped for after in self._ranges() for skipped in self._read(partial(read, after=after))]

    def count_by(self, column: str) -> dict[str, int]:
        """Return how many instances have each value of a field of :class:`Header`, ``""`` for absent ones."""
        counts: Counter[str] = Counter()
        for after in self._ranges():
            rows = self._read(partial(index_reading.counts_between, column=column, after=after))
            for value, count in rows:
                counts["" if value is None else str(value)] += count
        return dict(counts)

    # --- the database ---

    @property
    def _above(self) -> str:
        return self._folders.above

    def _ranges(self) -> range:
        """Return ids after which to read; one read a time, so that nobody waits for all of them."""
        return range(0, self._read(index_reading.last_id), ROWS)

    def _write(self, job: Callable[[sqlite3.Connection], T]) -> T:
        while True:
            store = self._store
            try:
                return store.write(job)
            except sqlite3.Error as error:
                self._replace(store, error)

    def _read(self, job: Callable[[sqlite3.Connection], T], *, asked: bool = False) -> T:
        """Return what *job* reads; if it is what a user *asked*, a mistake in it is raised."""
        while True:
            store = self._store
            try:
                return store.read(job)
            except sqlite3.Error as error:
                if asked and store is self._store and _is_mistake(error):
                    raise
                self._replace(store, error)

    def _asked(self, job: Callable[[sqlite3.Connection], T], where: str) -> T:
        """Return what *job* reads where the condition of a user holds."""
        try:
            return self._read(job, asked=bool(where))
        except _MISTAKES as error:
            raise UsageError(f"the index cannot be asked this ({safe_line(str(error), 200)})") from error

    def _replace(self, store: Store, error: sqlite3.Error) -> None:
        """Go on in memory when a kept index can be used no longer, with all that can be had of it."""
        with self._swap:
            if self._store is not store:  # another thread was here before
                return
            if self._closed or not store.path:
                raise error
            copy = None
            if not is_damage(error):
                with suppress(sqlite3.Error):
                    copy = store.copy()
            self._store = copy or Store()
            self.restarts += 1
            reason = safe_line(str(error), 200)
            self.notice = f"the kept index cannot be used any longer ({reason}): going on in memory"
        store.close()
        if is_damage(error):
            with suppress(OSError):
                remove(store.path)


def _is_mistake(error: sqlite3.Error) -> bool:
    """Whether an error says that a statement or its parameters are wrong."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.ProgrammingError) or code == sqlite3.SQLITE_ERROR


def open_index(root: str, *, keep: bool) -> Index:
    """Open the index about a folder, a file or a container; what is kept already is there at once.

    Parameters
    ----------
    root : str
        A path; links in it are resolved. Of a folder inside a container the index is never kept.
    keep : bool
        Whether it is on disk. Where that cannot be, it is in memory and its notice says why.
    """
    place = split_address(root)
    if place is not None:
        notice = "an index of what is inside a container is not kept, only that of the whole" if keep else ""
        return Index(os.path.realpath(place[0]), Store(), notice, "/".join(parts_of(place[1])))
    path = os.path.realpath(root)
    if keep:
        try:
            store = open_store(path)
        except WriteError as error:
            return Index(path, Store(), f"{error}: the index is in memory")
        if store is not None:
            return Index(path, store)
    return Index(path, Store())


def kept_index(root: str) -> Index | None:
    """Return the index about a folder that is kept already, if there is one that can be used."""
    path = os.path.realpath(root)
    try:
        store = open_store(path, create=False)
    except WriteError:
        return None
    return None if store is None else Index(path, store)
