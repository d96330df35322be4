"""The values of one attribute over all instances, and how often each occurs."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.header import Header
from dicomtui.archive.query_terms import Attribute, AttributeValue
from dicomtui.outcomes import Skipped

if TYPE_CHECKING:
    from dicomtui.archive.index import Index
    from dicomtui.pool import Pool


class InstanceValue(NamedTuple):
    """What one instance has of the attribute."""

    header: Header
    value: AttributeValue


class ValuesStep(NamedTuple):
    """How far the reading is."""

    values: list[InstanceValue]
    """What was read since the last step."""
    done: int
    """Files that were read so far."""
    total: int
    """Files that have to be read; 0 as long as the index answers."""
    skipped: list[Skipped]
    """What could not be read since the last step."""


class ValueCount(NamedTuple):
    """One value."""

    text: str
    """Plain text, not yet safe to show."""
    count: int
    """Instances that have it."""
    first_path: str
    """The one that was read first."""


class ValueCounts:
    """Counts values as they come; an instance with several different ones counts for each of them."""

    def __init__(self) -> None:
        self.instances = 0
        self.missing = 0
        """Instances without the attribute."""
        self.empty = 0
        """Instances that have it without a value."""
        self._counts: dict[str, tuple[int, str]] = {}

    def add(self, values: Sequence[InstanceValue]) -> None:
        """Count some more instances."""
        self.instances += len(values)
        for header, value in values:
            if not value.present:
                self.missing += 1
            elif not value.values:
                self.empty += 1
            for text in value.texts:
                count, first_path = self._counts.get(text, (0, header.path))
                self._counts[text] = (count + 1, first_path)

    def rows(self, *, by_value: bool = False) -> list[ValueCount]:
        """Return each value: the most frequent first, or in the order of numbers and text."""
        rows = [ValueCount(text, count, path) for text, (count, path) in self._counts.items()]
        raise NotImplementedError


def attribute_values(index: "Index", pool: "Pool", attribute: Attribute | str) -> Iterator[ValuesStep]:
    """Read one attribute of every instance of the index.

    First come the instances whose value the index has, in its order, then those whose files are read. To
    close the generator is to cancel.

    Raises
    ------
    QueryError
        If *attribute* is neither a keyword nor a tag.
    """
    raise NotImplementedError
