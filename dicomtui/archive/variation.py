"""Which attributes differ between instances, their values, and which instance is the odd one out."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.find import find_by_path
from dicomtui.archive.profiles import AttributePath, Profile, Value, read_profiles
from dicomtui.archive.series import natural_key
from dicomtui.dataset import dictionary
from dicomtui.dataset.comparable import Ignored, Key
from dicomtui.outcomes import Skipped

if TYPE_CHECKING:
    from dicomtui.archive.index import Index
    from dicomtui.archive.query import Query
    from dicomtui.pool import Pool

MOST_ATTRIBUTES = 20_000
"""Attributes that are looked at."""
MOST_VALUES = 2_000
"""Values of one attribute that are told apart."""
MOST_NAMED = 3
"""Instances that are named for a value, if no more have it."""

_FEW = 20  # one of so many instances may be odd, where else values are expected to differ
_UNIQUE = frozenset({"MediaStorageSOPInstanceUID", "SOPInstanceUID"})
_EXPECTED_VRS = frozenset({"TM", "DT"})
_EXPECTED = _UNIQUE | {
    "AcquisitionNumber",
    "ContentDate",
    "FrameReferenceTime",
    "ImageIndex",
    "ImagePositionPatient",
    "InStackPositionNumber",
    "InstanceCreationDate",
    "InstanceNumber",
    "LargestImagePixelValue",
    "PixelData",
    "SliceLocation",
    "SmallestImagePixelValue",
    "TriggerTime",
    "WindowCenter",
    "WindowWidth",
}


class VariationStep(NamedTuple):
    """How far the reading is."""

    paths: list[str]
    """What was read since the last step."""
    profiles: list[Profile]
    """What these files have."""
    done: int
    """Files that were read so far."""
    total: int
    """Files that have to be read."""
    skipped: list[Skipped]
    """What could not be read since the last step."""


class HeldValue(NamedTuple):
    """One of the values of an attribute."""

    text: str | None
    """Plain text, not yet safe to show; None stands for instances that do not have the attribute."""
    instances: int
    paths: tuple[str, ...]
    """The instances, where they are no more than :data:`MOST_NAMED`."""


class Variation(NamedTuple):
    """One attribute over all instances."""

    path: AttributePath
    values: tuple[HeldValue, ...]
    """The most frequent ones first."""
    untold: int
    """Instances with still other values, of which there were too many."""
    expected: bool
    """Whether that it varies says nothing: what is different in every instance of a series, and times."""

    @property
    def distinct(self) -> int:
        """How many values there are, to be absent not counted; more if :attr:`untold` is not 0."""
        return sum(value.text is not None for value in self.values)


def attribute_name(path: AttributePath) -> str:
    """Return an attribute as it is asked for, ``RequestAttributesSequence.ScheduledProcedureStepID``.

    A private one is told by its name and creator, since its tag may differ between instances.
    """
    return ".".join(map(_key_name, path))


def read_variation(
    index: "Index", pool: "Pool", ignored: Ignored, query: "Query | None" = None
) -> Generator[VariationStep, None, None]:
    """Read all attributes of the instances of an index, or of those that *query* means.

    To close the generator is to cancel.
    """
    if query is None:
        ids = index.ids_by_path()
        paths = (header.path for _, header in index.headers_by_id(ids))
        yield from read_all_of(paths, len(ids), pool, ignored)
        return
    found: list[str] = []
    with closing(find_by_path(query, index, pool)) as steps:
        for step in steps:
            found += [match.header.path for match in step.matches]
            yield VariationStep([], [], step.done, step.total, step.skipped)
    yield from read_all_of(found, len(found), pool, ignored)


def read_all_of(
    paths: Iterable[str], total: int, pool: "Pool", ignored: Ignored
) -> Generator[VariationStep, None, None]:
    """Read all attributes of some files; *total* says how many they are, as far as that is known."""
    done = 0
    with closing(read_profiles(paths, ignored, pool)) as batches:
        for batch in batches:
            done += len(batch.paths) + len(batch.skipped)
            yield VariationStep(batch.paths, batch.profiles, done, max(done, total), batch.skipped)


class Variations:
    """Counts values as they come."""

    def __init__(self) -> None:
        self.instances = 0
        self.too_many = False
        """Whether there were more attributes than :data:`MOST_ATTRIBUTES`, and some were not looked at."""
        self._attributes: dict[AttributePath, _Counts] = {}
        self._first: list[str] = []  # the first few instances of all, which lack what is met later

    def add(
        self, paths: Sequence[str], profiles: Sequence[Profile], named: Callable[[str], str] = str
    ) -> None:
        """Count some more instances that were read together.

        Parameters
        ----------
        paths, profiles : sequence
            Of a :class:`VariationStep`.
        named : callable
            Makes of a path what an instance is called.
        """
        for base, changed in _by_base(profiles).items():
            self._add([named(paths[place]) for place in [base, *changed]], profiles[base], changed, profiles)

    def rows(self) -> list[Variation]:
        """Return the attributes that are not the same everywhere.

        First those in which the fewest instances are unlike the others; what is expected to vary last.
        """
        rows = [
            counts.variation(path, self.instances)
            for path, counts in self._attributes.items()
            if counts.varies(self.instances)
        ]
        return sorted(rows, key=lambda row: (row.expected, self._exceptions(row), row.path))

    def constant(self) -> list[tuple[AttributePath, str]]:
        """Return the attributes that are the same everywhere with their values, in the order of tags."""
        return sorted(
            (path, next(iter(counts.values)).text)
            for path, counts in self._attributes.items()
            if not counts.varies(self.instances)
        )

    def _add(
        self, names: list[str], base: Profile, changed: Sequence[int], profiles: Sequence[Profile]
    ) -> None:
        """Count one instance with a profile of its own, and those that are told by what they have else."""
        others: dict[AttributePath, dict[int, Value | None]] = {}
        for place, number in enumerate(changed, 1):
            for path, value in profiles[number].values.items():
                others.setdefault(path, {})[place] = value
        for path in self._attributes.keys() | base.values.keys() | others.keys():
            if (counts := self._counts(path)) is None:
                continue
            usual, other = base.values.get(path), others.get(path, {})
            if not other:
                counts.add(usual, len(names), names)
                continue
            for place, name in enumerate(names):
                counts.add(other.get(place, usual), 1, [name])
        self.instances += len(names)
        self._first = (self._first + names)[: MOST_NAMED + 1]

    def _counts(self, path: AttributePath) -> "_Counts | None":
        counts = self._attributes.get(path)
        if counts is None:
            if len(self._attributes) == MOST_ATTRIBUTES:
                self.too_many = True
                return None
            counts = self._attributes[path] = _Counts(self._first)
        return counts

    def _exceptions(self, row: Variation) -> int:
        """Return how many instances do not have what most have, or share what has to be unique."""
        if _is_unique(row.path):
            return sum(value.instances for value in row.values if value.instances > 1)
        return self.instances - row.values[0].instances


class _Counts:
    """The values of one attribute."""

    def __init__(self, absent: Sequence[str]) -> None:
        self.present = self.untold = 0
        self.absent = list(absent)
        self.values: dict[Value, tuple[int, tuple[str, ...]]] = {}

    def add(self, value: Value | None, count: int, names: Sequence[str]) -> None:
        """Count *count* instances with a value."""
        if value is None:
            if len(self.absent) <= MOST_NAMED:
                self.absent += names[: MOST_NAMED + 1]
            return
        self.present += count
        held = self.values.get(value)
        if held is None and len(self.values) == MOST_VALUES:
            self.untold += count
            return
        total, named = held or (0, ())
        total += count
        self.values[value] = total, (*named, *names) if total <= MOST_NAMED else ()

    def varies(self, instances: int) -> bool:
        """Whether there is more than one value, or none in some instances."""
        return len(self.values) > 1 or self.present < instances

    def variation(self, path: AttributePath, instances: int) -> Variation:
        """Return the values, most frequent ones first."""
        held = [
            HeldValue(value.text, count, tuple(sorted(names, key=natural_key)))
            for value, (count, names) in self.values.items()
        ]
        if absent := instances - self.present:
            names = self.absent if absent <= MOST_NAMED else []
            held.append(HeldValue(None, absent, tuple(sorted(names, key=natural_key))))
        held.sort(key=lambda value: (-value.instances, natural_key(value.text or "")))
        return Variation(path, tuple(held), self.untold, _is_expected(path, held, instances))


def _by_base(profiles: Sequence[Profile]) -> dict[int, list[int]]:
    """Return the places of profiles that are told by what they have otherwise than another one."""
    found: dict[int, list[int]] = {}
    for place, profile in enumerate(profiles):
        if profile.base is None:
            found[place] = []
        else:
            found[profile.base].append(place)
    return found


def _is_unique(path: AttributePath) -> bool:
    """Whether no two instances may have the same value."""
    return len(path) == 1 and _keyword(path) in _UNIQUE


def _is_expected(path: AttributePath, held: Sequence[HeldValue], instances: int) -> bool:
    keyword = _keyword(path)
    if _is_unique(path):
        return held[0].instances == 1
    tag = path[-1][0] << 16 | max(0, path[-1][1])
    is_usual = keyword in _EXPECTED or dictionary.vr_of(tag) in _EXPECTED_VRS
    return is_usual and instances - held[0].instances > instances // _FEW


def _keyword(path: AttributePath) -> str:
    group, number, creator = path[-1]
    return "" if creator else dictionary.keyword_of(group << 16 | number)


def _key_name(key: Key) -> str:
    """Return a keyword, a tag, or the name of a private attribute with its creator."""
    group, number, creator = key
    if not creator:
        tag = group << 16 | number
        return dictionary.keyword_of(tag) or dictionary.format_tag(tag)
    if number < 0:
        return f"({group:04x},00xx) Private Creator {creator}"
    name = dictionary.name_of(group << 16 | 0x1000 | number, creator)
    return f"({group:04x},xx{number:02x}) {name} [{creator}]"
