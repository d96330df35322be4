"""dicomtui: a terminal browser for DICOM."""

__version__ = "0.1.0"
