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
        if resolved == place or _is_same(resolved, place):
            return True
        if resolved.startswith(os.path.join(place, "")):
            return _may_be_dicom(resolved)
    return False


def refuse_dicom(path: str, places: Iterable[str]) -> None:
    """Raise a WriteError where what is no DICOM would replace DICOM, or something in *places*."""
    refuse_original(path, places)
    if os.path.isfile(path) and _may_be_dicom(path):
        raise WriteError(f"{safe_line(path)}: is DICOM, which nothing else replaces; choose another name")


def refuse_original(path: str, places: Iterable[str]) -> None:
    """Raise a WriteError where writing *path* would replace an original in one of *places*."""
    if is_original(path, places):
        raise WriteError(f"{safe_line(path)}: is an original, which is never replaced; choose another folder")


def _is_same(path: str, place: str) -> bool:
    """Whether both are one file, whatever its names; a folder is looked into instead."""
    try:
        return os.path.isfile(place) and os.path.samefile(path, place)
    except OSError:
        return False


def _may_be_dicom(path: str) -> bool:
    return not read_file(os.path.realpath(path)).reason.startswith(NOT_DICOM)
