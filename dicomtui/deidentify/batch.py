"""De-identifies many files in worker processes; a run that was stopped or killed can be taken up again.

Workers write and verify files without a name. Here, in one place, each is given its name, so that neither two
files nor two patients become one, and its line in the journal before it.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from typing import Literal

from dicomtui.deidentify.journal import Entry
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.mapping import refusal as mapping_refusal
from dicomtui.deidentify.mapping import write_mapping
from dicomtui.deidentify.marks import mark_of_source
from dicomtui.deidentify.options import DeidentifyOptions
from dicomtui.deidentify.output_folder import OutputFolder, prepared
from dicomtui.deidentify.output_names import output_path
from dicomtui.deidentify.records import FileRecord, MappingRow
from dicomtui.deidentify.report import write_report
from dicomtui.deidentify.tasks import BIG, Job, Made, Task, work
from dicomtui.errors import UsageError, WriteError
from dicomtui.outcomes import Failed, Outcome, Skipped, Step, Written
from dicomtui.pool import Lost, Pool
from dicomtui.text import safe_line
from dicomtui.writing import flush_to_disk, nothing_fits

DONE = "done already"
"""The reason why a file is skipped that an earlier run has written."""
_BATCH = 8
"""Files that a worker is given at a time: so few that a batch can be stopped soon."""
_STEP_SECONDS = 0.05
_SAME = "the same as another file that was written"
_OTHER = "another file that was written has the same SOP Instance UID (0008,0018) and other contents"
_SAME_PATIENT = "another patient has the same new Patient ID by chance; use another key or project"


def deidentify(
    sources: Iterable[list[str] | Skipped],
    out: str,
    options: DeidentifyOptions,
    key: Key,
    pool: Pool,
    *,
    inputs: Sequence[str] = (),
    resume: bool = False,
    dry_run: bool = False,
    dicomdir: bool = False,
    mapping: str | None = None,
    project: bool | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Step]:
    """De-identify *sources* into the folder *out*, with a report of what was done to each.

    Parameters
    ----------
    sources : iterable
        What :func:`~dicomtui.archive.gathering.gather` yields.
    out : str
        A folder that does not exist or is empty, or holds a run that is resumed.
    options, key
        As for one instance.
    pool : Pool
        Does the work.
    inputs : sequence of str
        The paths that were gathered: *out* must not be among, inside or around them.
    resume : bool
        Whether to go on where an earlier run with the same options and key has ended.
    dry_run : bool
        Whether to read and de-identify everything but to write nothing; *out* is not looked at.
    dicomdir : bool
        Whether to give files names that a DICOMDIR can have, and to write one.
    mapping : str, optional
        Where to write which original has become what, when all is done.
    project : bool, optional
        Whether *key* was derived for a project, as the report is to say.
    stop : callable
        Is asked all the time whether to end once the files in hand are done.

    Yields
    ------
    Step
        At least ten a second. To close the generator is to end at once, without a report.

    Raises
    ------
    UsageError
        If *out* or *mapping* must not be written to, before anything is read.
    WriteError
        If nothing more can be written, after what was written is reported.
    """
    if mapping is not None and (reason := mapping_refusal(mapping, out, inputs)):
        raise UsageError(reason)
    if dry_run:
        yield from _Batch(out, None, Job(options, key, ""), dicomdir, stop).run(sources, pool)
        return
    with prepared(out, inputs, options, key, resume=resume, dicomdir=dicomdir) as folder:
        batch = _Batch(out, folder, Job(options, key, folder.parts, mapping is not None), dicomdir, stop)
        yield from batch.run(sources, pool)
        try:
            if dicomdir:
                yield from batch.write_dicomdir()
            with closing(folder.journal.records()) as records:
                write_report(out, records, options, project=project, complete=batch.is_complete)
            if mapping is not None:
                write_mapping(mapping, batch.rows)
            flush_to_disk(out)
        except WriteError as error:
            raise WriteError(batch.full or str(error)) from error
        if batch.full:
            raise WriteError(batch.full)


class _Batch:
    """One run over many files."""

    def __init__(
        self, out: str, folder: OutputFolder | None, job: Job, dicomdir: bool, stop: Callable[[], bool]
    ) -> None:
        self._out, self._folder, self._job = out, folder, job
        self._dicomdir, self._stop = dicomdir, stop
        self.full = ""
        """Why nothing more can be written."""
        self.rows: list[MappingRow] = []
        self._outcomes: list[Outcome] = []
        self._handed: deque[int] = deque()
        """Numbers of the files that are being worked on, in order."""
        self._held: dict[int, tuple[Task, Made | Lost]] = {}
        """What has become of some of them, until those before have come back."""
        self._marks: dict[int, str] = {}
        """What stands for the sources that are being worked on, by number."""
        self._earlier: dict[int, FileRecord] = {}
        """Records of files that were written before and are looked at again, by number."""
        self._done = self._total = 0
        self._complete = False
        self._due = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether everything that was found was worked on."""
        return self._complete and self._done == self._total

    def run(self, sources: Iterable[list[str] | Skipped], pool: Pool) -> Iterator[Step]:
        """Work on everything."""
        with closing(pool.map(partial(work, self._job), self._batches(sources))) as results:
            for result in results:
                if result is not None:
                    for task, made in zip(*result, strict=False):  # none while a big file is worked on
                        self._held[task.number] = task, made
                    self._take_in_order()
                if result is None or time.monotonic() >= self._due:
                    yield self._step()
        for number in sorted(self._held):  # after a stop: what came before some of them was not handed out
            self._take(*self._held.pop(number))
        yield self._step()

    def _take_in_order(self) -> None:
        """Take what nothing has to come before: of two files with one name the first is written."""
        while self._handed and self._handed[0] in self._held:
            self._take(*self._held.pop(self._handed.popleft()))

    def _step(self) -> Step:
        self._due = time.monotonic() + _STEP_SECONDS
        outcomes, self._outcomes = self._outcomes, []
        return Step(outcomes, self._done, self._total, self._complete)

    def write_dicomdir(self) -> Iterator[Step]:
        """Write the DICOMDIR; what it cannot name is said of the written file.

        After a stop it is that of the files that are done. Who stops only now leaves it to the next run.
        """
        from dicomtui.archive.directory_writing import writing_dicomdir  # which needs pydicom

        assert self._folder is not None
        was_stopped = self._stop()
        with closing(self._folder.journal.records()) as records:
            paths = (record.path for record in records if record.outcome == "written")
            with closing(writing_dicomdir(self._out, paths)) as added:
                for left_out in added:
                    if left_out is not None:
                        reason = f"not in the DICOMDIR: {left_out.reason}"
                        self._outcomes.append(Skipped(left_out.source, reason))
                    if time.monotonic() >= self._due:
                        yield self._step()
                        if self._stop() and not was_stopped:
                            return
        yield self._step()

    # --- what is handed out ---

    def _batches(self, sources: Iterable[list[str] | Skipped]) -> Iterator[list[Task]]:
        """Yield files to work on, big ones alone; an empty batch while there is none for a moment."""
        batch: list[Task] = []
        for found in sources:
            for task in self._tasks(found):
                if task.size >= BIG:
                    yield [task]
                    continue
                batch.append(task)
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
                if self._stop() or self.full:
                    return
            if self._stop() or self.full:
                return
            if not found or time.monotonic() >= self._due:  # let the caller know, and others ask
                yield batch
                batch = []
        self._complete = True
        if batch:
            yield batch

    def _tasks(self, found: list[str] | Skipped) -> Iterator[Task]:
        """Give numbers to what was found; yield what has to be opened."""
        if isinstance(found, Skipped):
            self._total += 1
            self._end(Entry(FileRecord(self._total, "skipped", reason=found.reason)), found.source)
            return
        first = self._total + 1
        self._total += len(found)
        for number, address in enumerate(found, first):
            source, size = mark_of_source(self._job.key, address)
            earlier = self._folder.journal.take_over(source, number) if self._folder else None
            if earlier is None:
                self._marks[number] = source
                self._handed.append(number)
                yield Task(number, address, size)
            elif self._job.wants_identity:
                self._earlier[number] = earlier
                self._handed.append(number)
                yield Task(number, address, size, done=True)
            else:
                self._tell(Skipped(address, DONE))

    # --- what comes back ---

    def _take(self, task: Task, made: Made | Lost) -> None:
        """Take what a worker has made of a file, or that it has not survived it."""
        if task.done:
            record = self._earlier.pop(task.number)
            if isinstance(made, Made) and made.identity is not None:
                self.rows.append(MappingRow(task.address, made.identity, record))
            self._tell(Skipped(task.address, DONE))
            return
        if isinstance(made, Lost):
            made = Made(FileRecord(task.number, "failed", reason=made.reason))
        if made.full:
            self._end_early(made.record.reason)
        source = self._marks.pop(task.number)
        record = self._named(made, source) if made.record.outcome == "written" else made.record
        if record.outcome == "written":
            if made.identity is not None:
                self.rows.append(MappingRow(task.address, made.identity, record))
            self._tell(Written(task.address, self._full_path(record.path), record.notes))
            return
        if made.part:
            with suppress(OSError):
                os.unlink(made.part)
        self._end(Entry(record, source), task.address)

    def _named(self, made: Made, source: str) -> FileRecord:
        """Give what was made its name; return its record, which says if that could not be."""
        record = made.record._replace(path=output_path(made.record, dicomdir=self._dicomdir))
        if self._folder is None:
            return record
        owner = self._folder.patients.setdefault(record.new_patient_id, made.patient)
        if record.new_patient_id and owner != made.patient:
            return _unwritten(record, "failed", _SAME_PATIENT)
        try:
            if self._folder.is_taken(record.path):
                same = self._folder.holds_same(record.path, made.part)
                return _unwritten(record, *(("skipped", _SAME) if same else ("failed", _OTHER)))
            # the line first: a file without one would be taken for another one's when the run is resumed
            self._folder.journal.add(Entry(record, source, made.patient, made.size))
            self._folder.publish(made.part, record.path)
        except (WriteError, OSError) as error:
            cause = error.__cause__ if isinstance(error, WriteError) else error
            said = (getattr(cause, "strerror", None) or "unknown error").lower()
            if nothing_fits(error):
                self._end_early(said)
            return _unwritten(record, "failed", f"cannot be written ({said})")
        return record

    def _full_path(self, path: str) -> str:
        return os.path.join(self._out, *path.split("/"))

    def _end(self, entry: Entry, source: str) -> None:
        """Note that nothing was written for a file, and say so."""
        if self._folder is not None:
            try:
                self._folder.journal.add(entry)
            except WriteError as error:
                self._end_early(getattr(error.__cause__, "strerror", "") or "unknown error")
        reason = entry.record.reason
        failed = entry.record.outcome == "failed"
        self._tell(Failed(source, reason) if failed else Skipped(source, reason))

    def _tell(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._done += 1

    def _end_early(self, said: str) -> None:
        shown = safe_line(self._out)
        why = said.lower().removeprefix("cannot be written (").removesuffix(")")
        self.full = f"{shown}: nothing more can be written ({why}); make room, then resume"


def _unwritten(record: FileRecord, outcome: Literal["skipped", "failed"], reason: str) -> FileRecord:
    return FileRecord(record.number, outcome, reason=reason)
