"""What the lines of the form of an export are about, in sentences."""

from typing import TYPE_CHECKING

from dicomtui.export.attributes import COLUMNS
from dicomtui.export.names import FILE, FRAME, PATH
from dicomtui.tui.screens.export_choices import AS_SHOWN

if TYPE_CHECKING:
    from dicomtui.tui.screens.export_choices import ExportChoices
    from dicomtui.tui.screens.export_subject import Subject

_ABOUT = {
    "format": "Space lists the formats, ← and → step through them",
    "annotations": "overlay planes are drawn by the device, often with the patient's name in them",
    "with_metadata": "names, dates and identifiers are then in every file, where pictures show none",
    "size": "pixels of the longer side; nothing for the picture's own",
    "sheet": "pictures across and down, for instance 4x5; more than fit go to further sheets",
    "columns": f"keywords or tags with commas between; nothing for {', '.join(COLUMNS[:4])} ...",
    "transfer_syntax": "copies are encoded anew without loss; what cannot be held without loss fails",
    "dicomdir": "a DICOMDIR, and names of 8 characters as it demands them",
    "template": f"text, keywords in braces with a width: {{InstanceNumber:04}}; {{{PATH}}} of the source,"
    f" {{{FILE}}}, {{{FRAME}}}; / makes folders",
    "output": "a folder; only you can read what is written",
    "overwrite": "for this time: else a file that exists stays, and the new one fails; DICOM files of the"
    " folders that are shown always stay",
}
_CHOSEN = {
    ("per", "frame"): "a file for each frame",
    ("per", "instance"): "all frames of an instance in one file",
    ("per", "series"): "all instances of a series in one file, in order",
    ("per", "all"): "one table with a row for each instance",
    ("stage", "display"): "8 bits as shown: through the window, or RGB",
    ("stage", "modality"): "after the Modality LUT: HU of a CT, SUV's basis of a PET",
    ("stage", "stored"): "the numbers as they stand in the file",
    ("window", "file"): "what the browser shows first: the file's own, or one that fits",
    ("window", "full"): "from the least to the greatest value of each frame",
    ("window", "auto"): "from the 1st to the 99th percentile of each frame",
    ("engine", "own"): "uneven spacing, gaps, gantry tilt and 4D are refused with a reason",
    ("engine", "dcm2niix"): "takes uneven spacing, gantry tilt, 4D series and mosaics too",
}


def explanation(name: str, choices: "ExportChoices", subject: "Subject") -> str:
    """Return what a line is about as it stands, ``""`` if there is nothing to say."""
    if name == "what":
        return subject.text(choices.what)
    if name == "window" and choices.window == AS_SHOWN:
        rule = subject.screen.window
        if isinstance(rule, str):
            return f"chosen as on the screen: {_CHOSEN['window', rule]}"
        return f"the window on the screen for every picture: {subject.screen.window_text}"
    return _CHOSEN.get((name, getattr(choices, name, ""))) or _ABOUT.get(name, "")
