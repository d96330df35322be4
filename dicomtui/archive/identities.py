"""Identifiers that are missing or stand for several things: merged, copied or half anonymised data."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from dicomtui.archive.quality import Finding
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from dicomtui.archive.index import SeriesRow

_NAMED = 3
"""How many holders of one identifier a sentence names."""


def identity_findings(rows: "Iterable[SeriesRow]") -> list[Finding]:
    """Return which identifiers are missing, and which are used more than once.

    Parameters
    ----------
    rows : iterable of SeriesRow
        All series of an archive, in any order.
    """
    rows = list(rows)
    return [
        *_missing(rows, "Study Instance UID (0020,000D)", lambda row: row.study_instance_uid),
        *_missing(rows, "Series Instance UID (0020,000E)", lambda row: row.series_instance_uid),
        *_shared(
            rows, "Patient ID (0010,0020)", "names", lambda row: row.patient_id, lambda row: row.patient_name
        ),
        *_shared(
            rows, "Study Instance UID (0020,000D)", "patients", lambda row: row.study_instance_uid, _patient
        ),
        *_shared(
            rows,
            "Series Instance UID (0020,000E)",
            "studies",
            lambda row: row.series_instance_uid,
            lambda row: row.study_instance_uid,
        ),
    ]


def _missing(
    rows: "Iterable[SeriesRow]", identifier: str, value: "Callable[[SeriesRow], str]"
) -> Iterator[Finding]:
    without = [row for row in rows if not value(row)]
    count = sum(row.instances for row in without)
    if count:
        example = min(row.first_path for row in without)
        instances = f"{count_text(count, 'instance')} without {identifier}"
        yield Finding(instances, f"{instances}: {example}{' and others' if count > 1 else ''}.")


def _shared(
    rows: "Iterable[SeriesRow]",
    identifier: str,
    things: str,
    value: "Callable[[SeriesRow], str]",
    holder: "Callable[[SeriesRow], str]",
) -> Iterator[Finding]:
    holders: dict[str, set[str]] = {}
    for row in rows:
        if value(row):
            holders.setdefault(value(row), set()).add(holder(row))
    for shared, names in sorted(holders.items()):
        if len(names) > 1:
            named = ", ".join(name or "(none)" for name in sorted(names)[:_NAMED])
            more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
            yield Finding(
                f"{len(names)} {things}", f"{identifier} {shared} has {len(names):,} {things}: {named}{more}."
            )


def _patient(row: "SeriesRow") -> str:
    return " ".join(filter(None, (row.patient_name, row.patient_id and f"(ID {row.patient_id})")))
