"""Instances that tests make themselves."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

SERIES = generate_uid(entropy_srcs=["series"])


def ramp(number: int = 0, rows: int = 32, columns: int = 32) -> np.ndarray:
    """Return HU from -1024 at the left to 1024 at the right, darker with *number*."""
    line = np.linspace(-1024, 1024, columns).astype(np.int16) - number * 10
    return np.tile(line, (rows, 1))


def ct(values: np.ndarray | None = None, **attributes: Any) -> FileDataset:
    """Return a CT instance of modality values in HU, stored with an intercept of -1024."""
    values = ramp() if values is None else values
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, preamble=b"\0" * 128, file_meta=meta)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=[str(attributes), str(values.sum())])
    dataset.StudyDate = "20200131"
    dataset.Modality = "CT"
    dataset.StudyDescription = "Test study"
    dataset.SeriesDescription = "Ramp"
    dataset.PatientName = "Doe^Jane"
    dataset.PatientID = "ID-1"
    dataset.StudyInstanceUID = generate_uid(entropy_srcs=["study"])
    dataset.SeriesInstanceUID = SERIES
    dataset.SeriesNumber = 3
    dataset.InstanceNumber = 1
    dataset.ImagePositionPatient = [0, 0, 0]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [1, 1]
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = values.shape[-2:]
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 0
    dataset.WindowCenter, dataset.WindowWidth = 0, 2000
    dataset.RescaleIntercept, dataset.RescaleSlope = -1024, 1
    dataset.RescaleType = "HU"
    if values.ndim == 3:
        dataset.NumberOfFrames = values.shape[0]
    dataset.PixelData = np.clip(values.astype(np.int32) + 1024, 0, 65535).astype("<u2").tobytes()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


def write(dataset: Dataset, path: Path) -> Path:
    """Write *dataset* to *path*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)
    return path


def write_series(folder: Path, count: int = 5, **attributes: Any) -> Path:
    """Write a CT series whose order in space is the reverse of its file names."""
    for number in range(1, count + 1):
        dataset = ct(
            ramp(number),
            InstanceNumber=number,
            ImagePositionPatient=[0, 0, float(number)],
            **attributes,
        )
        write(dataset, folder / f"slice{count - number:03}.dcm")
    return folder


def a_sequence(depth: int = 2) -> Dataset:
    """Return an item that holds another, *depth* deep, with a code at the bottom."""
    item = Dataset()
    if depth == 0:
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "T-D1100", "SRT", "Head"
        return item
    item.AnatomicRegionSequence = [a_sequence(depth - 1)]
    return item
