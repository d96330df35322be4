"""Exports pieces, in worker processes. A file gets its name when it is whole, and replaces no other."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

from dicomtui.archive.attribute_names import parse_attributes
from dicomtui.archive.opening import open_instance
from dicomtui.archive.query_terms import Attribute
from dicomtui.beats import while_working
from dicomtui.errors import DicomTuiError, WriteError
from dicomtui.export.attributes import COLUMNS, flat_json_line, table_line
from dicomtui.export.enclosed import NothingEnclosedError
from dicomtui.export.options import ExportOptions
from dicomtui.export.originals import refuse_original
from dicomtui.export.planning import Piece
from dicomtui.export.writers import Writer
from dicomtui.text import safe_line
from dicomtui.writing import make_folders, new_file, nothing_fits

_LONG_BEATS = 720
"""Signs of life of a piece that may take long: an hour."""


class Job(NamedTuple):
    """What is done with every piece."""

    options: ExportOptions
    out: str
    """The target folder, without links."""
    sources: frozenset[tuple[int, int]] = frozenset()
    """What tells the files that are read from others, where one of them may be replaced by mistake."""
    originals: tuple[str, ...] = ()
    """Folders and files whose DICOM files are never replaced either."""


class Made(NamedTuple):
    """What became of a piece."""

    paths: tuple[str, ...] = ()
    """The files that were written."""
    reason: str = ""
    """Why it failed, or was left out."""
    skipped: bool = False
    notes: tuple[str, ...] = ()
    full: bool = False
    """Whether other files could not be written either."""


class Line(NamedTuple):
    """What an instance adds to a table over many."""

    text: str
    reason: str = ""


def export_pieces(job: Job, pieces: Sequence[Piece]) -> Iterator[list[Made]]:
    """Write pieces one after the other.

    Yields
    ------
    list of Made
        One for a piece that is done, none while one is being worked on that takes long.
    """
    writer = Writer(job.options)
    for piece in pieces:
        yield from while_working(partial(_exported, job, writer, piece), _LONG_BEATS)


def table_lines(options: ExportOptions, addresses: Sequence[str]) -> list[Line]:
    """Return what each instance adds to a table over many, or to flat JSON."""
    columns = parse_attributes(",".join(options.columns or COLUMNS))
    return [_table_line(options, columns, address) for address in addresses]


def _table_line(options: ExportOptions, columns: Sequence[Attribute], address: str) -> Line:
    try:
        instance = open_instance(address)
        if options.format == "csv":
            return Line(table_line(address, instance, columns))
        return Line(flat_json_line(address, instance))
    except DicomTuiError as error:
        return Line("", _reason(error, address))
    except Exception as error:  # noqa: BLE001  what is wrong with one file must not end the batch
        return Line("", f"could not be exported ({type(error).__name__})")


def _exported(job: Job, writer: Writer, piece: Piece) -> Made:
    try:
        return _written(job, writer, piece)
    except NothingEnclosedError:
        return Made(reason="encloses nothing", skipped=True)
    except WriteError as error:
        return Made(reason=_reason(error, piece.sources[0]), full=nothing_fits(error))
    except DicomTuiError as error:
        return Made(reason=_reason(error, piece.sources[0]))
    except MemoryError:
        return Made(reason="not enough memory to export it")
    except Exception as error:  # noqa: BLE001  what is wrong with one file must not end the batch
        return Made(reason=f"could not be exported ({type(error).__name__})")


def _written(job: Job, writer: Writer, piece: Piece) -> Made:
    options = job.options
    paths: list[str] = []
    notes: dict[str, None] = {}
    with ExitStack() as stack:
        for part in writer.parts(piece, stack):
            path = os.path.join(job.out, piece.path + part.suffix)
            _make_folder(job, os.path.dirname(path))
            _refuse_original(job, path)
            with new_file(path, overwrite=options.overwrite, mode=options.mode, durable=False) as stream:
                notes.update(dict.fromkeys(part.write(stream)))
            paths.append(path)
    return Made(tuple(paths), notes=tuple(notes))


def _make_folder(job: Job, folder: str) -> None:
    """Make a folder that lies in the target, whatever links stand in it."""
    make_folders(folder, mode=folder_mode(job.options.mode))
    if os.path.commonpath([os.path.realpath(folder), job.out]) != job.out:
        raise WriteError(f"{safe_line(folder)}: is a link out of the target folder; remove it")


def folder_mode(mode: int) -> int:
    """Return the permission bits of folders whose files have *mode*: who may read may enter."""
    return mode | (mode & 0o444) >> 2


def _refuse_original(job: Job, path: str) -> None:
    if job.sources and file_key(path) in job.sources:
        raise WriteError(f"{safe_line(path)}: is one of the files to read, which are never written")
    if job.options.overwrite:
        refuse_original(path, job.originals)


def file_key(path: str) -> tuple[int, int] | None:
    """Return what tells a file from others, whatever its names; None for what is no file."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _reason(error: DicomTuiError, source: str) -> str:
    return safe_line(str(error).removeprefix(safe_line(source)).removeprefix(": "), 500)
