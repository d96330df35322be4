"""Patients, their studies, and the series of these, out of the rows of an index."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from dicomtui.archive.series import NaturalKey, natural_key

if TYPE_CHECKING:
    from dicomtui.archive.index import SeriesRow

_DATE = re.compile(r"[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
"""DA; dots between, which ACR-NEMA had, are left out before."""


@dataclass(frozen=True)
class Series:
    """A series of one study."""

    row: "SeriesRow"


class _Counted:
    """What can be summed over series."""

    @property
    def rows(self) -> "Iterator[SeriesRow]":
        """The rows of the series in it."""
        raise NotImplementedError

    @property
    def instances(self) -> int:
        """How many instances there are."""
        return sum(row.instances for row in self.rows)

    @property
    def size(self) -> int:
        """Bytes of all instances."""
        return sum(row.size for row in self.rows)

    @property
    def modalities(self) -> tuple[str, ...]:
        """Each Modality (0008,0060) that occurs, in alphabetical order."""
        return tuple(sorted({row.modality for row in self.rows if row.modality}))


@dataclass(frozen=True)
class Study(_Counted):
    """A study of one patient; its attributes are those of its first series that has them."""

    study_instance_uid: str
    study_date: str
    study_time: str
    study_id: str
    accession_number: str
    study_description: str
    series: tuple[Series, ...]
    """By Series Number, then date and description."""

    @property
    def rows(self) -> "Iterator[SeriesRow]":
        """The rows of its series."""
        return (series.row for series in self.series)


@dataclass(frozen=True)
class Patient(_Counted):
    """A patient, told by Patient ID and Patient's Name together: either may be missing or be used twice."""

    patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    studies: tuple[Study, ...]
    """By date and time."""

    @property
    def rows(self) -> "Iterator[SeriesRow]":
        """The rows of all its series."""
        return (row for study in self.studies for row in study.rows)

    @property
    def series_count(self) -> int:
        """How many series there are."""
        return sum(len(study.series) for study in self.studies)


def hierarchy(rows: "Iterable[SeriesRow]") -> list[Patient]:
    """Return the patients of an archive, in natural order of their names.

    Parameters
    ----------
    rows : iterable of SeriesRow
        In any order, which does not count.
    """
    ordered = sorted(rows, key=_patient_order)
    return [_patient(list(group)) for _, group in groupby(ordered, key=_patient_of)]


def dates(rows: "Iterable[SeriesRow]") -> tuple[str, str]:
    """Return the first and the last Study Date (0008,0020), ``""`` where no row has one that is a date."""
    known = [date for row in rows if _DATE.fullmatch(date := row.study_date.replace(".", ""))]
    return (min(known), max(known)) if known else ("", "")


def _patient(rows: "list[SeriesRow]") -> Patient:
    rows.sort(key=_series_order)
    by_uid: dict[str, list[SeriesRow]] = {}
    for row in rows:
        by_uid.setdefault(row.study_instance_uid, []).append(row)
    studies = sorted(map(_study, by_uid.values()), key=_study_order)
    first = rows[0]
    return Patient(
        patient_id=first.patient_id,
        patient_name=first.patient_name,
        patient_birth_date=_first(row.patient_birth_date for row in rows),
        patient_sex=_first(row.patient_sex for row in rows),
        studies=tuple(studies),
    )


def _study(rows: "list[SeriesRow]") -> Study:
    return Study(
        study_instance_uid=rows[0].study_instance_uid,
        study_date=_first(row.study_date for row in rows),
        study_time=_first(row.study_time for row in rows),
        study_id=_first(row.study_id for row in rows),
        accession_number=_first(row.accession_number for row in rows),
        study_description=_first(row.study_description for row in rows),
        series=tuple(map(Series, rows)),
    )


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")


# --- orders ---


def _patient_of(row: "SeriesRow") -> tuple[str, str]:
    return row.patient_name, row.patient_id


def _patient_order(row: "SeriesRow") -> tuple[NaturalKey, NaturalKey]:
    return natural_key(row.patient_name), natural_key(row.patient_id)


def _study_order(study: Study) -> tuple[str, str, str]:
    return study.study_date, study.study_time, study.study_instance_uid


def _series_order(row: "SeriesRow") -> tuple[bool, int, str, str, NaturalKey, str]:
    number = row.series_number
    when = row.series_date, row.series_time
    return number is None, number or 0, *when, natural_key(row.series_description), row.series_instance_uid
