"""What a person may choose: options of PS3.15 E.3, presets, and the codes that are claimed for them."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Dates = Literal["removed", "shifted", "kept"]
"""Removed, moved by days of the patient's own (Modified Dates), or as they are (Full Dates)."""


class Rectangle(NamedTuple):
    """A region of all frames that is made black, in pixels; right and bottom are behind the last ones."""

    left: int
    top: int
    right: int
    bottom: int


class MethodCode(NamedTuple):
    """A code of CID 7050 (PS3.16), scheme DCM."""

    value: str
    meaning: str


@dataclass(frozen=True)
class DeidentifyOptions:
    """The Basic Profile with the options of PS3.15 E.3 that were chosen."""

    retain_uids: bool = False
    retain_device_identity: bool = False
    retain_institution_identity: bool = False
    retain_patient_characteristics: bool = False
    dates: Dates = "removed"
    retain_safe_private: bool = False
    clean_descriptors: bool = False
    clean_structured_content: bool = False
    clean_graphics: bool = False
    blank: tuple[Rectangle, ...] = field(default=())
    allow_pixel_risk: bool = False

    @property
    def columns(self) -> frozenset[str]:
        """The option columns of Table E.1-1 that were chosen, by their names in the data file."""
        chosen = {name for name in _COLUMNS if getattr(self, name)}
        if self.dates != "removed":
            chosen.add("retain_full_dates" if self.dates == "kept" else "retain_modified_dates")
        return frozenset(chosen)


_COLUMNS = (
    "retain_uids",
    "retain_device_identity",
    "retain_institution_identity",
    "retain_patient_characteristics",
    "retain_safe_private",
    "clean_descriptors",
    "clean_structured_content",
    "clean_graphics",
)

PRESETS = {
    "basic": DeidentifyOptions(),
    "research": DeidentifyOptions(dates="shifted", retain_patient_characteristics=True),
}
"""Choices under a name: the first is the default."""

PRESET_TEXTS = {
    "basic": "the Basic Profile alone: nothing that identifies, no dates, no descriptions",
    "research": "dates shifted by days of each patient's own; age, sex, size and weight kept",
}

OPTION_TEXTS = {
    "retain_uids": "keep the UIDs, so that instances can be found again in the archive they came from",
    "retain_device_identity": "keep serial numbers, station names and calibration dates of devices",
    "retain_institution_identity": "keep names and addresses of institutions and departments",
    "retain_patient_characteristics": "keep age, sex, size, weight, smoking and pregnancy status",
    "dates": "removed, shifted by days of each patient's own so that intervals stay, or kept as they are",
    "retain_safe_private": "keep the private elements that PS3.15 Table E.3.10-1 knows to be safe",
    "clean_descriptors": "keep the words of descriptions that are in a list of anatomy and technique",
    "clean_structured_content": "keep structured reports, their content cleaned by concept",
    "clean_graphics": "keep the graphics of presentation states without their text; overlays go",
    "blank": "make a rectangle of all frames black: left, top, right, bottom in pixels",
    "allow_pixel_risk": "write instances whose pixels may show who the patient is",
}
"""One line for each field of :class:`DeidentifyOptions`."""

_CODES = {
    "basic": MethodCode("113100", "Basic Application Confidentiality Profile"),
    "clean_pixels": MethodCode("113101", "Clean Pixel Data Option"),
    "clean_graphics": MethodCode("113103", "Clean Graphics Option"),
    "clean_structured_content": MethodCode("113104", "Clean Structured Content Option"),
    "clean_descriptors": MethodCode("113105", "Clean Descriptors Option"),
    "retain_full_dates": MethodCode("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    "retain_modified_dates": MethodCode(
        "113107", "Retain Longitudinal Temporal Information Modified Dates Option"
    ),
    "retain_patient_characteristics": MethodCode("113108", "Retain Patient Characteristics Option"),
    "retain_device_identity": MethodCode("113109", "Retain Device Identity Option"),
    "retain_uids": MethodCode("113110", "Retain UIDs Option"),
    "retain_safe_private": MethodCode("113111", "Retain Safe Private Option"),
    "retain_institution_identity": MethodCode("113112", "Retain Institution Identity Option"),
}

ALL_CODES = tuple(_CODES.values())
"""All codes that may be claimed."""


def method_codes(options: DeidentifyOptions, *, pixels_cleaned: bool = False) -> tuple[MethodCode, ...]:
    """Return the codes for De-identification Method Code Sequence (0012,0064).

    Parameters
    ----------
    options : DeidentifyOptions
        What was chosen.
    pixels_cleaned : bool
        Whether rectangles of this instance's frames are made black.
    """
    columns = options.columns | {"basic"} | ({"clean_pixels"} if pixels_cleaned else set())
    return tuple(code for column, code in _CODES.items() if column in columns)
