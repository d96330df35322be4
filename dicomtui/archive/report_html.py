"""A report as one HTML file: no scripts, nothing from elsewhere, good to read and to print."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from dicomtui.archive.report import Report, UidCount, finding_texts
from dicomtui.archive.report_text import skipped_rows, study_rows, summary
from dicomtui.text import safe_line

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1f24; background: #fff; }
h1 { font-size: 1.35rem; margin-bottom: .2rem; }
h2 { font-size: 1.05rem; margin: 1.8rem 0 .4rem; }
p { margin: 0; color: #57606a; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; overflow-wrap: anywhere;
  border-bottom: 1px solid #d8dee4; }
th { font-weight: 600; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
@media (prefers-color-scheme: dark) {
  body { color: #e6edf3; background: #0d1117; } p { color: #8b949e; } th, td { border-color: #30363d; } }
@media print {
  body { color: #000; background: #fff; font-size: 10pt; margin: 0; max-width: none; }
  th, td { border-color: #bbb; } tr { break-inside: avoid; } thead { display: table-header-group; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

Row = Sequence[str]


def report_page(report: Report) -> Iterator[str]:
    """Yield the lines of the page; every text of a file is escaped and safe."""
    title = f"DICOM archive {report.path}"
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_text(title)}</title><style>"
    yield from _STYLE.strip().splitlines()
    yield "</style></head><body>"
    yield f"<h1>{_text(title)}</h1><p>{_text(report.when.replace('T', ' '))}</p>"
    yield from _table("Summary", (), summary(report))
    yield from _table("Series that are odd", ("Series", "What is odd"), finding_texts(report.series_findings))
    yield from _table(
        "Identifiers that are missing or used more than once",
        (),
        ((one.sentence,) for one in report.identities),
    )
    yield from _table("Skipped files", ("Reason", "#Files", "For instance"), skipped_rows(report))
    modalities = ((one.value or "(none)", f"{one.instances:,}") for one in report.modalities)
    yield from _table("Modalities", ("Modality", "#Instances"), modalities)
    yield from _table("SOP Classes", ("Name", "UID", "#Instances"), map(_uid_row, report.sop_classes))
    yield from _table(
        "Transfer Syntaxes", ("Name", "UID", "#Instances"), map(_uid_row, report.transfer_syntaxes)
    )
    yield from _table(
        "Studies",
        ("Patient", "Date", "Description", "Modalities", "#Series", "#Instances", "#Size"),
        study_rows(report),
    )
    yield "</body></html>"


def _table(title: str, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield a table if there is a row; a column whose name begins with # holds numbers."""
    heading: str | None = f"<h2>{_text(title)}</h2><table>"
    numeric = [column.startswith("#") for column in columns]
    for row in rows:
        if heading is not None:
            yield heading
            heading = None
            if columns:
                yield f"<thead>{_row(numeric, [name.lstrip('#') for name in columns], 'th')}</thead>"
        yield _row(numeric or [False] * len(row), row, "td")
    if heading is None:
        yield "</table>"


def _row(numeric: Sequence[bool], cells: Row, element: str) -> str:
    parts = (
        f"<{element}{' class=number' if is_number else ''}>{_text(cell)}</{element}>"
        for is_number, cell in zip(numeric, cells, strict=True)
    )
    return f"<tr>{''.join(parts)}</tr>"


def _uid_row(count: UidCount) -> Row:
    return count.name or "(unknown)", count.uid or "(none)", f"{count.instances:,}"


def _text(text: str) -> str:
    return escape(safe_line(text))
