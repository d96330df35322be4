"""The report of a batch, for an auditor: what was done to every file, and under which rules.

It holds no value of an original and no name of one: files are known by their numbers, in the order in which
they were found. It says neither by how many days dates were moved nor which key was used.

The same is done to hundreds of elements of each file of a series. So a list of actions stands in the report
once, under a number, and files refer to it:

``report.json``
    ``run``: the program, the edition of the standard, the profile, options and codes. ``files``: an object
    for each, a line of its own, without what there is nothing to say about: ``number``, ``outcome``,
    ``path``, ``reason``, ``new_patient_id``, ``new_study_instance_uid``, ``new_series_instance_uid``,
    ``new_sop_instance_uid``, ``codes``, ``actions`` (the number of a list), ``problems``, ``notes``.
    ``actions``: the lists, the first of which has number 1: ``number``, ``files`` (how many have it) and
    ``actions`` (``tag_path`` without item numbers, ``name``, ``action``, ``count``). ``totals``: what became
    of all files.
``report.csv``
    A row for each file, with the same.
``report-actions.csv``
    A row for each action of each list, with the number of the list.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import fields
from typing import Any, NamedTuple

from dicomtui import __version__
from dicomtui.csv_rows import csv_line
from dicomtui.dataset import dictionary
from dicomtui.deidentify.options import ALL_CODES, PRESETS, DeidentifyOptions, MethodCode, method_codes
from dicomtui.deidentify.records import ActionCounts, FileRecord
from dicomtui.deidentify.tables import EDITION
from dicomtui.writing import new_file

JSON_NAME, CSV_NAME, ACTIONS_NAME = "report.json", "report.csv", "report-actions.csv"

PROFILE = "Basic Application Level Confidentiality Profile"
COLUMNS = (
    "number",
    "outcome",
    "path",
    "reason",
    "new Patient ID",
    "new Study Instance UID",
    "new Series Instance UID",
    "new SOP Instance UID",
    "codes",
    "actions",
    "problems",
    "notes",
)
"""Of ``report.csv``; several codes, problems or notes are separated by semicolons."""
ACTION_COLUMNS = ("actions", "files", "tag path", "name", "action", "count")
"""Of ``report-actions.csv``."""

_LAST_TAG = re.compile(r"\(([0-9a-f]{4}),([0-9a-f]{4})\)$")


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
    """Write the three files of the report into *folder*, in place of those of an earlier run.

    Parameters
    ----------
    folder : str
        The output folder.
    records : iterable of FileRecord
        In the order of their numbers; taken one by one. Memory holds distinct lists of actions alone.
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
    tally = _Tally()
    with ExitStack() as stack:
        report, table, actions = (
            stack.enter_context(new_file(os.path.join(folder, name), overwrite=True))
            for name in (JSON_NAME, CSV_NAME, ACTIONS_NAME)
        )
        report.write(b'{"run": ' + _dumped(_head(options, project=project)) + b',\n"files": [')
        table.write(csv_line(COLUMNS).encode())
        separator = b"\n"
        for record in records:
            number = tally.add(record)
            report.write(separator + _dumped(_file(record, number)))
            table.write(csv_line(_row(record, number)).encode())
            separator = b",\n"
        report.write(b'\n],\n"actions": [')
        actions.write(csv_line(ACTION_COLUMNS).encode())
        separator = b"\n"
        for kind in tally.kinds():
            report.write(separator + _dumped(kind))
            actions.write("".join(_action_lines(kind)).encode())
            separator = b",\n"
        totals = tally.totals()
        end = {"complete": complete, **totals._asdict(), "codes": _claimed(tally.codes)}
        report.write(b'\n],\n"totals": ' + _dumped(end) + b"}\n")
    return totals


def preset_of(options: DeidentifyOptions) -> str:
    """Return the name of the preset that *options* are, ``""`` if they are none."""
    return next((name for name, preset in PRESETS.items() if preset == options), "")


class _Tally:
    """Counts what files have in common."""

    def __init__(self) -> None:
        self.codes: Counter[str] = Counter()
        self._outcomes: Counter[str] = Counter()
        self._reasons: dict[str, Counter[str]] = {"skipped": Counter(), "failed": Counter()}
        self._kinds: dict[ActionCounts, int] = {}
        self._files: Counter[int] = Counter()

    def add(self, record: FileRecord) -> int:
        """Count a file; return the number of its list of actions, 0 if there were none."""
        self._outcomes[record.outcome] += 1
        self.codes.update(record.codes)
        if record.outcome != "written":
            self._reasons[record.outcome][record.reason] += 1
        if not record.actions:
            return 0
        number = self._kinds.setdefault(record.actions, len(self._kinds) + 1)
        self._files[number] += 1
        return number

    def kinds(self) -> Iterator[dict[str, Any]]:
        """Yield the lists of actions, as the report has them."""
        for actions, number in self._kinds.items():
            said = [
                {"tag_path": path, "name": _name(path), "action": action, "count": count}
                for path, action, count in actions
            ]
            yield {"number": number, "files": self._files[number], "actions": said}

    def totals(self) -> Totals:
        outcomes = self._outcomes
        reasons = {outcome: dict(counter.most_common()) for outcome, counter in self._reasons.items()}
        return Totals(outcomes["written"], outcomes["skipped"], outcomes["failed"], reasons)


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


def _file(record: FileRecord, actions: int) -> dict[str, Any]:
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
        "actions": actions,
        "problems": record.problems,
        "notes": record.notes,
    }
    return {name: value for name, value in said.items() if value}


def _row(record: FileRecord, actions: int) -> tuple[object, ...]:
    """Return what the table says about one file."""
    return (
        record.number,
        record.outcome,
        record.path,
        record.reason,
        record.new_patient_id,
        record.new_study_instance_uid,
        record.new_series_instance_uid,
        record.new_sop_instance_uid,
        "; ".join(record.codes),
        actions or "",
        "; ".join(record.problems),
        "; ".join(record.notes),
    )


def _action_lines(kind: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of one list of actions."""
    for action in kind["actions"]:
        yield csv_line((kind["number"], kind["files"], *action.values()))


def _name(path: str) -> str:
    """Return the name of the attribute at the end of a tag path, ``""`` if the standard has none."""
    last = _LAST_TAG.search(path)
    name = dictionary.name_of(int(last[1] + last[2], 16)) if last else ""
    return "" if name == "Unknown" else name


def _dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, allow_nan=False).replace("\x7f", "\\u007f").encode("ascii")
