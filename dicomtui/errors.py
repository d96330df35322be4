"""The errors that dicomtui raises: each message is one line that a user can act on.

A message names the file, the attribute with its tag, what was found and what to do. It may quote values
from a file, so a face passes it through :mod:`dicomtui.text` before showing it.
"""


class DicomTuiError(Exception):
    """Anything that dicomtui refuses or cannot do, said in one line."""


class UsageError(DicomTuiError):
    """What was asked makes no sense: a wrong path, an unknown option, a setting out of range."""


class ReadError(DicomTuiError):
    """A file that cannot be read as DICOM."""


class DecodeError(DicomTuiError):
    """Pixel data that cannot be turned into a picture."""


class WriteError(DicomTuiError):
    """Output that could not be written; nothing half written is left behind."""
