"""Files that an export never replaces, whatever is allowed: DICOM files of the folders that are looked at."""

import os
from collections.abc import Iterable

from dicomtui.archive.scanned_file import NOT_DICOM, read_file
from dicomtui.errors import WriteError
from dicomtui.text import safe_line


def is_original(path: str, places: Iterable[str]) -> bool:
    """Whether an original stands where a file is to be written.

    Parameters
    ----------
    path : str
        The file to be written.
    places : iterable of str
        Folders and files that hold originals.

    Returns
    -------
    bool
        Whether *path* exists in one of *places*, and is a DICOM file or one that cannot be read.
    """
    resolved = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    if not os.path.lexists(resolved):
        return False
    for place in map(os.path.realpath, places):
        if resolved == place:
            return True
        if resolved.startswith(os.path.join(place, "")):
            return not read_file(os.path.realpath(resolved)).reason.startswith(NOT_DICOM)
    return False


def refuse_original(path: str, places: Iterable[str]) -> None:
    """Raise a WriteError where writing *path* would replace an original in one of *places*."""
    if is_original(path, places):
        raise WriteError(f"{safe_line(path)}: is an original, which is never replaced; choose another folder")
