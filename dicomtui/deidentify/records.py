"""What is noted of each file of a batch: for the journal, the report and the mapping."""

from typing import Literal, NamedTuple

ActionCounts = tuple[tuple[str, str, int], ...]
"""Tag paths without item numbers, what the rule did there (an action code or a name), and how often."""


class FileRecord(NamedTuple):
    """What became of one source; it holds no value of the original and no name of it."""

    number: int
    """Its place in the order in which sources were found, from 1."""
    outcome: Literal["written", "skipped", "failed"]
    path: str = ""
    """What was written, relative to the output folder, with ``/`` between folders."""
    reason: str = ""
    """One safe line, unless it was written; the same words for the same cause."""
    actions: ActionCounts = ()
    problems: tuple[str, ...] = ()
    """What could not be read as written, and was emptied or removed: places, never values."""
    new_sop_instance_uid: str = ""
    new_series_instance_uid: str = ""
    new_study_instance_uid: str = ""
    new_patient_id: str = ""
    codes: tuple[str, ...] = ()
    """Code values of CID 7050 that are claimed in De-identification Method Code Sequence (0012,0064)."""
    notes: tuple[str, ...] = ()
    """What a person should know of it, such as a Transfer Syntax that had to change."""


class Identity(NamedTuple):
    """Who an original was: kept in memory only, and only for a mapping that was asked for."""

    old_patient_id: str
    old_study_instance_uid: str
    old_series_instance_uid: str
    old_sop_instance_uid: str


class MappingRow(NamedTuple):
    """What an original has become."""

    source: str
    """Its path or address."""
    old: Identity
    record: FileRecord
    """One that was written."""
