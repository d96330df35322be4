"""Names of what a batch writes: made of new UIDs and the new Patient ID alone."""

import base64
import hashlib
import re

from dicomtui.deidentify.records import FileRecord

_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,63}")
_FILE_ID_LENGTH = 8


def output_path(record: FileRecord, *, dicomdir: bool = False) -> str:
    """Return where a file goes: folders of patient, study and series, with ``/`` between them.

    Parameters
    ----------
    record : FileRecord
        With its new UIDs and Patient ID.
    dicomdir : bool
        Whether the names are to be File IDs, eight characters each (PS3.10 8.2, 8.5).
    """
    names = (
        record.new_patient_id,
        record.new_study_instance_uid,
        record.new_series_instance_uid,
        record.new_sop_instance_uid,
    )
    if dicomdir:
        return "/".join(_file_id(name) for name in names)
    return "/".join(_name(name) for name in names) + ".dcm"


def _name(value: str) -> str:
    """Return *value* if it can be a file name; a UID that was retained may be anything."""
    if not value:
        return "unknown"
    return value if _PLAIN.fullmatch(value) else hashlib.sha256(_encoded(value)).hexdigest()[:32]


def _file_id(value: str) -> str:
    digest = hashlib.sha256(_encoded(value)).digest()  # all eight characters count against collisions
    return base64.b32encode(digest)[:_FILE_ID_LENGTH].decode("ascii")


def _encoded(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
