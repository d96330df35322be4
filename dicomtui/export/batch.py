"""Exports many files in worker processes: headers first, then names for everything, then the files."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import TypeVar

from dicomtui.archive.attribute_names import parse_attributes
from dicomtui.archive.directory_writing import NAME, writing_dicomdir
from dicomtui.archive.scanned_file import NOT_DICOM
from dicomtui.errors import UsageError, WriteError
from dicomtui.export.attributes import COLUMNS, table_head
from dicomtui.export.describing import Described, describe
from dicomtui.export.file import Job, Line, Made, export_pieces, file_key, folder_mode, table_lines
from dicomtui.export.formats import FORMATS
from dicomtui.export.options import ExportOptions
from dicomtui.export.originals import refuse_original
from dicomtui.export.planning import Item, Piece, plan, special_values, template_of, unit_of
from dicomtui.outcomes import Failed, Outcome, Skipped, Step, Written
from dicomtui.pool import Lost, Pool
from dicomtui.text import safe_line
from dicomtui.writing import flush_to_disk, make_folders, new_file

TABLE = "attributes"
"""The name of a table over many instances, without its suffix."""

_PIECES = 8
"""Files that a worker writes at a time: so few that a batch can be stopped soon."""
_FRAMES = 32
"""The same, where all are frames of one instance, which is opened once for them."""
_STEP_SECONDS = 0.05
_DICOMDIR = "a DICOMDIR"

R = TypeVar("R")


def export(
    sources: Iterable[list[str] | Skipped],
    out: str,
    options: ExportOptions,
    pool: Pool,
    *,
    inputs: Sequence[str] = (),
    originals: Sequence[str] = (),
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Step]:
    """Export *sources*.

    Parameters
    ----------
    sources : iterable
        What :func:`~dicomtui.archive.gathering.gather` yields.
    out : str
        A folder, which is made if need be; a file if :attr:`ExportOptions.suffix` is set and *out* ends with
        it: there has to be exactly one to write then.
    options : ExportOptions
        What is wanted.
    pool : Pool
        Does the work.
    inputs : sequence of str
        The paths that were gathered, below which ``{Path}`` begins.
    originals : sequence of str
        Folders and files whose DICOM files are never replaced, whatever :attr:`ExportOptions.overwrite` says.
    stop : callable
        Is asked all the time whether to end once the files in hand are done.

    Yields
    ------
    Step
        At least ten a second. Until :attr:`Step.complete` the sources whose headers are read are counted,
        then the files that are written.

    Raises
    ------
    UsageError
        If the template makes no sense, or several files would be written into one, before any is.
    WriteError
        If the target cannot be made, or nothing more can be written.
    """
    if options.dicomdir and os.path.lexists(directory := os.path.join(out, NAME)):
        if not options.overwrite:
            raise UsageError(f"{safe_line(out)}: has a DICOMDIR already; choose another folder")
        refuse_original(directory, originals)
    is_file = options.suffix is not None and out.endswith(options.suffix)
    template_of(options)
    folder = os.path.dirname(os.path.abspath(out)) if is_file else os.path.abspath(out)
    batch = _Batch(folder, options, pool, inputs, originals, stop)
    write = batch.table if unit_of(options) == "all" else batch.files
    with _empty_removed(folder):
        yield from write(sources, out if is_file else None)
    if os.path.isdir(folder):
        flush_to_disk(folder)
    if batch.full:
        raise WriteError(batch.full)


class _Batch:
    """One export."""

    def __init__(
        self,
        folder: str,
        options: ExportOptions,
        pool: Pool,
        inputs: Sequence[str],
        originals: Sequence[str],
        stop: Callable[[], bool],
    ) -> None:
        self._folder, self._options, self._pool = folder, options, pool
        self._inputs, self._originals, self._stop = inputs, tuple(originals), stop
        self.full = ""
        """Why nothing more can be written."""
        self._outcomes: list[Outcome] = []
        self._done = self._total = 0
        self._complete = False
        self._due = 0.0

    def files(self, sources: Iterable[list[str] | Skipped], target: str | None) -> Iterator[Step]:
        """Write the file of every piece."""
        items: list[Item] = []
        yield from self._read(sources, items)
        pieces, skipped = plan(items, self._options) if not self._stop() else ([], [])
        self._outcomes += skipped
        if target is not None:
            pieces = _named(pieces, target, self._options)
        self._total, self._complete = len(pieces), True
        make_folders(self._folder, mode=folder_mode(self._options.mode))
        job = Job(self._options, os.path.realpath(self._folder), originals=self._originals)
        if self._options.overwrite:
            keys = (file_key(item.address) for item in items)
            job = job._replace(sources=frozenset(key for key in keys if key is not None))
        written: list[str] = []
        with closing(self._pool.map(partial(export_pieces, job), self._batches(pieces))) as results:
            for result in results:
                for piece, made in zip(*result, strict=False) if result else ():  # none while one takes long
                    written += self._take(piece, made)
                yield from self._due_step(now=result is None)
        if self._options.dicomdir and written and not self._stop():
            yield from self._dicomdir(written)
        yield self._step()

    def _dicomdir(self, written: Sequence[str]) -> Iterator[Step]:
        """Write a DICOMDIR for the copies; none if that is stopped."""
        with closing(writing_dicomdir(self._folder, written)) as added:
            for left_out in added:
                if self._stop():
                    return
                if left_out is not None:
                    reason = f"copied, but not in the DICOMDIR: {left_out.reason}"
                    self._outcomes.append(Skipped(left_out.source, reason))
                yield from self._due_step()

    def table(self, sources: Iterable[list[str] | Skipped], target: str | None) -> Iterator[Step]:
        """Write one table over everything."""
        options = self._options
        path = target or os.path.join(
            self._folder, TABLE + (options.suffix or FORMATS[options.format].suffix)
        )
        make_folders(self._folder, mode=folder_mode(self._options.mode))
        if options.overwrite:
            refuse_original(path, [*self._originals, *self._inputs])
        with new_file(path, overwrite=options.overwrite, mode=options.mode) as stream:
            if options.format == "csv":
                stream.write(table_head(parse_attributes(",".join(options.columns or COLUMNS))).encode())
            for found in self._in_order(sources, partial(table_lines, options)):
                if isinstance(found, Step):
                    yield found
                    continue
                address, line = found
                self._done += 1
                if isinstance(line, Line) and not line.reason:
                    stream.write(line.text.encode("utf-8", "backslashreplace"))
                    self._outcomes.append(Written(address, path))
                else:
                    self._outcomes.append(_unread(address, line.reason))
        self._complete = True
        yield self._step()

    def _read(self, sources: Iterable[list[str] | Skipped], items: list[Item]) -> Iterator[Step]:
        """Read the headers of everything; what cannot be read is an outcome."""
        fields = template_of(self._options).fields
        for found in self._in_order(sources, partial(describe, fields)):
            if isinstance(found, Step):
                yield found
                continue
            address, known = found
            self._done += 1
            if isinstance(known, Described) and known.header is not None:
                values = special_values(address, self._inputs) | known.values
                items.append(Item(address, known.header, known.frames, values))
            else:
                self._outcomes.append(_unread(address, known.reason))
        self._done = 0

    def _in_order(
        self, sources: Iterable[list[str] | Skipped], work: Callable[[Sequence[str]], Sequence[R]]
    ) -> Iterator[Step | tuple[str, R | Lost]]:
        """Yield what *work* makes of each address in the order of *sources*, and steps in between."""
        ready: dict[int, tuple[str, R | Lost]] = {}
        following = 0
        with closing(self._pool.map(partial(_numbered, work), self._addresses(sources))) as results:
            for result in results:
                for (number, address), made in zip(*result, strict=True) if result else ():
                    ready[number] = address, made
                while following in ready:
                    yield ready.pop(following)
                    following += 1
                yield from self._due_step(now=result is None)

    def _addresses(self, sources: Iterable[list[str] | Skipped]) -> Iterator[list[tuple[int, str]]]:
        """Yield what to read, numbered; an empty list while there is nothing for a moment."""
        for found in sources:
            if self._stop():
                return
            if isinstance(found, Skipped):
                self._outcomes.append(found)
                continue
            first = self._total
            self._total += len(found)
            yield list(enumerate(found, first))

    def _batches(self, pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
        """Yield what a worker writes before it reports: a series alone, frames of one instance together."""
        batch: list[Piece] = []
        for piece in pieces:
            if self._stop() or self.full:
                return
            goes_on = not batch or piece.sources == batch[-1].sources
            if len(batch) >= (_FRAMES if goes_on and batch else _PIECES) or (
                batch and (len(piece.sources) > 1 or len(batch[-1].sources) > 1)
            ):
                yield batch
                batch = []
            batch.append(piece)
        if batch:
            yield batch

    def _take(self, piece: Piece, made: Made | Lost) -> tuple[str, ...]:
        """Take what became of a piece; return the files that were written."""
        self._done += 1
        source = piece.sources[0]
        if isinstance(made, Lost):
            made = Made(reason=made.reason)
        if made.full:
            self.full = made.reason
        if made.skipped:
            self._outcomes.append(Skipped(source, made.reason))
        elif made.reason:
            self._outcomes.append(Failed(source, made.reason))
        else:
            self._outcomes += [Written(source, path, made.notes) for path in made.paths]
        return () if made.reason else made.paths

    def _due_step(self, *, now: bool = False) -> Iterator[Step]:
        if now or time.monotonic() >= self._due:
            yield self._step()

    def _step(self) -> Step:
        self._due = time.monotonic() + _STEP_SECONDS
        outcomes, self._outcomes = self._outcomes, []
        return Step(outcomes, self._done, self._total, self._complete)


@contextmanager
def _empty_removed(folder: str) -> Iterator[None]:
    """Remove *folder* at the end, and those above it, if they were made meanwhile and nothing is in them."""
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    try:
        yield
    finally:
        for place in missing:
            with suppress(OSError):  # there is something in it
                os.rmdir(place)


def _numbered(work: Callable[[Sequence[str]], Sequence[R]], items: Sequence[tuple[int, str]]) -> Sequence[R]:
    return work([address for _, address in items])


def _unread(address: str, reason: str) -> Outcome:
    if reason.startswith(NOT_DICOM):  # as a parser says it, more follows
        return Skipped(address, NOT_DICOM)
    return (Skipped if reason == _DICOMDIR else Failed)(address, reason)


def _named(pieces: Sequence[Piece], target: str, options: ExportOptions) -> list[Piece]:
    """Return the piece, if there is one, with the name of a target that is a file."""
    if len(pieces) > 1:
        raise UsageError(
            f"{safe_line(target)}: {len(pieces):,} files would be written into it; name a folder, or choose"
            " less with --frames"
        )
    name = os.path.basename(target).removesuffix(options.suffix or "")
    return [piece._replace(path=name) for piece in pieces]
