"""Finds the files that a DICOMDIR names: leniently below its own folder, never outside it.

A File ID (PS3.3 F.3.2.2, PS3.10 8.2) has up to eight components in upper case. Discs are copied, zipped and
mounted in ways that change the case or add an extension. A name is only ever compared with what a folder
lists; no path is made from it, so that ``..`` and absolute names lead nowhere.
"""

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from dicomtui.text import safe_line

_DICOM_EXTENSIONS = frozenset({".dcm", ".dic", ".dicom", ".ima"})


class Found(NamedTuple):
    """What became of one File ID."""

    path: str | None
    """The regular file, without any link in its path; None if there is none."""
    reason: str = ""
    """Why there is none."""


class FileIds:
    """Resolves the File IDs of one DICOMDIR, listing each folder once.

    Parameters
    ----------
    folder : str
        The folder that the DICOMDIR stands in.
    """

    def __init__(self, folder: str) -> None:
        self._root = os.path.realpath(folder)
        self._listings: dict[str, _Listing] = {}
        self._known: dict[str, Found] = {}

    def find(self, file_id: str) -> Found:
        r"""Return the file of a *file_id* such as ``IMAGES\CT\IM000001``.

        Each component is looked for as it is written, then in any case, and the last one with any extension.
        A File ID that begins with the name of the DICOMDIR's own folder may be meant from there.
        """
        if (found := self._known.get(file_id)) is None:
            found = self._known[file_id] = self._find(file_id)
        return found

    def _find(self, file_id: str) -> Found:
        shown = safe_line(file_id, 200)
        components = [part.strip() for part in file_id.replace("/", "\\").split("\\")]
        if file_id.startswith("/") or ".." in components:
            return Found(None, f"{shown} leads out of the folder of the DICOMDIR")
        components = [part for part in components if part not in ("", ".")]
        reason = ""
        for candidate in self._readings(components):
            found = self._look_up(candidate)
            if found.path is not None:
                return found
            reason = reason or found.reason
        return Found(None, f"{shown} {reason or 'is not there'}")

    def _readings(self, components: list[str]) -> Iterator[list[str]]:
        """Yield the components, and what follows the name of the folder that the DICOMDIR stands in."""
        yield components
        above = [part.casefold() for part in self._root.split(os.sep)]
        for count in range(1, min(len(components), len(above))):
            if [part.casefold() for part in components[:count]] == above[-count:]:
                yield components[count:]

    def _look_up(self, components: list[str]) -> Found:
        paths, reason = [self._root] if components else [], ""
        for position, component in enumerate(components, 1):
            last = position == len(components)
            reached = [found for path in paths for found in self._matches(path, component, last)]
            reason = reason or next((found.reason for found in reached if found.reason), "")
            # links can make one folder reachable under many names
            paths = list(dict.fromkeys(found.path for found in reached if found.path is not None))
        return Found(paths[0]) if paths else Found(None, reason)

    def _matches(self, folder: str, component: str, last: bool) -> Iterator[Found]:
        """Yield what *component* can mean in *folder*, the likeliest first."""
        if (listing := self._listings.get(folder)) is None:
            listing = self._listings[folder] = _Listing(folder)
        if listing.reason:
            yield Found(None, listing.reason)
        for entry in listing.matches(component, any_extension=last):
            try:
                yield self._reached(entry, last)
            except OSError as error:
                yield Found(None, _said(error))

    def _reached(self, entry: "os.DirEntry[str]", last: bool) -> Found:
        path = entry.path
        if entry.is_symlink():
            path = os.path.realpath(path)
            if os.path.commonpath((self._root, path)) != self._root:
                return Found(None, "leads out of the folder of the DICOMDIR")
            mode = os.lstat(path).st_mode
            wanted = stat.S_ISREG(mode) if last else stat.S_ISDIR(mode)
        else:
            wanted = entry.is_file(follow_symlinks=False) if last else entry.is_dir(follow_symlinks=False)
        if wanted:
            return Found(path)
        return Found(None, "is not a regular file" if last else "")


class _Listing:
    """The names in one folder, findable in any case and without their extension."""

    def __init__(self, folder: str) -> None:
        self.reason = ""
        self._entries: dict[str, os.DirEntry[str]] = {}
        self._folded: dict[str, list[str]] = {}
        self._stems: dict[str, list[str]] = {}
        try:
            with os.scandir(folder) as entries:
                self._entries = {entry.name: entry for entry in entries}
        except OSError as error:
            self.reason = _said(error)
        for name in sorted(self._entries, key=_likeliest_first):
            stem, _ = os.path.splitext(name)
            self._folded.setdefault(name.casefold(), []).append(name)
            self._stems.setdefault(stem.casefold(), []).append(name)

    def matches(self, component: str, *, any_extension: bool) -> "list[os.DirEntry[str]]":
        names = [component, *self._folded.get(component.casefold(), ())]
        if any_extension:
            names += self._stems.get(component.casefold(), ())
        return [self._entries[name] for name in dict.fromkeys(names) if name in self._entries]


def _likeliest_first(name: str) -> tuple[bool, str]:
    """Sort ``IM1.dcm`` before the ``IM1.jpg`` that a viewer's disc has beside it."""
    return os.path.splitext(name)[1].casefold() not in _DICOM_EXTENSIONS, name


def _said(error: OSError) -> str:
    return f"cannot be reached ({(error.strerror or str(error)).lower()})"
