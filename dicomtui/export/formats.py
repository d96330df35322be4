"""What can be written: each format with the suffix of its files, and what one file holds."""

import os
from typing import Literal, NamedTuple

Unit = Literal["frame", "instance", "series", "all"]


class Format(NamedTuple):
    """A kind of file."""

    name: str
    suffix: str
    """With its dot; empty where it depends on what is found."""
    units: tuple[Unit, ...]
    """What one file may hold, the usual first."""
    kind: Literal["picture", "movie", "numbers", "attributes", "dicom"]
    summary: str
    extra: str = ""
    """The extra of this program that has to be installed."""


FORMATS = {
    format.name: format
    for format in (
        Format("png", ".png", ("frame",), "picture", "a picture: 8 bits as shown, or 16 bits of values"),
        Format("jpeg", ".jpg", ("frame",), "picture", "a small picture with losses, 8 bits"),
        Format("webp", ".webp", ("frame",), "picture", "a small picture without losses, 8 bits"),
        Format("tiff", ".tif", ("instance", "frame"), "picture", "a page for each frame, 8 or 16 bits"),
        Format("sheet", ".png", ("series", "instance"), "picture", "a contact sheet with captions"),
        Format("gif", ".gif", ("series", "instance"), "movie", "a movie of 256 colours or greys"),
        Format("apng", ".apng", ("series", "instance"), "movie", "a movie without losses"),
        Format("webp-movie", ".webp", ("series", "instance"), "movie", "a small movie without losses"),
        Format("mp4", ".mp4", ("series", "instance"), "movie", "a movie with losses (H.264)", "video"),
        Format("npy", ".npy", ("instance", "frame"), "numbers", "a NumPy array"),
        Format("npz", ".npz", ("instance", "series"), "numbers", "NumPy arrays and where they lie"),
        Format("nifti", ".nii.gz", ("series",), "numbers", "a volume in patient coordinates", "nifti"),
        Format("csv", ".csv", ("instance", "all"), "attributes", "attributes as a table"),
        Format("json", ".json", ("instance",), "attributes", "attributes in the DICOM JSON Model"),
        Format("jsonl", ".jsonl", ("instance", "all"), "attributes", "attributes, a JSON object a line"),
        Format("text", ".txt", ("instance",), "attributes", "attributes as lines to read"),
        Format("dicom", ".dcm", ("instance",), "dicom", "copies, sorted into folders, or transcoded"),
        Format("enclosed", "", ("instance",), "dicom", "what is enclosed: PDF, CDA, STL, a video stream"),
    )
}
"""Name -> format."""

_SUFFIXES = {".jpeg": "jpeg", ".tiff": "tiff", ".nii": "nifti"} | {
    format.suffix: format.name
    for format in reversed(FORMATS.values())  # the first of two with one suffix
    if format.suffix
}


def format_of(path: str) -> tuple[Format, str] | None:
    """Return the format that the name of a file means, and its suffix as it is written; None for a folder."""
    name = os.path.basename(path)
    for suffix in sorted(_SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return FORMATS[_SUFFIXES[suffix]], name[-len(suffix) :]
    return None
