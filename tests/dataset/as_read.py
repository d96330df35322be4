"""Instances as they are read from files that exist in memory only."""

from io import BytesIO

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from dicomtui.dataset.reading import Instance, read_source
from dicomtui.dataset.source import MemorySource


def instance(dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> Instance:
    """Return *dataset* as it is read from its file."""
    dataset.file_meta.TransferSyntaxUID = syntax
    stream = BytesIO()
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    pydicom.dcmwrite(stream, dataset, implicit_vr=implicit, little_endian=little, enforce_file_format=True)
    return read_source(MemorySource("made", stream.getvalue()))
