"""A report as values for JSON."""

from dicomtui.archive.inventory import Values, patient_values, series_values, study_values
from dicomtui.archive.report import Report, SeriesFinding


def report_values(report: Report) -> Values:
    """Return a report as plain values; attributes stand under their keywords."""
    return {
        "path": report.path,
        "when": report.when,
        **report.totals(),
        "first_study_date": report.first_date or None,
        "last_study_date": report.last_date or None,
        "modalities": [{"value": one.value or None, "instances": one.instances} for one in report.modalities],
        "sop_classes": [one._asdict() for one in report.sop_classes],
        "transfer_syntaxes": [one._asdict() for one in report.transfer_syntaxes],
        "skipped_by_reason": [one._asdict() for one in report.skipped],
        "identifiers": [one._asdict() for one in report.identities],
        "findings": [_finding_values(one) for one in report.series_findings],
        "studies_by_patient": [
            {
                **patient_values(patient),
                "studies": [
                    {**study_values(study), "series": [series_values(row) for row in study.rows]}
                    for study in patient.studies
                ],
            }
            for patient in report.patients
        ],
    }


def _finding_values(one: SeriesFinding) -> Values:
    row = one.row
    return {
        "PatientID": row.patient_id or None,
        "StudyInstanceUID": row.study_instance_uid or None,
        "SeriesInstanceUID": row.series_instance_uid or None,
        "SeriesNumber": row.series_number,
        "SeriesDescription": row.series_description or None,
        "stack": one.stack or None,
        "mark": one.finding.mark,
        "sentence": one.finding.sentence,
    }
