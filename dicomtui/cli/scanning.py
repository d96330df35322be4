"""What the subcommands about a whole archive have in common: its index, brought up to date."""

import os
import time
from typing import TYPE_CHECKING

from dicomtui.cli import output
from dicomtui.errors import ReadError, UsageError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from dicomtui.archive.index import Index
    from dicomtui.cli.asking import Asked

_PAUSE = 0.1
"""Seconds between two lines of progress."""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options that say whether an index is kept."""
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument(
        "--index",
        action="store_const",
        const=True,
        dest="keep_index",
        help="keep what is read for the next time ('dicomtui index' says where and clears it);"
        " what is kept already is used anyhow",
    )
    kept.add_argument(
        "--no-index",
        action="store_const",
        const=False,
        dest="keep_index",
        help="read everything anew and keep nothing, whatever is kept or configured",
    )


def scanned(path: str, arguments: "Namespace") -> "Index":
    """Return the index of what is below *path*, as it is on the disk now; the caller closes it.

    How far the scan is stands on standard error, if that is a terminal.

    Parameters
    ----------
    path : str
        A folder, a file, or a zip or tar.
    arguments : Namespace
        With the options of :func:`add_arguments`.

    Raises
    ------
    UsageError
        If there is no such path, or it is neither file nor folder.
    ReadError
        If the folder itself cannot be listed.
    """
    check_path(path)
    index = _opened(path, arguments.keep_index)
    try:
        notice = index.notice
        bring_up_to_date(index)
        if notice := notice or index.notice:
            output.error(notice)
    except BaseException:
        index.close()
        raise
    return index


def report_unread(index: "Index", asked: "Asked") -> int:
    """Say on standard error what could not be read, and return the exit code: 1 if there is something."""
    from dicomtui.archive.scanned_file import NOT_DICOM
    from dicomtui.archive.unread import is_failure

    by_reason: dict[str, list[str]] = {}
    for skipped in sorted(index.skipped()):
        is_named = asked.named(skipped.source) == asked.path
        if is_failure(skipped.reason) or (is_named and skipped.reason == NOT_DICOM):
            by_reason.setdefault(skipped.reason, []).append(skipped.source)
    for reason, sources in by_reason.items():
        more = f" (and {len(sources) - 1:,} more)" if len(sources) > 1 else ""
        output.error(f"{asked.named(sources[0])}{more}: {reason}")
    return 1 if by_reason else 0


def check_path(path: str) -> None:
    """Raise why there is nothing to scan under *path*, if that is so."""
    name = safe_line(path)
    if _is_in_container(path):
        return
    try:
        os.stat(path)
        if os.path.isdir(path):
            os.scandir(path).close()
        elif not os.path.isfile(path):
            raise UsageError(f"{name}: neither a folder nor a regular file")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{name}: no such file or folder") from error
    except PermissionError as error:
        raise ReadError(f"{name}: permission denied") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{name}: {reason.lower()}") from error


def _is_in_container(path: str) -> bool:
    """Whether a path is the address of a folder or member; raise if there is no such member."""
    from dicomtui.archive.containers import is_member, list_level, split_address
    from dicomtui.archive.members import SEPARATOR

    if SEPARATOR not in path or split_address(path) is None:
        return False
    if not is_member(path) and not list_level(path):
        raise UsageError(f"{safe_line(path)}: no such member")
    return True


def _opened(path: str, keep: bool | None) -> "Index":
    from dicomtui.archive.index import kept_index, open_index
    from dicomtui.settings import load_settings

    if keep is None:
        keep = load_settings().index or None
    if keep is None:
        return kept_index(path) or open_index(path, keep=False)
    return open_index(path, keep=keep)


def bring_up_to_date(index: "Index") -> None:
    """Scan what *index* is about; how far that is stands on standard error, if that is a terminal."""
    from dicomtui.archive.refresh import refresh
    from dicomtui.pool import Pool

    due = time.monotonic() + _PAUSE
    try:
        with Pool() as pool:
            for step in refresh(index, pool):
                if time.monotonic() >= due:
                    due = time.monotonic() + _PAUSE
                    more = "" if step.complete else "+"
                    output.progress(f"{step.done:,} of {step.listed:,}{more} files")
    finally:
        output.progress("")
