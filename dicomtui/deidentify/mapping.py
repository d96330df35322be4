"""The table that leads from new identifiers back to old ones; only written where somebody asks for it."""

import os
from collections.abc import Iterable

from dicomtui.csv_rows import csv_line
from dicomtui.deidentify.records import MappingRow
from dicomtui.errors import WriteError
from dicomtui.text import safe_line
from dicomtui.writing import new_file, require_writable

COLUMNS = (
    "old path",
    "new path",
    "old Patient ID",
    "new Patient ID",
    "old Study Instance UID",
    "new Study Instance UID",
    "old Series Instance UID",
    "new Series Instance UID",
    "old SOP Instance UID",
    "new SOP Instance UID",
)


def refusal(path: str, out: str, inputs: Iterable[str] = ()) -> str:
    """Return why the mapping must not be written to *path*, as one line, or ``""``.

    Parameters
    ----------
    path : str
        Where it is to be written.
    out : str
        The folder of the output, which may be handed on and must not hold it.
    inputs : iterable of str
        What is read: a folder of originals must stay as it is.
    """
    shown = safe_line(path)
    place = os.path.realpath(path)
    if _is_within(place, out):
        return f"{shown}: the mapping undoes the de-identification; it must not be in the output folder"
    if any(_is_within(place, folder) for folder in inputs):
        return f"{shown}: nothing is written among the originals; name another place for the mapping"
    if os.path.lexists(path):
        return f"{shown}: exists already; name a new file for the mapping"
    if not os.path.isdir(os.path.dirname(place)):
        return f"{shown}: there is no such folder; name another place for the mapping"
    try:
        require_writable(path)
    except WriteError as error:
        return f"{error}; name another place for the mapping"
    return ""


def write_mapping(path: str, rows: Iterable[MappingRow]) -> None:
    """Write a new CSV file that only its owner may read, with one row for each file that was written.

    Raises
    ------
    WriteError
        If it exists already or cannot be written.
    """
    with new_file(path) as stream:
        stream.write(csv_line(COLUMNS).encode())
        for source, old, record in rows:
            stream.write(
                csv_line(
                    (
                        source,
                        record.path,
                        *(old.old_patient_id, record.new_patient_id),
                        *(old.old_study_instance_uid, record.new_study_instance_uid),
                        *(old.old_series_instance_uid, record.new_series_instance_uid),
                        *(old.old_sop_instance_uid, record.new_sop_instance_uid),
                    )
                ).encode()
            )


def _is_within(place: str, folder: str) -> bool:
    above = os.path.realpath(folder)
    return place == above or place.startswith(above.rstrip(os.sep) + os.sep)
