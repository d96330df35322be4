"""The report of a batch, for an auditor: what was done to every file, and under which rules.

It holds no value of an original and no name of one: files are known by their numbers, in the order in which
they were found. It says neither by how many days dates were moved nor which key was used.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import fields
from typing import Any, NamedTuple

from dicomtui import __version__
from dicomtui.csv_rows import csv_line
from dicomtui.deidentify.options import ALL_CODES, PRESETS, DeidentifyOptions, MethodCode, method_codes
from dicomtui.deidentify.records import FileRecord
from dicomtui.deidentify.tables import EDITION
from dicomtui.writing import new_file

JSON_NAME, CSV_NAME = "report.json", "report.csv"

PROFILE = "Basic Application Level Confidentiality Profile"
COLUMNS = ("number", "outcome", "path", "reason", "tag path", "action", "count", "new SOP Instance UID")


class Totals(NamedTuple):
    """What became of all files of a report."""

    written: int
    skipped: int
    failed: int
    reasons: dict[str, dict[str, int]]
    """How many were skipped and failed, by reason, the most frequent first."""


def write_report(
    folder: str,
    records: Iterable[FileRecord],
    options: DeidentifyOptions,
    *,
    project: bool | None = None,
    complete: bool = True,
) -> Totals:
    """Write ``report.json`` and ``report.csv`` into *folder*, in place of those of an earlier run.

    Parameters
    ----------
    folder : str
        The output folder.
    records : iterable of FileRecord
        In the order of their numbers; taken one by one.
    options : DeidentifyOptions
        What was chosen.
    project : bool, optional
        Whether the key was derived for a project; None if that is not known.
    complete : bool
        Whether all files that were asked for were worked on.

    Raises
    ------
    WriteError
        If one cannot be written.
    """
    counts: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {"skipped": Counter(), "failed": Counter()}
    codes: Counter[str] = Counter()
    with ExitStack() as stack:
        streams = {
            name: stack.enter_context(new_file(os.path.join(folder, name), overwrite=True))
            for name in (JSON_NAME, CSV_NAME)
        }
        write_json, write_csv = streams[JSON_NAME].write, streams[CSV_NAME].write
        head = _head(options, project=project)
        write_json(b'{"run": ' + _dumped(head) + b',\n"files": [')
        write_csv(csv_line(COLUMNS).encode())
        separator = b"\n"
        for record in records:
            counts[record.outcome] += 1
            codes.update(record.codes)
            if record.outcome != "written":
                reasons[record.outcome][record.reason] += 1
            write_json(separator + _dumped(_file(record)))
            separator = b",\n"
            for line in _lines(record):
                write_csv(csv_line(line).encode())
        totals = Totals(
            counts["written"],
            counts["skipped"],
            counts["failed"],
            {outcome: dict(counter.most_common()) for outcome, counter in reasons.items()},
        )
        end = {"complete": complete, **totals._asdict(), "codes": _claimed(codes)}
        write_json(b'\n],\n"totals": ' + _dumped(end) + b"}\n")
    return totals


def preset_of(options: DeidentifyOptions) -> str:
    """Return the name of the preset that *options* are, ``""`` if they are none."""
    return next((name for name, preset in PRESETS.items() if preset == options), "")


def _head(options: DeidentifyOptions, *, project: bool | None) -> dict[str, Any]:
    return {
        "program": f"dicomtui {__version__}",
        "edition": EDITION,
        "profile": PROFILE,
        "preset": preset_of(options) or None,
        "options": {field.name: getattr(options, field.name) for field in fields(options)},
        "codes": [_code(code) for code in method_codes(options, pixels_cleaned=bool(options.blank))],
        "key_of_a_project": project,
    }


def _claimed(codes: Counter[str]) -> list[dict[str, Any]]:
    """Return the codes of CID 7050 that files claim, with how many files do."""
    return [{**_code(code), "files": codes[code.value]} for code in ALL_CODES if codes[code.value]]


def _code(code: MethodCode) -> dict[str, str]:
    return {"value": code.value, "scheme": "DCM", "meaning": code.meaning}


def _file(record: FileRecord) -> dict[str, Any]:
    """Return what the report says about one file, without what there is nothing to say about."""
    said = {
        "number": record.number,
        "outcome": record.outcome,
        "path": record.path,
        "reason": record.reason,
        "new_patient_id": record.new_patient_id,
        "new_study_instance_uid": record.new_study_instance_uid,
        "new_series_instance_uid": record.new_series_instance_uid,
        "new_sop_instance_uid": record.new_sop_instance_uid,
        "codes": record.codes,
        "actions": [
            {"tag_path": path, "action": action, "count": count} for path, action, count in record.actions
        ],
        "problems": record.problems,
        "notes": record.notes,
    }
    return {name: value for name, value in said.items() if value}


def _lines(record: FileRecord) -> Iterator[tuple[object, ...]]:
    """Yield a row for each thing that was done to one file, at least one."""
    file = (record.number, record.outcome, record.path, record.reason)
    uid = record.new_sop_instance_uid
    if not (record.actions or record.problems or record.notes):
        yield (*file, "", "", "", uid)
    for path, action, count in record.actions:
        yield (*file, path, action, count, uid)
    for problem in record.problems:
        yield (*file, problem, "problem", 1, uid)
    for note in record.notes:
        yield (*file, note, "note", 1, uid)


def _dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, allow_nan=False).replace("\x7f", "\\u007f").encode("ascii")
