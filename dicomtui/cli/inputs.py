"""What the FILE arguments mean: regular files, members of a zip or tar, or one file from standard input."""

import os
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from dicomtui.cli import output
from dicomtui.dataset.source import READ_LIMIT, MemorySource
from dicomtui.errors import DicomTuiError, ReadError, UsageError
from dicomtui.text import safe_line
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from dicomtui.archive.member_sources import MemberSource
    from dicomtui.dataset.reading import Instance

T = TypeVar("T")

STANDARD_INPUT = "-"
_CHUNK = 1 << 20


def add_argument(parser: "ArgumentParser", name: str, *, many: bool = False) -> None:
    """Declare the argument *name* for one file, or for one or more."""
    action = parser.add_argument(
        name,
        nargs="+" if many else None,
        metavar="FILE",
        help="a DICOM file, a zip or tar, its member as in 'study.zip!/CT/1.dcm', or - for standard input",
    )
    action.complete = "file"  # type: ignore[attr-defined]  # completion scripts are made from it


def read(argument: str) -> "Instance":
    """Read the instance that a FILE argument names, and say on standard error what is odd about it.

    Raises
    ------
    ReadError
        If it is not a readable file, or not DICOM.
    UsageError
        If it is ``-`` and standard input is a terminal.
    """
    from dicomtui.archive.opening import open_instance
    from dicomtui.archive.recording import record_opened
    from dicomtui.dataset.reading import read_source

    if argument == STANDARD_INPUT:
        instance = read_source(_standard_input())
    elif os.path.isdir(argument):
        raise ReadError(f"{safe_line(argument)}: is a folder; open it with '{output.PROGRAM} FOLDER'")
    else:
        instance = open_instance(_only_member(argument))
    record_opened(argument, instance)
    for warning in instance.warnings:
        output.error(f"{name_of(argument)}: warning: {warning}")
    return instance


def expand(arguments: Sequence[str]) -> list[str]:
    """Return FILE arguments with the addresses of its members instead of each zip or tar.

    Members that are not DICOM are left out, since nobody has asked for them; what cannot be opened is not.
    """
    expanded: list[str] = []
    for argument in arguments:
        try:
            members = _members(argument)
        except DicomTuiError:
            members = None  # said when it is opened
        expanded += members or [argument]
    return expanded


def describe_each(
    arguments: Sequence[str], describe: "Callable[[Instance], T]"
) -> Iterator[tuple[str, T | DicomTuiError]]:
    """Yield each argument with what *describe* made of its instance, or with why that failed.

    A failure is said on standard error and never ends the batch.
    """
    for argument in arguments:
        yield argument, _outcome(argument, describe)


def name_of(argument: str) -> str:
    """Return the name under which a person knows the file."""
    return "standard input" if argument == STANDARD_INPUT else safe_line(argument)


def _only_member(argument: str) -> str:
    """Return the one DICOM member of a zip, a tar, or a folder in one; anything else as it is."""
    members = _members(argument)
    if members is None:
        return argument
    name = safe_line(argument)
    if not members:
        raise ReadError(f"{name}: nothing in it is DICOM")
    if len(members) > 1:
        raise ReadError(
            f"{name}: {count_text(len(members), 'instance')}; name one, such as '{safe_line(members[0])}',"
            f" or open it with '{output.PROGRAM} {name}'"
        )
    return members[0]


def _members(argument: str) -> list[str] | None:
    """Return the DICOM members of a zip, a tar, or a folder in one; None if it is none of these."""
    from dicomtui.archive.containers import is_container, is_member, read_members, split_address
    from dicomtui.archive.members import SEPARATOR, parts_of

    place = split_address(argument)
    if place is None and not is_container(os.path.realpath(argument)):
        return None
    if place is not None and is_member(argument):
        return None
    path, folder = place or (argument, "")
    folders = parts_of(folder)
    found = []
    for address, source in read_members(path):
        if address == path:
            output.error(f"warning: {source}")
        elif parts_of(address.removeprefix(path + SEPARATOR))[: len(folders)] == folders and _may_be_dicom(
            source
        ):
            found.append(address)
    if folders and not found:
        raise ReadError(f"{safe_line(argument)}: no such member")
    return found


def _may_be_dicom(source: "MemberSource | ReadError") -> bool:
    """Whether a member is DICOM by its first bytes, or cannot be told."""
    from dicomtui.dataset.encoding import HEAD, find_encoding

    if isinstance(source, ReadError):
        return True
    reader = source.forward()
    try:
        return reader is None or find_encoding(reader.read(HEAD), source.size) is not None
    except (OSError, zlib.error):
        return True


def _outcome(argument: str, describe: "Callable[[Instance], T]") -> T | DicomTuiError:
    try:
        return describe(read(argument))
    except (UsageError, BrokenPipeError):
        raise
    except DicomTuiError as error:
        failure = error
    except OSError as error:  # the disk or the network failed while the file was read
        failure = ReadError(f"{name_of(argument)}: {(error.strerror or 'cannot be read').lower()}")
    except Exception as error:  # noqa: BLE001  a mistake of ours must not end the batch either
        output.crash(error, name_of(argument))
        return ReadError(f"{name_of(argument)}: internal error")
    output.error(str(failure))
    return failure


def save_standard_input(path: str) -> str:
    """Write what comes from standard input to a new private file, and return its path.

    Raises
    ------
    ReadError
        If it is closed, or larger than :data:`~dicomtui.dataset.source.READ_LIMIT`.
    UsageError
        If it is a terminal.
    """
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        for chunk in _chunks():
            stream.write(chunk)
    return path


def _standard_input() -> MemorySource:
    return MemorySource("standard input", b"".join(_chunks()))


def _chunks() -> "Iterator[bytes]":
    """Yield what comes from standard input; asked for all at once, memory for READ_LIMIT would be taken."""
    if sys.stdin is None:
        raise ReadError("standard input: is closed")
    if sys.stdin.isatty():
        raise UsageError("standard input is a terminal: send a file into it, for instance with '<'")
    size = 0
    while chunk := sys.stdin.buffer.read(_CHUNK):
        size += len(chunk)
        if size > READ_LIMIT:
            raise ReadError(f"standard input: larger than {READ_LIMIT >> 30} GiB; give it as a file")
        yield chunk
