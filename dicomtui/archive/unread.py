"""Which of the files that a scan has skipped it would have liked to read."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dicomtui.archive.listing import FOLDER, SPECIAL
from dicomtui.archive.scanned_file import NOT_DICOM

if TYPE_CHECKING:
    from dicomtui.archive.index import Index

_HARMLESS = frozenset({NOT_DICOM, "a DICOMDIR", "not a regular file", *SPECIAL.values()})


def is_failure(reason: str) -> bool:
    """Whether a file or folder was skipped that may hold instances: it is damaged, or may not be read."""
    return reason not in _HARMLESS


def unread_folders(index: "Index") -> Iterator[str]:
    """Yield for each folder that could not be listed why that is so."""
    for skipped in index.skipped():
        if skipped.reason.startswith(FOLDER):
            yield skipped.reason.removeprefix(FOLDER)
