"""Lists every file below a folder, in a thread, so that reading can begin at once."""

import os
import stat
import threading
from collections import deque
from collections.abc import Callable, Collection
from typing import NamedTuple

Stamp = tuple[int, int]
"""Size of a file, and a number that stands for when it was changed."""
_TIMES = 1 << 62


def stamp_of(status: os.stat_result) -> Stamp:
    """Return what tells a file from what it was before, though somebody has restored its mtime.

    A change of permissions or owner counts as well: to read once more does no harm.
    """
    return status.st_size, (status.st_mtime_ns + 31 * status.st_ctime_ns) % _TIMES


SPECIAL = {
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


FOLDER = "folder: "
"""What the reason begins with where a whole folder cannot be listed."""


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

    def take_alone(self, path: str) -> None:
        """Take a file for all there is, instead of walking."""
        self.files.append(path)
        self.listed, self.complete = 1, True

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
            below: list[str] = []
            try:
                self._list(folder, below)
            except OSError as error:  # what was found before it counts
                self._leave_out(folder, f"{FOLDER}{_said(error)}")
            pending.extend(sorted(below, reverse=True))

    def _list(self, folder: str, below: list[str]) -> None:
        """Take the files of one folder; put the folders in it into *below*."""
        stamps: dict[str, Stamp] = {}
        wanted = self._wanted
        with os.scandir(folder) as entries:
            for entry in entries:
                if self.stopped:
                    return
                name = entry.name
                if name.startswith("."):
                    continue
                try:
                    if not entry.is_file(follow_symlinks=False):
                        if entry.is_dir(follow_symlinks=False):
                            below.append(entry.path)
                        else:
                            self._leave_out(entry.path, _kind(entry))
                    elif wanted is None:
                        self.listed += 1
                        self.files.append(entry.path)
                    else:
                        stamps[name] = stamp_of(entry.stat(follow_symlinks=False))
                except OSError as error:
                    self._leave_out(entry.path, _said(error))
        if wanted is not None:
            self.listed += len(stamps)
            names = wanted(folder, stamps)
            self.known += len(stamps) - len(names)
            self.files.extend(os.path.join(folder, name) for name in names)
        self.folders.append(folder)

    def _leave_out(self, path: str, reason: str) -> None:
        self.listed += 1
        self.unlisted.append(Unlisted(path, reason))


def _kind(entry: "os.DirEntry[str]") -> str:
    return SPECIAL.get(stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode), "not a regular file")


def _said(error: OSError) -> str:
    return (error.strerror or "cannot be read").lower()
