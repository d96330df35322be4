"""Looks into every file below a folder, at the speed of the disk, and says what it is as it goes along."""

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.containers import is_container
from dicomtui.archive.listing import Lister, Stamp
from dicomtui.archive.scanned_file import ScannedFile, may_be_container, read_container, read_file, read_files
from dicomtui.pool import Lost

if TYPE_CHECKING:
    from dicomtui.pool import Pool

FEW = 200
"""Files that are read without starting a process for them."""
BATCH = 100
"""Files that a worker reads before it reports."""
STEP_SECONDS = 0.05


class ScanBatch(NamedTuple):
    """What a scan has found since the last one."""

    files: list[ScannedFile]
    folders: list[str]
    """Folders that are wholly listed."""
    listed: int
    """Files found so far."""
    done: int
    """Files dealt with so far: read, skipped or known."""
    complete: bool
    """Whether all files are found."""


def scan(
    root: str, pool: "Pool", wanted: "Callable[[str, dict[str, Stamp]], Collection[str]] | None" = None
) -> Iterator[ScanBatch]:
    """Look into all regular files below *root*, without following links.

    To stop iterating is to cancel: no more than a tenth of a second passes between two batches.

    Parameters
    ----------
    root : str
        A folder, a file, or a zip or tar.
    pool : Pool
        Reads the files, but for a few.
    wanted : callable, optional
        Is asked for each folder with the sizes and times of its files, in a thread, and returns the names of
        those to read. Without it all files are read.

    Yields
    ------
    ScanBatch
        An empty one where nothing was found for a while.
    """
    scanned = _Scan(os.path.realpath(root), wanted)
    try:
        yield from scanned.run(pool)
    finally:
        scanned.lister.stopped = True


class _Scan:
    """One scan: what was listed, what was read of it."""

    def __init__(
        self, root: str, wanted: "Callable[[str, dict[str, Stamp]], Collection[str]] | None"
    ) -> None:
        self._root = root
        self.lister = Lister(root, wanted)
        self._found: list[ScannedFile] = []
        self._containers: list[str] = []
        self._read = 0
        self._due = 0.0

    def run(self, pool: "Pool") -> Iterator[ScanBatch]:
        if os.path.isdir(self._root):
            self.lister.start()
        else:
            self._list_file()
        yield from self._read_first()
        with closing(pool.map(read_files, self._batches())) as results:
            for result in results:
                if result is not None:
                    for path, scanned in zip(*result, strict=True):
                        if isinstance(scanned, Lost):
                            scanned = ScannedFile(path, *_stamp(path), None, scanned.reason)
                        self._add(scanned)
                yield from self._due_batch(now=result is None)
        yield from self._read_containers()
        if self.lister.error is not None:
            raise self.lister.error
        yield self._batch()

    def _list_file(self) -> None:
        """Take the root, which is a file, for all there is."""
        self.lister.files.append(self._root)
        self.lister.listed, self.lister.complete = 1, True

    def _read_first(self) -> Iterator[ScanBatch]:
        """Read a few files here: starting processes would take longer."""
        while self._read < FEW:
            taken = self._take(1)
            if not taken and self.lister.complete and not self.lister.files:
                return
            if taken:
                self._add(read_file(taken[0]))
            else:
                time.sleep(0.001)
            yield from self._due_batch()

    def _batches(self) -> Iterator[Sequence[str]]:
        """Yield files to read, an empty batch while none is listed yet."""
        while not self.lister.complete or self.lister.files:
            yield self._take(BATCH)

    def _take(self, count: int) -> list[str]:
        taken: list[str] = []
        files = self.lister.files
        while files and len(taken) < count:
            path = files.popleft()
            (self._containers if may_be_container(path) and is_container(path) else taken).append(path)
        return taken

    def _read_containers(self) -> Iterator[ScanBatch]:
        """Read members here, one container after the other: each is one stream."""
        for path in self._containers:
            self.lister.listed -= 1  # its members count, not itself
            for scanned in read_container(path):
                self.lister.listed += 1
                self._add(scanned)
                yield from self._due_batch()

    def _add(self, scanned: ScannedFile) -> None:
        self._found.append(scanned)
        self._read += 1

    def _due_batch(self, *, now: bool = False) -> Iterator[ScanBatch]:
        if now or time.monotonic() >= self._due:
            yield self._batch()
            self._due = time.monotonic() + STEP_SECONDS

    def _batch(self) -> ScanBatch:
        while self.lister.unlisted:
            path, reason = self.lister.unlisted.popleft()
            self._add(ScannedFile(path, *_stamp(path), None, reason))
        folders: list[str] = []
        while self.lister.folders:
            folders.append(self.lister.folders.popleft())
        found, self._found = self._found, []
        lister = self.lister
        return ScanBatch(found, folders, lister.listed, self._read + lister.known, lister.complete)


def _stamp(path: str) -> Stamp:
    try:
        status = os.lstat(path)
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
