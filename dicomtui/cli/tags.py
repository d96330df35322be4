"""``dicomtui tags``: every element of an instance, one a line, or in the DICOM JSON Model."""

import sys
from typing import TYPE_CHECKING

from dicomtui.cli import inputs, output
from dicomtui.cli.inputs import describe_each, name_of
from dicomtui.errors import DicomTuiError, UsageError
from dicomtui.text import LINE_LIMIT, safe_line

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Collection, Iterator

    from dicomtui.dataset.elements import Element
    from dicomtui.dataset.reading import Instance
    from dicomtui.dataset.scope import Path

EXAMPLES = """\
  dicomtui tags scan.dcm
  dicomtui tags scan.dcm --search 'window center'
  dicomtui tags --search 0008,0060 *.dcm
  dicomtui tags --explain PatientName scan.dcm
  dicomtui tags 'study.zip!/CT/1.dcm'
  dicomtui tags --json scan.dcm | jq '."00100010".Value[0].Alphabetic'"""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    inputs.add_argument(parser, "files", many=True)
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json",
        action="store_true",
        help="DICOM JSON Model: one object, for several files an array with null for each that failed",
    )
    parser.add_argument(
        "--search",
        metavar="TEXT",
        help="only elements with every word of TEXT in tag, keyword, name or value, and what holds them",
    )
    form.add_argument(
        "--explain",
        metavar="ATTRIBUTE",
        help="all about one element, by keyword, tag or place (Seq[0].Keyword): what it is, what its value"
        " means, where it stands, its bytes, what de-identification does with it",
    )
    parser.add_argument(
        "--charset",
        metavar="NAME",
        help="read texts in this character set instead of the declared one: UTF-8, GBK, Shift-JIS, ...",
    )
    parser.add_argument("--full", action="store_true", help="print long values whole")


def run(arguments: "Namespace") -> int:
    """Print the elements of each file; return 1 if one of them failed."""
    for option, text in (("--search", arguments.search), ("--explain", arguments.explain)):
        if text is not None and not text.strip():
            raise UsageError(f"{option}: is empty; name an attribute, as in {option} PatientName")
    arguments.files = inputs.expand(arguments.files)
    if arguments.explain is not None:
        return _print_explanation(arguments)
    return _print_json(arguments) if arguments.json else _print_text(arguments)


def _print_explanation(arguments: "Namespace") -> int:
    from dicomtui.archive.attribute_names import suggestion, tag_of
    from dicomtui.dataset.explanation import element_at, explain
    from dicomtui.deidentify.explanation import about_element

    def lines(instance: "Instance") -> list[str]:
        name = instance.source.name
        element = element_at(_elements(instance, arguments.charset), arguments.explain)
        if element is None:
            hint = "" if tag_of(arguments.explain) else suggestion(arguments.explain)
            raise DicomTuiError(f"{safe_line(name)}: has no {safe_line(arguments.explain, 200)}{hint}")
        explained = [f"{name:<14} {text}".rstrip() for name, text in explain(element, name)]
        about = about_element(element.tag, element.vr, element.creator)
        return [*explained, "", f"De-identified: {about[0]}", *about[1:]]

    failed = False
    for argument, outcome in describe_each(arguments.files, lines):
        if isinstance(outcome, DicomTuiError):
            failed = True
            continue
        if len(arguments.files) > 1:
            output.line(f"==> {name_of(argument)} <==")
        for row in outcome:
            output.line(row)
    return int(failed)


def _print_text(arguments: "Namespace") -> int:
    from dicomtui.export.attributes import text_lines

    def rows(instance: "Instance") -> list[str]:
        elements, kept = _searched(instance, arguments)
        return list(text_lines(elements, kept, full=arguments.full))

    failed = False
    for argument, outcome in describe_each(arguments.files, rows):
        if isinstance(outcome, DicomTuiError):
            failed = True
            continue
        if len(arguments.files) > 1 and outcome:
            output.line(f"==> {name_of(argument)} <==")
        for row in outcome:
            output.line(row, sys.maxsize if arguments.full else LINE_LIMIT)
    return int(failed)


def _print_json(arguments: "Namespace") -> int:
    from dicomtui.dataset.json_model import json_model

    failed = False

    def model(instance: "Instance") -> dict[str, object]:
        elements, kept = _searched(instance, arguments)
        return json_model(instance, elements, kept)

    def values() -> "Iterator[object]":
        nonlocal failed
        for _, outcome in describe_each(arguments.files, model):
            bad = isinstance(outcome, DicomTuiError)
            failed = failed or bad
            yield None if bad else outcome

    output.json_values(values(), array=len(arguments.files) > 1)
    return int(failed)


def _elements(instance: "Instance", charset: str | None) -> "list[Element]":
    """Return the elements, read in another character set if one is named."""
    from dicomtui.dataset.charsets import OVERRIDES, override_named
    from dicomtui.dataset.elements import elements_of, with_encodings

    elements = elements_of(instance)
    if charset is None:
        return elements
    override = override_named(charset)
    if override is None:
        raise UsageError(f"--charset {safe_line(charset, 40)}: there are {', '.join(OVERRIDES)}")
    return with_encodings(elements, override)


def _searched(
    instance: "Instance", arguments: "Namespace"
) -> "tuple[list[Element], Collection[Path] | None]":
    """Return the elements, and the paths of what is searched with all that holds it (None: everything)."""
    from dicomtui.dataset.search import SearchIndex

    elements = _elements(instance, arguments.charset)
    if arguments.search is None:
        return elements, None
    hits = SearchIndex(elements).hits(arguments.search)
    return elements, {hit.path[:length] for hit in hits for length in range(1, len(hit.path) + 1)}
