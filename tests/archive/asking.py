"""Headers, an index and a pool that tests make themselves, to ask queries of."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from dicomtui.archive.header import Header
from dicomtui.archive.query import Query

EMPTY = Header(*([""] * len(Header._fields)))._replace(
    size=0,
    **dict.fromkeys(
        (
            "slice_thickness",
            "echo_number",
            "series_number",
            "acquisition_number",
            "instance_number",
            "image_position",
            "image_orientation",
            "temporal_position",
            "number_of_frames",
            "rows",
            "columns",
            "pixel_spacing",
        )
    ),  # type: ignore[arg-type]
)


def a_header(path: str = "a.dcm", **fields: Any) -> Header:
    """Return a header that is empty but for *fields*."""
    return EMPTY._replace(path=path, **fields)


class MemoryIndex:
    """What a query needs of an index: headers in a table whose columns are called like their fields."""

    def __init__(self, headers: Sequence[Header]) -> None:
        self.all = list(headers)
        columns = Header._fields
        self._database = sqlite3.connect(":memory:")
        self._database.execute(f"""CREATE TABLE header ("{'", "'.join(columns)}")""")
        self._database.executemany(
            f"INSERT INTO header VALUES ({', '.join('?' * len(columns))})",
            [tuple(str(v) if isinstance(v, tuple) else v for v in header) for header in headers],
        )

    @property
    def instances(self) -> int:
        return len(self.all)

    def headers(self, where: str = "", parameters: Sequence[object] = ()) -> Iterator[Header]:
        numbers = self._database.execute(f"SELECT rowid FROM header WHERE {where or 1}", parameters)
        for (number,) in numbers.fetchall():
            yield self.all[number - 1]

    def ids_by_path(self, where: str = "", parameters: Sequence[object] = ()) -> list[int]:
        found = self._database.execute(f"SELECT rowid FROM header WHERE {where or 1}", parameters)
        return sorted((number for (number,) in found), key=lambda number: self.all[number - 1].path)

    def headers_by_id(self, ids: Sequence[int]) -> Iterator[tuple[int, Header]]:
        return ((number, self.all[number - 1]) for number in ids)


class PlainPool:
    """A pool that works here and now; between two batches nothing comes for a while."""

    def map(
        self, function: Callable[[Sequence[Any]], Sequence[Any]], batches: Iterable[Sequence[Any]]
    ) -> Iterator[tuple[Sequence[Any], Sequence[Any]] | None]:
        for batch in batches:
            yield None
            yield batch, function(batch)


def selected(query: Query, headers: Sequence[Header]) -> list[str]:
    """Return the paths of what the index selects for a query, which may be too much."""
    where = query.where()
    return [header.path for header in MemoryIndex(headers).headers(where.sql, where.parameters)]
