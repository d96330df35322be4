"""The values of one attribute over all instances, and how often each occurs."""

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.attribute_names import parse_attribute
from dicomtui.archive.header import Header
from dicomtui.archive.header_values import indexed_value
from dicomtui.archive.pooled_reading import Clock, read_all
from dicomtui.archive.query_terms import Attribute, AttributeValue
from dicomtui.archive.query_values import number
from dicomtui.archive.series import NaturalKey, natural_key
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
    instances: int
    """How many have it."""
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
        """Return each value: the most frequent first, or numbers in their order and then text."""
        rows = [ValueCount(text, count, path) for text, (count, path) in self._counts.items()]
        rows.sort(key=_by_value)
        return rows if by_value else sorted(rows, key=lambda row: -row.instances)


def attribute_values(
    index: "Index", pool: "Pool", attribute: Attribute | str
) -> Generator[ValuesStep, None, None]:
    """Read one attribute of every instance of the index.

    First come the instances whose value the index has, in its order, then those whose files are read. To
    close the generator is to cancel.

    Raises
    ------
    QueryError
        If *attribute* is neither a keyword nor a tag.
    """
    if isinstance(attribute, str):
        attribute = parse_attribute(attribute)
    values: list[InstanceValue] = []
    unknown, clock = 0, Clock()
    for header in index.headers():
        value = indexed_value(header, attribute)
        if value is None:
            unknown += 1
        else:
            values.append(InstanceValue(header, value))
        if clock.is_time():
            yield ValuesStep(values, 0, 0, [])
            values = []
    yield ValuesStep(values, 0, unknown, [])
    if unknown:
        yield from _values_in_files(index, pool, attribute, unknown)


def _values_in_files(
    index: "Index", pool: "Pool", attribute: Attribute, total: int
) -> Generator[ValuesStep, None, None]:
    unknown = (header for header in index.headers() if indexed_value(header, attribute) is None)
    done = 0
    with closing(read_all(unknown, [attribute], pool)) as batches:
        for answers in batches:
            skipped = [found for _, found in answers if isinstance(found, Skipped)]
            values = [
                InstanceValue(header, found[attribute.name])
                for header, found in answers
                if not isinstance(found, Skipped)
            ]
            done += len(answers)
            yield ValuesStep(values, done, max(done, total), skipped)


def _by_value(row: ValueCount) -> tuple[bool, float, NaturalKey]:
    found = number(row.text)
    return found is None, 0 if found is None else found, natural_key(row.text)
