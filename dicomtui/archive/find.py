"""Finds the instances that a query means: from the index where it decides, else from the files."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.header import Header
from dicomtui.archive.header_values import indexed_value
from dicomtui.archive.query_terms import Attribute, AttributeValue
from dicomtui.outcomes import Skipped

if TYPE_CHECKING:
    from dicomtui.archive.index import Index
    from dicomtui.archive.query import Query
    from dicomtui.pool import Pool

BATCH = 32
"""Files that a worker reads before it reports."""
_STEP = 500
"""Rows of the index between two steps."""


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
) -> Iterator[FindStep]:
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
    raise NotImplementedError
