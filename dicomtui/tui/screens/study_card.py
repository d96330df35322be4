"""What is known of a row of the tree, as a page."""

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.cells import set_cell_size

from dicomtui.archive.hierarchy import Patient, Series, Study
from dicomtui.archive.series import Stack
from dicomtui.text import safe_line
from dicomtui.tui.screens.reader import ReaderScreen
from dicomtui.tui.widgets.nodes import Node
from dicomtui.wording import count_text, date_text, path_text, size_text

if TYPE_CHECKING:
    from dicomtui.archive.header import Header

Pair = tuple[str, str]


_NAMES = 28
"""Cells that names take."""


def card_screen(node: Node, width: int, pinned: Sequence[Pair] = ()) -> ReaderScreen:
    """Return a page about the row of *node* and the rows above it, what is wrong with it first.

    Parameters
    ----------
    node : Node
        The row.
    width : int
        Cells that a line may have.
    pinned : sequence of pairs of str
        What a person wants first of the instance that the row is.
    """
    sections: list[Sequence[Pair]] = [_noticed(node), pinned]
    above: Node | None = node
    while above is not None and above.parent is not None:
        sections.append(_section(above))
        above = above.parent
    return ReaderScreen(node.label, _page(sections, width))


def instance_card_screen(
    path: str, width: int, pinned: Sequence[Pair], groups: Mapping[str, Sequence[Pair]]
) -> ReaderScreen:
    """Return a page about the instance on the screen: what is pinned of it, then all that its card has.

    Parameters
    ----------
    path : str
        The file, or the address of a member.
    width : int
        Cells that a line may have.
    pinned : sequence of pairs of str
        What a person wants first.
    groups : mapping
        Patient, study, series and image, as pairs of name and text.
    """
    known = {name for name, _ in pinned}
    rest = [[pair for pair in pairs if pair[0] not in known] for pairs in groups.values()]
    return ReaderScreen(path_text(path), _page([pinned, *rest, [("File", path)]], width))


def _page(sections: Iterable[Sequence[Pair]], width: int) -> str:
    lines: list[str] = []
    for pairs in sections:
        shown = [(name, text) for name, text in pairs if text]
        lines += [line for name, text in shown for line in _wrapped(name, text, width)]
        lines += [""] if shown else []
    return "\n".join(lines[:-1])


def _wrapped(name: str, text: str, width: int) -> list[str]:
    """Return the lines of a name and its text, which is broken at spaces or, as a path is, anywhere."""
    parts = wrap(safe_line(text, 1024), max(16, width - _NAMES - 1), break_on_hyphens=False)
    names = [set_cell_size(name, _NAMES), *(" " * _NAMES for _ in parts)]
    return [f"{left} {part}" for left, part in zip(names, parts, strict=False)]


def _noticed(node: Node) -> list[Pair]:
    """Return what is odd about the series or stack that the row is, or stands in."""
    place: Node | None = node
    while place is not None and not place.findings:
        place = place.parent
    return [("Noticed", sentence) for _, sentence in place.findings] if place is not None else []


def _section(node: Node) -> list[Pair]:
    match node.about:
        case Patient():
            return _patient(node.about)
        case Study():
            return _study(node.about)
        case Series():
            return _series(node.about)
        case Stack():
            return [("Stack", f"{node.label}  {node.detail}")]
    if node.header is not None:
        return _instance(node.header)
    return [("Folder" if node.expandable else "File", node.path or node.label), ("", node.detail)]


def _patient(patient: Patient) -> list[Pair]:
    return [
        ("Patient", patient.patient_name),
        ("Patient ID", patient.patient_id),
        ("Birth date", date_text(patient.patient_birth_date)),
        ("Sex", patient.patient_sex),
        ("Studies", str(len(patient.studies))),
        ("Instances", f"{patient.instances:,}, {size_text(patient.size)}"),
    ]


def _study(study: Study) -> list[Pair]:
    return [
        ("Study", study.study_description),
        ("Date", f"{date_text(study.study_date)} {_time(study.study_time)}".strip()),
        ("Accession number", study.accession_number),
        ("Study ID", study.study_id),
        ("Series", str(len(study.series))),
        ("Instances", f"{study.instances:,}, {size_text(study.size)}"),
        ("Study UID", study.study_instance_uid),
    ]


def _series(series: Series) -> list[Pair]:
    row = series.row
    frames = f", {count_text(row.frames, 'frame')}" if row.frames > row.instances else ""
    return [
        (
            "Series",
            f"{row.series_number if row.series_number is not None else ''} {row.series_description}".strip(),
        ),
        ("Modality", row.modality),
        ("Body part", row.body_part_examined),
        ("Date", f"{date_text(row.series_date)} {_time(row.series_time)}".strip()),
        ("Device", f"{row.manufacturer} {row.manufacturer_model_name}".strip()),
        ("Instances", f"{row.instances:,}{frames}, {size_text(row.size)}"),
        ("Series UID", row.series_instance_uid),
    ]


def _instance(header: "Header") -> list[Pair]:
    from dicomtui.dataset.dictionary import uid_name

    position = header.image_position
    spacing = header.pixel_spacing
    return [
        ("File", header.path),
        ("Size", size_text(header.size)),
        ("Instance number", "" if header.instance_number is None else str(header.instance_number)),
        ("SOP class", uid_name(header.sop_class_uid) or header.sop_class_uid),
        ("Transfer syntax", uid_name(header.transfer_syntax) or header.transfer_syntax),
        ("Image type", header.image_type),
        ("Rows × columns", f"{header.rows} × {header.columns}" if header.has_pixels else ""),
        ("Frames", f"{header.number_of_frames:,}" if (header.number_of_frames or 1) > 1 else ""),
        ("Pixel spacing", f"{spacing[0]:g} × {spacing[1]:g} mm" if spacing else ""),
        ("Slice thickness", f"{header.slice_thickness:g} mm" if header.slice_thickness is not None else ""),
        ("Position", ", ".join(f"{part:g}" for part in position) + " mm" if position else ""),
        ("SOP Instance UID", header.sop_instance_uid),
    ]


def _time(time: str) -> str:
    """Return a TM value as ``14:05:09``; anything else as it is."""
    whole = time.partition(".")[0]
    if len(whole) == 6 and whole.isdigit():
        return f"{whole[:2]}:{whole[2:4]}:{whole[4:]}"
    return time
