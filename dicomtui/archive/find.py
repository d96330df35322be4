"""Finds the instances that a query means: from the index where it decides, else from the files."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.attribute_names import parse_attribute
from dicomtui.archive.attribute_reading import Values
from dicomtui.archive.header import Header
from dicomtui.archive.header_values import indexed_texts, indexed_value
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

    First come those that the index knows, in its order, then those whose files have to be read, in the order
    in which that is done. To close the generator is to cancel.

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
    wanted = named_attributes(query, columns)
    matches: list[Match] = []
    undecided, clock = 0, Clock()
    for header, is_match in _rows(query, index):
        values = indexed_texts(header, wanted) if is_match else None
        if values is None:
            undecided += 1
        else:
            matches.append(Match(header, values))
        if clock.is_time():
            yield FindStep(matches, 0, 0, [])
            matches = []
    yield FindStep(matches, 0, undecided, [])
    if undecided:
        yield from _find_in_files(query, index, pool, wanted, undecided)


def named_attributes(query: "Query", columns: Sequence[Attribute | str] = ()) -> tuple[Attribute, ...]:
    """Return the attributes of which a match has the values: those of the query, then the columns.

    Raises
    ------
    QueryError
        If a column is no attribute.
    """
    parsed = [parse_attribute(column) if isinstance(column, str) else column for column in columns]
    return tuple(dict.fromkeys([*query.attributes, *parsed]))


def _rows(query: "Query", index: "Index") -> Iterator[tuple[Header, bool]]:
    """Yield the instances that may match, and whether it is certain that they do."""
    where = query.where()
    for header in index.headers(where.sql, where.parameters):
        verdict = True if where.exact else query.matches(header)
        if verdict is not False:
            yield header, verdict is True


def _find_in_files(
    query: "Query", index: "Index", pool: "Pool", wanted: tuple[Attribute, ...], total: int
) -> Generator[FindStep, None, None]:
    certain: set[str] = set()

    def undecided() -> Iterator[Header]:
        for header, is_match in _rows(query, index):
            if is_match and indexed_texts(header, wanted) is not None:
                continue
            if is_match:
                certain.add(header.path)
            yield header

    done = 0
    with closing(read_all(undecided(), wanted, pool)) as batches:
        for answers in batches:
            matches = []
            for header, found in answers:
                read: Values = {} if isinstance(found, Skipped) else found
                is_match = header.path in certain or query.matches(header, read) is True
                certain.discard(header.path)
                if is_match:
                    matches.append(Match(header, _texts(header, wanted, read)))
            skipped = [found for _, found in answers if isinstance(found, Skipped)]
            done += len(answers)
            yield FindStep(matches, done, max(done, total), skipped)


def _texts(header: Header, wanted: Sequence[Attribute], read: Values) -> dict[str, str]:
    texts = {}
    for attribute in wanted:
        value = indexed_value(header, attribute) or read.get(attribute.name)
        texts[attribute.name] = value.text if value else ""
    return texts
