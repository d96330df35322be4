"""The attributes of many files, each file as what it has otherwise than another one.

The files of a series are nearly alike: an attribute with the bytes that it has in the file before is not
looked at again, and only what is different travels from a worker to its parent.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.opening import open_instance
from dicomtui.dataset.comparable import Ignored, Key, key_of, value_of
from dicomtui.dataset.elements import Element, PixelDataRow
from dicomtui.dataset.raw_elements import AnyElement
from dicomtui.dataset.raw_equality import context, same_raw
from dicomtui.dataset.scope import Scope
from dicomtui.errors import ReadError
from dicomtui.outcomes import Skipped
from dicomtui.pool import Lost
from dicomtui.text import safe_line
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from dicomtui.dataset.reading import Instance
    from dicomtui.pool import Pool

AttributePath = tuple[Key, ...]
"""An attribute and the sequences around it, whatever the items; functional groups stand at the top."""

BATCH = 32
"""Files that a worker compares with the first of them."""
TEXT_LIMIT = 120
"""Characters of a value that are kept; the rest counts by its hash."""

_FUNCTIONAL_GROUPS = frozenset({0x52009229, 0x52009230})  # shared, per frame
_SHOWN = 3  # values of several items
_DIGEST = 8


class Value(NamedTuple):
    """What a file has of an attribute, in all places: equal for equal values."""

    text: str
    """Plain text, not yet safe to show."""
    digest: bytes = b""
    """Stands for what *text* does not tell."""


class Profile(NamedTuple):
    """The attributes of one file."""

    values: dict[AttributePath, Value | None]
    """All of them, or those that it has otherwise than :attr:`base`; None for one that it does not have."""
    base: int | None = None
    """The place of the other file in the batch; None if there is none."""


class Batch(NamedTuple):
    """Files that were read together."""

    paths: list[str]
    profiles: list[Profile]
    skipped: list[Skipped]


def read_profiles(paths: Iterable[str], ignored: Ignored, pool: "Pool") -> Generator[Batch, None, None]:
    """Read all attributes of instances, in any order; an empty batch means that nothing came for a while.

    Pixel data is told by its size. To close the generator is to cancel.
    """
    for outcome in pool.map(partial(_read_batch, ignored), _batches(paths)):
        batch = Batch([], [], [])
        places: dict[int, int] = {}
        for place, (path, found) in enumerate(zip(*outcome, strict=True) if outcome else ()):
            if isinstance(found, Profile):
                places[place] = len(batch.profiles)
                base = None if found.base is None else places[found.base]
                batch.paths.append(path)
                batch.profiles.append(Profile(found.values, base))
            else:
                batch.skipped.append(Skipped(path, found.reason if isinstance(found, Lost) else found))
        yield batch


def profile_of(instance: "Instance", ignored: Ignored) -> dict[AttributePath, Value | None]:
    """Return every attribute of an instance, at every depth."""
    return _File(instance, ignored).profile()


def _batches(paths: Iterable[str]) -> Iterator[list[str]]:
    """Yield some files at a time; an empty path says that none is known for a moment."""
    batch: list[str] = []
    for path in paths:
        if path:
            batch.append(path)
        if len(batch) == BATCH or not path:
            yield batch
            batch = []
    if batch:
        yield batch


def _read_batch(ignored: Ignored, paths: Sequence[str]) -> list[Profile | str]:
    """Read some files, or say why that is impossible; in a worker."""
    profiles: list[Profile | str] = []
    base, base_place = None, 0
    for place, path in enumerate(paths):
        try:
            file = _File(open_instance(path), ignored)
        except ReadError as error:
            profiles.append(safe_line(str(error).removeprefix(f"{safe_line(path)}: ")))
            continue
        except OSError as error:
            profiles.append((error.strerror or "cannot be read").lower())
            continue
        changes = None if base is None else file.changes(base)
        if changes is None:
            profiles.append(Profile(file.profile()))
            base, base_place = file, place
        else:
            profiles.append(Profile(changes, base_place))
    return profiles


class _File:
    """One file that was read."""

    def __init__(self, instance: "Instance", ignored: Ignored) -> None:
        self._elements = instance.elements or {}
        self._scope = Scope(self._elements)
        self._ignored = ignored
        self._pixels = instance.pixel_data and PixelDataRow(instance, instance.pixel_data, self._scope)
        self._sides = self._what_others_depend_on(instance)
        self._below: dict[int, dict[AttributePath, Value | None]] = {}

    def profile(self) -> dict[AttributePath, Value | None]:
        """Return all attributes, in the order of their tags."""
        found: dict[AttributePath, Value | None] = {}
        for tag in sorted(self._elements):
            if int(tag) in _FUNCTIONAL_GROUPS:
                continue
            self._below[int(tag)] = self._values(self._elements[tag])
            found |= self._below[int(tag)]
        return found | self._groups() | self._pixel_data()

    def changes(self, base: "_File") -> dict[AttributePath, Value | None] | None:
        """Return what is otherwise than in *base*, whose profile was made; None if that is told by all."""
        if self._sides != base._sides:
            return None
        mine, theirs = self._elements, base._elements
        found: dict[AttributePath, Value | None] = {}
        for tag in theirs.keys() - mine.keys():
            found |= dict.fromkeys(base._below[int(tag)])
        for tag, element in mine.items():
            other = theirs.get(tag)
            if other is None or not same_raw(element, other):
                found |= dict.fromkeys(base._below.get(int(tag), ()))
                found |= self._values(element)
        return found | self._pixel_data()

    def _what_others_depend_on(self, instance: "Instance") -> tuple[object, ...]:
        """Return what decides how other elements are read, and whether there are functional groups."""
        groups = any(tag in self._elements for tag in _FUNCTIONAL_GROUPS)
        alone = object() if groups else None  # each of them is read by itself
        pixels = self._pixels and self._pixels.tag
        return context(instance, self._elements), alone, pixels

    def _values(self, raw: AnyElement) -> dict[AttributePath, Value | None]:
        """Return an attribute and all that is nested in it."""
        places: dict[AttributePath, list[Value]] = {}
        self._collect([Element(raw, self._scope)], (), places)
        return {path: _together(values) for path, values in places.items()}

    def _groups(self) -> dict[AttributePath, Value | None]:
        """Return what stands in functional groups, shared ones and those of all frames together."""
        places: dict[AttributePath, list[Value]] = {}
        for tag in sorted(_FUNCTIONAL_GROUPS):
            raw = self._elements.get(tag)  # type: ignore[call-overload]  # a BaseTag is an int
            for item in Element(raw, self._scope).items or () if raw is not None else ():
                self._collect(item.elements, (), places, counted=False)
        alike = {path: values[:1] for path, values in places.items() if len(set(values)) == 1}
        return {path: _together(alike.get(path, values)) for path, values in places.items()}

    def _pixel_data(self) -> dict[AttributePath, Value | None]:
        if not self._pixels or self._ignored.covers(self._pixels):
            return {}
        return {(key_of(self._pixels),): Value(self._pixels.text)}

    def _collect(
        self,
        elements: list[Element],
        around: AttributePath,
        places: dict[AttributePath, list[Value]],
        *,
        counted: bool = True,
    ) -> None:
        for element in elements:
            if self._ignored.covers(element):
                continue
            path = (*around, key_of(element))
            if element.vr != "SQ":
                places.setdefault(path, []).append(_value(element))
                continue
            items = element.items or []
            if counted:
                places.setdefault(path, []).append(Value(count_text(len(items), "item")))
            for item in items:
                self._collect(item.elements, path, places)


def _value(element: Element) -> Value:
    value = value_of(element)
    if isinstance(value, bytes):
        told = element.text
        return Value(told, blake2b(value, digest_size=_DIGEST).digest() if " … " in told else b"")
    text = "\\".join(value)
    if len(text) <= TEXT_LIMIT:
        return Value(text)
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
    return Value(f"{text[:TEXT_LIMIT]}…", digest)


def _together(values: list[Value]) -> Value:
    """Return the values of an attribute in several places as one."""
    if len(values) == 1:
        return values[0]
    distinct = list(dict.fromkeys(values))
    digest = blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
    text = " | ".join(value.text for value in distinct[:_SHOWN])
    if len(distinct) > _SHOWN:
        text += f" | … {count_text(len(distinct), 'value')}"
    return Value(f"{text} (in {len(values):,} places)", digest)
