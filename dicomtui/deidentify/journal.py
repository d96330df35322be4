"""The journal of an output folder: one line for each file, so that a run that was killed can be resumed."""

import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

from dicomtui.deidentify.records import ActionCounts, FileRecord
from dicomtui.errors import WriteError
from dicomtui.text import safe_line

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class Entry(NamedTuple):
    """What the journal holds of one file; nothing of it is a value or a name of the original."""

    record: FileRecord
    source: str = ""
    """Stands for the source; ``""`` if it was never opened."""
    patient: str = ""
    """Stands for the patient that it was of."""
    size: int = 0
    """Bytes of what was written."""


class Journal:
    """The lines of one journal file; memory holds where they are, and lists of actions once.

    Parameters
    ----------
    path : str
        The file, which is made if it is not there.

    Raises
    ------
    WriteError
        If it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._numbers: dict[ActionCounts, int] = {}
        self._actions: dict[int, ActionCounts] = {}
        self._places: dict[int, int] = {}
        """Where the line of each number is."""
        self._earlier: dict[str, int] = {}
        """Where lines of earlier runs are that were not taken over, by source."""
        try:
            # unbuffered: what was said is known after this process is killed
            self._file: BinaryIO = open(os.open(path, _FLAGS, 0o600), "r+b", buffering=0)  # noqa: SIM115
            self._end = self._file.seek(0, os.SEEK_END)
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def load(self, is_there: Callable[[Entry], bool]) -> Iterator[Entry]:
        """Yield what earlier runs have written, if it *is_there*, so that it can be taken over."""
        places: dict[str, int] = {}
        offset = 0
        with open(self._path, "rb") as lines:
            for line in lines:
                entry = self._read(line)
                if entry is not None and entry.source:
                    places[entry.source] = offset
                offset += len(line)
                if not line.endswith(b"\n"):  # the run was killed at this very moment
                    self._write(b"\n")
            for source, place in places.items():
                lines.seek(place)
                entry = self._read(lines.readline())
                if entry is not None and entry.record.outcome == "written" and is_there(entry):
                    self._earlier[source] = place
                    yield entry

    def add(self, entry: Entry) -> None:
        """Note what became of a file; the last word on a number counts.

        Raises
        ------
        WriteError
            If it cannot be written.
        """
        actions = entry.record.actions
        number = self._numbers.get(actions)
        if number is None:
            number = max(self._actions, default=-1) + 1
            self._remember(number, actions)
            self._write_line({"list": number, "actions": actions})
        record = entry.record._replace(actions=())._asdict()
        del record["actions"]
        kept = {name: value for name, value in record.items() if value}
        fields = {"source": entry.source, "patient": entry.patient, "size": entry.size, "actions": number}
        self._places[entry.record.number] = self._end
        self._write_line({"record": kept, **fields})

    def take_over(self, source: str, number: int) -> FileRecord | None:
        """Give the record of an earlier run its number in this one; None if there is none of *source*."""
        place = self._earlier.pop(source, None)
        if place is None:
            return None
        self._places[number] = place
        return next(self._at([(number, place)]))

    def records(self) -> Generator[FileRecord, None, None]:
        """Yield the records in order of their numbers, then those of earlier runs that were not met again."""
        yield from self._at(sorted(self._places.items()))
        following = max(self._places, default=0) + 1
        yield from self._at(enumerate(self._earlier.values(), following))

    def _at(self, places: Iterable[tuple[int, int]]) -> Generator[FileRecord, None, None]:
        with open(self._path, "rb") as lines:
            for number, place in places:
                lines.seek(place)
                entry = self._read(lines.readline())
                if entry is not None:
                    yield entry.record._replace(number=number)

    def _read(self, line: bytes) -> Entry | None:
        """Return the entry of a line; None if it has another use, or was not written to its end."""
        try:
            fields = json.loads(line)
            if "list" in fields:
                self._remember(fields["list"], tuple((path, rule, n) for path, rule, n in fields["actions"]))
                return None
            record: dict[str, Any] = {
                name: tuple(value) if isinstance(value, list) else value
                for name, value in fields["record"].items()
            }
            actions = self._actions[fields["actions"]]
            return Entry(
                FileRecord(**record, actions=actions), fields["source"], fields["patient"], fields["size"]
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def _remember(self, number: int, actions: ActionCounts) -> None:
        self._actions[number] = actions
        self._numbers.setdefault(actions, number)

    def _write_line(self, fields: dict[str, Any]) -> None:
        self._write(json.dumps(fields, separators=(",", ":")).encode("ascii") + b"\n")

    def _write(self, line: bytes) -> None:
        try:
            written = self._file.write(line)
            self._end += written
            if written != len(line):  # the disk is full
                self._file.truncate(self._end - written)
                self._end -= written
                self._file.write(line)  # says so
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> WriteError:
        reason = (error.strerror or str(error)).lower()
        return WriteError(f"{safe_line(self._path)}: cannot be written ({safe_line(reason)})")
