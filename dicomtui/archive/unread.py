"""Which of the files that a scan has skipped it would have liked to read."""

from dicomtui.archive.listing import SPECIAL
from dicomtui.archive.scanned_file import NOT_DICOM

_HARMLESS = frozenset({NOT_DICOM, "a DICOMDIR", "not a regular file", *SPECIAL.values()})


def is_failure(reason: str) -> bool:
    """Whether a file or folder was skipped that may hold instances: it is damaged, or may not be read."""
    return reason not in _HARMLESS
