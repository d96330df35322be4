"""What files an export makes out of which sources, and how they are called, before any is written."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.members import SEPARATOR
from dicomtui.archive.series import stacks
from dicomtui.export.formats import FORMATS, Unit
from dicomtui.export.names import FILE, FRAME, PATH, Template, distinct, safe_part
from dicomtui.export.options import SERIES_TEMPLATE, TEMPLATES, ExportOptions
from dicomtui.outcomes import Skipped

if TYPE_CHECKING:
    from dicomtui.archive.header import Header

NO_PICTURE = "has no picture"
_SUFFIXES = (".dcm", ".dicom", ".dic", ".ima")
"""What is left out of the name of a source; other dots belong to UIDs."""


class Item(NamedTuple):
    """One source, and what names are made of."""

    address: str
    header: "Header"
    frames: int
    values: Mapping[str, str]
    """Texts of the fields of the template."""


class Piece(NamedTuple):
    """One file to write."""

    sources: tuple[str, ...]
    """In order."""
    frames: tuple[int, ...]
    """Numbers from 1, of the frames of the source or of the pictures of a series; none for all."""
    path: str
    """Below the target folder, without a suffix."""


def unit_of(options: ExportOptions) -> Unit:
    """Return what one file holds."""
    return options.unit or FORMATS[options.format].units[0]


def template_of(options: ExportOptions) -> Template:
    """Return what names are made by.

    Raises
    ------
    UsageError
        If the template makes no sense.
    """
    if options.template is not None:
        return Template.parse(options.template)
    if unit_of(options) == "series":
        return Template.parse(SERIES_TEMPLATE)
    return Template.parse(TEMPLATES[FORMATS[options.format].kind])


def path_below(address: str, inputs: Sequence[str]) -> str:
    """Return the path of a source below what was asked for, without its suffix: the field ``{Path}``."""
    absolute = os.path.abspath(address)
    for path in inputs:
        folder = os.path.abspath(path)
        if absolute.startswith((folder + os.sep, folder + SEPARATOR)):
            below = absolute[len(folder) :].removeprefix(SEPARATOR).lstrip(os.sep)
            break
    else:
        below = os.path.basename(absolute)
    stem, suffix = os.path.splitext(below)
    return (stem if suffix.lower() in _SUFFIXES else below).replace(SEPARATOR, "/")


def special_values(address: str, inputs: Sequence[str]) -> dict[str, str]:
    """Return the fields that are no attributes, but for the frame."""
    path = path_below(address, inputs)
    return {PATH: path, FILE: path.rsplit("/", 1)[-1]}


def plan(items: Sequence[Item], options: ExportOptions) -> tuple[list[Piece], list[Skipped]]:
    """Decide which files are written.

    Parameters
    ----------
    items : sequence of Item
        The sources that can be read, in order.
    options : ExportOptions
        What is wanted.

    Returns
    -------
    list of Piece
        No two of one path; which of two gets a mark depends on their order alone.
    list of Skipped
        Sources that have nothing of what is wanted.
    """
    needs_picture = FORMATS[options.format].kind in ("picture", "movie", "numbers")
    usable: list[Item] = []
    skipped: list[Skipped] = []
    for item in items:
        if needs_picture and not item.header.has_pixels:
            skipped.append(Skipped(item.address, NO_PICTURE))
        else:
            usable.append(item)
    if options.dicomdir:
        return list(_with_file_ids(usable)), skipped
    make = {"frame": _frames, "instance": _instances, "series": _series}[unit_of(options)]
    return list(make(usable, options, _Namer(template_of(options)), skipped)), skipped


class _Namer:
    """Gives every file a name of its own."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._taken: set[str] = set()
        self.names_frames = FRAME in template.fields

    def name(self, item: Item, identity: str, frame: str = "", more: str = "") -> str:
        """Return a path; *identity* tells it from another that the template would give the same."""
        values = {**item.values, FRAME: frame} if frame else item.values
        path = self._template.path(values) + (f"-{safe_part(more)}" if more else "")
        count = 0
        chosen = path
        while chosen.casefold() in self._taken:  # systems that take A and a for one
            chosen = distinct(path, f"{identity} {count}")
            count += 1
        self._taken.add(chosen.casefold())
        return chosen


def _frames(
    items: Sequence[Item], options: ExportOptions, namer: _Namer, skipped: list[Skipped]
) -> Iterator[Piece]:
    for item in items:
        numbers = _selected(item.frames, options.frames)
        digits = len(str(item.frames))
        for number in numbers:
            frame = str(number)
            more = f"{number:0{digits}}" if item.frames > 1 and not namer.names_frames else ""
            path = namer.name(item, f"{_identity(item)} {number}", frame, more)
            yield Piece((item.address,), (number,), path)


def _instances(
    items: Sequence[Item], options: ExportOptions, namer: _Namer, skipped: list[Skipped]
) -> Iterator[Piece]:
    for item in items:
        numbers = _selected(item.frames, options.frames) if options.frames else ()
        yield Piece((item.address,), tuple(numbers), namer.name(item, _identity(item)))


def _series(
    items: Sequence[Item], options: ExportOptions, namer: _Namer, skipped: list[Skipped]
) -> Iterator[Piece]:
    """Make a file for each stack; an instance of many frames is one by itself."""
    by_series: dict[str, list[Item]] = {}
    for item in items:
        alone = item.frames > 1 or not item.header.series_instance_uid
        by_series.setdefault(item.address if alone else item.header.series_instance_uid, []).append(item)
    for group in by_series.values():
        by_path = {item.header.path: item for item in group}
        for stack in stacks(item.header for item in group):
            members = [by_path[header.path] for header in stack.headers]
            firsts = list(_without_copies(members, skipped))
            count = firsts[0].frames if len(firsts) == 1 else len(firsts)
            numbers = _selected(count, options.frames) if options.frames else ()
            path = namer.name(firsts[0], _identity(firsts[0]), more=stack.label)
            yield Piece(tuple(item.address for item in firsts), tuple(numbers), path)


def _with_file_ids(items: Sequence[Item]) -> Iterator[Piece]:
    """Name copies as a DICOMDIR can: at most eight of A-Z, 0-9 and _ between two slashes (PS3.10 8.2)."""
    below: dict[str, dict[str, int]] = {}
    for item in items:
        header, path = item.header, ""
        identities = (header.patient_id, header.study_instance_uid, header.series_instance_uid, item.address)
        for prefix, identity in zip(("PT", "ST", "SE", "IM"), identities, strict=True):
            siblings = below.setdefault(path, {})
            path += f"/{prefix}{siblings.setdefault(identity, len(siblings) + 1):06}"
        yield Piece((item.address,), (), path[1:])


def _without_copies(members: Iterable[Item], skipped: list[Skipped]) -> Iterator[Item]:
    seen: set[str] = set()
    for item in members:
        uid = item.header.sop_instance_uid or item.address
        if uid in seen:
            skipped.append(Skipped(item.address, "repeats another file of its series (0008,0018)"))
        else:
            seen.add(uid)
            yield item


def _selected(count: int, wanted: tuple[int, ...] | None) -> Sequence[int]:
    """Return the frames that are there of those that are wanted; the first of them where none is."""
    if wanted is None:
        return range(1, count + 1)
    return [number for number in wanted if number <= count] or wanted[:1]


def _identity(item: Item) -> str:
    return f"{item.header.sop_instance_uid} {item.values.get(PATH, '')}"
