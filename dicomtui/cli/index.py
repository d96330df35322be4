"""``dicomtui index``: keeps what a scan has found, so that the next start need not wait for it."""

import time
from typing import TYPE_CHECKING

from dicomtui.cli import output, scanning
from dicomtui.errors import UsageError
from dicomtui.text import safe_line
from dicomtui.wording import count_text, size_text

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from dicomtui.archive.index import Index

EXAMPLES = """\
  dicomtui index /data/archive        make the index, or bring it up to date
  dicomtui index --list
  dicomtui index --clear /data/archive
  dicomtui index --clear              remove all of them"""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    path = parser.add_argument(
        "path", nargs="?", metavar="PATH", help="a folder, a file, or a zip or tar; the index holds its names"
    )
    path.complete = "file"  # type: ignore[attr-defined]  # completion scripts are made from it
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--list", action="store_true", help="print which indexes are kept")
    action.add_argument(
        "--clear",
        action="store_true",
        help="remove the index of PATH, or every one; no file of PATH is touched",
    )
    parser.add_argument(
        "--json", action="store_true", help="for --list: root, instances, size in bytes, when"
    )


def run(arguments: "Namespace") -> int:
    """Make an index, list or remove them.

    Raises
    ------
    UsageError
        If the arguments do not go together, or there is no such path.
    """
    if arguments.json and not arguments.list:
        raise UsageError("--json goes with --list; for what is in a folder see 'dicomtui scan --json'")
    if arguments.list:
        if arguments.path is not None:
            raise UsageError("--list takes no PATH: it prints every index")
        return _print_list(as_json=arguments.json)
    if arguments.clear:
        return _clear(arguments.path)
    if arguments.path is None:
        raise UsageError("which folder? 'dicomtui index PATH' makes an index, --list prints them")
    return _make(arguments.path)


def _make(path: str) -> int:
    from dicomtui.archive.index import open_index

    scanning.check_path(path)
    index = open_index(path, keep=True)
    try:
        if index.kept:
            scanning.bring_up_to_date(index)
        return _print_result(index)
    finally:
        index.close()


def _print_result(index: "Index") -> int:
    if not index.kept:
        output.error(index.notice)
        return 1
    series = index.series()
    others = len(index.skipped())
    skipped = f", {count_text(others, 'other file')}" if others else ""
    size = _size_of(index.root)
    output.aside(
        f"{index.root}: {count_text(index.instances, 'instance')}"
        f" in {count_text(len(series), 'series', 'series')}{skipped}; the index takes {size_text(size)}"
    )
    return 0


def _size_of(root: str) -> int:
    from dicomtui.archive.index import list_indexes

    return next((kept.size for kept in list_indexes() if kept.root == root), 0)


def _print_list(*, as_json: bool) -> int:
    from dicomtui.archive.index import list_indexes

    kept = list_indexes()
    if as_json:
        output.json_values(
            ({**one._asdict(), "when": _when(one.when, "T", "%z") or None} for one in kept), array=True
        )
        return 0
    for one in kept:
        instances = count_text(one.instances, "instance")
        when = _when(one.when, " ") or "not finished"
        output.line(f"{when:<19}  {instances:>20}  {size_text(one.size):>10}  {one.root}")
    if not kept:
        output.line("no index is kept; 'dicomtui index PATH' makes one")
    return 0


def _when(seconds: float, between: str, zone: str = "") -> str:
    """Return local time as ``2020-01-31 12:00:00``; ``""`` for never."""
    try:
        form = f"%Y-%m-%d{between}%H:%M:%S{zone}"
        return time.strftime(form, time.localtime(seconds)) if seconds else ""
    except (OverflowError, ValueError, OSError):  # not what was written there
        return ""


def _clear(path: str | None) -> int:
    from dicomtui.archive.index import clear_indexes

    count = clear_indexes(path)
    where = "" if path is None else f" of {safe_line(path)}"
    if not count:
        output.aside(f"no index{where} was kept")
    elif path is None:
        output.aside(f"removed {count_text(count, 'index', 'indexes')}")
    else:
        output.aside(f"removed the index{where}")
    return 0
