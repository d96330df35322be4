"""The tables of an index, and how a header becomes their columns and comes back.

What all instances of a series share stands once: who and which series in ``series``, the rest in ``shared``.
What differs stands in ``file``, which has a row for each file and member, DICOM or not.
"""

import marshal
import os
import sqlite3
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from types import NoneType
from typing import Any, get_type_hints

from dicomtui.archive.header import Header

APPLICATION_ID = 0x64637478
"""What tells an index from the SQLite files of other programs."""
VERSION = 2

GROUPED = ("patient_id", "patient_name", "study_instance_uid", "series_instance_uid")
"""The fields of a header by which instances make a series."""
OWN = (
    "sop_instance_uid",
    "acquisition_time",
    "content_time",
    "acquisition_number",
    "instance_number",
    "image_position",
    "temporal_position",
)
"""The fields that differ from instance to instance."""
SHARED = tuple(name for name in Header._fields[2:] if name not in GROUPED + OWN)
FIELDS = Header._fields[1:]
"""The columns of the view ``header`` that are named like the fields they hold: all but the path."""

_MOST_FRAMES = (1 << 31) - 1
_LARGEST = (1 << 63) - 1


class TamperedError(sqlite3.DatabaseError):
    """A row holds what was never written there."""


def _kinds() -> dict[str, type]:
    """Return the type in which each field is stored: several numbers as text."""
    kinds = {}
    for name, hint in get_type_hints(Header).items():
        plain = next(kind for kind in getattr(hint, "__args__", (hint,)) if kind is not NoneType)
        kinds[name] = plain if plain in (str, int, float) else str
    return kinds


_KINDS = _kinds()
_NUMBERS = ("image_position", "image_orientation", "pixel_spacing")
"""Fields with several numbers, which are stored like in a file: with backslashes between."""
_PLACES = {name: FIELDS.index(name) for name in _NUMBERS}
_AFFINITY = {str: "TEXT", int: "INTEGER", float: "REAL"}


def _declared(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}" {_AFFINITY[_KINDS[name]]}' for name in names)


def _selected() -> str:
    tables = {
        **dict.fromkeys(GROUPED, "series"),
        **dict.fromkeys(SHARED, "shared"),
        **dict.fromkeys(OWN, "file"),
    }
    return ", ".join(f'{tables[name]}."{name}" AS "{name}"' for name in Header._fields[2:])


SCHEMA = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    # path: relative to the root and with its separator, so that a name can follow; container: 0, or the
    # folder that holds the container whose members these are; signature: of a listing all of whose files
    # are known, if nobody but the writer has touched the folder since
    "CREATE TABLE folder (id INTEGER PRIMARY KEY, path BLOB NOT NULL, container INTEGER NOT NULL,"
    " signature BLOB, writer INTEGER, UNIQUE (path, container))",
    "CREATE INDEX folder_container ON folder (container) WHERE container > 0",
    "CREATE TABLE reason (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",
    f"CREATE TABLE series (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, {_declared(GROUPED)},"
    " instances INTEGER NOT NULL, images INTEGER NOT NULL, frames INTEGER NOT NULL, size INTEGER NOT NULL,"
    " first INTEGER)",
    "CREATE TABLE shared (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, series INTEGER NOT NULL,"
    f" frames INTEGER NOT NULL, {_declared(SHARED)})",
    "CREATE INDEX shared_series ON shared (series)",
    # unlisted: the scan that met this name, where it is of no regular file; header_size: of a member
    "CREATE TABLE file (id INTEGER PRIMARY KEY, folder INTEGER NOT NULL, name BLOB NOT NULL,"
    " size INTEGER NOT NULL, times INTEGER NOT NULL, unlisted INTEGER, reason INTEGER, shared INTEGER,"
    f" header_size INTEGER, {_declared(OWN)}, UNIQUE (folder, name))",
    "CREATE INDEX file_shared ON file (shared) WHERE shared IS NOT NULL",
    "CREATE INDEX file_unlisted ON file (unlisted) WHERE unlisted IS NOT NULL",
    "CREATE VIEW header AS SELECT file.id AS id, file.shared AS shared, folder.path AS folder,"
    f" file.name AS name, coalesce(file.header_size, file.size) AS size, {_selected()}"
    # in this order, because what is asked names some of the files by their ids
    " FROM file CROSS JOIN folder ON folder.id = file.folder CROSS JOIN shared ON shared.id = file.shared"
    " CROSS JOIN series ON series.id = shared.series",
)

