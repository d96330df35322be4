"""Which files are meant by the folders, files, containers and DICOMDIRs that a person names."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from dicomtui.archive.containers import is_container, list_container, split_address
from dicomtui.archive.dicomdir import Directory, Record, read_dicomdir
from dicomtui.archive.listing import Lister, Stamp
from dicomtui.archive.members import CONTAINER_SUFFIXES, SEPARATOR, parts_of
from dicomtui.errors import DicomTuiError, UsageError
from dicomtui.outcomes import Skipped
from dicomtui.text import safe_line

_MOST = 100
"""Addresses that are yielded together."""
_AHEAD = 20_000
"""Addresses that are found before somebody takes them."""
_PAUSE_SECONDS = 0.005
_DICOMDIR = "DICOMDIR"


def gather(paths: Sequence[str], stop: Callable[[], bool] = lambda: False) -> Iterator[list[str] | Skipped]:
    """Yield the files that *paths* mean, in the order in which a person would list them.

    Parameters
    ----------
    paths : sequence of str
        Folders, of which all regular files at any depth are taken and no link is followed; files; zips and
        tars, and folders and members inside them by their addresses; DICOMDIRs, of which the files that they
        name are taken.
    stop : callable
        Is asked now and then whether to end.

    Yields
    ------
    list of str or Skipped
        Paths, and addresses of members, no file twice; an empty list while nothing is found for a moment.
        Skipped is what would be taken but cannot be.

    Raises
    ------
    UsageError
        If one of *paths* does not exist, before anything is yielded.
    """
    require(paths)
    search = _Search(paths)
    search.start()
    try:
        while not stop():
            complete = search.complete  # before the queue: after it nothing is added
            if found := search.take():
                yield from found
            elif complete:
                if search.error is not None:
                    raise search.error
                return
            else:
                time.sleep(_PAUSE_SECONDS)
                yield []
    finally:
        search.stop()


def holds_dicomdir(paths: Sequence[str]) -> bool:
    """Whether one of *paths* is a DICOMDIR, or a folder or container with one at its top."""
    for path in paths:
        try:
            if os.path.isdir(path):
                names: Iterable[str] = os.listdir(path)
            elif is_container(os.path.realpath(path)):
                names = (member.name for member in list_container(path).members)
            else:
                names = [os.path.basename(path)]
            if any(name.upper() == _DICOMDIR for name in names):
                return True
        except (OSError, DicomTuiError):
            continue  # said when it is gathered
    return False


def require(paths: Iterable[str]) -> None:
    """Raise a UsageError where one of *paths* is neither there nor inside a container that is."""
    for path in paths:
        try:
            os.stat(path)
        except (OSError, ValueError) as error:
            if SEPARATOR in path and split_address(path) is not None:
                continue
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"{safe_line(path)}: {safe_line(reason).lower()}") from error


class _Search(threading.Thread):
    """Looks through folders and containers ahead of who takes what is found."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(name="gathering", daemon=True)
        self._paths = paths
        self._found: deque[str | Skipped] = deque()
        self._seen: set[str] = set()
        self._lister: Lister | None = None
        self._stopped = False
        self.complete = False
        self.error: BaseException | None = None

    def stop(self) -> None:
        """Have it end soon."""
        self._stopped = True
        if self._lister is not None:
            self._lister.stopped = True

    def take(self) -> list[list[str] | Skipped]:
        """Return what was found, in order, addresses together."""
        taken: list[list[str] | Skipped] = []
        for _ in range(min(_MOST, len(self._found))):
            found = self._found.popleft()
            if isinstance(found, Skipped):
                taken.append(found)
            elif taken and isinstance(taken[-1], list):
                taken[-1].append(found)
            else:
                taken.append([found])
        return taken

    def run(self) -> None:
        """Look through everything."""
        try:
            for path in self._paths:
                if self._stopped:
                    break
                self._look_into(path)
        except BaseException as error:  # noqa: BLE001  is raised where the files are taken
            self.error = error
        self.complete = True

    def _look_into(self, path: str) -> None:
        if os.path.isdir(path):
            self._take_folder(path)
        elif not os.path.lexists(path):
            self._take_members(*(split_address(path) or (path, "")))
        elif os.path.basename(path).upper() == _DICOMDIR:
            self._take_directory(path)
        else:
            self._take_file(path)

    def _take_folder(self, folder: str) -> None:
        real = os.path.realpath(folder)

        def take(below: str, stamps: dict[str, Stamp]) -> Collection[str]:
            self._take_unlisted()
            inside = os.path.relpath(below, folder)
            true = real if inside == os.curdir else os.path.join(real, inside)
            for name in sorted(stamps):
                self._take_file(os.path.join(below, name), os.path.join(true, name))
            return ()

        self._lister = Lister(folder, take)
        self._lister.stopped = self._stopped
        self._lister.run()  # here, not in a thread of its own
        self._take_unlisted()
        if self._lister.error is not None:
            raise self._lister.error

    def _take_unlisted(self) -> None:
        assert self._lister is not None
        while self._lister.unlisted:
            path, reason = self._lister.unlisted.popleft()
            self._put(Skipped(path, reason))

    def _take_file(self, path: str, real: str = "") -> None:
        real = real or os.path.realpath(path)
        if path.lower().endswith(CONTAINER_SUFFIXES) and is_container(real):
            self._take_members(path, "")
        elif self._is_new(real):
            self._put(path)

    def _take_members(self, path: str, folder: str) -> None:
        """Take the members of a container that are in a *folder* of it, or that one member."""
        folders = parts_of(folder)
        try:
            listing = list_container(path)
        except DicomTuiError as error:
            self._put(Skipped(path, str(error).removeprefix(f"{safe_line(path)}: ")))
            return
        real = os.path.realpath(path)
        wanted = [
            member
            for member in listing.members
            if member.name == folder or parts_of(member.name)[: len(folders)] == folders
        ]
        if not wanted and folder:
            self._put(Skipped(path + SEPARATOR + folder, "no such member"))
        for member in wanted:
            if self._is_new(real + SEPARATOR + member.name):
                self._put(Skipped(member.address, member.reason) if member.reason else member.address)
        if listing.problem:
            self._put(Skipped(path, listing.problem))

    def _take_directory(self, path: str) -> None:
        try:
            directory = read_dicomdir(path)
        except DicomTuiError:
            self._take_file(path)  # only its name is that of a DICOMDIR; who opens it says what it is
            return
        for record in _records(directory):
            if record.file is not None and self._is_new(record.file):
                self._put(record.file)
            elif record.file is None and record.reason:
                self._put(Skipped(path, record.reason))

    def _is_new(self, real: str) -> bool:
        """Whether a file, by its path without links, is met for the first time."""
        count = len(self._seen)
        self._seen.add(real)
        return len(self._seen) > count

    def _put(self, found: str | Skipped) -> None:
        while len(self._found) >= _AHEAD and not self._stopped:
            time.sleep(_PAUSE_SECONDS)
        self._found.append(found)


def _records(directory: Directory) -> Iterator[Record]:
    """Yield all records, each before those below it."""
    pending = list(reversed(directory.records))
    while pending:
        record = pending.pop()
        yield record
        pending += reversed(record.children)
