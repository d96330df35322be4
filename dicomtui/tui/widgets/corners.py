"""Texts in the corners of a picture: whose it is, of when, how it was made; chosen by modality.

A line is a template: ``{PatientName}`` stands for the value of an attribute. Parts of a line stand two spaces
apart; a part of which an attribute is absent is left out, and so are lines without parts.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from dicomtui.settings import CORNERS
from dicomtui.text import safe_line
from dicomtui.tui.widgets.edge_marks import Mark

Templates = Mapping[str, Sequence[str]]
"""Lines by corner."""
Lookup = Callable[[str], str]
"""Returns the text of an attribute by its keyword, empty where it is absent."""

_FIELD = re.compile(r"\{([A-Za-z0-9]+)\}")
_GAP = "  "
_COMMON = {
    "top_left": ("{PatientName}", "{PatientID}", "{PatientBirthDate}  {PatientSex}  {PatientAge}"),
    "top_right": (
        "{InstitutionName}",
        "{StudyDate}  {StudyTime}",
        "{StudyDescription}",
        "{SeriesNumber}:  {SeriesDescription}",
    ),
    "bottom_left": ("{Manufacturer}  {ManufacturerModelName}",),
    "bottom_right": ("{Place}", "{Window}"),
}
_XRAY = "{KVP} kV  {XRayTubeCurrent} mA  {Exposure} mAs"
_TECHNIQUE: Mapping[str, Sequence[str]] = {
    "CT": (_XRAY, "{SliceThickness} mm  {ConvolutionKernel}  {ContrastBolusAgent}"),
    "MR": (
        "TR {RepetitionTime}  TE {EchoTime}  TI {InversionTime}  {FlipAngle}°",
        "{MagneticFieldStrength} T  {SliceThickness} mm  {SequenceName}",
    ),
    "PT": ("{Units}  {DecayCorrection}", "{SliceThickness} mm  {ReconstructionMethod}"),
    "NM": ("{SeriesType}", "{SliceThickness} mm"),
    "US": ("{TransducerType}  {TransducerFrequency}", "{ProcessingFunction}"),
    "MG": (_XRAY, "{ImageLaterality}  {ViewPosition}  {BodyPartThickness} mm  {CompressionForce} N"),
    **dict.fromkeys(
        ("CR", "DX", "RF", "XA"), (_XRAY, "{BodyPartExamined}  {ViewPosition}  {ImageLaterality}")
    ),
}


def templates_for(modality: str, own: Mapping[str, Templates]) -> Templates:
    """Return the lines for a modality; a corner that the configuration has takes the place of ours."""
    technique = (*_COMMON["bottom_left"], *_TECHNIQUE.get(modality, ()))
    return {**_COMMON, "bottom_left": technique, **own.get("ALL", {}), **own.get(modality, {})}


def filled(template: str, lookup: Lookup) -> str:
    """Return a line with the values in it, safe to show."""
    parts = []
    for part in template.split(_GAP):
        values = [lookup(name).strip() for name in _FIELD.findall(part)]
        if all(values):
            texts = _FIELD.split(part)  # what stands around names, and the names
            texts[1::2] = values
            parts.append("".join(texts))
    return safe_line(_GAP.join(parts), 256)


def laid_out(templates: Templates, lookup: Lookup, columns: int, lines: int) -> dict[int, list[Mark]]:
    """Return the texts of all corners by line of the pane.

    They take up to a third of the lines above and below and half of the columns each; the last line is left
    to the ruler.

    Parameters
    ----------
    templates : mapping
        Lines by corner.
    lookup : callable
        Gives the values.
    columns, lines : int
        Of the pane.
    """
    marks: dict[int, list[Mark]] = {}
    most, room = lines // 3, columns // 2 - 1
    for corner in CORNERS if room > 3 else ():
        texts = [text for template in templates.get(corner, ()) if (text := filled(template, lookup))]
        for number, text in enumerate(texts[:most]):
            shown = text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip() + "…"
            line = number if corner.startswith("top") else lines - 1 - min(len(texts), most) + number
            column = 0 if corner.endswith("left") else columns - cell_len(shown)
            marks.setdefault(line, []).append(Mark(column, shown))
    return marks
