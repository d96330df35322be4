"""Reads a few attributes of many files: by the walker where they stand at the top, else by the parser."""

import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import groupby
from struct import iter_unpack
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.containers import read_members, split_address
from dicomtui.archive.decoding import decode_text, text
from dicomtui.archive.forward import FileReader, ForwardReader, InflatingReader, LimitError, Window
from dicomtui.archive.header import Header
from dicomtui.archive.header_values import number_text
from dicomtui.archive.member_sources import MemberSource
from dicomtui.archive.members import SEPARATOR
from dicomtui.archive.query_sql import IN_FUNCTIONAL_GROUPS
from dicomtui.archive.query_terms import Attribute, AttributeValue
from dicomtui.archive.query_values import number
from dicomtui.archive.runs import VRS as PATTERN_VRS
from dicomtui.archive.walker import UnusualError, Walker
from dicomtui.dataset.encoding import DEFLATED_LITTLE, HEAD, find_encoding
from dicomtui.dataset.source import open_regular
from dicomtui.errors import ReadError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element
    from dicomtui.dataset.reading import Instance

Values = dict[str, AttributeValue]
"""Attributes by their names."""

_CHARACTER_SET = (0x00080005, "CS")
OUTSIDE_FUNCTIONAL_GROUPS = frozenset(Header._fields) - IN_FUNCTIONAL_GROUPS
"""Fields of the index, which has what stands at the top level and no more."""
_SHARED, _PER_FRAME = 0x52009229, 0x52009230
_FIRST_GROUP = 0x0008
_PATTERN_GROUPS = 0x0100
_TEXT_VRS = frozenset({"LT", "ST", "UT"})
_LOCALISED_VRS = _TEXT_VRS | {"LO", "PN", "SH"}
_ASCII_VRS = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI"})
_BINARY_NUMBERS = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FD": "d"}
_WALKED_VRS = _LOCALISED_VRS | _ASCII_VRS | _BINARY_NUMBERS.keys()
"""Value Representations whose values are decoded here; those of the others are left to the parser."""
_BYTES_SHOWN = 64
_PRINTABLE = range(0x20, 0x7F)


class _Wanted(NamedTuple):
    attributes: tuple[Attribute, ...]
    walker: Walker | None
    """None where only the parser can read them."""


def read_each(
    paths: Sequence[str], attributes: Sequence[Attribute], *, may_have_groups: bool = True
) -> list[Values | str]:
    """Read what some files have of *attributes*.

    Parameters
    ----------
    paths : sequence of str
        Regular files, or members of containers as :mod:`dicomtui.archive.containers` addresses them.
    attributes : sequence of Attribute
        What to read. One at the top level is also looked for in the functional groups of all frames.
    may_have_groups : bool
        Whether there may be any; without them a file need not be looked through to its end.

    Returns
    -------
    list of dict or str
        For each path its values, or why it cannot be read.
    """
    wanted = _Wanted(tuple(attributes), _walker(tuple(attributes), may_have_groups))
    found: dict[str, Values | str] = {}
    for container, members in groupby(paths, _container_of):
        if container:
            found |= _read_members(container, list(members), wanted)
        else:
            found |= {path: _outcome(path, partial(_read_file, path, wanted)) for path in members}
    return [found[path] for path in paths]


def _container_of(path: str) -> str:
    place = split_address(path) if SEPARATOR in path else None
    return place[0] if place else ""


def _read_members(container: str, addresses: Sequence[str], wanted: _Wanted) -> dict[str, Values | str]:
    names = [address[len(container) + len(SEPARATOR) :] for address in addresses]
    found: dict[str, Values | str] = {}
    reason = "no such member"
    try:
        for address, source in read_members(container, names):
            found[address] = _outcome(address, partial(_read_member, source, wanted))
    except ReadError as error:
        reason = _reason(container, error)
    return {address: found.get(address, reason) for address in addresses}


def _outcome(path: str, read: Callable[[], Values]) -> Values | str:
    try:
        return read()
    except (ReadError, OSError, zlib.error) as error:
        return _reason(path, error)


def _reason(path: str, error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "cannot be read").lower()
    return safe_line(str(error).removeprefix(f"{safe_line(path)}: "))


def _read_file(path: str, wanted: _Wanted) -> Values:
    if wanted.walker is not None:
        with open_regular(path) as stream:
            reader = FileReader(stream.fileno(), 0)
            found = _walked(reader, os.fstat(stream.fileno()).st_size, *wanted)
        if found is not None:
            return found
    from dicomtui.dataset.reading import read_instance

    return values_of(read_instance(path), wanted.attributes)


def _read_member(source: MemberSource | ReadError, wanted: _Wanted) -> Values:
    if isinstance(source, ReadError):
        raise source
    reader = source.forward()
    if reader is not None:
        found = _walked(reader, source.size, *wanted)
        if found is not None:
            return found
    from dicomtui.dataset.reading import read_source

    return values_of(read_source(source), wanted.attributes)


def values_of(instance: "Instance", attributes: Iterable[Attribute]) -> Values:
    """Return what an instance that was read as a whole has of *attributes*."""
    from dicomtui.dataset.elements import elements_of

    elements = elements_of(instance)
    groups = list(_functional_groups(elements))
    found = {}
    for attribute in attributes:
        places = _places(elements, attribute.tags)
        if len(attribute.tags) == 1 and attribute.field not in OUTSIDE_FUNCTIONAL_GROUPS:
            places += [element for element in groups if element.tag == attribute.tags[0]]
        found[attribute.name] = _value(attribute, places)
    return found


