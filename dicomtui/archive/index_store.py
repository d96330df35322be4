"""The database of an index, in memory or in a file, shared by threads and by programs."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import TypeVar

from dicomtui.archive import index_schema

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]

PATIENCE = 5.0
"""Seconds to wait for another process."""
_YIELD = 0.001


class Store:
    """A database with one writer and, where it is a file, readers that do not wait for the writer.

    Parameters
    ----------
    path : str
        A file that :func:`dicomtui.archive.index_file.open_store` has checked, or ``""`` for memory.
    """

    def __init__(self, path: str = "") -> None:
        self.path = path
        self._write_lock = Lock()
        self._writer = connect(path)
        self._read_lock, self._reader = self._write_lock, self._writer
        self._waiting, self._counting = 0, Lock()
        if path:
            try:
                self._read_lock, self._reader = Lock(), connect(path)
            except sqlite3.Error:
                self._writer.close()
                raise
        else:
            index_schema.create(self._writer)

    def write(self, job: Job[T]) -> T:
        """Return what *job* returns, done in one transaction that it does not end; keep jobs short."""
        if self._waiting:  # a lock goes to who asks first, and a scan would always be first
            time.sleep(_YIELD)
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                result = job(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
                raise
        return result

    def read(self, job: Job[T]) -> T:
        """Return what *job* returns, which only reads; keep jobs short."""
        with self._counting:
            self._waiting += 1
        try:
            with self._read_lock:
                return job(self._reader)
        finally:
            with self._counting:
                self._waiting -= 1

    def copy(self) -> "Store":
        """Return a copy in memory of all that can be read."""
        store = Store()
        with self._read_lock:
            self._reader.backup(store._writer)
        return store

    def close(self) -> None:
        """Close the database; who uses it afterwards gets a :class:`sqlite3.ProgrammingError`."""
        for lock, connection in ((self._read_lock, self._reader), (self._write_lock, self._writer)):
            with lock, suppress(sqlite3.Error):
                connection.close()


def connect(path: str) -> sqlite3.Connection:
    """Open a connection that leaves no names on the disk but in the database itself."""
    connection = sqlite3.connect(
        path or ":memory:", timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in (
            "temp_store = MEMORY",  # sorting writes no names to the disk
            "trusted_schema = OFF",
            "cell_size_check = ON",
            "secure_delete = ON",  # what is forgotten is gone
            "synchronous = NORMAL",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file itself cannot be used, rather than that it cannot now."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is None or code & 0xFF in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_FORMAT,
    )
