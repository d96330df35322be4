"""De-identifies one file; runs in worker processes. Who gave it the file gives the result its name."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal

from pydicom.uid import UID

from dicomtui.archive.members import SEPARATOR
from dicomtui.archive.opening import open_instance
from dicomtui.beats import BEAT_SECONDS, while_working
from dicomtui.dataset.file_writing import NewPixels, PassedThrough, Pixels, write_file
from dicomtui.dataset.reading import Instance
from dicomtui.deidentify.engine import Result, apply_rules, deidentify_instance
from dicomtui.deidentify.marks import mark
from dicomtui.deidentify.options import DeidentifyOptions, method_codes
from dicomtui.deidentify.pixel_risk import HeldBack, Refused
from dicomtui.deidentify.records import ActionCounts, FileRecord, Identity
from dicomtui.deidentify.tasks import BIG, Job, Made, Task
from dicomtui.deidentify.verification import verify
from dicomtui.errors import DicomTuiError, ReadError, WriteError
from dicomtui.text import safe_line
from dicomtui.writing import nothing_fits, part_file

_SLOWEST = 4 << 20
"""Bytes a second that a big file may be worked on."""


def deidentify_files(job: Job, tasks: Sequence[Task]) -> Iterator[list[Made]]:
    """De-identify files one after the other.

    Yields
    ------
    list of Made
        One for a file that is done, none while a big one is being worked on.
    """
    for task in tasks:
        if task.size < BIG:
            yield [deidentify_file(job, task)]
        else:
            beats = int(task.size / _SLOWEST / BEAT_SECONDS)
            yield from while_working(partial(deidentify_file, job, task), beats)


def deidentify_file(job: Job, task: Task) -> Made:
    """Read, de-identify, write and verify one file; whatever happens is said in the record."""
    try:
        return _made(job, task)
    except Refused as error:
        return _unmade(task, "skipped" if error.is_directory else "failed", _reason(error, task.address))
    except HeldBack as error:
        return _unmade(task, "skipped", _reason(error, task.address))
    except ReadError as error:
        reason = _reason(error, task.address)
        return _unmade(task, "skipped" if reason.startswith("not DICOM") else "failed", reason)
    except WriteError as error:
        made = _unmade(task, "failed", _reason(error, task.address))
        return made._replace(full=nothing_fits(error))
    except DicomTuiError as error:
        return _unmade(task, "failed", _reason(error, task.address))
    except MemoryError:
        return _unmade(task, "failed", "not enough memory to de-identify it")
    except Exception as error:  # noqa: BLE001  what is wrong with one file must not end the batch
        return _unmade(task, "failed", f"could not be de-identified ({type(error).__name__})")


def _made(job: Job, task: Task) -> Made:
    instance = open_instance(task.address)
    if task.done:
        return Made(
            FileRecord(task.number, "written"),
            identity=_identity(apply_rules(instance, job.options, job.key)),
        )
    result = deidentify_instance(instance, job.options, job.key)
    cleaned = bool(job.options.blank) and instance.pixel_data is not None
    pixels, note = _pixels(instance, result, job.options)
    made = Made(
        _record(task, result, job.options, cleaned)._replace(notes=(note,) if note else ()),
        patient=mark(job.key, "patient", *_subject(result)),
        identity=_identity(result) if job.wants_identity else None,
    )
    if not job.folder:
        if isinstance(pixels, NewPixels):
            for _ in pixels.frames:  # what cannot be read or encoded is found here
                pass
        return made
    with part_file(job.folder) as part:
        write_file(part.stream, result.dataset, pixels)
        part.stream.flush()  # what is read back is what the kernel has
        verify(part.path, result, instance, pixels_cleaned=cleaned)
        return made._replace(part=part.path, size=part.stream.seek(0, os.SEEK_END))


def _pixels(instance: Instance, result: Result, options: DeidentifyOptions) -> tuple[Pixels | None, str]:
    """Return the pixel data to be written and what is to be said of it; the result then says the same."""
    if instance.pixel_data is None:
        return None, ""
    if not options.blank:
        return PassedThrough(instance), ""
    from dicomtui.deidentify.blanking import blanked  # which needs numpy and the codecs

    new = blanked(instance, options.blank)
    for tag, element in new.changes.items():
        result.dataset[tag] = element
    result.dataset.file_meta.TransferSyntaxUID = UID(new.transfer_syntax)
    return new.pixels, new.note


def _record(task: Task, result: Result, options: DeidentifyOptions, cleaned: bool) -> FileRecord:
    return FileRecord(
        task.number,
        "written",
        actions=_counted(result),
        problems=tuple(result.problems),
        new_sop_instance_uid=result.new_sop_instance_uid,
        new_series_instance_uid=result.new_series_instance_uid,
        new_study_instance_uid=result.new_study_instance_uid,
        new_patient_id=result.new_patient_id,
        codes=tuple(code.value for code in method_codes(options, pixels_cleaned=cleaned)),
    )


def _counted(result: Result) -> ActionCounts:
    counts = Counter((_without_items(action.path), action.rule) for action in result.actions)
    return tuple((path, rule, count) for (path, rule), count in counts.items())


def _without_items(path: str) -> str:
    """Return a tag path without its item numbers: ``(0040,0275).(0040,0007)``."""
    return ".".join(part.partition("[")[0] for part in path.split(".")) if "[" in path else path


def _subject(result: Result) -> tuple[str, str]:
    """Return what stands for a patient; one without an ID is as many patients as there are studies."""
    old = result.old_patient_id
    return ("patient", old) if old else ("study", result.old_study_instance_uid)


def _identity(result: Result) -> Identity:
    return Identity(
        result.old_patient_id,
        result.old_study_instance_uid,
        result.old_series_instance_uid,
        result.old_sop_instance_uid,
    )


def _unmade(task: Task, outcome: Literal["skipped", "failed"], reason: str) -> Made:
    return Made(FileRecord(task.number, outcome, reason=reason))


def _reason(error: DicomTuiError, address: str) -> str:
    """Return what an error says, but no name of a file, and no words of a library: those may quote values."""
    cause = error.__cause__
    if isinstance(cause, OSError):
        said = (cause.strerror or "unknown error").lower()
        return f"cannot be {'written' if isinstance(error, WriteError) else 'read'} ({said})"
    if cause is not None and not isinstance(cause, DicomTuiError):
        return f"cannot be {'written' if isinstance(error, WriteError) else 'read'} ({type(cause).__name__})"
    text = str(error)
    for name in (address, address.partition(SEPARATOR)[0]):
        text = text.replace(f"{safe_line(name)}: ", "")
    return safe_line(text, 300)
