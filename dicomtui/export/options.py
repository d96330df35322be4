"""What a person may choose for an export."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dicomtui.export.formats import Unit

if TYPE_CHECKING:
    from dicomtui.imaging.processing import Chain
    from dicomtui.imaging.voi_lut import VoiLut
    from dicomtui.imaging.window import Window

Stage = Literal["display", "modality", "stored"]
WindowChoice = Literal["file", "full", "auto"]
"""The one that a viewer would choose, all values, or percentiles of each frame."""

TEMPLATES = {
    "picture": "{Path}",
    "movie": "{Path}",
    "numbers": "{Path}",
    "attributes": "{Path}",
    "dicom": "{PatientID}/{StudyInstanceUID}/{SeriesNumber:03}-{Modality}/{InstanceNumber:05}",
}
"""Names by the kind of format, for instances and frames."""
SERIES_TEMPLATE = "{SeriesNumber:03}-{SeriesDescription}"
"""Names of files that hold a series."""


@dataclass(frozen=True)
class ExportOptions:
    """Everything about an export but its sources and its target."""

    format: str
    """A name of :data:`dicomtui.export.formats.FORMATS`."""
    suffix: str | None = None
    """Of the files; None for that of the format."""
    unit: Unit | None = None
    """What one file holds; None for the usual of the format."""
    stage: Stage = "display"
    frames: tuple[int, ...] | None = None
    """Numbers from 1; None for all."""
    window: "Window | VoiLut | WindowChoice" = "file"
    process: "Chain | None" = None
    """What is done to modality values before the window."""
    colour_map: str | None = None
    """Name of the colours for pictures without, of the stage display; None leaves them grey."""
    size: int | None = None
    """Pixels of the longer side; None for the picture's own."""
    annotations: bool = False
    """Whether overlay planes, which may show a name, are drawn."""
    sheet: tuple[int, int] = (4, 5)
    """Pictures across and down a contact sheet."""
    template: str | None = None
    """None for that of the kind in :data:`TEMPLATES`."""
    with_metadata: bool = False
    """Whether pictures and movies say which attributes they come from."""
    columns: tuple[str, ...] | None = None
    """Keywords of a table's columns; None for those that a person asks first."""
    transfer_syntax: str | None = None
    """A UID that copies are transcoded to; None for the source's own."""
    dicomdir: bool = False
    engine: Literal["own", "dcm2niix"] = "own"
    overwrite: bool = False
    mode: int = 0o600
    """Permission bits of what is written."""
