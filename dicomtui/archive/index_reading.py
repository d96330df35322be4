"""What is asked of the tables of an index; each function reads no more than takes a few milliseconds."""

import sqlite3
from collections.abc import Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple

from dicomtui.archive.index_schema import (
    FIELDS,
    GROUPED,
    HEADER_COLUMNS,
    TamperedError,
    digest,
    header_of_row,
    path_of,
)
from dicomtui.outcomes import Skipped

if TYPE_CHECKING:
    from dicomtui.archive.header import Header

ROWS = 500
"""How many rows are read in one go."""


class SeriesRow(NamedTuple):
    """One series, by Patient ID, Patient's Name, Study and Series Instance UID.

    What else it says is what its first instance says.
    """

    patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    study_instance_uid: str
    study_date: str
    study_time: str
    study_id: str
    accession_number: str
    study_description: str
    series_instance_uid: str
    series_number: int | None
    series_date: str
    series_time: str
    series_description: str
    modality: str
    body_part_examined: str
    manufacturer: str
    manufacturer_model_name: str
    instances: int
    images: int
    """Instances with Rows and Columns."""
    frames: int
    """Of all images; an image without Number of Frames has one."""
    size: int
    """Bytes of all instances."""
    first_path: str
    """The first instance by its path."""


_COUNTS = ("instances", "images", "frames", "size")
_COPIED = SeriesRow._fields[:-1]
_SERIES = (
    "SELECT folder.path, file.name, "
    + ", ".join(f'{"series" if name in GROUPED + _COUNTS else "shared"}."{name}"' for name in _COPIED)
    + " FROM series CROSS JOIN file ON file.id = series.first"
    " CROSS JOIN folder ON folder.id = file.folder CROSS JOIN shared ON shared.id = file.shared"
)
_SERIES_KINDS = tuple(
    (int, NoneType) if name == "series_number" else (int,) if name in _COUNTS else (str,) for name in _COPIED
)


def all_series(connection: sqlite3.Connection, root: str) -> list[SeriesRow]:
    """Return all series, in no order."""
    return [_series_row(row, root) for row in connection.execute(_SERIES)]


def instances(connection: sqlite3.Connection) -> int:
    """Return how many instances there are."""
    (count,) = connection.execute("SELECT coalesce(sum(instances), 0) FROM series").fetchone()
    return int(count)


def last_id(connection: sqlite3.Connection) -> int:
    """Return the id that no file's is beyond."""
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM file").fetchone()
    return int(last)


def headers_between(
    connection: sqlite3.Connection, root: str, after: int, where: str, parameters: Sequence[object]
) -> "list[Header]":
    """Return the headers among the :data:`ROWS` files after an id for which a condition holds."""
    rows = connection.execute(
        f"SELECT {HEADER_COLUMNS} FROM header WHERE id > ? AND id <= ? AND ({where or '1'}) ORDER BY id",
        (after, after + ROWS, *parameters),
    )
    return [header_of_row(root, row) for row in rows]


def places_between(
    connection: sqlite3.Connection, after: int, where: str, parameters: Sequence[object]
) -> list[tuple[bytes, bytes, int]]:
    """Return the folder, name and id of what :func:`headers_between` finds."""
    rows = connection.execute(
        f"SELECT folder, name, id FROM header WHERE id > ? AND id <= ? AND ({where or '1'})",
        (after, after + ROWS, *parameters),
    ).fetchall()
    if not all(type(folder) is bytes and type(name) is bytes for folder, name, _ in rows):
        raise TamperedError("a path is no path")
    return rows


def headers_with(connection: sqlite3.Connection, root: str, ids: Sequence[int]) -> "dict[int, Header]":
    """Return the headers with some ids, by their ids."""
    marks = ", ".join("?" * len(ids))
    rows = connection.execute(f"SELECT {HEADER_COLUMNS} FROM header WHERE id IN ({marks})", tuple(ids))
    return {row[0]: header_of_row(root, row) for row in rows}


def series_between(
    connection: sqlite3.Connection, after: int, where: str, parameters: Sequence[object]
) -> list[tuple[str, str, str, str]]:
    """Return what tells the series apart of which there are instances in :func:`headers_between`."""
    return connection.execute(
        f"SELECT DISTINCT {', '.join(GROUPED)} FROM header WHERE id > ? AND id <= ? AND ({where})",
        (after, after + ROWS, *parameters),
    ).fetchall()


def shared_of(connection: sqlite3.Connection, row: SeriesRow) -> list[int]:
    """Return the ids of what the instances of a series share."""
    mark = digest(tuple(getattr(row, name) for name in GROUPED))
    return [
        number
        for (number,) in connection.execute(
            "SELECT id FROM shared WHERE series = (SELECT id FROM series WHERE digest = ?) ORDER BY id",
            (mark,),
        )
    ]


def headers_sharing(
    connection: sqlite3.Connection, root: str, shared: int, after: int
) -> "tuple[list[Header], int | None]":
    """Return some headers after an id, and the last one's id if there may be more."""
    rows = connection.execute(
        f"SELECT {HEADER_COLUMNS} FROM header WHERE shared = ? AND id > ? ORDER BY id LIMIT {ROWS}",
        (shared, after),
    ).fetchall()
    return [header_of_row(root, row) for row in rows], rows[-1][0] if len(rows) == ROWS else None


def skipped_between(connection: sqlite3.Connection, root: str, after: int) -> list[Skipped]:
    """Return those of the :data:`ROWS` files after an id that are no instances, with the reasons."""
    rows = connection.execute(
        "SELECT folder.path, file.name, reason.text FROM file CROSS JOIN folder ON folder.id = file.folder"
        " CROSS JOIN reason ON reason.id = file.reason WHERE file.id > ? AND file.id <= ? ORDER BY file.id",
        (after, after + ROWS),
    )
    return [Skipped(path_of(root, folder, name), str(text)) for folder, name, text in rows]


def counts_between(connection: sqlite3.Connection, column: str, after: int) -> list[tuple[Any, int]]:
    """Return the values of a field, and how many of the :data:`ROWS` files after an id have each.

    Raises
    ------
    ValueError
        If there is no such field.
    """
    if column not in FIELDS:
        raise ValueError(column)
    return connection.execute(
        f'SELECT "{column}", count(*) FROM header WHERE id > ? AND id <= ? GROUP BY 1', (after, after + ROWS)
    ).fetchall()


def _series_row(row: tuple[Any, ...], root: str) -> SeriesRow:
    folder, name, *values = row
    for value, kinds in zip(values, _SERIES_KINDS, strict=True):
        if type(value) not in kinds:
            raise TamperedError("a row is no series")
    return SeriesRow._make((*values, path_of(root, folder, name)))