HEADER_COLUMNS = ", ".join(f'"{name}"' for name in ("id", "folder", "name", *FIELDS))
"""What :func:`header_of_row` takes."""


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute("COMMIT")


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether the database has these tables, as written here and nothing else."""
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        return False
    if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
        return False
    found = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
    return tuple(sql for (sql,) in found) == SCHEMA


# --- a header as columns ---

grouped_values = attrgetter(*GROUPED)
_shared_values = attrgetter(*SHARED)
_key_values = attrgetter(*GROUPED, *SHARED)
_own_values = attrgetter(*OWN)
_POSITION = OWN.index("image_position")
_SHARED_NUMBERS = tuple(index for index, name in enumerate(SHARED) if name in _NUMBERS)


def shared_key(header: Header) -> tuple[Any, ...]:
    """Return all that a header shares with others, to be looked up."""
    key: tuple[Any, ...] = _key_values(header)
    return key


def digest(values: tuple[Any, ...]) -> bytes:
    """Return 16 bytes that stand for *values*."""
    # version 2 of the format says the same of equal values; later ones write references
    return blake2b(marshal.dumps(values, 2), digest_size=16).digest()


def shared_columns(header: Header) -> tuple[Any, ...]:
    """Return the frames of an instance, 0 where it is no image, then the values of :data:`SHARED`."""
    values = list(_shared_values(header))
    for index in _SHARED_NUMBERS:
        values[index] = _joined(values[index])
    frames = min(max(header.number_of_frames or 1, 1), _MOST_FRAMES) if header.has_pixels else 0
    return frames, *map(storable, values)


def own_columns(header: Header) -> list[Any]:
    """Return the values of :data:`OWN`."""
    values = list(_own_values(header))
    values[_POSITION] = _joined(values[_POSITION])
    return values


def bounded(size: int) -> int:
    """Return a number of bytes that SQLite can hold."""
    return size if 0 <= size <= _LARGEST else min(max(size, 0), _LARGEST)


def storable(value: Any) -> Any:
    """Return *value*, or text whose lone surrogates, which UTF-8 cannot hold, are replaced."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode("utf-8")
    return value


def _joined(numbers: tuple[float, ...] | None) -> str | None:
    return None if numbers is None else "\\".join(map(repr, numbers))


# --- and back ---

_KIND_OF_COLUMN = (int, bytes, bytes, *(_KINDS[name] for name in FIELDS))
_OPTIONAL = (False, False, False, *(_KINDS[name] is not str or name in _NUMBERS for name in FIELDS))


def header_of_row(root: str, row: tuple[Any, ...]) -> Header:
    """Return the header in a row of :data:`HEADER_COLUMNS`, the paths below *root*, which ends with ``/``.

    Raises
    ------
    TamperedError
        If it is none that was written here.
    """
    _check(tuple(map(type, row)))
    values = list(row[3:])
    for name, place in _PLACES.items():
        if values[place] is not None:
            values[place] = _split(name, values[place])
    return Header(path_of(root, row[1], row[2]), *values)


def path_of(root: str, folder: object, name: object) -> str:
    """Return the path of a file, which never leads out of *root*.

    Raises
    ------
    TamperedError
        If it would.
    """
    if not (isinstance(folder, bytes) and isinstance(name, bytes) and leads_inside(name)):
        raise TamperedError("a path leads out of the folder")
    return _prefix(root, folder) + os.fsdecode(name)


def leads_inside(path: bytes) -> bool:
    """Whether a relative path, put behind a folder, stays below that folder."""
    return b"\0" not in path and (b".." not in path or b".." not in path.split(b"/"))


@lru_cache(maxsize=1024)
def _prefix(root: str, folder: bytes) -> str:
    if folder and not (folder.endswith(b"/") and leads_inside(folder)):
        raise TamperedError("a path leads out of the folder")
    return root + os.fsdecode(folder)


@lru_cache(maxsize=1024)
def _check(kinds: tuple[type, ...]) -> None:
    """Refuse a row whose types are not those of a header; the rows of an index have few combinations."""
    for kind, wanted, optional in zip(kinds, _KIND_OF_COLUMN, _OPTIONAL, strict=True):
        if kind is not wanted and not (optional and kind is NoneType):
            raise TamperedError("a row is no header")


@lru_cache(maxsize=4096)
def _split(name: str, text: str) -> tuple[float, ...]:
    try:
        numbers = tuple(map(float, text.split("\\")))
    except ValueError:
        numbers = ()
    if len(numbers) != {"image_position": 3, "image_orientation": 6, "pixel_spacing": 2}[name]:
        raise TamperedError("a row is no header")
    return numbers
