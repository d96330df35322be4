"""What a person asks first about an instance, in four groups: patient, study, series, image."""

from typing import TYPE_CHECKING

from pydicom.datadict import tag_for_keyword

from dicomtui.dataset.elements import Element, elements_of
from dicomtui.dataset.values import readable
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from dicomtui.dataset.reading import Instance

GROUPS: dict[str, tuple[str, ...]] = {
    "patient": (
        "PatientName",
        "PatientID",
        "IssuerOfPatientID",
        "PatientBirthDate",
        "PatientSex",
        "PatientAge",
        "PatientSize",
        "PatientWeight",
        "PatientIdentityRemoved",
        "DeidentificationMethod",
    ),
    "study": (
        "StudyDescription",
        "StudyDate",
        "StudyTime",
        "StudyID",
        "AccessionNumber",
        "ReferringPhysicianName",
        "InstitutionName",
        "StudyInstanceUID",
    ),
    "series": (
        "Modality",
        "SeriesNumber",
        "SeriesDescription",
        "SeriesDate",
        "SeriesTime",
        "BodyPartExamined",
        "Laterality",
        "ProtocolName",
        "PatientPosition",
        "Manufacturer",
        "ManufacturerModelName",
        "StationName",
        "SoftwareVersions",
        "SeriesInstanceUID",
        "FrameOfReferenceUID",
    ),
    "image": (
        "SOPClassUID",
        "SOPInstanceUID",
        "TransferSyntaxUID",
        "InstanceNumber",
        "ImageType",
        "ContentDate",
        "ContentTime",
        "AcquisitionDate",
        "AcquisitionTime",
        "NumberOfFrames",
        "Rows",
        "Columns",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "BitsAllocated",
        "BitsStored",
        "PixelRepresentation",
        "PixelSpacing",
        "ImagerPixelSpacing",
        "SliceThickness",
        "SpacingBetweenSlices",
        "SliceLocation",
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "WindowCenter",
        "WindowWidth",
        "RescaleIntercept",
        "RescaleSlope",
        "RescaleType",
        "Units",
        "BurnedInAnnotation",
        "LossyImageCompression",
        "LossyImageCompressionRatio",
        "KVP",
        "XRayTubeCurrent",
        "ExposureTime",
        "ConvolutionKernel",
        "MagneticFieldStrength",
        "RepetitionTime",
        "EchoTime",
        "FlipAngle",
        "ContentLabel",
        "CompletionFlag",
        "VerificationFlag",
        "DocumentTitle",
        "MIMETypeOfEncapsulatedDocument",
        "RTPlanLabel",
        "StructureSetLabel",
        "DoseUnits",
        "DoseSummationType",
    ),
}
"""Keywords by the entity they describe (PS3.3 7.1.2), in the order in which people ask."""


def metadata(instance: "Instance") -> dict[str, dict[str, list[str]]]:
    """Return the values of the four groups by keyword, as written in the file.

    Parameters
    ----------
    instance : Instance
        The instance to describe.

    Returns
    -------
    dict
        ``{"patient": {"PatientName": ["DOE^JANE"], ...}, "study": ..., "series": ..., "image": ...}``;
        an attribute that is absent or empty is left out. The text is not yet safe to show.
    """
    by_tag = {element.tag: element for element in elements_of(instance)}
    groups: dict[str, dict[str, list[str]]] = {}
    for group, keywords in GROUPS.items():
        values = {keyword: _values(by_tag.get(tag_for_keyword(keyword) or 0)) for keyword in keywords}
        groups[group] = {keyword: value for keyword, value in values.items() if any(value)}
    if "TransferSyntaxUID" not in groups["image"]:
        groups["image"]["TransferSyntaxUID"] = [instance.transfer_syntax]
    return groups


def card(instance: "Instance") -> dict[str, list[tuple[str, str]]]:
    """Return the four groups as pairs of name and readable, safe text for a screen."""
    shown = groups_of(elements_of(instance))
    if not instance.encoding.declared:
        text = readable("UI", instance.transfer_syntax)
        shown["image"].append(("Transfer Syntax (inferred)", safe_line(text)))
    return shown


def groups_of(elements: list[Element]) -> dict[str, list[tuple[str, str]]]:
    """Return the four groups of top-level *elements* as pairs of name and readable, safe text."""
    by_tag = {element.tag: element for element in elements}
    shown: dict[str, list[tuple[str, str]]] = {}
    for group, keywords in GROUPS.items():
        present = [by_tag.get(tag_for_keyword(keyword) or 0) for keyword in keywords]
        shown[group] = [(element.name, element.text) for element in present if element and element.text]
    return shown


def _values(element: Element | None) -> list[str]:
    return element.values if element is not None else []
