"""What an archive holds, as plain values under the keywords of DICOM: for JSON, and as rows of a table."""

from typing import TYPE_CHECKING

from dicomtui.archive.header import ATTRIBUTES, Header

if TYPE_CHECKING:
    from dicomtui.archive.hierarchy import Patient, Study
    from dicomtui.archive.index import SeriesRow

Values = dict[str, object]

KEYWORDS = {
    "transfer_syntax": "TransferSyntaxUID",
    **{field: attribute.keyword for field, attribute in zip(Header._fields[3:], ATTRIBUTES, strict=True)},
}
"""The keyword of each field of a header that is an attribute."""

_PATIENT = ("patient_id", "patient_name", "patient_birth_date", "patient_sex")
_STUDY = (
    "study_instance_uid",
    "study_date",
    "study_time",
    "study_id",
    "accession_number",
    "study_description",
)
_SERIES = (
    "series_instance_uid",
    "series_number",
    "series_date",
    "series_time",
    "series_description",
    "modality",
    "body_part_examined",
    "manufacturer",
    "manufacturer_model_name",
)
_INSTANCE = (
    "sop_instance_uid",
    "sop_class_uid",
    "transfer_syntax",
    *(
        field
        for field in KEYWORDS
        if field not in (*_PATIENT, *_STUDY, *_SERIES, "transfer_syntax") and not field.startswith("sop_")
    ),
)

_FIELDS = (*_PATIENT, *_STUDY, *_SERIES, *_INSTANCE)
COLUMNS = ("path", "size", *(KEYWORDS[field] for field in _FIELDS))
"""The columns of a table of instances."""


def patient_values(patient: "Patient") -> Values:
    """Return the attributes of a patient; None where there is no value."""
    return {
        **_values(patient, _PATIENT),
        "NumberOfPatientRelatedStudies": len(patient.studies),
        "NumberOfPatientRelatedSeries": patient.series_count,
        "NumberOfPatientRelatedInstances": patient.instances,
    }


def study_values(study: "Study") -> Values:
    """Return the attributes of a study; None where there is no value."""
    return {
        **_values(study, _STUDY),
        "ModalitiesInStudy": list(study.modalities),
        "NumberOfStudyRelatedSeries": len(study.series),
        "NumberOfStudyRelatedInstances": study.instances,
    }


def series_values(row: "SeriesRow") -> Values:
    """Return the attributes of a series; None where there is no value."""
    return {**_values(row, _SERIES), "NumberOfSeriesRelatedInstances": row.instances, "size": row.size}


def instance_values(header: Header, path: str) -> Values:
    """Return the attributes that an instance has of its own.

    Parameters
    ----------
    header : Header
        What is known of it.
    path : str
        The name under which it is wanted.
    """
    values = {KEYWORDS[field]: _plain(getattr(header, field)) for field in _INSTANCE}
    known = {keyword: value for keyword, value in values.items() if value is not None}
    return {"SOPInstanceUID": None, **known, "path": path, "size": header.size}


def instance_row(header: Header, path: str) -> list[object]:
    """Return the cells of :data:`COLUMNS`: numbers as such, several values with a backslash between."""
    return [path, header.size, *(_cell(getattr(header, field)) for field in _FIELDS)]


def _values(holder: object, fields: tuple[str, ...]) -> Values:
    return {KEYWORDS[field]: _plain(getattr(holder, field)) for field in fields}


def _plain(value: object) -> object:
    """Return a value as JSON has it: None for ``""``, several as a list."""
    if isinstance(value, str):
        return (value.split("\\") if "\\" in value else value) or None
    return list(value) if isinstance(value, tuple) else value


def _cell(value: object) -> object:
    return "\\".join(f"{number:.16g}" for number in value) if isinstance(value, tuple) else value
