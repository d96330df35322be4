"""The folder that a batch writes to: who may write there, what is done already, how files get names."""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from dicomtui.archive.read_places import clash, is_around
from dicomtui.deidentify.journal import Entry, Journal
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.marks import mark
from dicomtui.deidentify.options import DeidentifyOptions
from dicomtui.deidentify.tables import EDITION
from dicomtui.errors import UsageError, WriteError
from dicomtui.text import safe_line
from dicomtui.writing import PART_SUFFIX, make_folders, private_folder, publish, write_bytes

OWN_FOLDER = ".dicomtui"
"""Folder in the output folder that holds what the program needs to resume."""
_STATE, _LOCK, _JOURNAL = "run.json", "lock", "journal.jsonl"
_CHUNK = 1 << 20


def refusal(out: str, inputs: Sequence[str], *, resume: bool = False) -> str:
    """Return why *out* must not be written to, as one line, or ``""``; nothing is changed or made.

    Parameters
    ----------
    out : str
        The output folder, which need not exist.
    inputs : sequence of str
        What is read: paths, and addresses in containers.
    resume : bool
        Whether *out* may hold an earlier run.
    """
    shown = safe_line(out)
    try:
        if not out:
            return "name an output folder"
        if os.path.lexists(out) and not os.path.isdir(out):
            return f"{shown}: is no folder; name a new one"
        for path in inputs:
            if reason := clash(out, path):
                return f"{shown}: {reason}"
            if is_around(out, path):
                return f"{shown}: holds what is read; name another one"
        if not os.access(_existing(out), os.W_OK | os.X_OK):
            return f"{shown}: may not be written to; name another folder"
        if os.path.isdir(out) and (names := os.listdir(out)):
            if OWN_FOLDER not in names:
                return f"{shown}: is not empty; name a new folder"
            if not resume:
                return f"{shown}: holds an earlier run; resume it, or name a new folder"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return f"{shown}: cannot be used ({safe_line(reason).lower()})"
    return ""


def holds_run(out: str) -> bool:
    """Whether *out* holds a run that can be resumed, with the same options and key."""
    return os.path.isfile(os.path.join(out, OWN_FOLDER, _STATE))


@contextmanager
def prepared(
    out: str, inputs: Sequence[str], options: DeidentifyOptions, key: Key, *, resume: bool, dicomdir: bool
) -> "Iterator[OutputFolder]":
    """Make the folder *out*, or take up the run in it, and keep other programs out of it meanwhile.

    Raises
    ------
    UsageError
        If it must not be written to, holds a run with other options or another key, or is in use.
    WriteError
        If it cannot be written to.
    """
    if reason := refusal(out, inputs, resume=resume):
        raise UsageError(reason)
    make_folders(out)
    own = private_folder(os.path.join(out, OWN_FOLDER))
    with _locked(out, own):
        _require_same_run(out, own, _state(options, key, dicomdir))
        _remove_parts(own)
        folder = OutputFolder(out)
        try:
            yield folder
        finally:
            folder.journal.close()
            _remove_parts(own)


class OutputFolder:
    """An output folder that belongs to one run."""

    def __init__(self, out: str) -> None:
        self.path = out
        self.parts = os.path.join(out, OWN_FOLDER)
        """Where files are written before they have a name."""
        self.patients: dict[str, str] = {}
        """New Patient IDs, and what stands for the patients who have got them."""
        self.journal = Journal(os.path.join(self.parts, _JOURNAL))
        self._made: set[str] = set()
        for entry in self.journal.load(self._is_there):
            self.patients[entry.record.new_patient_id] = entry.patient

    def full_path(self, path: str) -> str:
        """Return where the *path* of a record is."""
        return os.path.join(self.path, *path.split("/"))

    def is_taken(self, path: str) -> bool:
        """Whether there is a file under this *path* of a record."""
        return os.path.lexists(self.full_path(path))

    def holds_same(self, path: str, part: str) -> bool:
        """Whether the file under this *path* of a record has the bytes of *part*."""
        with open(self.full_path(path), "rb") as old, open(part, "rb") as new:
            if os.fstat(old.fileno()).st_size != os.fstat(new.fileno()).st_size:
                return False
            while chunk := old.read(_CHUNK):
                if chunk != new.read(_CHUNK):
                    return False
        return True

    def publish(self, part: str, path: str) -> None:
        """Give the finished file *part* the *path* of its record.

        Raises
        ------
        WriteError
            If that cannot be done.
        """
        target = self.full_path(path)
        folder = os.path.dirname(target)
        if folder not in self._made:
            private_folder(folder)
            self._made.add(folder)
        publish(part, target)

    def _is_there(self, entry: Entry) -> bool:
        """Whether what was written is still there; what a power failure has left half is removed."""
        path = self.full_path(entry.record.path)
        try:
            if os.lstat(path).st_size == entry.size:
                return True
            os.unlink(path)
        except OSError:
            pass
        return False


def _existing(path: str) -> str:
    path = os.path.realpath(path)
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return path


@contextmanager
def _locked(out: str, own: str) -> Iterator[None]:
    """Hold the lock that only one run can have; it goes with the process, however that ends."""
    try:
        descriptor = os.open(os.path.join(own, _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise WriteError(f"{safe_line(out)}: cannot be written to ({reason})") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"{safe_line(out)}: another run is writing to it; wait for its end") from error
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(descriptor)


def _state(options: DeidentifyOptions, key: Key, dicomdir: bool) -> dict[str, Any]:
    return {
        "format": 1,
        "edition": EDITION,
        "key": mark(key, "key"),
        "dicomdir": dicomdir,
        "options": asdict(options),
    }


def _require_same_run(out: str, own: str, state: dict[str, Any]) -> None:
    """Note with what the run is made, or refuse to go on with one that was made otherwise."""
    path = os.path.join(own, _STATE)
    content = json.dumps(state, indent=1).encode("ascii")
    try:
        with open(path, "rb") as stream:
            earlier = json.loads(stream.read(_CHUNK))
            differences = _differences(earlier, json.loads(content))
    except FileNotFoundError:
        write_bytes(path, content)
        return
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UsageError(f"{safe_line(out)}: its earlier run cannot be read; name a new one") from error
    if differences:
        what = ", ".join(differences)
        raise UsageError(f"{safe_line(out)}: holds a run made with other settings: {what}; name a new folder")


def _differences(earlier: dict[str, Any], now: dict[str, Any]) -> list[str]:
    words = {
        "format": "another version of this program",
        "edition": "another edition of the standard",
        "key": "another key or project",
        "dicomdir": "with or without a DICOMDIR",
    }
    found = [word for name, word in words.items() if earlier.get(name) != now[name]]
    options = earlier["options"]
    return found + [name for name, value in now["options"].items() if options.get(name) != value]


def _remove_parts(own: str) -> None:
    """Remove what a killed run, or the last moments of this one, have left."""
    with suppress(OSError):
        for entry in os.scandir(own):
            if entry.name.endswith(PART_SUFFIX):
                with suppress(OSError):
                    os.unlink(entry.path)
