"""Places that are read, where nothing is written that the next run would read."""

import os
from contextlib import suppress

from dicomtui.archive.containers import split_address


def clash(out: str, path: str) -> str:
    """Return why nothing must be written to the folder *out* while *path* is read, or ``""``.

    Parameters
    ----------
    out : str
        The output folder, which need not exist.
    path : str
        What is read: a path, or an address in a container.
    """
    source = _source_of(path)
    ours, theirs = _above(out), _above(source)
    if ours[:1] == theirs[:1] and os.path.isdir(out):
        return "is the folder that is read; name another one"
    if os.path.isdir(source) and theirs[0] in ours:
        return "is inside a folder that is read; name another one"
    return ""


def is_around(out: str, path: str) -> bool:
    """Whether *path*, or the container that it leads into, lies in the folder *out*."""
    return os.path.isdir(out) and _above(out)[0] in _above(_source_of(path))


def _source_of(path: str) -> str:
    place = None if os.path.lexists(path) else split_address(path)
    return place[0] if place else path


def _above(path: str) -> list[tuple[int, int]]:
    """Return what tells a file or folder, and all folders above it, from others, whatever they are called."""
    path = os.path.realpath(path)
    found = []
    while True:
        with suppress(FileNotFoundError, NotADirectoryError):
            status = os.stat(path)
            found.append((status.st_dev, status.st_ino))
        if path == os.path.dirname(path):
            return found
        path = os.path.dirname(path)
