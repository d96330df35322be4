"""Puts files into the tables of an index and takes them out, and keeps the counts of the series right."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from dicomtui.archive.index_schema import (
    GROUPED,
    OWN,
    SHARED,
    bounded,
    digest,
    grouped_values,
    leads_inside,
    own_columns,
    shared_columns,
    shared_key,
    storable,
)

if TYPE_CHECKING:
    from dicomtui.archive.header import Header

_SLICE = 500
"""How many rows one statement names."""
_MOST = 1 << 62


class Row(NamedTuple):
    """A file or member that is to be put into a folder."""

    name: bytes
    size: int
    times: int
    header: "Header | None"
    reason: str
    unlisted: int | None
    """The scan that met it, if it is no regular file."""


class _Totals:
    """What changes in the counts of some series."""

    def __init__(self) -> None:
        self._changes: dict[int, list[int]] = {}

    def add(self, series: int, frames: int, size: int, sign: int = 1) -> None:
        """Count one instance, or with -1 one less."""
        change = self._changes.setdefault(series, [0, 0, 0, 0])
        change[0] += sign
        change[1] += sign * (frames > 0)
        change[2] += sign * frames
        change[3] += sign * size

    def write(self, connection: sqlite3.Connection) -> None:
        """Add all to the tables."""
        connection.executemany(
            "UPDATE series SET instances = instances + ?, images = images + ?, frames = frames + ?,"
            " size = size + ? WHERE id = ?",
            [(*map(_clamped, change), series) for series, change in self._changes.items()],
        )


def put(connection: sqlite3.Connection, folders: dict[int, list[Row]]) -> None:
    """Put rows into folders by their ids, in place of what these have under the same names."""
    for folder, rows in folders.items():
        take_out(connection, _ids_of(connection, folder, [row.name for row in rows]))
    _Rows(connection).put(folders)


class _Rows:
    """Rows on their way into the tables; what many of them share is looked up once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._totals = _Totals()
        self._shared: dict[tuple[Any, ...], tuple[int, int, int]] = {}
        self._reasons: dict[str, int] = {}
        self._firsts: dict[tuple[int, int], tuple[bytes, int]] = {}
        """The first name of each series in each folder."""

    def put(self, folders: dict[int, list[Row]]) -> None:
        """Put rows into folders that have none under their names."""
        (last,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM file").fetchone()
        numbers = count(last + 1)
        columns = [
            self._columns(next(numbers), folder, row) for folder, rows in folders.items() for row in rows
        ]
        _insert(self._connection, columns)
        self._totals.write(self._connection)
        for (series, _), (_, number) in self._firsts.items():
            _offer_first(self._connection, series, number)

    def _columns(self, number: int, folder: int, row: Row) -> tuple[Any, ...]:
        name, size, times, header, reason, unlisted = row
        beginning = (number, folder, name, size, times, unlisted)
        if header is None:
            return (*beginning, self._reason(reason) if reason else None, None, None, *_NOTHING)
        key = shared_key(header)
        found = self._shared.get(key)
        if found is None:
            found = self._shared[key] = _shared(self._connection, header, key)
        shared, series, frames = found
        header_size = bounded(header.size)
        self._totals.add(series, frames, header_size)
        first = self._firsts.get((series, folder))
        if first is None or name < first[0]:
            self._firsts[series, folder] = name, number
        return (*beginning, None, shared, None if header_size == size else header_size, *own_columns(header))

    def _reason(self, text: str) -> int:
        number = self._reasons.get(text)
        if number is None:
            number = self._reasons[text] = _reason(self._connection, storable(text))
        return number


_NOTHING = (None,) * len(OWN)
_INSERT = f"INSERT INTO file VALUES ({', '.join('?' * (9 + len(OWN)))})"


def _insert(connection: sqlite3.Connection, columns: list[tuple[Any, ...]]) -> None:
    try:
        connection.executemany(_INSERT, columns)
    except UnicodeEncodeError:  # the rows before it are in
        (done,) = connection.execute("SELECT coalesce(max(id), 0) FROM file").fetchone()
        rest = [row for row in columns if row[0] > done]
        connection.executemany(_INSERT, [tuple(map(storable, row)) for row in rest])


def take_out(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Take files out by their ids, with what only they needed."""
    totals = _Totals()
    left: dict[int, set[int]] = {}
    for part in _slices(ids):
        marks = _marks(part)
        for shared, series, frames, size in connection.execute(
            "SELECT file.shared, shared.series, shared.frames, coalesce(file.header_size, file.size)"
            f" FROM file JOIN shared ON shared.id = file.shared WHERE file.id IN ({marks})",
            part,
        ):
            totals.add(series, frames, size, -1)
            left.setdefault(series, set()).add(shared)
        connection.execute(f"DELETE FROM file WHERE id IN ({marks})", part)
    totals.write(connection)
    for shareds in left.values():
        connection.executemany(
            "DELETE FROM shared WHERE id = ?"
            " AND NOT EXISTS (SELECT 1 FROM file WHERE file.shared = shared.id)",
            [(shared,) for shared in shareds],
        )
    gone = set(ids)
    for series in left:
        row = connection.execute("SELECT instances, first FROM series WHERE id = ?", (series,)).fetchone()
        if row is not None and row[0] <= 0:
            connection.execute("DELETE FROM series WHERE id = ?", (series,))
        elif row is not None and row[1] in gone:
            connection.execute(
                f"UPDATE series SET first = (SELECT file.id {_IN_SERIES}"
                f" ORDER BY {_PATH} LIMIT 1) WHERE id = ?",
                (series, series),
            )


_PATH = "folder.path || file.name"
_IN_SERIES = (
    "FROM shared JOIN file ON file.shared = shared.id JOIN folder ON folder.id = file.folder"
    " WHERE shared.series = ?"
)


def folder_of(
    connection: sqlite3.Connection, path: bytes, container: int, writer: int | None
) -> tuple[int, bool]:
    """Return the id of a folder, made if need be, and whether *writer* was the last to change it.

    From now on it is, if it is one, and the folder is not taken for unchanged before it is signed.
    """
    row = connection.execute(
        "SELECT id, writer FROM folder WHERE path = ? AND container = ?", (path, container)
    ).fetchone()
    if row is None:
        cursor = connection.execute(
            "INSERT INTO folder (path, container, writer) VALUES (?, ?, ?)", (path, container, writer)
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid, False
    if writer is not None and row[1] != writer:
        connection.execute("UPDATE folder SET writer = ?, signature = NULL WHERE id = ?", (writer, row[0]))
    return row[0], row[1] == writer


def _ids_of(connection: sqlite3.Connection, folder: int, names: list[bytes]) -> list[int]:
    ids: list[int] = []
    if connection.execute("SELECT 1 FROM file WHERE folder = ? LIMIT 1", (folder,)).fetchone() is None:
        return ids
    for part in _slices(names):
        found = connection.execute(
            f"SELECT id FROM file WHERE folder = ? AND name IN ({_marks(part)})", (folder, *part)
        )
        ids += (number for (number,) in found)
    return ids


def _shared(connection: sqlite3.Connection, header: "Header", key: tuple[Any, ...]) -> tuple[int, int, int]:
    """Return the ids of what a header shares and of its series, made if need be, and its frames."""
    mark = digest(key)
    found = connection.execute("SELECT id, series, frames FROM shared WHERE digest = ?", (mark,)).fetchone()
    if found is not None:
        return found  # type: ignore[no-any-return]
    series = _series(connection, header)
    columns = shared_columns(header)
    cursor = connection.execute(
        f"INSERT INTO shared VALUES (NULL, ?, ?, ?{', ?' * len(SHARED)})", (mark, series, *columns)
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid, series, columns[0]


def _series(connection: sqlite3.Connection, header: "Header") -> int:
    values = tuple(map(storable, grouped_values(header)))
    mark = digest(values)
    found = connection.execute("SELECT id FROM series WHERE digest = ?", (mark,)).fetchone()
    if found is not None:
        return int(found[0])
    cursor = connection.execute(
        f"INSERT INTO series VALUES (NULL, ?{', ?' * len(GROUPED)}, 0, 0, 0, 0, NULL)",
        (mark, *values),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _offer_first(connection: sqlite3.Connection, series: int, number: int) -> None:
    """Make a file the first one of a series, if its path comes before."""
    path = f"(SELECT {_PATH} FROM file JOIN folder ON folder.id = file.folder WHERE file.id = {{}})"
    connection.execute(
        "UPDATE series SET first = ?1 WHERE id = ?2"
        f" AND coalesce({path.format('?1')} < {path.format('series.first')}, 1)",
        (number, series),
    )


def _reason(connection: sqlite3.Connection, text: str) -> int:
    connection.execute("INSERT OR IGNORE INTO reason (text) VALUES (?)", (text,))
    (number,) = connection.execute("SELECT id FROM reason WHERE text = ?", (text,)).fetchone()
    return int(number)


def row_of(
    name: str, size: int, times: int, header: "Header | None", reason: str, unlisted: int | None
) -> Row:
    """Return a row for a file or member; one whose name leads elsewhere is no instance."""
    try:
        stored = os.fsencode(name)
    except UnicodeEncodeError:  # no file has such a name, but a member may
        stored, header, reason = name.encode("utf-8", "replace"), None, "a name that no file can have"
    if not leads_inside(stored):
        stored = stored.replace(b"..", b"__").replace(b"\0", b"_")
        header, reason = None, "a name that leads out of its folder"
    return Row(stored, *held((size, times)), header, reason, unlisted)


def held(stamp: tuple[int, int]) -> tuple[int, int]:
    """Return size and times as they are stored; SQLite holds 64 bits, and times reach beyond."""
    return bounded(stamp[0]), _clamped(stamp[1])


def _clamped(number: int) -> int:
    return number if -_MOST < number < _MOST else max(-_MOST, min(number, _MOST))


def _slices(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _SLICE):
        yield items[start : start + _SLICE]


def _marks(items: Iterable[Any]) -> str:
    return ", ".join("?" for _ in items)
