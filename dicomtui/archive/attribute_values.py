"""The values of one attribute over all instances, and how often each occurs."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.attribute_names import parse_attribute
from dicomtui.archive.header import Header
from dicomtui.archive.header_values import indexed_value
from dicomtui.archive.in_order import InOrder
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
    """The first that has it, in the order of paths."""


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
    """Read one attribute of every instance of the index, folder by folder in the order of their paths.

    An instance whose file has to be read holds back what comes behind it, until it is read. To close the
    generator is to cancel.

    Raises
    ------
    QueryError
        If *attribute* is neither a keyword nor a tag.
    """
    if isinstance(attribute, str):
        attribute = parse_attribute(attribute)
    ids = index.ids_by_path()
    values: list[InstanceValue] = []
    first, unknown, clock = 0, 0, Clock()
    for place, header in index.headers_by_id(ids):
        value = indexed_value(header, attribute)
        if value is None:
            first = first or place
            unknown += 1
        elif not unknown:
            values.append(InstanceValue(header, value))
        if clock.is_time():
            yield ValuesStep(values, 0, 0, [])
            values = []
    yield ValuesStep(values, 0, unknown, [])
    if unknown:
        rest = (header for _, header in index.headers_by_id(ids[ids.index(first) :]))
        yield from _values_in_turn(rest, pool, attribute, unknown)


def _values_in_turn(
    headers: Iterable[Header], pool: "Pool", attribute: Attribute, total: int
) -> Generator[ValuesStep, None, None]:
    """Read the attribute of instances in their order; for *total* of them the files have to be read."""
    in_order: InOrder[InstanceValue | None] = InOrder()
    places: dict[str, int] = {}

    def unknown() -> Iterator[Header]:
        for place, header in enumerate(headers):
            value = indexed_value(header, attribute)
            if value is None:
                places[header.path] = place
                yield header
            else:
                in_order.put(place, InstanceValue(header, value))

    done = 0
    with closing(read_all(unknown(), [attribute], pool)) as batches:
        for answers in batches:
            skipped = []
            for header, found in answers:
                if isinstance(found, Skipped):
                    skipped.append(found)
                    in_order.put(places.pop(header.path), None)
                else:
                    in_order.put(places.pop(header.path), InstanceValue(header, found[attribute.name]))
            done += len(answers)
            yield ValuesStep(list(filter(None, in_order.take())), done, max(done, total), skipped)
    yield ValuesStep(list(filter(None, in_order.take())), done, max(done, total), [])


def _by_value(row: ValueCount) -> tuple[bool, float, NaturalKey]:
    found = number(row.text)
    return found is None, 0 if found is None else found, natural_key(row.text)
