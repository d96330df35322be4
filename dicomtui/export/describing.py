"""Reads of many files what their names are made of; runs in worker processes."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from dicomtui.archive.attribute_names import parse_attribute
from dicomtui.archive.attribute_reading import read_each
from dicomtui.archive.containers import read_members, split_address
from dicomtui.archive.header import Header, header_of_source
from dicomtui.archive.members import SEPARATOR
from dicomtui.archive.opening import open_instance
from dicomtui.archive.scanned_file import NOT_DICOM, read_file
from dicomtui.errors import DicomTuiError, ReadError
from dicomtui.export.names import SPECIAL
from dicomtui.text import safe_line


class Described(NamedTuple):
    """What is known of one source before it is exported."""

    header: Header | None
    frames: int = 1
    """How many there are, whatever is declared."""
    values: dict[str, str] = {}  # noqa: RUF012  never changed
    """Attributes of the template as text."""
    reason: str = ""
    """Why there is no header."""


def describe(fields: tuple[str, ...], addresses: Sequence[str]) -> list[Described]:
    """Read headers, and the attributes that a template names.

    Parameters
    ----------
    fields : tuple of str
        Of :attr:`dicomtui.export.names.Template.fields`.
    addresses : sequence of str
        Files and members of containers.
    """
    headers: dict[str, Header | str] = {}
    for container, group in groupby(addresses, _container_of):
        some = list(group)
        headers |= _members(container, some) if container else {path: _file(path) for path in some}
    keywords = [field for field in fields if field not in SPECIAL]
    values = read_each(addresses, [parse_attribute(keyword) for keyword in keywords]) if keywords else []
    described = []
    for index, address in enumerate(addresses):
        header = headers.get(address, "no such member")
        if isinstance(header, str):
            described.append(Described(None, reason=header))
            continue
        found = values[index] if values else {}
        texts = {} if isinstance(found, str) else {name: value.text for name, value in found.items()}
        described.append(Described(header, _frames(header), texts))
    return described


def _container_of(address: str) -> str:
    place = split_address(address) if SEPARATOR in address else None
    return place[0] if place else ""


def _file(path: str) -> Header | str:
    scanned = read_file(path)
    return scanned.header or scanned.reason


def _members(container: str, addresses: Sequence[str]) -> dict[str, Header | str]:
    names = [address[len(container) + len(SEPARATOR) :] for address in addresses]
    found: dict[str, Header | str] = {}
    try:
        for address, source in read_members(container, names):
            try:
                if isinstance(source, ReadError):
                    raise source
                found[address] = header_of_source(source) or NOT_DICOM
            except DicomTuiError as error:
                found[address] = _reason(address, error)
    except DicomTuiError as error:
        return dict.fromkeys(addresses, _reason(container, error)) | found
    return found


def _frames(header: Header) -> int:
    """Return how many frames there are: what is declared costs nothing, so it is not believed."""
    if not header.has_pixels or (header.number_of_frames or 1) <= 1:
        return 1
    from dicomtui.imaging.frames import Frames  # only for instances of many frames

    try:
        return max(1, Frames(open_instance(header.path)).count)
    except DicomTuiError:
        return 1  # the reason is said when it is exported


def _reason(name: str, error: DicomTuiError) -> str:
    return str(error).removeprefix(safe_line(name)).removeprefix(": ")
