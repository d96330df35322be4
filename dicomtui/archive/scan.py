"""Looks into every file below a folder, at the speed of the disk, and says what it is as it goes along."""

import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.listing import Lister, Stamp, stamp_of
from dicomtui.archive.scanned_file import (
    Plain,
    ScannedFile,
    from_plain,
    may_be_container,
    read_file,
    read_files,
)
from dicomtui.garbage import few_searches_for_garbage
from dicomtui.pool import Lost

if TYPE_CHECKING:
    from dicomtui.pool import Pool

FEW = 200
"""Files that are read without starting a process for them."""
BATCH = 100
"""Files that a worker reads before it reports."""
_STEP_SECONDS = 0.05
_PAUSE_SECONDS = 0.001


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
        with few_searches_for_garbage():
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
        self._put_off: deque[str] = deque()
        """Files that a worker has to read: containers, and what may take any time."""
        self._opened: set[str] = set()
        """Containers of which something was read."""
        self._members = 0
        """How many more files there are in containers than containers."""
        self._read = 0
        self._due = 0.0

    def run(self, pool: "Pool") -> Iterator[ScanBatch]:
        if os.path.isdir(self._root):
            self.lister.start()
        else:
            self.lister.take_alone(self._root)
        yield from self._read_few()
        with closing(pool.map(read_files, self._batches())) as results:
            for result in results:
                if result is not None:
                    self._take_results(*result)
                yield from self._due_batch(now=result is None)
        if self.lister.error is not None:
            raise self.lister.error
        yield self._batch()

    def _read_few(self) -> Iterator[ScanBatch]:
        """Read files here as long as they are few: starting processes would take longer."""
        files = self.lister.files
        while self._read < FEW and len(files) < FEW and not (self.lister.complete and not files):
            if not files:
                time.sleep(_PAUSE_SECONDS)
            elif may_be_container(files[0]):
                self._put_off.append(files.popleft())
            else:
                path = files.popleft()
                try:
                    self._add(read_file(path, parse=False))
                except Exception:  # noqa: BLE001  a worker finds out what it is, and may die of it
                    self._put_off.append(path)
            yield from self._due_batch()

    def _batches(self) -> Iterator[Sequence[str]]:
        """Yield files to read, each container alone; an empty batch while none is listed yet."""
        files, put_off = self.lister.files, self._put_off
        while put_off or files or not self.lister.complete:
            batch = [put_off.popleft()] if put_off else []
            while not put_off and files and len(batch) < BATCH:
                path = files.popleft()
                (put_off if may_be_container(path) else batch).append(path)
            yield batch

    def _take_results(self, paths: Sequence[str], results: Sequence[Plain | Lost]) -> None:
        """Take what a worker has read: a result for each file, or some of the members of a container."""
        path = paths[0] if paths else ""
        if len(paths) == 1 and may_be_container(path):
            self._members += len(results) - (path not in self._opened)  # they count, it does not
            self._opened.add(path)
            paths = [path] * len(results)
        for path, result in zip(paths, results, strict=True):
            if isinstance(result, Lost):
                self._add(ScannedFile(path, *_stamp(path), None, result.reason))
            else:
                self._add(from_plain(result))

    def _add(self, scanned: ScannedFile) -> None:
        self._found.append(scanned)
        self._read += 1

    def _due_batch(self, *, now: bool = False) -> Iterator[ScanBatch]:
        if now or time.monotonic() >= self._due:
            yield self._batch()
            self._due = time.monotonic() + _STEP_SECONDS

    def _batch(self) -> ScanBatch:
        lister = self.lister
        while lister.unlisted:
            path, reason = lister.unlisted.popleft()
            self._add(ScannedFile(path, *_stamp(path), None, reason))
        complete = lister.complete  # before the folders: after it there are no more
        folders: list[str] = []
        while lister.folders:
            folders.append(lister.folders.popleft())
        found, self._found = self._found, []
        return ScanBatch(found, folders, lister.listed + self._members, self._read + lister.known, complete)


def _stamp(path: str) -> Stamp:
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return 0, 0
    return stamp_of(status)
