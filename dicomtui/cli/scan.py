"""``dicomtui scan``: patients, studies, series and instances of an archive."""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from dicomtui.archive.hierarchy import hierarchy
from dicomtui.archive.inventory import (
    COLUMNS,
    Values,
    instance_row,
    instance_values,
    patient_values,
    series_values,
    study_values,
)
from dicomtui.archive.series import stacks
from dicomtui.cli import output, scanning
from dicomtui.cli.asking import Asked
from dicomtui.wording import count_text, date_text, size_text

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from dicomtui.archive.header import Header
    from dicomtui.archive.hierarchy import Patient, Study
    from dicomtui.archive.index import Index, SeriesRow

EXAMPLES = """\
  dicomtui scan /data/archive
  dicomtui scan study.zip --json | jq '.patients[].studies[].StudyDate'
  dicomtui scan . --csv > instances.csv

Exit codes: 0 done, 1 a file that may be DICOM could not be read, 2 there is no such path."""

_LINE = 1 << 24
"""Characters of the longest line of JSON."""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    path = parser.add_argument(
        "path",
        nargs="?",
        default=".",
        metavar="PATH",
        help="a folder, a file, a zip or tar, or a folder in it: a.zip!/CT (default: the current folder)",
    )
    path.complete = "file"  # type: ignore[attr-defined]  # completion scripts are made from it
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json",
        action="store_true",
        help="down to the instances: patients, studies, series, instances and skipped, by DICOM keywords",
    )
    form.add_argument("--csv", action="store_true", help="a table with a row for each instance")
    scanning.add_arguments(parser)


def run(arguments: "Namespace") -> int:
    """Print what the archive holds; return 1 if a file could not be read."""
    with closing(scanning.scanned(arguments.path, arguments)) as index:
        asked = Asked(arguments.path, index.about)
        if arguments.json:
            for line in _json_of_archive(index, asked):
                output.line(line, _LINE)
        elif arguments.csv:
            _print_table(index, asked)
        else:
            _print_tree(index)
        return scanning.report_unread(index, asked)


def _headers(index: "Index", row: "SeriesRow") -> "Iterator[Header]":
    for stack in stacks(index.headers_of(row)):
        yield from stack.headers


# --- a tree for people ---


def _print_tree(index: "Index") -> None:
    patients = hierarchy(index.series())
    for patient in patients:
        output.line(_patient_text(patient))
        for study in patient.studies:
            output.line(f"  {_study_text(study)}")
            for row in study.rows:
                output.line(f"    {_series_text(row)}")
    skipped = len(index.skipped())
    output.line(
        _joined(
            count_text(len(patients), "patient"),
            count_text(sum(len(patient.studies) for patient in patients), "study", "studies"),
            count_text(sum(patient.series_count for patient in patients), "series", "series"),
            _amount(
                sum(patient.instances for patient in patients), sum(patient.size for patient in patients)
            ),
            f"{count_text(skipped, 'other file')}" if skipped else "",
        )
    )


def _patient_text(patient: "Patient") -> str:
    return _joined(
        patient.patient_name or "(no name)",
        patient.patient_id and f"ID {patient.patient_id}",
        date_text(patient.patient_birth_date),
        patient.patient_sex,
    )


def _study_text(study: "Study") -> str:
    return _joined(
        date_text(study.study_date) or "(no date)",
        study.study_description or study.study_id or study.study_instance_uid,
        "/".join(study.modalities),
        count_text(len(study.series), "series", "series"),
        _amount(study.instances, study.size),
    )


def _series_text(row: "SeriesRow") -> str:
    number = "-" if row.series_number is None else str(row.series_number)
    return _joined(
        f"{row.modality or '?':<3} {number:>4}",
        row.series_description or row.series_instance_uid or "(no Series Instance UID)",
        _amount(row.instances, row.size),
        count_text(row.frames, "frame") if row.frames > row.instances else "",
        date_text(row.series_date) if row.series_date != row.study_date else "",
    )


def _amount(instances: int, size: int) -> str:
    return f"{count_text(instances, 'instance')}, {size_text(size)}"


def _joined(*parts: str) -> str:
    return "  ".join(filter(None, parts))


# --- a table ---


def _print_table(index: "Index", asked: Asked) -> None:
    output.csv_row(COLUMNS)
    for patient in hierarchy(index.series()):
        for row in patient.rows:
            for header in _headers(index, row):
                output.csv_row(instance_row(header, asked.named(header.path)))


# --- JSON, made as it is written: an archive need not fit in memory ---


def _json_of_archive(index: "Index", asked: Asked) -> Iterator[str]:
    yield '{"patients": ['
    yield from _elements(_json_of_patient(index, asked, patient) for patient in hierarchy(index.series()))
    yield '], "skipped": ['
    yield from _elements(
        iter([_json({"path": asked.named(skipped.source), "reason": skipped.reason})])
        for skipped in sorted(index.skipped())
    )
    yield "]}"


def _json_of_patient(index: "Index", asked: Asked, patient: "Patient") -> Iterator[str]:
    studies = (_json_of_study(index, asked, study) for study in patient.studies)
    return _holding(patient_values(patient), "studies", studies)


def _json_of_study(index: "Index", asked: Asked, study: "Study") -> Iterator[str]:
    series = (_json_of_series(index, asked, row) for row in study.rows)
    return _holding(study_values(study), "series", series)


def _json_of_series(index: "Index", asked: Asked, row: "SeriesRow") -> Iterator[str]:
    instances = (
        iter([_json(instance_values(header, asked.named(header.path)))]) for header in _headers(index, row)
    )
    return _holding(series_values(row), "instances", instances)


def _holding(values: Values, name: str, items: Iterable[Iterator[str]]) -> Iterator[str]:
    """Yield the lines of an object whose last member is an array."""
    yield f'{_json(values)[:-1]}, "{name}": ['
    yield from _elements(items)
    yield "]}"


def _elements(items: Iterable[Iterator[str]]) -> Iterator[str]:
    """Yield the lines of the elements of an array, with commas between elements."""
    held = None
    for lines in items:
        between = ","
        for line in lines:
            if held is not None:
                yield held + between
            held, between = line, ""
    if held is not None:
        yield held


def _json(values: Values) -> str:
    # of all control characters JSON leaves only this one as it is
    return json.dumps(values, ensure_ascii=True, allow_nan=False).replace("\x7f", "\\u007f")
