"""``dicomtui report``: what an archive holds and what is odd about it, on a page."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from dicomtui.cli import output, scanning
from dicomtui.cli.asking import Asked
from dicomtui.errors import UsageError, WriteError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from dicomtui.archive.index import Index
    from dicomtui.archive.report import Report, SeriesFinding

EXAMPLES = """\
  dicomtui report /data/archive
  dicomtui report study.zip -o study.html
  dicomtui report . --format json | jq '.findings[].sentence'

Exit codes: 0 done, 1 a file that may be DICOM could not be read, or the report not be written, 2 there is no
such path. What is odd about a series changes none of them."""

_FORMATS = ("text", "json", "html")
_NAMES = {"text": "text", "json": "JSON", "html": "HTML"}
_SUFFIXES = {".txt": "text", ".json": "json", ".html": "html", ".htm": "html"}
_STANDARD_OUTPUT = "-"
_LINE = 1 << 24
"""Characters of the longest line."""
_PAUSE = 0.1
"""Seconds between two lines of progress."""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    path = parser.add_argument(
        "path",
        nargs="?",
        default=".",
        metavar="PATH",
        help="a folder, a file, a zip or tar, or a folder in it: a.zip!/CT (default: the current folder)",
    )
    out = parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the report there, readable for you alone (default, and -: standard output)",
    )
    for action in (path, out):
        action.complete = "file"  # type: ignore[attr-defined]  # completion scripts are made from it
    parser.add_argument(
        "--format",
        choices=_FORMATS,
        help="default: what the name of FILE ends with (.txt, .json, .html, .htm), text without an ending",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace FILE if it exists")
    scanning.add_arguments(parser)


def run(arguments: "Namespace") -> int:
    """Write the report; return 1 if a file could not be read."""
    if arguments.output in (None, _STANDARD_OUTPUT):
        return _report(arguments, _print)
    from dicomtui.cli.batch import naming_overwrite
    from dicomtui.writing import TakenError, new_file

    form = _format(arguments)
    if arguments.overwrite:
        from dicomtui.archive.containers import split_address
        from dicomtui.export.originals import refuse_dicom

        place = split_address(arguments.path)
        refuse_dicom(arguments.output, [place[0] if place else arguments.path])
    try:
        with new_file(arguments.output, overwrite=arguments.overwrite) as stream:  # refused before the scan

            def write(lines: Iterator[str]) -> None:
                for line in lines:
                    stream.write(f"{line}\n".encode("utf-8", "backslashreplace"))

            code = _report(arguments, write)
    except TakenError as error:
        raise WriteError(naming_overwrite(str(error))) from error
    output.aside(f"{safe_line(arguments.output)}: written as {_NAMES[form]}")
    return code


def _report(arguments: "Namespace", write: Callable[[Iterator[str]], None]) -> int:
    from dicomtui.archive.report import make_report

    when = time.strftime("%Y-%m-%dT%H:%M:%S")
    with closing(scanning.scanned(arguments.path, arguments)) as index:
        asked = Asked(arguments.path, index.about)
        findings = _judged(index)
        write(_lines(make_report(index, findings, os.path.abspath(arguments.path), when), _format(arguments)))
        output.flush()
        return scanning.report_unread(index, asked)


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        output.line(line, _LINE)


def _judged(index: "Index") -> "list[SeriesFinding]":
    """Look for what is odd about every series, with progress on standard error."""
    from dicomtui.archive.report import judge

    findings = []
    due = time.monotonic() + _PAUSE
    try:
        for number, found in enumerate(judge(index), 1):
            findings += found
            if time.monotonic() >= due:
                due = time.monotonic() + _PAUSE
                output.progress(f"{number:,} series judged")
    finally:
        output.progress("")
    return findings


def _format(arguments: "Namespace") -> str:
    """Return the form of the report.

    Raises
    ------
    UsageError
        If the name of the file asks for another than there are.
    """
    if arguments.format:
        return str(arguments.format)
    ending = os.path.splitext(arguments.output or "")[1].lower()
    if ending and ending not in _SUFFIXES:
        raise UsageError(
            f"{safe_line(arguments.output)}: a report is text, JSON or HTML: end the name with .txt, .json or"
            " .html, or choose with --format"
        )
    return _SUFFIXES.get(ending, "text")


def _lines(report: "Report", form: str) -> Iterator[str]:
    if form == "html":
        from dicomtui.archive.report_html import report_page

        return report_page(report)
    if form == "json":
        from dicomtui.archive.report_json import report_values

        # of all control characters JSON leaves only this one as it is
        text = json.dumps(report_values(report), indent=1, ensure_ascii=True, allow_nan=False)
        return iter(text.replace("\x7f", "\\u007f").splitlines())
    from dicomtui.archive.report_text import report_lines

    return report_lines(report)
