"""Lists every file below a folder, in a thread, so that reading can begin at once."""

import os
import stat
import threading
from collections import deque
from collections.abc import Callable, Collection
from typing import NamedTuple

Stamp = tuple[int, int]
"""Size and mtime_ns of a file."""

SPECIAL = {
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


class Unlisted(NamedTuple):
    """A name that is no regular file, or a folder that cannot be listed."""

    path: str
    reason: str


class Lister(threading.Thread):
    """Walks through folders without following links; deep trees and huge folders are ordinary.

    Parameters
    ----------
    root : str
        The folder to begin in.
    wanted : callable, optional
        Is asked for each folder with the stamps of its files, and returns the names to read; without it all
        files are read.
    """

    def __init__(self, root: str, wanted: Callable[[str, dict[str, Stamp]], Collection[str]] | None) -> None:
        super().__init__(name="lister", daemon=True)
        self._root, self._wanted = root, wanted
        self.files: deque[str] = deque()
        """Files that are to be read, taken from the left."""
        self.unlisted: deque[Unlisted] = deque()
        self.folders: deque[str] = deque()
        """Folders that are wholly listed."""
        self.listed = 0
        self.known = 0
        """Files that need not be read."""
        self.complete = False
        self.error: BaseException | None = None
        self.stopped = False

    def run(self) -> None:
        """Walk until there is nothing left."""
        try:
            self._walk()
        except BaseException as error:  # noqa: BLE001  is raised where the files are taken
            self.error = error
        self.complete = True

    def _walk(self) -> None:
        pending = [self._root]
        while pending and not self.stopped:
            folder = pending.pop()
            try:
                below = self._list(folder)
            except OSError as error:
                self.unlisted.append(
                    Unlisted(folder, f"folder: {(error.strerror or 'cannot be read').lower()}")
                )
                continue
            self.folders.append(folder)
            pending.extend(reversed(below))

    def _list(self, folder: str) -> list[str]:
        """Take the files of one folder; return the folders in it."""
        below: list[str] = []
        stamps: dict[str, Stamp] = {}
        wanted = self._wanted
        with os.scandir(folder) as entries:
            for entry in entries:
                if self.stopped:
                    return []
                name = entry.name
                if name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    below.append(entry.path)
                    continue
                self.listed += 1
                try:
                    if not entry.is_file(follow_symlinks=False):
                        self.unlisted.append(Unlisted(entry.path, _kind(entry)))
                    elif wanted is None:
                        self.files.append(entry.path)
                    else:
                        status = entry.stat(follow_symlinks=False)
                        stamps[name] = status.st_size, status.st_mtime_ns
                except OSError as error:
                    self.unlisted.append(Unlisted(entry.path, (error.strerror or "cannot be read").lower()))
        if wanted is not None:
            names = wanted(folder, stamps)
            self.known += len(stamps) - len(names)
            self.files.extend(os.path.join(folder, name) for name in names)
        return sorted(below)


def _kind(entry: "os.DirEntry[str]") -> str:
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError as error:
        return (error.strerror or "cannot be read").lower()
    return SPECIAL.get(stat.S_IFMT(mode), "not a regular file")
