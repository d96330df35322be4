"""Instances that are held back: their pixels, or what they enclose, may show who the patient is."""

import re

from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from dicomtui.dataset import dictionary
from dicomtui.dataset.raw_elements import Elements
from dicomtui.dataset.reading import Instance
from dicomtui.errors import DicomTuiError
from dicomtui.text import safe_line

_CLASS = "1.2.840.10008.5.1.4.1.1."
_CAPTURES = {
    "3.1": "ultrasound",
    "6.1": "ultrasound",
    "6.2": "ultrasound",
    "7": "a secondary capture",
    "7.1": "a secondary capture",
    "7.2": "a secondary capture",
    "7.3": "a secondary capture",
    "7.4": "a secondary capture",
    "77.1.1": "endoscopy",
    "77.1.1.1": "endoscopy",
    "77.1.4": "a photograph",
    "77.1.4.1": "a photograph",
    "77.1.5.1": "ophthalmic photography",
    "77.1.5.2": "ophthalmic photography",
}
_MODALITIES = {
    "US": "ultrasound",
    "IVUS": "ultrasound",
    "SC": "a secondary capture",
    "XC": "a photograph",
    "ES": "endoscopy",
    "OP": "ophthalmic photography",
    "DOC": "a document",
}
_ENCAPSULATED = _CLASS + "104."
_DIRECTORY = "1.2.840.10008.1.3.10"
DIRECTORY = "a DICOMDIR, which is made anew for what is written"
_UID = re.compile(r"(?=.{1,64}\Z)[0-9]+(?:\.[0-9]+)+")


class HeldBack(DicomTuiError):  # noqa: N818  it is no failure
    """An instance that is not written, because what it shows cannot be judged."""


class Refused(HeldBack):
    """An instance that cannot be de-identified at all, or need not be."""

    def __init__(self, message: str, *, is_directory: bool) -> None:
        super().__init__(message)
        self.is_directory = is_directory
        """Whether it is a DICOMDIR, which is made anew."""


def held_back(instance: Instance) -> str:
    """Return why *instance* must not be written unless a person takes the risk, or ``""``."""
    elements = instance.elements or {}
    sop_class = text_at(elements, 0x00080016) or text_at(elements, 0x00020002)
    known = dictionary.uid_name(sop_class)
    if "Storage" not in known:
        return f"its SOP Class (0008,0016) is unknown: {safe_line(sop_class, 64) or 'none'}"
    if sop_class.startswith(_ENCAPSULATED) or BaseTag(0x00420011) in elements:
        return "it encloses a document (0042,0011)"
    for tag, what in ((0x00280301, "burned-in annotation"), (0x00280302, "recognizable features")):
        if text_at(elements, tag).upper() == "YES":
            return f"it says that it has {what} {dictionary.format_tag(tag)}"
    if _has_embedded_overlay(elements):
        return "overlays are in the unused bits of its pixel data (60xx,0102)"
    return _captured(elements, sop_class)


def refused(instance: Instance) -> str:
    """Return why *instance* cannot be de-identified at all, or ``""``."""
    elements = instance.elements or {}
    if (text_at(elements, 0x00080016) or text_at(elements, 0x00020002)) == _DIRECTORY:
        return DIRECTORY
    sop_class = text_at(elements, 0x00080016) or text_at(elements, 0x00020002)
    if not is_uid(sop_class):
        return "it has no SOP Class UID (0008,0016)"
    if not (text_at(elements, 0x00080018) or text_at(elements, 0x00020003)):
        return "it has no SOP Instance UID (0008,0018)"
    return ""


def is_uid(text: str) -> bool:
    """Whether *text* has the characters and the length of a UID (PS3.5 9.1)."""
    return _UID.fullmatch(text) is not None


def text_at(elements: Elements, tag: int) -> str:
    """Return the value of an element of plain characters at the top of a Data Set, or ``""``."""
    element = elements.get(BaseTag(tag))
    if not isinstance(element, RawDataElement):
        return ""
    return (element.value or b"").decode("latin-1").strip(" \0")


def _captured(elements: Elements, sop_class: str) -> str:
    what = _CAPTURES.get(sop_class.removeprefix(_CLASS)) or _MODALITIES.get(text_at(elements, 0x00080060))
    if what:
        return f"it is {what}, which often shows text"
    if "SCREEN SAVE" in text_at(elements, 0x00080008).upper():
        return "it is a picture of a screen (0008,0008)"
    if text_at(elements, 0x00080064) not in ("", "SYN"):
        return "its pixels were converted from another medium (0008,0064)"
    return ""


def _has_embedded_overlay(elements: Elements) -> bool:
    return any(
        BaseTag(0x60000102 | group << 16) in elements and BaseTag(0x60003000 | group << 16) not in elements
        for group in range(0, 0x20, 2)
    )
