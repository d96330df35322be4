"""``dicomtui values``: one attribute over all instances, counted or one by one."""

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from dicomtui.cli import output, scanning
from dicomtui.cli.asking import FOUND, NOTHING, add_paths, ask, guarded, plain_value

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Generator, Iterable

    from dicomtui.archive.attribute_values import ValueCount, ValueCounts
    from dicomtui.archive.query_terms import Attribute, AttributeValue

EXAMPLES = """\
  dicomtui values /data Modality
  dicomtui values /data SliceThickness --sort value --csv > thickness.csv
  dicomtui values study.zip 0018,0015 --instances | sort -k2
  dicomtui values . RequestAttributesSequence.ScheduledProcedureStepID"""

_COUNTED = """\
A keyword or a tag means the attribute at the top level of each instance and, where it may stand there, in the
functional groups, shared and of all frames (private ones left out). What stands in other sequences is counted
by its path, SEQUENCE.KEYWORD, in all items. An instance with several different values counts for each of
them, with the same value in several places once. Several values of one place are one value, with \\ between
them. Long binary values are told by their first bytes and their length."""
_STATES = ("value", "empty", "missing")


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    parser.epilog = f"{_COUNTED}\n\n{parser.epilog}"
    add_paths(parser)
    parser.add_argument(
        "attribute", metavar="ATTRIBUTE", help="its keyword, its tag, or a path such as SEQUENCE.KEYWORD"
    )
    parser.add_argument(
        "--sort",
        choices=("count", "value"),
        default="count",
        help="the most frequent first (default), or the values in their order",
    )
    parser.add_argument(
        "--instances", action="store_true", help="the value of each instance instead: path, tab, value"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json",
        action="store_true",
        help="an object: attribute, instances, missing, empty, and values with count and share",
    )
    form.add_argument("--csv", action="store_true", help="a table: value, count, share, state")
    scanning.add_arguments(parser)


def run(arguments: "Namespace") -> int:
    """Print the values; return 0 if there are any, 1 if there are none, 2 if that is not known."""
    return guarded(partial(_run, arguments), arguments.attribute)


def _run(arguments: "Namespace") -> int:
    from dicomtui.archive.attribute_values import ValueCounts
    from dicomtui.archive.query import parse_attribute

    attribute = parse_attribute(arguments.attribute)
    counts = ValueCounts()
    with closing(_read(arguments, attribute, counts)) as values:
        if arguments.instances:
            _print_instances(arguments, attribute, values)
        else:
            for _ in values:
                pass
    if not arguments.instances:
        _print_counts(arguments, attribute, counts)
    return FOUND if counts.instances > counts.missing + counts.empty else NOTHING


def _read(
    arguments: "Namespace", attribute: "Attribute", counts: "ValueCounts"
) -> "Generator[tuple[str, AttributeValue], None, None]":
    """Yield the path and the value of each instance, and count them."""
    from dicomtui.archive.attribute_values import attribute_values

    for asked, step in ask(arguments, lambda index, pool: attribute_values(index, pool, attribute)):
        counts.add(step.values)
        for header, value in step.values:
            yield asked.named(header.path), value


def _print_instances(
    arguments: "Namespace", attribute: "Attribute", values: "Iterable[tuple[str, AttributeValue]]"
) -> None:
    if arguments.json:
        output.json_values(
            (
                {"path": path, "value": plain_value(value.text, attribute.vr), "state": _state(value)}
                for path, value in values
            ),
            array=True,
        )
        return
    if arguments.csv:
        output.csv_row(["path", attribute.name, "state"])
    for path, value in values:
        if arguments.csv:
            output.csv_row([path, value.text, _state(value)])
        else:
            output.fields([path, value.text])


def _state(value: "AttributeValue") -> str:
    return _STATES[0 if value.values else 1 if value.present else 2]


def _print_counts(arguments: "Namespace", attribute: "Attribute", counts: "ValueCounts") -> None:
    rows = counts.rows(by_value=arguments.sort == "value")
    if arguments.json:
        output.json_values([_as_json(attribute, counts, rows)], array=False)
        return
    listed = [("value", row.text, row.instances) for row in rows]
    others = [("empty", "", counts.empty), ("missing", "", counts.missing)]
    if arguments.csv:
        output.csv_row(["value", "count", "share", "state"])
    for state, text, count in [*listed, *(other for other in others if other[2])]:
        share = _share(count, counts)
        if arguments.csv:
            output.csv_row([text, count, share, state])
        else:
            output.line(f"{count:>9,}  {share:>6.1%}  {text if state == 'value' else f'({state})'}")


def _as_json(attribute: "Attribute", counts: "ValueCounts", rows: "list[ValueCount]") -> dict[str, object]:
    values = [
        {
            "value": plain_value(row.text, attribute.vr),
            "count": row.instances,
            "share": _share(row.instances, counts),
        }
        for row in rows
    ]
    about = {"instances": counts.instances, "missing": counts.missing, "empty": counts.empty}
    return {"attribute": attribute.name, **about, "values": values}


def _share(count: int, counts: "ValueCounts") -> float:
    """Return the part of all instances, to four digits."""
    return round(count / counts.instances, 4) if counts.instances else 0.0
