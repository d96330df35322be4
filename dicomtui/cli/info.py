"""``dicomtui info``: what a person asks first, in four groups."""

from typing import TYPE_CHECKING

from dicomtui.cli import inputs, output
from dicomtui.cli.inputs import describe_each, name_of
from dicomtui.errors import DicomTuiError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

Card = dict[str, list[tuple[str, str]]]

EXAMPLES = """\
  dicomtui info scan.dcm
  dicomtui info --json *.dcm | jq -r '.[] | [.path, .series.Modality[0]] | @tsv'"""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    inputs.add_argument(parser, "files", many=True)
    parser.add_argument(
        "--json",
        action="store_true",
        help="path, then patient, study, series, image with lists of values by keyword, or error;"
        " for several files an array",
    )


def run(arguments: "Namespace") -> int:
    """Print the four groups of each file; return 1 if one of them failed."""
    arguments.files = inputs.expand(arguments.files)
    return _print_json(arguments) if arguments.json else _print_text(arguments)


def rows(card: Card) -> "Iterator[str]":
    """Yield the lines of a card: a group, then its names and values."""
    for group, pairs in card.items():
        if pairs:
            yield group.capitalize()
        for name, text in pairs:
            yield f"  {name:<34}  {text}"


def _print_text(arguments: "Namespace") -> int:
    from dicomtui.dataset.metadata import card

    failed = False
    for argument, outcome in describe_each(arguments.files, card):
        if isinstance(outcome, DicomTuiError):
            failed = True
            continue
        if len(arguments.files) > 1:
            output.line(f"==> {name_of(argument)} <==")
        for row in rows(outcome):
            output.line(row)
    return int(failed)


def _print_json(arguments: "Namespace") -> int:
    from dicomtui.dataset.metadata import metadata

    failed = False

    def values() -> "Iterator[object]":
        nonlocal failed
        for argument, outcome in describe_each(arguments.files, metadata):
            if isinstance(outcome, DicomTuiError):
                failed = True
                yield {"path": argument, "error": str(outcome)}
            else:
                yield {"path": argument, **outcome}

    output.json_values(values(), array=len(arguments.files) > 1)
    return int(failed)
