"""Writes a new DICOMDIR for files that lie in place: a Media Storage Directory (PS3.3 F, PS3.10 8).

Of each instance only its own record is kept, already encoded, so that tens of thousands fit into memory.
"""

import os
import re
from collections.abc import Generator, Iterable
from contextlib import closing

from dicomtui.archive.directory_layout import Record, numbered, write_directory
from dicomtui.archive.record_elements import copied, element, modifiers, value_at
from dicomtui.archive.record_identity import (
    CHARACTER_SET,
    META_CLASS,
    META_INSTANCE,
    META_SYNTAX,
    Identity,
    identity_of,
    quick_identity,
)
from dicomtui.archive.record_keys import (
    CONTENT_SEQUENCE,
    INSTANCE_NUMBER,
    PATIENT,
    SERIES,
    SERIES_UID,
    STUDY,
    STUDY_UID,
    Key,
    Level,
    leaf,
    record_type,
)
from dicomtui.dataset import dictionary
from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.errors import ReadError, WriteError
from dicomtui.outcomes import Skipped
from dicomtui.text import safe_line
from dicomtui.writing import new_file

NAME = "DICOMDIR"
FILE_SET_ID = "DICOMTUI"

_COMPONENT = re.compile(r"[A-Z0-9_]{1,8}")
_MOST_COMPONENTS = 8

_INVENTED = {"DA": b"19000101", "TM": b"000000", "SH": b"UNNAMED", "CS": b"UNNAMED"}
"""What a record has where its instance may have nothing: dates that were taken out, for instance."""
_INVENTED_TAGS = frozenset(
    {0x00080020, 0x00080030, 0x00080023, 0x00080033, 0x00080012, 0x00700082, 0x00700083, 0x00700080}
    | {0x30060002, 0x300A0002}
)


class _LeftOutError(Exception):
    """Why an instance gets no record."""


def write_dicomdir(folder: str, paths: Iterable[str], *, file_set_id: str = FILE_SET_ID) -> list[Skipped]:
    """Write ``DICOMDIR`` into *folder*, in place of one that may be there.

    Parameters
    ----------
    folder : str
        The root of the File-set.
    paths : iterable of str
        Files below it, absolute or relative to it; taken one by one, so that a generator sees how far it is.
    file_set_id : str
        File-set ID (0004,1130).

    Returns
    -------
    list of Skipped
        Files that have no record, and why: not readable, of a SOP Class without a kind of record, or with a
        name that is no File ID (up to eight components of up to eight of ``A-Z 0-9 _``, PS3.10 8.2, 8.5).

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    with closing(writing_dicomdir(folder, paths, file_set_id=file_set_id)) as added:
        return [left_out for left_out in added if left_out is not None]


def writing_dicomdir(
    folder: str, paths: Iterable[str], *, file_set_id: str = FILE_SET_ID
) -> Generator[Skipped | None, None, None]:
    """Do what :func:`write_dicomdir` does, and yield for each of *paths* why it is left out, or None.

    Nothing is written, and a DICOMDIR that is there stays, until all have been taken.
    """
    root: dict[tuple[bytes, ...], Record] = {}
    for path in paths:
        try:
            _add(root, os.path.join(folder, path), folder)
        except _LeftOutError as error:
            yield Skipped(os.path.join(folder, path), str(error))
        else:
            yield None
    records = list(numbered(root))
    with new_file(os.path.join(folder, NAME), overwrite=True) as stream:
        write_directory(stream, records, file_set_id)


class _File:
    """A file that gets a record; it is parsed only when more than its identity is wanted."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._instance: Instance | None = None
        try:
            found = quick_identity(path)
        except ReadError as error:
            raise self._left_out(error) from error
        self.identity = found or identity_of(self.instance())

    def instance(self) -> Instance:
        """Return all of it."""
        if self._instance is None:
            try:
                self._instance = read_instance(self._path)
            except ReadError as error:
                raise self._left_out(error) from error
        return self._instance

    def _left_out(self, error: ReadError) -> _LeftOutError:
        return _LeftOutError(str(error).removeprefix(f"{safe_line(self._path)}: "))


def _add(root: dict[tuple[bytes, ...], Record], path: str, folder: str) -> None:
    file_id = _file_id(path, folder)
    file = _File(path)
    identity = file.identity
    reference = _reference(identity, file_id)
    kind = record_type(identity.sop_class.decode("latin-1"))
    if not kind:
        raise _LeftOutError("its SOP Class (0008,0016) has no kind of Directory Record")
    for tag, uid in ((STUDY_UID, identity.study), (SERIES_UID, identity.series)):
        if not uid:
            raise _LeftOutError(_lacking(tag))
    patient = (identity.issuer, identity.patient_id)
    below = root
    made = []
    for key, name, level in (
        (patient if patient[1] else (identity.study,), "PATIENT", PATIENT),  # without ID: by the study
        ((identity.study,), "STUDY", STUDY),
        ((identity.series,), "SERIES", SERIES),
    ):
        record = below.get(key) or _record(file, name, level, file_id)
        made.append((below, key, record))
        below = record.children
    made.append((below, (file_id.encode("ascii"),), _record(file, kind, leaf(kind), file_id, reference)))
    for entity, key, record in made:  # only now, so that no record is left without its instance
        entity[key] = record


def _file_id(path: str, folder: str) -> str:
    components = os.path.relpath(path, folder).split(os.sep)
    if len(components) > _MOST_COMPONENTS or not all(map(_COMPONENT.fullmatch, components)):
        raise _LeftOutError(
            "its name is no File ID (at most eight components of A-Z, 0-9 and _, eight of them each)"
        )
    return "\\".join(components)


def _reference(identity: Identity, file_id: str) -> bytes:
    """Return what a record says about its file: (0004,1500), (0004,1510) to (0004,1512)."""
    reference = element(0x00041500, file_id.encode("ascii"))
    for tag, meta, uid in (
        (0x00041510, META_CLASS, identity.sop_class),
        (0x00041511, META_INSTANCE, identity.sop_instance),
        (0x00041512, META_SYNTAX, identity.transfer_syntax),
    ):
        if not uid:
            raise _LeftOutError(f"{_lacking(meta)}, which a file of a File-set must have (PS3.10 7.1)")
        reference += element(tag, uid)
    return reference


def _record(file: _File, kind: str, level: Level, file_id: str, reference: bytes = b"") -> Record:
    identity = file.identity
    before = element(0x00041430, kind.encode("ascii")) + reference
    after = b""
    if identity.character_set:
        before += element(CHARACTER_SET, identity.character_set)
    for key in level.keys:
        if key.tag < level.numbered:
            before += _key(file.instance(), key)
        else:
            after += _key(file.instance(), key)
    number = (
        identity.instance_number
        if level.numbered == INSTANCE_NUMBER
        else value_at(file.instance().elements or {}, level.numbered)
    )
    return Record(kind, level, before, number, after, file_id)


def _key(instance: Instance, key: Key) -> bytes:
    """Return one attribute of an instance as its record has it."""
    try:
        value = modifiers(instance, key.tag) if key.tag == CONTENT_SEQUENCE else copied(instance, key.tag)
    except WriteError as error:
        raise _LeftOutError(str(error)) from error
    if value or key.type == 3:
        return value
    if key.type == 2:
        return element(key.tag, b"")
    if key.tag not in _INVENTED_TAGS:
        raise _LeftOutError(_lacking(key.tag))
    return element(key.tag, _INVENTED[dictionary.vr_of(key.tag)])


def _lacking(tag: int) -> str:
    return f"it has no {dictionary.name_of(tag)} {dictionary.format_tag(tag)}"
