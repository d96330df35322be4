"""Finds the instances that a query means: from the index where it decides, else from the files."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.attribute_names import parse_attribute
from dicomtui.archive.attribute_reading import Values
from dicomtui.archive.header import Header
from dicomtui.archive.header_values import indexed_texts, indexed_value
from dicomtui.archive.in_order import InOrder
from dicomtui.archive.pooled_reading import Clock, read_all
from dicomtui.archive.query_terms import Attribute
from dicomtui.outcomes import Skipped

if TYPE_CHECKING:
    from dicomtui.archive.index import Index
    from dicomtui.archive.query import Query
    from dicomtui.pool import Pool


class Match(NamedTuple):
    """An instance that was found."""

    header: Header
    values: dict[str, str]
    """The attributes that the query and the columns name, by :attr:`Attribute.name`: plain text, not yet safe
    to show, ``""`` for what has no value."""


class FindStep(NamedTuple):
    """How far a search is."""

    matches: list[Match]
    """What was found since the last step."""
    done: int
    """Files that were read so far."""
    total: int
    """Files that have to be read; 0 as long as the index answers."""
    skipped: list[Skipped]
    """What could not be read since the last step."""


def find(
    query: "Query", index: "Index", pool: "Pool", columns: Sequence[Attribute | str] = ()
) -> Generator[FindStep, None, None]:
    """Find the instances that *query* means.

    First come those that the index knows, then those whose files have to be read, in the order in which that
    is done. To close the generator is to cancel.

    Parameters
    ----------
    query : Query
        What is asked.
    index : Index
        Where it is asked; it may grow meanwhile.
    pool : Pool
        Reads the files.
    columns : sequence of Attribute or str
        What else to give for each match; a str is a keyword or a tag.

    Yields
    ------
    FindStep
        At least ten a second.

    Raises
    ------
    QueryError
        If a column is no attribute.
    """
    asked = _Asked(query, columns)
    matches: list[Match] = []
    undecided, clock = 0, Clock()
    for _, _, match in asked.rows(enumerate(index.headers(*asked.condition))):
        if match is None:
            undecided += 1
        else:
            matches.append(match)
        if clock.is_time():
            yield FindStep(matches, 0, 0, [])
            matches = []
    yield FindStep(matches, 0, undecided, [])
    if undecided:
        rows = asked.rows(enumerate(index.headers(*asked.condition)))
        unknown = (header for _, header, match in rows if match is None)
        for answers, step in asked.read(unknown, pool, undecided):
            yield step._replace(matches=[match for _, match in answers if match is not None])


def find_by_path(
    query: "Query", index: "Index", pool: "Pool", columns: Sequence[Attribute | str] = ()
) -> Generator[FindStep, None, None]:
    """Do as :func:`find` does, but give the matches folder by folder in the order of their paths.

    An instance whose file has to be read holds back what comes behind it, until it is read.
    """
    asked = _Asked(query, columns)
    ids = index.ids_by_path(*asked.condition)
    matches: list[Match] = []
    first, undecided, clock = 0, 0, Clock()
    for number, _, match in asked.rows(index.headers_by_id(ids)):
        if match is None:
            first = first or number
            undecided += 1
        elif not undecided:
            matches.append(match)
        if clock.is_time():
            yield FindStep(matches, 0, 0, [])
            matches = []
    yield FindStep(matches, 0, undecided, [])
    if undecided:
        rest = index.headers_by_id(ids[ids.index(first) :])
        yield from _find_in_turn(asked, rest, pool, undecided)


def _find_in_turn(
    asked: "_Asked", headers: Iterable[tuple[int, Header]], pool: "Pool", total: int
) -> Generator[FindStep, None, None]:
    """Find among *headers* in their order; for *total* of them the files have to be read."""
    in_order: InOrder[Match | None] = InOrder()
    places: dict[str, int] = {}

    def undecided() -> Iterator[Header]:
        for place, (_, header, match) in enumerate(asked.rows(headers)):
            if match is None:
                places[header.path] = place
                yield header
            else:
                in_order.put(place, match)

    step = FindStep([], 0, total, [])
    for answers, step in asked.read(undecided(), pool, total):
        for header, match in answers:
            in_order.put(places.pop(header.path), match)
        yield step._replace(matches=list(filter(None, in_order.take())))
    yield step._replace(matches=list(filter(None, in_order.take())), skipped=[])


def named_attributes(query: "Query", columns: Sequence[Attribute | str] = ()) -> tuple[Attribute, ...]:
    """Return the attributes of which a match has the values: those of the query, then the columns.

    Raises
    ------
    QueryError
        If a column is no attribute.
    """
    parsed = [parse_attribute(column) if isinstance(column, str) else column for column in columns]
    return tuple(dict.fromkeys([*query.attributes, *parsed]))


class _Asked:
    """A query, and the attributes whose values are wanted of what it finds."""

    def __init__(self, query: "Query", columns: Sequence[Attribute | str]) -> None:
        where = query.where()
        self.condition, self._is_exact = (where.sql, where.parameters), where.exact
        self._query, self._wanted = query, named_attributes(query, columns)

    def rows(self, headers: Iterable[tuple[int, Header]]) -> Iterator[tuple[int, Header, Match | None]]:
        """Yield the instances that may be meant: with the match, or with None where the file has to be read.

        The headers, each with a number, are those for which :attr:`condition` holds.
        """
        for number, header in headers:
            is_match = self._decide(header)
            if is_match is not False:
                values = indexed_texts(header, self._wanted) if is_match else None
                yield number, header, None if values is None else Match(header, values)

    def read(
        self, headers: Iterable[Header], pool: "Pool", total: int
    ) -> Generator[tuple[list[tuple[Header, Match | None]], FindStep], None, None]:
        """Read the files of *headers*, about *total*: yield which are meant, and a step without matches."""
        done = 0
        with closing(read_all(headers, self._wanted, pool)) as batches:
            for found in batches:
                answers = [(header, self._answer(header, values)) for header, values in found]
                skipped = [values for _, values in found if isinstance(values, Skipped)]
                done += len(found)
                yield answers, FindStep([], done, max(done, total), skipped)

    def _decide(self, header: Header) -> bool | None:
        """Whether an instance is meant, None if only the file can tell."""
        return True if self._is_exact else self._query.matches(header)

    def _answer(self, header: Header, found: Values | Skipped) -> Match | None:
        read: Values = {} if isinstance(found, Skipped) else found
        is_match = self._decide(header) or self._query.matches(header, read)
        return Match(header, _texts(header, self._wanted, read)) if is_match else None


def _texts(header: Header, wanted: Sequence[Attribute], read: Values) -> dict[str, str]:
    texts = {}
    for attribute in wanted:
        value = indexed_value(header, attribute) or read.get(attribute.name)
        texts[attribute.name] = value.text if value else ""
    return texts
