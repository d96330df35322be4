"""The orders in which the studies tree can stand."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from dicomtui.archive.series import natural_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicomtui.archive.hierarchy import Patient, Series, Study


_natural_key = lru_cache(maxsize=1 << 16)(natural_key)  # the same names are sorted again while a scan runs


class Order(NamedTuple):
    """One way to sort patients, their studies and the series of these."""

    name: str
    patient: "Callable[[Patient], Any]"
    study: "Callable[[Study], Any]"
    series: "Callable[[Series], Any]"
    backwards: bool = False


def _name(patient: "Patient") -> object:
    return _natural_key(patient.patient_name or patient.patient_id)


def _when(study: "Study") -> tuple[str, str]:
    return study.study_date, study.study_time


def _number(series: "Series") -> object:
    number = series.row.series_number
    return number is None, number or 0, natural_key(series.row.series_description)


ORDERS = (
    Order("patient name, study date, series number", _name, _when, _number),
    Order(
        "newest study first",
        lambda patient: max(map(_when, patient.studies), default=("", "")),
        _when,
        lambda series: (series.row.series_date or series.row.study_date, series.row.series_time),
        backwards=True,
    ),
    Order(
        "modality",
        lambda patient: patient.modalities,
        lambda study: study.modalities,
        lambda series: (series.row.modality, _number(series)),
    ),
    Order(
        "description",
        _name,
        lambda study: natural_key(study.study_description),
        lambda series: natural_key(series.row.series_description),
    ),
    Order(
        "most instances first",
        lambda patient: patient.instances,
        lambda study: study.instances,
        lambda series: series.row.instances,
        backwards=True,
    ),
    Order(
        "largest first",
        lambda patient: patient.size,
        lambda study: study.size,
        lambda series: series.row.size,
        backwards=True,
    ),
)
