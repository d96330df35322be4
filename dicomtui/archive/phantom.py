"""The demonstration's CT series as DICOM instances; what they show is made in ``phantom_slices``."""

import uuid
from collections.abc import Iterator
from io import BytesIO

import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from dicomtui.archive.phantom_anatomy import SLICES, THICKNESS
from dicomtui.archive.phantom_slices import SIZE, SPACING, modality_values

INTERCEPT = -1024
FIRST_Z = -(SLICES - 1) * THICKNESS
"""Millimetres of the lowest slice; the highest one is at 0."""

_UIDS = uuid.uuid5(uuid.NAMESPACE_OID, "dicomtui phantom")


def phantom_instances() -> Iterator[bytes]:
    """Yield the files of the series from the lowest to the highest slice, the same bytes each time."""
    for index in range(SLICES):
        stream = BytesIO()
        dcmwrite(stream, _instance(index), enforce_file_format=True)
        yield stream.getvalue()


def _uid(name: str) -> UID:
    """Return a UID derived from a UUID (PS3.5 B.2), fixed for each *name*."""
    return UID(f"2.25.{uuid.uuid5(_UIDS, name).int}")


def _instance(index: int) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = _uid(f"instance {index + 1}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = _uid("implementation")
    meta.ImplementationVersionName = "DICOMTUI"
    dataset = FileDataset(BytesIO(), Dataset(), file_meta=meta, preamble=bytes(128))
    for keyword, value in _ALIKE.items():
        setattr(dataset, keyword, value)
    corner = round(-(SIZE - 1) / 2 * SPACING, 4)
    z = FIRST_Z + index * THICKNESS
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.InstanceNumber = index + 1
    dataset.ImagePositionPatient = [corner, corner, z]
    dataset.SliceLocation = z
    dataset.AcquisitionTime = dataset.ContentTime = f"0931{index // 10:02d}.{index % 10 * 100000:06d}"
    stored = np.rint(modality_values(index) - INTERCEPT).astype("<i2")
    dataset.add_new("PixelData", "OW", stored.tobytes())
    return dataset


_ALIKE = {
    "SpecificCharacterSet": "ISO_IR 100",
    "ImageType": ["DERIVED", "SECONDARY", "AXIAL"],
    "SOPClassUID": CTImageStorage,
    "StudyDate": "20240115",
    "SeriesDate": "20240115",
    "AcquisitionDate": "20240115",
    "ContentDate": "20240115",
    "StudyTime": "093000",
    "SeriesTime": "093100",
    "AccessionNumber": "",
    "Modality": "CT",
    "Manufacturer": "dicomtui",
    "ManufacturerModelName": "Phantom",
    "ReferringPhysicianName": "",
    "StudyDescription": "CT chest and upper abdomen (made, no patient)",
    "SeriesDescription": "Axial 2.5 mm",
    "PatientName": "PHANTOM^DICOMTUI",
    "PatientID": "PHANTOM",
    "PatientBirthDate": "",
    "PatientSex": "O",
    "BodyPartExamined": "CHEST",
    "ContrastBolusAgent": "simulated",
    "KVP": 120,
    "SliceThickness": THICKNESS,
    "SpacingBetweenSlices": THICKNESS,
    "DataCollectionDiameter": 500,
    "ReconstructionDiameter": SIZE * SPACING,
    "ProtocolName": "Phantom chest",
    "GantryDetectorTilt": 0,
    "ExposureTime": 500,
    "XRayTubeCurrent": 240,
    "Exposure": 120,
    "ConvolutionKernel": "STANDARD",
    "PatientPosition": "HFS",
    "StudyInstanceUID": _uid("study"),
    "SeriesInstanceUID": _uid("series"),
    "StudyID": "1",
    "SeriesNumber": 1,
    "AcquisitionNumber": 1,
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "FrameOfReferenceUID": _uid("frame of reference"),
    "PositionReferenceIndicator": "",
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "Rows": SIZE,
    "Columns": SIZE,
    "PixelSpacing": [SPACING, SPACING],
    "BitsAllocated": 16,
    "BitsStored": 16,
    "HighBit": 15,
    "PixelRepresentation": 1,
    "BurnedInAnnotation": "NO",
    "WindowCenter": [40, -600],
    "WindowWidth": [400, 1500],
    "WindowCenterWidthExplanation": ["SOFT TISSUE", "LUNG"],
    "RescaleIntercept": INTERCEPT,
    "RescaleSlope": 1,
    "RescaleType": "HU",
    "LossyImageCompression": "00",
}
