"""Validates many instances, in worker processes, and what must agree between them."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.header import Header, header_of
from dicomtui.archive.opening import open_instance
from dicomtui.dataset.findings import Finding, Severity, worst_first
from dicomtui.dataset.validation import validate
from dicomtui.errors import ReadError
from dicomtui.outcomes import Skipped
from dicomtui.pool import Lost
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from dicomtui.pool import Pool

BATCH = 16
"""Files that a worker validates before it reports."""


class Checked(NamedTuple):
    """One instance that was validated."""

    path: str
    findings: tuple[Finding, ...]
    header: Header
    frame_of_reference: str
    """Frame of Reference UID (0020,0052)."""


class ValidationStep(NamedTuple):
    """Some more instances."""

    checked: list[Checked]
    skipped: list[Skipped]
    """Files that cannot be read, or are not DICOM."""


class SeriesFinding(NamedTuple):
    """What does not agree between the instances of a study or series."""

    about: str
    """What a person calls it."""
    path: str
    """An instance to look at."""
    finding: Finding


def check(path: str, program: str = "") -> Checked:
    """Validate the instance at *path*, a file or the address of a member.

    Parameters
    ----------
    path : str
        What to validate.
    program : str
        Path of dciodvfy, whose findings are added; ``""`` does without.

    Raises
    ------
    ReadError
        If it is not DICOM, or cannot be read.
    """
    instance = open_instance(path)
    found = validate(instance)
    if program:
        from dicomtui.archive.dciodvfy import dciodvfy_findings

        found = worst_first(found + dciodvfy_findings(program, path))
    frame = str(instance.dataset.get("FrameOfReferenceUID") or "")
    return Checked(path, tuple(found), header_of(instance)._replace(path=path), frame)


def check_all(
    sources: Iterable[Sequence[str] | Skipped], pool: "Pool", program: str = ""
) -> Generator[ValidationStep, None, None]:
    """Validate files as they are found, in any order; an empty step means that nothing came for a while.

    Parameters
    ----------
    sources : iterable
        Paths and addresses, a few at a time, as :func:`~dicomtui.archive.gathering.gather` yields them.
    pool : Pool
        Does the work. To close the generator is to cancel.
    program : str
        Path of dciodvfy, or ``""``.
    """
    skipped: list[Skipped] = []
    for outcome in pool.map(partial(_check_batch, program), _batches(sources, skipped)):
        step = ValidationStep([], skipped.copy())
        skipped.clear()
        for path, found in zip(*outcome, strict=True) if outcome else ():
            if isinstance(found, Checked):
                step.checked.append(found)
            else:
                step.skipped.append(Skipped(path, found.reason if isinstance(found, Lost) else found))
        yield step
    if skipped:
        yield ValidationStep([], skipped)


def _batches(sources: Iterable[Sequence[str] | Skipped], skipped: list[Skipped]) -> Iterator[list[str]]:
    for found in sources:
        if isinstance(found, Skipped):
            skipped.append(found)
            continue
        if not found:
            yield []
        for start in range(0, len(found), BATCH):
            yield list(found[start : start + BATCH])


def _check_batch(program: str, paths: Sequence[str]) -> Iterator[list[Checked | str]]:
    """Validate some files, or say why that is impossible; in a worker."""
    for path in paths:
        try:
            yield [check(path, program)]
        except ReadError as error:
            yield [safe_line(str(error).removeprefix(f"{safe_line(path)}: "))]
        except OSError as error:
            yield [(error.strerror or "cannot be read").lower()]


# --- between instances ---

_Rule = tuple[str, str, Severity, str]
"""A field of the header, its name, how bad it is that it varies, and the clause of its module."""

_OF_STUDY: tuple["_Rule", ...] = (
    ("patient_id", "Patient ID (0010,0020)", "error", "C.7.1.1"),
    ("patient_name", "Patient's Name (0010,0010)", "error", "C.7.1.1"),
    ("patient_birth_date", "Patient's Birth Date (0010,0030)", "error", "C.7.1.1"),
    ("patient_sex", "Patient's Sex (0010,0040)", "error", "C.7.1.1"),
    ("study_date", "Study Date (0008,0020)", "error", "C.7.2.1"),
    ("study_time", "Study Time (0008,0030)", "error", "C.7.2.1"),
    ("study_id", "Study ID (0020,0010)", "error", "C.7.2.1"),
    ("accession_number", "Accession Number (0008,0050)", "error", "C.7.2.1"),
)
_OF_SERIES: tuple["_Rule", ...] = (
    ("study_instance_uid", "Study Instance UID (0020,000D)", "error", "C.7.2.1"),
    ("modality", "Modality (0008,0060)", "error", "C.7.3.1"),
    ("series_number", "Series Number (0020,0011)", "error", "C.7.3.1"),
    ("series_date", "Series Date (0008,0021)", "warning", "C.7.3.1"),
    ("series_description", "Series Description (0008,103E)", "warning", "C.7.3.1"),
    ("manufacturer", "Manufacturer (0008,0070)", "error", "C.7.5.1"),
    ("manufacturer_model_name", "Manufacturer's Model Name (0008,1090)", "error", "C.7.5.1"),
    ("sop_class_uid", "SOP Class UID (0008,0016)", "note", "C.12.1"),
)


class Consistency:
    """Collects instances, and says what does not agree between them.

    Texts name attributes and counts, never values: a report of a series must not repeat its names.
    """

    def __init__(self) -> None:
        self._series: dict[str, list[Checked]] = {}
        self._studies: dict[str, list[Checked]] = {}

    def add(self, checked: Iterable[Checked]) -> None:
        """Take some more instances into account."""
        for one in checked:
            bare = one._replace(findings=())
            if one.header.series_instance_uid:
                self._series.setdefault(one.header.series_instance_uid, []).append(bare)
            if one.header.study_instance_uid:
                self._studies.setdefault(one.header.study_instance_uid, []).append(bare)

    def findings(self) -> Iterator[SeriesFinding]:
        """Yield what does not agree: studies first, then series."""
        for members in self._studies.values():
            yield from _mixed(members, _OF_STUDY, f"study {_study(members[0].header)}")
        for members in self._series.values():
            about = f"series {_series(members[0].header)}"
            yield from _mixed(members, _OF_SERIES, about)
            yield from _mixed_frames(members, about)
            yield from _geometry(members, about)


def _mixed(members: list[Checked], rules: Sequence[_Rule], about: str) -> Iterator[SeriesFinding]:
    for field, name, severity, clause in rules:
        found = _odd(members, partial(_field, field))
        if found is not None:
            path, count = found
            text = f"{name} has {count:,} values in one {about.partition(' ')[0]}: it must have one"
            yield SeriesFinding(about, path, Finding(severity, (), text, f"PS3.3 {clause}"))


def _field(field: str, one: Checked) -> object:
    return getattr(one.header, field)


def _mixed_frames(members: list[Checked], about: str) -> Iterator[SeriesFinding]:
    found = _odd([one for one in members if one.frame_of_reference], lambda one: one.frame_of_reference)
    if found is not None:
        path, count = found
        text = f"Frame of Reference UID (0020,0052) has {count:,} values in one series: it must have one"
        yield SeriesFinding(about, path, Finding("error", (), text, "PS3.3 C.7.4.1"))


def _odd(members: list[Checked], value: "Callable[[Checked], object]") -> tuple[str, int] | None:
    """Return an instance of the rarest value, and how many values there are; None where there is one."""
    counts: dict[object, list[str]] = {}
    for one in members:
        counts.setdefault(value(one), []).append(one.path)
    if len(counts) < 2:
        return None
    return min(counts.values(), key=len)[0], len(counts)


def _geometry(members: list[Checked], about: str) -> Iterator[SeriesFinding]:
    """Yield what is odd about positions, sizes and copies of the images of a series."""
    from dicomtui.archive.series import stacks

    if len(members) < 2:
        return
    for stack in stacks(one.header for one in members):
        for oddity in stack.findings:
            text = f"{stack.label}: {oddity.sentence}" if stack.label else oddity.sentence
            finding = Finding("warning", (), text, "PS3.3 C.7.6.2")
            yield SeriesFinding(about, stack.headers[0].path, finding)


def _study(header: Header) -> str:
    return header.study_instance_uid


def _series(header: Header) -> str:
    number = "" if header.series_number is None else f"{header.series_number} "
    return f"{number}{header.modality} ({header.series_instance_uid})"
