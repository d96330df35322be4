"""What an archive holds and what is odd about it, as values: the renderings are modules of their own."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.archive.cut_files import cut_finding, endless_finding
from dicomtui.archive.hierarchy import Patient, dates, hierarchy
from dicomtui.archive.identities import identity_findings
from dicomtui.archive.series import stacks
from dicomtui.archive.unread import is_failure

if TYPE_CHECKING:
    from dicomtui.archive.index import Index, SeriesRow
    from dicomtui.archive.quality import Finding


class Count(NamedTuple):
    """How many instances have one value."""

    value: str
    """``""`` for those without."""
    instances: int


class UidCount(NamedTuple):
    """How many instances have one UID."""

    uid: str
    name: str
    """What the standard calls it, ``""`` if it does not know it."""
    instances: int


class ReasonCount(NamedTuple):
    """How many files were skipped for one reason."""

    reason: str
    files: int
    example: str
    """Path of the first."""
    is_failure: bool
    """Whether they may hold instances."""


class SeriesFinding(NamedTuple):
    """Something odd about a series, or about one of its stacks."""

    row: "SeriesRow"
    stack: str
    """Label of the stack, ``""`` if it is the only one."""
    finding: "Finding"


@dataclass(frozen=True)
class Report:
    """All that is said of an archive."""

    path: str
    when: str
    """Local time of the report, as ISO 8601 has it."""
    patients: list[Patient]
    first_date: str
    """The earliest Study Date (0008,0020), ``""`` if no study has one."""
    last_date: str
    modalities: list[Count]
    sop_classes: list[UidCount]
    transfer_syntaxes: list[UidCount]
    skipped: list[ReasonCount]
    identities: "list[Finding]"
    """Identifiers that are missing or stand for several things."""
    series_findings: list[SeriesFinding]

    @property
    def rows(self) -> "Iterator[SeriesRow]":
        """The rows of all series."""
        return (row for patient in self.patients for row in patient.rows)

    def totals(self) -> dict[str, int]:
        """Return the sums over everything, by name."""
        rows = list(self.rows)
        return {
            "patients": len(self.patients),
            "studies": sum(len(patient.studies) for patient in self.patients),
            "series": len(rows),
            "instances": sum(row.instances for row in rows),
            "images": sum(row.images for row in rows),
            "frames": sum(row.frames for row in rows),
            "size": sum(row.size for row in rows),
            "skipped": sum(count.files for count in self.skipped),
        }


def judge(index: "Index") -> Iterator[list[SeriesFinding]]:
    """Yield for each series, in the order of the hierarchy, what is odd about it; mostly nothing is."""
    for patient in hierarchy(index.series()):
        for row in patient.rows:
            headers = index.headers_of(row)
            cut = (cut_finding(headers), endless_finding(headers))
            yield [
                *(SeriesFinding(row, "", finding) for finding in cut if finding is not None),
                *(
                    SeriesFinding(row, stack.label, finding)
                    for stack in (stacks(headers) if row.instances > 1 else ())
                    for finding in stack.findings
                ),
            ]


def make_report(index: "Index", findings: Sequence[SeriesFinding], path: str, when: str) -> Report:
    """Return the report of what is in an index.

    Parameters
    ----------
    index : Index
        Brought up to date.
    findings : sequence of SeriesFinding
        All that :func:`judge` has found.
    path : str
        What the report is called after.
    when : str
        The time that stands on it.
    """
    rows = index.series()
    first, last = dates(rows)
    return Report(
        path=path,
        when=when,
        patients=hierarchy(rows),
        first_date=first,
        last_date=last,
        modalities=[Count(*pair) for pair in _ordered(index.count_by("modality"))],
        sop_classes=_uids(index.count_by("sop_class_uid")),
        transfer_syntaxes=_uids(index.count_by("transfer_syntax")),
        skipped=_reasons(index),
        identities=identity_findings(rows),
        series_findings=list(findings),
    )


def _ordered(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _uids(counts: dict[str, int]) -> list[UidCount]:
    from dicomtui.dataset.dictionary import uid_name  # loads pydicom

    return [UidCount(uid, uid_name(uid), count) for uid, count in _ordered(counts)]


def _reasons(index: "Index") -> list[ReasonCount]:
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for skipped in index.skipped():
        counts[skipped.reason] += 1
        examples[skipped.reason] = min(skipped.source, examples.get(skipped.reason, skipped.source))
    found = (
        ReasonCount(reason, count, examples[reason], is_failure(reason)) for reason, count in counts.items()
    )
    return sorted(found, key=lambda one: (not one.is_failure, -one.files, one.reason))


def series_name(row: "SeriesRow") -> str:
    """Return what a person calls a series: whose, of which day, and which."""
    from dicomtui.wording import date_text

    number = "" if row.series_number is None else str(row.series_number)
    name = " ".join(filter(None, (row.modality, number, row.series_description)))
    parts = (row.patient_name or row.patient_id, date_text(row.study_date), name or row.series_instance_uid)
    return " / ".join(filter(None, parts)) or "(no name)"


def finding_texts(findings: "Iterable[SeriesFinding]") -> Iterator[tuple[str, str]]:
    """Yield the name of the series and the sentence of each finding."""
    for row, stack, finding in findings:
        yield series_name(row), f"{stack}: {finding.sentence}" if stack else finding.sentence
