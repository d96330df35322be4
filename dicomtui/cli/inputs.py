"""What the FILE arguments mean: regular files, or one file from standard input."""

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from dicomtui.cli import output
from dicomtui.dataset.source import READ_LIMIT, MemorySource
from dicomtui.errors import DicomTuiError, ReadError, UsageError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from dicomtui.dataset.reading import Instance

T = TypeVar("T")

STANDARD_INPUT = "-"
_CHUNK = 1 << 20


def add_argument(parser: "ArgumentParser", name: str, *, many: bool = False) -> None:
    """Declare the argument *name* for one file, or for one or more."""
    action = parser.add_argument(
        name, nargs="+" if many else None, metavar="FILE", help="a DICOM file, or - for standard input"
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
    from dicomtui.dataset.reading import read_instance, read_source

    if argument == STANDARD_INPUT:
        instance = read_source(_standard_input())
    elif os.path.isdir(argument):
        raise ReadError(f"{safe_line(argument)}: is a folder; open it with '{output.PROGRAM} FOLDER'")
    else:
        instance = read_instance(argument)
    for warning in instance.warnings:
        output.error(f"{name_of(argument)}: warning: {warning}")
    return instance


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


def _standard_input() -> MemorySource:
    if sys.stdin is None:
        raise ReadError("standard input: is closed")
    if sys.stdin.isatty():
        raise UsageError("standard input is a terminal: send a file into it, for instance with '<'")
    content = io.BytesIO()
    # asked for all at once, memory for READ_LIMIT would be taken
    while chunk := sys.stdin.buffer.read(_CHUNK):
        content.write(chunk)
        if content.tell() > READ_LIMIT:
            raise ReadError(f"standard input: larger than {READ_LIMIT >> 30} GiB; give it as a file")
    return MemorySource("standard input", content.getvalue())
