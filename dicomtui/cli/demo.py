"""``dicomtui demo`` where there is no terminal: a list of the sample studies and one picture."""

import os
from typing import TYPE_CHECKING

from dicomtui.cli import output, terminal, view
from dicomtui.errors import ReadError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from dicomtui.archive.header import Header

EXAMPLES = """\
  dicomtui demo"""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand: it has none."""


def run(arguments: "Namespace") -> int:
    """Say why there is no browser, then print what it would have opened."""
    from dicomtui.archive.samples import sample_folder
    from dicomtui.dataset.reading import read_instance

    reason = terminal.unusable_terminal(os.environ)
    output.error(f"the browser needs a terminal: {reason}; here are the studies and one picture instead")
    folder = sample_folder()
    by_series = _by_series(_headers(folder))
    output.line(f"Studies in {folder}")
    for row in _rows(by_series):
        output.line(row)
    largest = max(by_series.values(), key=len)
    middle = sorted(largest, key=lambda header: header.instance_number or 0)[len(largest) // 2]
    output.line(f"{middle.series_description}, instance {middle.instance_number} of {len(largest)}")
    output.picture(view.picture(read_instance(middle.path), name=middle.path))
    return 0


def _headers(folder: str) -> "Iterator[Header]":
    from dicomtui.archive.header import DICOMDIR_CLASS, read_header

    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            try:
                header = read_header(os.path.join(parent, name))
            except ReadError as error:
                output.error(str(error))
                continue
            if header is not None and header.sop_class_uid != DICOMDIR_CLASS:
                yield header


def _by_series(headers: "Iterator[Header]") -> "dict[tuple[str, str], list[Header]]":
    series: dict[tuple[str, str], list[Header]] = {}
    for header in headers:
        series.setdefault((header.study_instance_uid, header.series_instance_uid), []).append(header)
    return series


def _rows(by_series: "dict[tuple[str, str], list[Header]]") -> "Iterator[str]":
    """Yield a line for each study, followed by one for each of its series."""
    from dicomtui.dataset.values import readable

    studies: dict[str, list[list[Header]]] = {}
    for (study, _), headers in by_series.items():
        studies.setdefault(study, []).append(headers)
    for series in studies.values():
        first = series[0][0]
        name = first.patient_name or "no name"
        date = readable("DA", first.study_date) or "no date"
        yield f"{date:10}  {name}  {first.study_description}".rstrip()
        for headers in series:
            count = f"{len(headers)} instance{'' if len(headers) == 1 else 's'}"
            yield f"  {headers[0].modality or '-':8} {count:>12}  {headers[0].series_description}".rstrip()
