"""The index of a path for the subcommands that ask a whole archive, brought up to date with progress."""

import os
import time
from typing import TYPE_CHECKING

from dicomtui.cli import output
from dicomtui.errors import UsageError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from dicomtui.archive.index import Index

_PAUSE = 0.1
"""Seconds between two lines of progress."""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare whether an index is kept on disk."""
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--index",
        action="store_true",
        help="keep the index on disk, so that the next time nothing is scanned",
    )
    choice.add_argument("--no-index", action="store_true", help="scan anew, whether an index is kept or not")


def scanned(path: str, arguments: "Namespace") -> "Index":
    """Return the index of what is at *path*, up to date; it is to be closed.

    Raises
    ------
    UsageError
        If there is no such path.
    """
    from dicomtui.archive.refresh import refresh
    from dicomtui.pool import Pool

    try:
        os.stat(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{safe_line(path)}: {reason.lower()}") from error
    index = _opened(path, arguments)
    if index.notice:
        output.error(f"warning: {index.notice}")
    due = time.monotonic() + _PAUSE
    try:
        with Pool() as pool:
            for step in refresh(index, pool):
                if time.monotonic() >= due:
                    due = time.monotonic() + _PAUSE
                    more = "" if step.complete else "+"
                    output.progress(f"scanning: {step.done:,} of {step.listed:,}{more} files")
    except BaseException:
        index.close()
        raise
    finally:
        output.progress("")
    return index


def _opened(path: str, arguments: "Namespace") -> "Index":
    from dicomtui.archive.index import kept_index, open_index
    from dicomtui.settings import load_settings

    if arguments.no_index:
        return open_index(path, keep=False)
    keep = arguments.index or load_settings().index
    return (None if keep else kept_index(path)) or open_index(path, keep=keep)