def _functional_groups(elements: "Sequence[Element]") -> "Iterator[Element]":
    """Yield what stands in the standard's functional groups (PS3.3 C.7.6.16).

    Private ones hold copies of whole other instances.
    """
    from dicomtui.dataset.dictionary import is_private

    for holder in elements:
        if holder.tag not in (_SHARED, _PER_FRAME):
            continue
        for frame in holder.children:
            macros = (macro for macro in frame.elements if not is_private(macro.tag))
            for item in (item for macro in macros for item in macro.children):
                yield from item.elements


def _places(elements: "Sequence[Element]", tags: Sequence[int]) -> "list[Element]":
    """Return the elements at the end of a path through sequences, of all items on the way."""
    first, *rest = tags
    found = [element for element in elements if element.tag == first]
    for tag in rest:
        items = (item for element in found for item in element.children)
        found = [element for item in items for element in item.elements if element.tag == tag]
    return found


def _value(attribute: Attribute, places: "Sequence[Element]") -> AttributeValue:
    if not places:
        return AttributeValue(attribute.vr)
    vr = places[0].vr
    values = (_texts(element) for element in places)
    return AttributeValue(vr, True, tuple(dict.fromkeys(value for value in values if any(value))))


def _texts(element: "Element") -> tuple[str, ...]:
    """Return the values of an element as plain text, of bytes and sequences what a row shows."""
    from dicomtui.dataset.elements import PixelDataRow
    from dicomtui.dataset.values import BINARY_VRS

    if element.vr == "SQ" or isinstance(element, PixelDataRow):
        return (element.text,)
    if element.vr not in BINARY_VRS:
        return _plain(element.vr, element.values)
    raw = (element.value or b"").rstrip(b"\0 ")
    if element.vr == "UN" and raw and all(byte in _PRINTABLE for byte in raw):
        return tuple(text(raw.decode("ascii")).split("\\"))
    return (element.text,) if len(element.value or b"") > _BYTES_SHOWN else tuple(element.values)


def _plain(vr: str, values: Iterable[str]) -> tuple[str, ...]:
    if vr in ("DS", "IS"):
        return tuple(value if (found := number(value)) is None else number_text(found) for value in values)
    return tuple(value.rstrip("=") for value in values) if vr == "PN" else tuple(values)


# --- by the walker ---


@lru_cache(maxsize=64)
def _walker(attributes: tuple[Attribute, ...], may_have_groups: bool) -> Walker | None:
    """Return a walker for attributes of the top level whose values are decoded here, else None."""
    wanted = {attribute.tags[0]: attribute.vr for attribute in attributes}
    for attribute in attributes:
        tag = attribute.tags[0]
        if len(attribute.tags) > 1 or attribute.vr not in _WALKED_VRS or tag >> 16 < _FIRST_GROUP:
            return None
    if not wanted or max(wanted) >= _SHARED:
        return None
    wanted |= dict([_CHARACTER_SET])
    has_patterns = all(tag >> 16 < _PATTERN_GROUPS and vr in PATTERN_VRS for tag, vr in wanted.items())
    if not may_have_groups:
        return Walker(sorted(wanted.items()), patterns=has_patterns)
    # a file that has functional groups, which are no short values, is left to the parser by these
    return Walker([*sorted(wanted.items()), (_SHARED, "SQ"), (_PER_FRAME, "SQ")], patterns=False)


def _walked(
    reader: ForwardReader, size: int, attributes: Sequence[Attribute], walker: Walker | None
) -> Values | None:
    """Return the values if they can be told without a parser."""
    if walker is None:
        return None
    head = reader.read(HEAD)
    encoding = find_encoding(head, len(head) if len(head) < HEAD else size)
    if encoding is None:
        return None
    start, window = encoding.start, Window(head, reader)
    if encoding.transfer_syntax == DEFLATED_LITTLE:
        start, window = 0, Window(b"", InflatingReader(head[encoding.start :], reader))
    implicit, little = encoding.implicit, encoding.little
    try:
        raws = walker.walk(window, start, implicit=implicit, little=little)
    except (UnusualError, LimitError, zlib.error):
        return None
    field = 4 if implicit else 2
    found = {tag: None if raw is None else raw[field:] for tag, raw in zip(walker.tags, raws, strict=True)}
    if found.get(_SHARED) is not None or found.get(_PER_FRAME) is not None:
        return None
    charset = text((found[_CHARACTER_SET[0]] or b"").decode("latin-1"))
    return {
        attribute.name: _decoded(attribute.vr, found[attribute.tags[0]], charset, little)
        for attribute in attributes
    }


def _decoded(vr: str, raw: bytes | None, charset: str, little: bool) -> AttributeValue:
    if raw is None:
        return AttributeValue(vr)
    values = _components(vr, raw, charset, little)
    return AttributeValue(vr, True, (values,) if any(values) else ())


def _components(vr: str, raw: bytes, charset: str, little: bool) -> tuple[str, ...]:
    """Split a value into its values, as :func:`dicomtui.dataset.values.components` does with pydicom."""
    if vr in _BINARY_NUMBERS:
        kind = ("<" if little else ">") + _BINARY_NUMBERS[vr]
        whole = len(raw) - len(raw) % (8 if vr == "FD" else 4 if vr in ("SL", "UL") else 2)
        return tuple(str(value) for (value,) in iter_unpack(kind, raw[:whole]))
    decoded = decode_text(raw, charset, name=vr == "PN") if vr in _LOCALISED_VRS else raw.decode("latin-1")
    if vr in _TEXT_VRS:
        return (decoded.rstrip(" \0"),)
    return _plain(vr, [part.strip(" \0") for part in decoded.split("\\")])
