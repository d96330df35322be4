"""A report as lines of text."""

from collections.abc import Iterable, Iterator, Sequence

from dicomtui.archive.report import Report, UidCount, finding_texts
from dicomtui.text import safe_line
from dicomtui.wording import count_text, date_text, size_text

Row = tuple[str, ...]

_LONGEST = 60
"""Characters of a cell in front of others."""


def report_lines(report: Report) -> Iterator[str]:
    """Yield a report line by line, as safe text."""
    yield f"DICOM archive {safe_line(report.path)}, {report.when.replace('T', ' ')}"
    yield from _section("", summary(report))
    yield from _section(
        "Modalities", ((one.value or "(none)", f"{one.instances:,}") for one in report.modalities)
    )
    yield from _section("SOP Classes", map(_uid_row, report.sop_classes))
    yield from _section("Transfer Syntaxes", map(_uid_row, report.transfer_syntaxes))
    yield from _section("Skipped files", skipped_rows(report))
    yield from _sentences(
        "Identifiers that are missing or used more than once", (one.sentence for one in report.identities)
    )
    yield from _sentences(
        "Series that are odd",
        (f"{name}: {sentence}" for name, sentence in finding_texts(report.series_findings)),
    )
    yield from _section("Studies", study_rows(report))


def summary(report: Report) -> list[Row]:
    """Return the sums, each with its name."""
    totals = report.totals()
    first, last = date_text(report.first_date), date_text(report.last_date)
    return [
        *(
            (name.capitalize(), f"{totals[name]:,}")
            for name in ("patients", "studies", "series", "instances")
        ),
        ("Images", f"{totals['images']:,} with {count_text(totals['frames'], 'frame')}"),
        ("Size", size_text(totals["size"])),
        ("Study dates", " to ".join(sorted({first, last})) if first else "none"),
        ("Skipped files", f"{totals['skipped']:,}"),
        ("Odd series", f"{len({id(one.row) for one in report.series_findings}):,}"),
    ]


def skipped_rows(report: Report) -> Iterator[Row]:
    """Yield reason, number of files and an example; the files that should have been read come first."""
    for one in report.skipped:
        yield one.reason, f"{one.files:,}", one.example


def study_rows(report: Report) -> Iterator[Row]:
    """Yield patient, date, description, modalities, series, instances and size of each study."""
    for patient in report.patients:
        name = patient.patient_name or "(no name)"
        for study in patient.studies:
            yield (
                f"{name} ({patient.patient_id})" if patient.patient_id else name,
                date_text(study.study_date) or "(no date)",
                study.study_description or study.study_id,
                "/".join(study.modalities),
                f"{len(study.series):,} series",
                count_text(study.instances, "instance"),
                size_text(study.size),
            )


def _uid_row(count: UidCount) -> Row:
    return count.name or count.uid or "(none)", f"{count.instances:,}"


def _section(title: str, rows: Iterable[Row]) -> Iterator[str]:
    table = [tuple(safe_line(cell) for cell in row) for row in rows]
    if table:
        yield ""
        if title:
            yield title
        yield from _aligned(table)


def _aligned(table: Sequence[Row]) -> Iterator[str]:
    widths = [min(_LONGEST, max(map(len, column))) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield ("  " + "  ".join(cells)).rstrip()


def _sentences(title: str, sentences: Iterable[str]) -> Iterator[str]:
    lines = [f"  {safe_line(sentence)}" for sentence in sentences]
    if lines:
        yield ""
        yield title
        yield from lines
