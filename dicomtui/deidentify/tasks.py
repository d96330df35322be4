"""What worker processes of a batch are given and give back; knows nothing of how it is done."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import DeidentifyOptions
from dicomtui.deidentify.records import FileRecord, Identity

BIG = 64 << 20
"""Bytes from which on a file is worked on while somebody says that it is."""


class Job(NamedTuple):
    """What is to be done with each file of a batch."""

    options: DeidentifyOptions
    key: Key
    folder: str
    """Where what is written waits for its name; ``""`` to write nothing."""
    wants_identity: bool = False


class Task(NamedTuple):
    """One file."""

    number: int
    address: str
    size: int
    """Bytes of it, 0 for a member of a container."""
    done: bool = False
    """Whether it was written before, and only :class:`~dicomtui.deidentify.records.Identity` is wanted."""


class Made(NamedTuple):
    """What became of one file."""

    record: FileRecord
    part: str = ""
    """The file that was written and has no final name yet."""
    size: int = 0
    """Bytes of it."""
    patient: str = ""
    """Stands for the patient that it was of."""
    identity: Identity | None = None
    full: bool = False
    """Whether other files could not be written either."""


def work(job: Job, tasks: Sequence[Task]) -> Iterator[list[Made]]:
    """Do :func:`dicomtui.deidentify.file.deidentify_files` in a worker, which alone loads what it takes."""
    from dicomtui.deidentify.file import deidentify_files

    yield from deidentify_files(job, tasks)
