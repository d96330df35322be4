"""Brings an index up to date with the disk: one scan, which reads only what is new or changed."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.listing import FOLDER, stamp_of
from dicomtui.archive.scan import scan

if TYPE_CHECKING:
    from dicomtui.archive.index import Index
    from dicomtui.archive.scanned_file import ScannedFile
    from dicomtui.pool import Pool


class Progress(NamedTuple):
    """How far a scan is."""

    listed: int
    """Files found so far."""
    done: int
    """Files dealt with so far: read, skipped or known."""
    complete: bool
    """Whether all files are found."""
    changed: bool
    """Whether the index has changed since the last step."""


def refresh(index: "Index", pool: "Pool") -> Iterator[Progress]:
    """Scan what *index* is about, and yield several times a second how far that is.

    What is found is in the index at once. To stop iterating cancels it: what was read is kept, and nothing is
    forgotten that the scan has not come to.
    """
    restarts = index.restarts - 1
    while restarts != index.restarts:  # what was read has gone with the database
        restarts = index.restarts
        yield from _scanned(index, pool, restarts)


def _scanned(index: "Index", pool: "Pool", restarts: int) -> Iterator[Progress]:
    folders: set[str] = set()
    unreadable: set[str] = set()
    changes = index.changes
    progress = Progress(0, 0, False, False)
    if not os.path.isdir(index.root):
        folders.add(os.path.dirname(index.root))
        if not _is_wanted(index):
            yield Progress(1, 1, True, index.changes != changes)
            return
    for batch in scan(index.root, pool, index.wanted):
        index.update(batch.files)
        folders.update(batch.folders)
        unreadable.update(file.path for file in batch.files if _is_unreadable_folder(file))
        progress = Progress(batch.listed, batch.done, batch.complete, index.changes != changes)
        changes = index.changes
        yield progress
    if index.restarts == restarts:
        index.forget_folders_not_in(folders, unreadable)
    yield progress._replace(complete=True, changed=index.changes != changes)


def _is_unreadable_folder(file: "ScannedFile") -> bool:
    """Whether a folder is there and could not be listed, so that nothing is known of what is in it now."""
    return file.header is None and file.reason.startswith(FOLDER) and os.path.isdir(file.path)


def _is_wanted(index: "Index") -> bool:
    """Whether a single file or container has to be read; a scan lists no folder for it."""
    folder, name = os.path.split(index.root)
    try:
        status = os.lstat(index.root)
    except OSError:
        index.wanted(folder, {})
        return True
    return bool(index.wanted(folder, {name: stamp_of(status)}))
