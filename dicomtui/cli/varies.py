"""``dicomtui varies``: which attributes differ between instances, and which instance is the odd one."""

from functools import partial
from typing import TYPE_CHECKING

from dicomtui.cli import output, scanning
from dicomtui.cli.asking import FOUND, NOTHING, add_paths, ask, guarded, parsed_query
from dicomtui.cli.diff import add_ignore
from dicomtui.text import safe_line
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from dicomtui.archive.variation import HeldValue, Variation, Variations

EXAMPLES = """\
  dicomtui varies series/
  dicomtui varies /data --query 'SeriesNumber = 3' --ignore uids,private
  dicomtui varies study.zip --csv > varies.csv
  dicomtui varies . --json | jq '.varying[] | select(.distinct == 2) | .attribute'"""

_ABOUT = """\
Every attribute at every depth is looked at, over all instances together: the first lines are those in which
the fewest instances are unlike the others. Behind each value stands how many instances have it, or which one
it is. What is expected to vary (UIDs of instances, positions, times) comes last. Functional groups count as
if they stood at the top, all frames together; as do all items of a sequence. Pixel data counts by size."""
_SHOWN = 4
"""Values of an attribute that are printed."""
_VALUE_WIDTH = 48
_NAME_WIDTH = 44


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    parser.epilog = f"{_ABOUT}\n\n{parser.epilog}"
    add_paths(parser)
    parser.add_argument(
        "--query", metavar="QUERY", help="only instances that it means, as 'dicomtui find' takes it"
    )
    parser.add_argument(
        "--constant", action="store_true", help="also the attributes that are the same in all instances"
    )
    add_ignore(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json",
        action="store_true",
        help="an object: instances, varying (attribute, distinct, expected, values with counts and paths)",
    )
    form.add_argument(
        "--csv", action="store_true", help="a table with a row for each value: attribute, value, count, paths"
    )
    scanning.add_arguments(parser)


def run(arguments: "Namespace") -> int:
    """Print what varies; return 0 if there are instances, 1 if there are none, 2 if that is not known."""
    return guarded(partial(_run, arguments), arguments.query or "")


def _run(arguments: "Namespace") -> int:
    from dicomtui.archive.variation import MOST_ATTRIBUTES, Variations, read_variation
    from dicomtui.dataset.comparable import Ignored
    from dicomtui.processes import prepare

    prepare("dicomtui.archive.profiles")  # so that not each worker has to load what it needs
    ignored = Ignored.from_text(arguments.ignore)
    query = None if arguments.query is None else parsed_query(arguments.query)
    variations = Variations()
    steps = ask(arguments, lambda index, pool: read_variation(index, pool, ignored, query))
    for asked, step in steps:
        variations.add(step.paths, step.profiles, asked.named)
    if variations.too_many:
        output.error(f"more than {MOST_ATTRIBUTES:,} attributes: the rest is left out")
    if arguments.json:
        output.json_values([_as_json(arguments, variations)], array=False)
    elif arguments.csv:
        _print_csv(arguments, variations)
    elif variations.instances:
        _print(arguments, variations)
    return FOUND if variations.instances else NOTHING


def _print(arguments: "Namespace", variations: "Variations") -> None:
    from dicomtui.archive.variation import attribute_name

    rows, constant = variations.rows(), variations.constant()
    instances = count_text(variations.instances, "instance")
    output.line(f"{instances}: {len(rows):,} of {count_text(len(rows) + len(constant), 'attribute')} vary")
    expected = [row for row in rows if row.expected]
    _print_rows([row for row in rows if not row.expected], variations.instances)
    if expected:
        output.line()
        output.line("expected to vary:")
        _print_rows(expected, variations.instances)
    if arguments.constant:
        output.line()
        output.line("the same in all:")
        for path, text in constant:
            output.line(f"{'':>7}  {_fitted(attribute_name(path))}  {text or '(empty)'}")


def _print_rows(rows: "Sequence[Variation]", instances: int) -> None:
    from dicomtui.archive.variation import attribute_name

    for row in rows:
        more = "+" if row.untold else ""
        count = f"{row.distinct:,}{more}"
        output.line(f"{count:>7}  {_fitted(attribute_name(row.path))}  {_values_text(row, instances)}")


def _fitted(name: str) -> str:
    return f"{safe_line(name):<{_NAME_WIDTH}}"


def _values_text(row: "Variation", instances: int) -> str:
    """Return the most frequent values, each with how many instances or which one."""
    if row.distinct == instances and not row.untold:
        first, last = row.values[0], row.values[-1]
        return f"all different: {_value_text(first)} … {_value_text(last)}"
    shown = row.values if len(row.values) == _SHOWN + 1 else row.values[:_SHOWN]
    texts = [f"{_value_text(value)} ({_holders(value)})" for value in shown]
    if rest := len(row.values) - len(shown):
        texts.append(f"… {rest:,} more")
    return ", ".join(texts)


def _value_text(value: "HeldValue") -> str:
    if value.text is None:
        return "(missing)"
    return safe_line(value.text, _VALUE_WIDTH) if value.text else "(empty)"


def _holders(value: "HeldValue") -> str:
    return value.paths[0] if value.instances == 1 and value.paths else f"{value.instances:,}"


def _print_csv(arguments: "Namespace", variations: "Variations") -> None:
    from dicomtui.archive.variation import attribute_name

    output.csv_row(["attribute", "kind", "distinct", "value", "count", "state", "paths"])
    for row in variations.rows():
        kind = "expected" if row.expected else "varying"
        for value in row.values:
            state = "missing" if value.text is None else "value" if value.text else "empty"
            cells = [value.text or "", value.instances, state, " | ".join(value.paths)]
            output.csv_row([attribute_name(row.path), kind, row.distinct, *cells])
        if row.untold:
            output.csv_row([attribute_name(row.path), kind, row.distinct, "", row.untold, "untold", ""])
    if arguments.constant:
        for path, text in variations.constant():
            state = "value" if text else "empty"
            output.csv_row([attribute_name(path), "constant", 1, text, variations.instances, state, ""])


def _as_json(arguments: "Namespace", variations: "Variations") -> dict[str, object]:
    from dicomtui.archive.variation import attribute_name

    model: dict[str, object] = {
        "instances": variations.instances,
        "varying": [
            {
                "attribute": attribute_name(row.path),
                "distinct": row.distinct,
                "expected": row.expected,
                "values": [_value_json(value) for value in row.values],
                "untold": row.untold,
            }
            for row in variations.rows()
        ],
    }
    if arguments.constant:
        model["constant"] = {attribute_name(path): text for path, text in variations.constant()}
    return model


def _value_json(value: "HeldValue") -> dict[str, object]:
    """Return a value with its count; null stands for instances that do not have the attribute."""
    return {"value": value.text, "count": value.instances, "paths": list(value.paths)}
