"""The texts of patients, studies, series and instances in the studies tree."""

import os
from typing import TYPE_CHECKING

from dicomtui.tui.widgets.nodes import Kind, Node
from dicomtui.wording import count_text, date_text, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicomtui.archive.header import Header
    from dicomtui.archive.hierarchy import Patient, Series, Study
    from dicomtui.archive.index import SeriesRow
    from dicomtui.archive.series import Stack


SeriesKey = tuple[str, str, str, str]


def series_key(row: "SeriesRow") -> SeriesKey:
    """Return what tells a series from all others, of other patients too."""
    return row.patient_id, row.patient_name, row.study_instance_uid, row.series_instance_uid


def patient_texts(patient: "Patient") -> tuple[str, str]:
    """Return the label and the detail of a patient's row."""
    label = patient.patient_name or patient.patient_id or "no name, no ID"
    number = patient.patient_id if patient.patient_name not in ("", patient.patient_id) else ""
    return label, _joined(
        number,
        patient.patient_sex,
        date_text(patient.patient_birth_date),
        count_text(len(patient.studies), "study", "studies"),
        count_text(patient.instances, "instance"),
        size_text(patient.size),
    )


def study_texts(study: "Study") -> tuple[str, str]:
    """Return the label and the detail of a study's row."""
    label = _joined(date_text(study.study_date), study.study_description or study.study_id)
    return label or study.study_instance_uid or "no Study Instance UID", _joined(
        " ".join(study.modalities),
        count_text(len(study.series), "series", "series"),
        count_text(study.instances, "instance"),
        size_text(study.size),
        study.accession_number and f"accession {study.accession_number}",
    )


def series_texts(series: "Series") -> tuple[str, str]:
    """Return the label and the detail of a series' row."""
    row = series.row
    number = "" if row.series_number is None else str(row.series_number)
    label = _joined(row.modality, number, row.series_description, between=" ")
    frames = f"{row.frames:,} frames" if row.frames > row.instances else ""
    return label or row.series_instance_uid or "no Series Instance UID", _joined(
        count_text(row.instances, "instance"),
        frames,
        row.body_part_examined,
        size_text(row.size),
        date_text(row.series_date) if row.series_date != row.study_date else "",
    )


def instance_nodes(stacks: "Sequence[Stack]") -> list[Node]:
    """Return the rows below a series: its instances, or its stacks where there are several."""
    if len(stacks) == 1:
        return [_instance(header) for header in stacks[0].headers]
    nodes = []
    for stack in stacks:
        node = Node(stack.label, Kind.RECORD, detail=count_text(len(stack.headers), "instance"), about=stack)
        node.findings = findings_of([stack])
        node.adopt([_instance(header) for header in stack.headers])
        nodes.append(node)
    return nodes


def findings_of(stacks: "Sequence[Stack]") -> list[tuple[str, str]]:
    """Return what is odd about stacks, each mark once, sentences with the stack where there are several.

    A few files may be read for that.
    """
    from dicomtui.archive.cut_files import cut_finding

    cut = cut_finding([header for stack in stacks for header in stack.headers])
    found = {} if cut is None else {cut.mark: cut.sentence}
    for stack in stacks:
        for finding in stack.findings:
            sentence = f"{stack.label}: {finding.sentence}" if len(stacks) > 1 else finding.sentence
            found[finding.mark] = f"{found[finding.mark]}; {sentence}" if finding.mark in found else sentence
    return list(found.items())


def _instance(header: "Header") -> Node:
    number = "" if header.instance_number is None else f"#{header.instance_number}"
    name = os.path.basename(header.path)
    frames = f"{header.number_of_frames} frames" if (header.number_of_frames or 1) > 1 else ""
    matrix = f"{header.columns}×{header.rows}" if header.has_pixels else ""
    detail = _joined(name if number else "", frames, matrix, size_text(header.size))
    return Node(number or name, Kind.INSTANCE, header.path, detail=detail, header=header)


def _joined(*parts: str, between: str = "  ") -> str:
    return between.join(part for part in parts if part)
