"""What was chosen for an export, and what it means; texts that make no sense are said with their reason."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from dicomtui.export.formats import FORMATS, Format
from dicomtui.export.names import Template
from dicomtui.export.options import ExportOptions, Stage
from dicomtui.export.written_choices import columns_of, sheet_of, size_of

if TYPE_CHECKING:
    from dicomtui.export.formats import Unit
    from dicomtui.export.options import WindowChoice
    from dicomtui.imaging.processing import Chain
    from dicomtui.imaging.voi_lut import VoiLut
    from dicomtui.imaging.window import Window

AS_SHOWN = "as shown"
UNCHANGED = "as it is"
"""The Transfer Syntax of the source."""
STAGED = ("png", "tiff", "npy", "npz")
"""Formats that hold numbers other than what is shown."""
_MODULES = {"video": "av", "nifti": "nibabel", "dcm2niix": "dcm2niix"}
"""Extra -> what it installs."""


@dataclass(frozen=True)
class ExportChoices:
    """What was chosen, as the lines of the form say it."""

    format: str = "png"
    what: str = ""
    """``""`` for what is meant most likely; likewise below."""
    per: str = ""
    window: str = ""
    process: bool = True
    """Whether values are processed as those on the screen are."""
    stage: str = ""
    size: str = ""
    sheet: str = "4x5"
    annotations: bool = False
    with_metadata: bool = False
    columns: str = ""
    transfer_syntax: str = UNCHANGED
    dicomdir: bool = False
    engine: str = "own"
    template: str = ""
    output: str = ""
    overwrite: bool = False


def missing(extra: str) -> str:
    """Return what is to be installed for an extra, ``""`` if it is there."""
    if not extra or find_spec(_MODULES[extra]) is not None:
        return ""
    return f"pip install 'dicomtui[{extra}]'"


def usual_stage(format_name: str) -> Stage:
    """Return which numbers a format holds, unless others are asked for."""
    return "stored" if FORMATS[format_name].kind == "numbers" else "display"


def windowed(format: Format, stage: str) -> bool:
    """Whether a window has an effect."""
    if format.name == "nifti" or format.kind not in ("picture", "movie", "numbers"):
        return False
    return stage == "display" or format.name not in STAGED


def processable(format: Format, stage: str) -> bool:
    """Whether processing has an effect."""
    if format.name == "nifti" or format.kind not in ("picture", "movie", "numbers"):
        return False
    return format.name not in STAGED or stage != "stored"


def syntaxes() -> dict[str, str]:
    """Return the Transfer Syntaxes that copies can be written in: what a person calls them -> UID."""
    from dicomtui.imaging.encoders import ENCODABLE

    return {syntax.names[0]: uid for uid, syntax in ENCODABLE.items() if syntax.names}


def options_of(
    choices: ExportChoices,
    frames: tuple[int, ...] | None,
    shown: "Window | VoiLut | WindowChoice | None",
    process: "Chain | None" = None,
) -> ExportOptions:
    """Return what *choices* mean.

    Parameters
    ----------
    choices : ExportChoices
        As a form has filled them.
    frames : tuple of int or None
        The frames that are meant.
    shown : Window, VoiLut, str or None
        What ``as shown`` stands for.
    process : Chain, optional
        What is on the screen is processed by.

    Raises
    ------
    UsageError
        If a text makes no sense.
    """
    format = FORMATS[choices.format]
    pictured = format.kind in ("picture", "movie")
    stage = cast("Stage", choices.stage) if format.name in STAGED else "display"
    window: Window | VoiLut | WindowChoice = "file"
    if windowed(format, stage):
        window = shown or "file" if choices.window == AS_SHOWN else cast("WindowChoice", choices.window)
    has_columns = format.name == "csv" and choices.per == "all"
    is_copy = format.name == "dicom"
    dicomdir = is_copy and choices.dicomdir
    named = choices.template and not dicomdir and choices.per != "all"
    if named:
        Template.parse(choices.template)
    unchanged = not is_copy or choices.transfer_syntax == UNCHANGED
    return ExportOptions(
        format=format.name,
        unit=cast("Unit", choices.per),
        stage=stage,
        frames=frames,
        window=window,
        process=process if choices.process and processable(format, stage) else None,
        size=size_of(choices.size) if pictured and stage == "display" else None,
        annotations=pictured and stage == "display" and choices.annotations,
        sheet=sheet_of(choices.sheet) if format.name == "sheet" else ExportOptions.sheet,
        template=choices.template if named else None,
        with_metadata=pictured and choices.with_metadata,
        columns=columns_of(choices.columns) if has_columns else None,
        transfer_syntax=None if unchanged else syntaxes()[choices.transfer_syntax],
        dicomdir=dicomdir,
        engine="dcm2niix" if format.name == "nifti" and choices.engine == "dcm2niix" else "own",
        overwrite=choices.overwrite,
    )
