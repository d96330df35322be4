"""``dicomtui find``: the instances that a query means, one a line."""

import os
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from dicomtui.cli import output, scanning
from dicomtui.cli.asking import (
    FOUND,
    HOW_A_QUERY_LOOKS,
    NOTHING,
    add_paths,
    ask,
    guarded,
    parsed_query,
    plain_value,
)
from dicomtui.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Generator, Iterable, Sequence

    from dicomtui.archive.find import Match
    from dicomtui.archive.query_terms import Attribute

EXAMPLES = """\
  dicomtui find /data 'Modality = CT and SliceThickness < 2 and PatientName ~ "smi*"'
  dicomtui find study.zip 'StudyDate >= 2020-03 and not exists ContrastBolusAgent'
  dicomtui find . 'Modality = MR' --columns PatientID,SeriesDescription --csv > mr.csv
  dicomtui find . 'KVP > 120' --paths0 | xargs -0 dicomtui info"""


EXIT_CODES = """\
Exit codes: 0 something was found, 1 nothing was, 2 the query or a path makes no sense. What could not be
read is said on standard error."""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    from dicomtui.archive.query import LANGUAGE

    parser.epilog = f"{LANGUAGE}\n\n{parser.epilog}\n\n{EXIT_CODES}"
    add_paths(parser)
    parser.add_argument("query", metavar="QUERY", help="what to find; see below")
    parser.add_argument(
        "--columns",
        metavar="NAMES",
        help="what to print behind the path, with commas between (default: the attributes of QUERY)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="an array of objects: path, and values by keyword")
    form.add_argument("--csv", action="store_true", help="a table whose columns are keywords")
    form.add_argument(
        "--paths",
        action="store_true",
        dest="only_paths",
        help="only paths, one a line; what could mislead a terminal is escaped",
    )
    form.add_argument(
        "--paths0",
        action="store_true",
        help="only paths, byte for byte as they are on the disk, each with a null character behind it",
    )
    scanning.add_arguments(parser)


def run(arguments: "Namespace") -> int:
    """Print what is found; return 0 if there is something, 1 if nothing, 2 if that is not known: as grep."""
    return guarded(partial(_run, arguments), arguments.query)


def _run(arguments: "Namespace") -> int:
    from dicomtui.archive.find import find_by_path

    if not arguments.query.strip() or os.path.exists(arguments.query):
        raise UsageError(
            f"what is to be found? '{output.PROGRAM} find PATH QUERY' takes a query behind the path."
            f" {HOW_A_QUERY_LOOKS}"
        )
    query = parsed_query(arguments.query)
    columns = query.attributes if arguments.columns is None else _columns(arguments.columns)
    write = _writer(arguments, columns)
    count = 0

    def found() -> "Generator[tuple[str, Match], None, None]":
        nonlocal count
        for asked, step in ask(arguments, lambda index, pool: find_by_path(query, index, pool, columns)):
            for match in step.matches:
                count += 1
                yield asked.named(match.header.path), match

    with closing(found()) as matches:
        write(matches)
    return FOUND if count else NOTHING


def _columns(names: str) -> "tuple[Attribute, ...]":
    from dicomtui.archive.query import QueryError, parse_attributes

    try:
        return parse_attributes(names)
    except QueryError as error:
        raise UsageError(f"--columns: {error.reason}") from error


def _writer(
    arguments: "Namespace", columns: "Sequence[Attribute]"
) -> "Callable[[Iterable[tuple[str, Match]]], None]":
    if arguments.json:
        return partial(_write_json, columns)
    if arguments.csv:
        return partial(_write_csv, columns)
    if arguments.paths0:
        return partial(_write_each, output.path0)
    if arguments.only_paths:
        return partial(_write_each, output.line)
    return partial(_write_fields, columns)


def _write_json(columns: "Sequence[Attribute]", matches: "Iterable[tuple[str, Match]]") -> None:
    def values(match: "Match") -> dict[str, object]:
        return {column.name: plain_value(match.values[column.name], column.vr) for column in columns}

    output.json_values(({"path": path, **values(match)} for path, match in matches), array=True)


def _write_csv(columns: "Sequence[Attribute]", matches: "Iterable[tuple[str, Match]]") -> None:
    output.csv_row(["path", *(column.name for column in columns)])
    for path, match in matches:
        output.csv_row([path, *(match.values[column.name] for column in columns)])


def _write_fields(columns: "Sequence[Attribute]", matches: "Iterable[tuple[str, Match]]") -> None:
    for path, match in matches:
        output.fields([path, *(match.values[column.name] for column in columns)])


def _write_each(write: "Callable[[str], None]", matches: "Iterable[tuple[str, Match]]") -> None:
    for path, _ in matches:
        write(path)
