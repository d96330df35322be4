"""Kept indexes: private files, each checked before it is used.

A kept index is a file of the user's own in ``$XDG_CACHE_HOME/dicomtui``. Its name is a hash of the folder it
is about, so that it says nothing. Whatever else is found under such a name is removed and never followed.
"""

import fcntl
import os
import re
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from typing import NamedTuple

from dicomtui.archive import index_schema
from dicomtui.archive.index_store import PATIENCE, Store, connect, is_damage
from dicomtui.errors import WriteError
from dicomtui.text import safe_line
from dicomtui.writing import private_folder

_SUFFIX = ".sqlite"
_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite puts beside a database."""
_NAME = re.compile(r"[0-9a-f]{32}\.sqlite")
_PAUSE = 0.01


class _Unusable(sqlite3.DatabaseError):
    """A file that is no index, or one of another version or folder."""


class KeptIndex(NamedTuple):
    """An index on the disk."""

    root: str
    """The folder that it is about."""
    instances: int
    size: int
    """Bytes on the disk."""
    when: float
    """When it was last brought up to date, in seconds since 1970; 0 if never wholly."""


def open_store(root: str, *, create: bool = True) -> Store | None:
    """Open the kept database about the folder *root*.

    Parameters
    ----------
    root : str
        An absolute path.
    create : bool
        Whether one is made if there is none, or none that can be used.

    Returns
    -------
    Store or None
        None if there is none and none is made.

    Raises
    ------
    WriteError
        If the file cannot be made or used, for instance because the folder is read-only.
    """
    folder = cache_folder()
    if not create and not os.path.isdir(folder):
        return None
    path = os.path.join(folder, _name(root))
    try:
        private_folder(folder)
        with _locked(folder):
            if not create and not _is_private_file(path):
                return None
            try:
                return _opened(path, root)
            except _Unusable:
                if not create:
                    return None
                remove(path)
                return _opened(path, root)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WriteError(
            f"{safe_line(folder)}: no index can be kept ({safe_line(reason).lower()})"
        ) from error


def remove(path: str) -> bool:
    """Remove the database at *path*; return whether there was something."""
    found = False
    for name in (path, *(path + suffix for suffix in _BESIDE)):
        with suppress(FileNotFoundError):
            os.unlink(name)
            found = True
    return found


def cache_folder() -> str:
    """Return the folder of the kept indexes."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "dicomtui")


def list_indexes() -> list[KeptIndex]:
    """Return the kept indexes by the folders they are about; what is no index is left out."""
    folder = cache_folder()
    found = []
    for name in _names(folder):
        path = os.path.join(folder, name)
        with suppress(OSError, sqlite3.Error), _locked(folder):
            if _is_private_file(path):
                found.append(_described(path, name))
    return sorted(found)


def clear_indexes(root: str | None = None) -> int:
    """Remove the kept index about the folder *root*, or every one; return how many there were.

    Raises
    ------
    WriteError
        If one cannot be removed.
    """
    folder = cache_folder()
    names = _names(folder) if root is None else [_name(os.path.realpath(root))]
    if not os.path.isdir(folder):
        return 0
    try:
        with _locked(folder):
            return sum(remove(os.path.join(folder, name)) for name in names)
    except OSError as error:
        raise WriteError(f"{safe_line(folder)}: {(error.strerror or str(error)).lower()}") from error


def _name(root: str) -> str:
    return blake2b(os.fsencode(root), digest_size=16).hexdigest() + _SUFFIX


def _names(folder: str) -> list[str]:
    try:
        return sorted({match[0] for name in os.listdir(folder) if (match := _NAME.match(name))})
    except OSError:
        return []


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    """Let nobody else open, make or remove a database meanwhile: SQLite mixes up files that are swapped."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise
                time.sleep(_PAUSE)
            except OSError:  # a file system without locks
                break
        yield
    finally:
        os.close(descriptor)


def _opened(path: str, root: str) -> Store:
    """Open the database at *path*, which is made if there is none."""
    beside = [path + suffix for suffix in _BESIDE]
    if not all(_is_private_file(name) for name in (path, *beside) if os.path.lexists(name)):
        remove(path)
    if not os.path.lexists(path):
        _make(path, root)
    elif stat.S_IMODE(os.lstat(path).st_mode) != 0o600:
        os.chmod(path, 0o600)
    store = None
    try:
        _check_beginning(path)
        store = Store(path)
        store.read(lambda connection: _check(connection, root))
        store.write(lambda connection: None)  # whether it can be written
    except sqlite3.Error as error:
        if store is not None:
            store.close()
        if is_damage(error):
            raise _Unusable(str(error)) from error
        raise
    return store


def _is_private_file(path: str) -> bool:
    """Whether there is a regular file of the user's own, with no second name."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and status.st_nlink == 1


def _make(path: str, root: str) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with suppress(PermissionError):  # a file system without permission bits
        os.fchmod(descriptor, 0o600)  # whatever the umask; SQLite gives what it puts beside it the same
    os.close(descriptor)
    connection = connect(path)
    try:
        index_schema.create(connection)
        connection.execute("INSERT INTO about VALUES ('root', ?)", (os.fsencode(root),))
        # from now on a writer and readers do not wait for each other
        if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
            raise OSError(f"{safe_line(path)}: the file system cannot share it between programs")
    finally:
        connection.close()


def _check_beginning(path: str) -> None:
    """Refuse another program's file before SQLite does anything with it."""
    with open(path, "rb") as stream:
        head = stream.read(100)
    ours = index_schema.APPLICATION_ID.to_bytes(4, "big")
    if head[:16] != b"SQLite format 3\0" or head[68:72] != ours:
        raise _Unusable("not an index")


def _check(connection: sqlite3.Connection, root: str | None) -> str:
    """Return which folder the database is about; refuse it if that is not *root*, or it is no index."""
    if not index_schema.is_ours(connection):
        raise _Unusable("another version")
    row = connection.execute("SELECT value FROM about WHERE name = 'root'").fetchone()
    if row is None or not isinstance(row[0], bytes) or (root is not None and row[0] != os.fsencode(root)):
        raise _Unusable("about another folder")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        raise _Unusable("not made to be shared")
    return os.fsdecode(row[0])


def _described(path: str, name: str) -> KeptIndex:
    _check_beginning(path)
    connection = connect(path)
    try:
        root = _check(connection, None)
        if _name(root) != name:
            raise _Unusable("about another folder")
        instances = connection.execute("SELECT coalesce(sum(instances), 0) FROM series").fetchone()[0]
        when = connection.execute("SELECT value FROM about WHERE name = 'when'").fetchone()
    finally:
        connection.close()
    size = sum(os.lstat(file).st_size for file in (path, path + "-wal") if os.path.exists(file))
    return KeptIndex(root, int(instances), size, float(when[0]) if when else 0.0)
