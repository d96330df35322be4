"""What a person wants to see first of an instance, by its modality.

>>> pinned_names("CT", {})[:3]
('PatientName', 'PatientID', 'StudyDate')
"""

from typing import TYPE_CHECKING

from pydicom.datadict import tag_for_keyword

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dicomtui.dataset.elements import Element

OTHER = "OTHER"
"""Stands for every modality that has no list of its own."""

_WHO = ("PatientName", "PatientID", "StudyDate", "StudyDescription", "SeriesDescription")
_PLACE = ("PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient")
_DEVICE = ("Manufacturer", "ManufacturerModelName")
_X_RAY = ("KVP", "XRayTubeCurrent", "ExposureTime", "Exposure")
_PROJECTION = (
    *("BodyPartExamined", "ViewPosition", "ImageLaterality", "Laterality", *_X_RAY),
    *("ImagerPixelSpacing", "PixelSpacing", "BurnedInAnnotation"),
)
_PLAN = ("ApprovalStatus", "ReferencedStructureSetSequence", *_DEVICE)

PINS: dict[str, tuple[str, ...]] = {
    "CT": (
        *(*_WHO, "SliceThickness", "SpacingBetweenSlices", "SliceLocation", *_PLACE, "ConvolutionKernel"),
        *("KVP", "XRayTubeCurrent", "Exposure", "CTDIvol", "ContrastBolusAgent", "RescaleType"),
    ),
    "MR": (
        *(*_WHO, "SequenceName", "ScanningSequence", "RepetitionTime", "EchoTime", "EffectiveEchoTime"),
        *(
            "InversionTime",
            "FlipAngle",
            "MagneticFieldStrength",
            "DiffusionBValue",
            "SliceThickness",
            *_PLACE,
        ),
        "ContrastBolusAgent",
    ),
    "PT": (
        *(*_WHO, "Units", "DecayCorrection", "CorrectedImage", "RadiopharmaceuticalInformationSequence"),
        *("PatientWeight", "AcquisitionTime", "ActualFrameDuration", "SliceThickness", *_PLACE),
    ),
    "NM": (
        *(*_WHO, "ImageType", "RadiopharmaceuticalInformationSequence", "ActualFrameDuration"),
        *("CountsAccumulated", "NumberOfFrames", "PixelSpacing"),
    ),
    "US": (
        *(*_WHO, "BodyPartExamined", "ImageType", "NumberOfFrames", "FrameTime"),
        *("SequenceOfUltrasoundRegions", "TransducerData", "BurnedInAnnotation"),
    ),
    "MG": (
        *(*_WHO, "ViewPosition", "ImageLaterality", "PatientOrientation", "BodyPartThickness"),
        *("CompressionForce", *_X_RAY, "ImagerPixelSpacing", "PresentationIntentType"),
    ),
    "CR": (*_WHO, *_PROJECTION),
    "DX": (*_WHO, *_PROJECTION, "PresentationIntentType"),
    "XA": (
        *(*_WHO, *_X_RAY, "PositionerPrimaryAngle", "PositionerSecondaryAngle", "NumberOfFrames"),
        *("FrameTime", "CineRate", "ImagerPixelSpacing"),
    ),
    "SEG": (*_WHO, "ContentLabel", "SegmentationType", "SegmentSequence", "ReferencedSeriesSequence"),
    "SR": (
        *("PatientName", "PatientID", "StudyDate", "StudyDescription", "ConceptNameCodeSequence"),
        *("CompletionFlag", "VerificationFlag", "ContentDate", "ReferencedRequestSequence"),
    ),
    "RTSTRUCT": (
        *("PatientName", "PatientID", "StructureSetLabel", "StructureSetDate", "ApprovalStatus"),
        *("StructureSetROISequence", "ReferencedFrameOfReferenceSequence"),
    ),
    "RTPLAN": (
        *("PatientName", "PatientID", "RTPlanLabel", "RTPlanDate", "PlanIntent"),
        *("FractionGroupSequence", "BeamSequence", *_PLAN),
    ),
    "RTDOSE": (
        *("PatientName", "PatientID", "DoseSummationType", "DoseType", "DoseUnits", "DoseGridScaling"),
        *("NumberOfFrames", "PixelSpacing", "ReferencedRTPlanSequence"),
    ),
    "PR": (
        *_WHO,
        "ContentLabel",
        "ContentDescription",
        "PresentationCreationDate",
        "ReferencedSeriesSequence",
    ),
    "KO": (*_WHO, "ConceptNameCodeSequence", "CurrentRequestedProcedureEvidenceSequence"),
    "ECG": (*_WHO, "AcquisitionDateTime", "WaveformSequence", "WaveformAnnotationSequence", *_DEVICE),
    "SM": (
        *(*_WHO, "ImageType", "ContainerIdentifier", "TotalPixelMatrixColumns", "TotalPixelMatrixRows"),
        *("NumberOfFrames", "SharedFunctionalGroupsSequence", "PixelSpacing", "OpticalPathSequence"),
    ),
    "DOC": (*_WHO, "DocumentTitle", "MIMETypeOfEncapsulatedDocument", "ConceptNameCodeSequence"),
    OTHER: (*_WHO, "Modality", "SOPClassUID", "ImageType", "BodyPartExamined", "NumberOfFrames", *_DEVICE),
}
"""Keywords by Modality (0008,0060); what an instance lacks is left out."""


def pinned_names(modality: str, chosen: "Mapping[str, Sequence[str]]") -> "Sequence[str]":
    """Return the names of what is pinned: what a person chose, else the defaults.

    Parameters
    ----------
    modality : str
        Modality (0008,0060) of the instance.
    chosen : mapping
        Keywords and tags by modality, or by ``OTHER``; an empty list pins nothing.
    """
    if modality in chosen:
        return chosen[modality]
    if modality in PINS:
        return PINS[modality]
    return chosen.get(OTHER, PINS[OTHER])


def pinned(names: "Iterable[str]", *places: "Sequence[Element]") -> "list[Element]":
    """Return the elements that are called so, in the order of the names.

    Parameters
    ----------
    names : iterable of str
        Keywords, or tags as ``0009,1001``; one that no dictionary has is left out.
    *places : sequence of Element
        Where they are looked for: what the first place has is not looked for in the next.
    """
    by_tag: dict[int, Element] = {}
    for elements in places:
        for element in elements:
            by_tag.setdefault(element.tag, element)
    found = (by_tag.get(tag_of(name)) for name in names)
    return [element for element in found if element is not None and (element.text or element.children)]


def tag_of(name: str) -> int:
    """Return the tag of a keyword, or of a tag as ``0009,1001``; -1 where no attribute is called that."""
    digits = name.strip("()").replace(",", "")
    if len(digits) == 8 and all(digit in "0123456789abcdefABCDEF" for digit in digits):
        return int(digits, 16)
    tag = tag_for_keyword(name)
    return -1 if tag is None else int(tag)
