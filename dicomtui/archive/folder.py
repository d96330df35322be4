"""What a folder holds, told without opening anything."""

import os
import stat
from typing import NamedTuple

from dicomtui.archive.series import natural_key
from dicomtui.errors import ReadError
from dicomtui.text import safe_line

_SPECIAL = {
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


class Entry(NamedTuple):
    """One name in a folder."""

    name: str
    path: str
    is_folder: bool
    reason: str = ""
    """Why it cannot be opened, ``""`` for a folder or a regular file (links are followed)."""


def list_folder(path: str) -> list[Entry]:
    """Return the entries of the folder at *path*, folders first, in natural order of their names.

    Names that begin with a dot are left out, as file managers do.

    Raises
    ------
    ReadError
        If it is not a folder or may not be read.
    """
    try:
        with os.scandir(path) as entries:
            found = [_entry(entry) for entry in entries if not entry.name.startswith(".")]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReadError(f"{safe_line(path)}: {reason.lower()}") from error
    return sorted(found, key=lambda entry: (not entry.is_folder, natural_key(entry.name)))


def _entry(entry: "os.DirEntry[str]") -> Entry:
    try:
        if entry.is_dir():
            return Entry(entry.name, entry.path, True)
        if entry.is_file():
            return Entry(entry.name, entry.path, False)
        kind = stat.S_IFMT(entry.stat().st_mode)
        return Entry(entry.name, entry.path, False, _SPECIAL.get(kind, "not a regular file"))
    except OSError as error:
        dangling = entry.is_symlink()
        reason = "dangling link" if dangling else (error.strerror or "cannot be read").lower()
        return Entry(entry.name, entry.path, False, reason)
