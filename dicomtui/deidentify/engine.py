"""Turns one instance into one that tells nobody who the patient is (PS3.15 Annex E).

The Data Set is made anew out of what the rules let through: what they do not let through, what stands in it
twice, behind its end or between its elements has no way into the result. Pixel data is neither loaded nor
contained; who writes the file passes its bytes through.
"""

from typing import Any, NamedTuple, cast

from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.uid import UID

from dicomtui import __version__
from dicomtui.dataset.file_writing import IMPLEMENTATION_UID
from dicomtui.dataset.raw_elements import AnyElement, Elements
from dicomtui.dataset.reading import Instance
from dicomtui.deidentify.cleaning import Action, Cleaner, Watch
from dicomtui.deidentify.dummies import Maker
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import DeidentifyOptions, method_codes
from dicomtui.deidentify.pixel_risk import (
    DIRECTORY,
    HeldBack,
    Refused,
    held_back,
    is_uid,
    refused,
    text_at,
)
from dicomtui.deidentify.tables import EDITION
from dicomtui.text import safe_line

_SOP_CLASS, _SOP_INSTANCE = 0x00080016, 0x00080018
_STUDY, _SERIES, _PATIENT_ID = 0x0020000D, 0x0020000E, 0x00100020
_TEMPORAL = {"removed": "REMOVED", "shifted": "MODIFIED", "kept": "UNMODIFIED"}


class Result(NamedTuple):
    """What became of one instance."""

    dataset: FileDataset
    """In the encoding of the original, with new File Meta Information, without pixel data."""
    actions: list[Action]
    problems: list[str]
    """What could not be read as written, and was emptied or removed: places, never values."""
    tokens: set[str]
    """Identifying values of the original, to be searched for in what is written."""
    old_sop_instance_uid: str
    old_series_instance_uid: str
    old_study_instance_uid: str
    old_patient_id: str
    new_sop_instance_uid: str
    new_series_instance_uid: str
    new_study_instance_uid: str
    new_patient_id: str


def deidentify_instance(instance: Instance, options: DeidentifyOptions, key: Key) -> Result:
    """De-identify one instance.

    Parameters
    ----------
    instance : Instance
        As it was read from a file.
    options : DeidentifyOptions
        The options of PS3.15 E.3.
    key : Key
        Makes the new UIDs, Patient IDs and the offset of dates.

    Raises
    ------
    HeldBack
        If its pixels may show who the patient is and the options do not allow that.
    Refused
        If it is a DICOMDIR, or has no SOP Class or Instance UID.
    """
    name = safe_line(instance.source.name)
    if reason := refused(instance):
        raise Refused(f"{name}: {reason}", is_directory=reason == DIRECTORY)
    if not options.allow_pixel_risk and (reason := held_back(instance)):
        raise HeldBack(f"{name}: held back, because {reason}")
    return apply_rules(instance, options, key)


def apply_rules(
    instance: Instance, options: DeidentifyOptions, key: Key, watch: Watch | None = None
) -> Result:
    """Do the work of :func:`deidentify_instance`, whatever the pixels may show.

    Parameters
    ----------
    instance, options, key
        As there.
    watch : callable, optional
        Called with each element, its rule, and what became of it.
    """
    old = instance.elements or {}
    cleaner = Cleaner(instance, options, key, watch)
    kept = cleaner.clean()
    make = cleaner.make
    sop_class = text_at(old, _SOP_CLASS) or text_at(old, 0x00020002)
    kept[BaseTag(_SOP_CLASS)] = make.text(_SOP_CLASS, "UI", sop_class)
    instance_uid = kept.get(BaseTag(_SOP_INSTANCE))
    is_plain = isinstance(instance_uid, RawDataElement) and instance_uid.VR == "UI"
    if not is_plain or not is_uid(text_at(kept, _SOP_INSTANCE)):
        # the File Meta Information may know better; two values or a value that is none name no instance
        uid = text_at(old, _SOP_INSTANCE) or text_at(old, 0x00020003)
        new = uid if options.retain_uids and is_uid(uid) else key.uid(uid)
        cleaner.tokens.spare(new)
        kept[BaseTag(_SOP_INSTANCE)] = make.text(_SOP_INSTANCE, "UI", new)
    _state(kept, make, options, pixels_cleaned=bool(options.blank) and instance.pixel_data is not None)
    return Result(
        _dataset(kept, instance),
        cleaner.actions,
        [safe_line(warning, 200) for warning in instance.warnings] + cleaner.problems,
        cleaner.tokens.identifying(),
        text_at(old, _SOP_INSTANCE) or text_at(old, 0x00020003),
        text_at(old, _SERIES),
        text_at(old, _STUDY),
        cleaner.patient_id,
        text_at(kept, _SOP_INSTANCE),
        text_at(kept, _SERIES),
        text_at(kept, _STUDY),
        text_at(kept, _PATIENT_ID),
    )


def _state(kept: Elements, make: Maker, options: DeidentifyOptions, *, pixels_cleaned: bool) -> None:
    """Say in the Data Set what was done to it (PS3.15 E.1.1, E.3.6; PS3.3 C.7.1.1, C.7.6.1.1.4)."""
    codes = [
        make.code(code.value, "DCM", code.meaning)
        for code in method_codes(options, pixels_cleaned=pixels_cleaned)
    ]
    elements: list[AnyElement] = [
        make.text(0x00120062, "CS", "YES"),
        make.text(0x00120063, "LO", f"dicomtui {__version__}\\{EDITION} Table E.1-1"),
        make.sequence(0x00120064, codes),
        make.text(0x00280303, "CS", _TEMPORAL[options.dates]),
    ]
    if pixels_cleaned:
        elements.append(make.text(0x00280301, "CS", "NO"))
    for element in elements:
        kept[element.tag] = element


def _dataset(kept: Elements, instance: Instance) -> FileDataset:
    encoding = instance.encoding
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = UID(text_at(kept, _SOP_CLASS))
    meta.MediaStorageSOPInstanceUID = UID(text_at(kept, _SOP_INSTANCE))
    meta.TransferSyntaxUID = UID(encoding.transfer_syntax)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    dataset = FileDataset(
        "",
        cast("dict[BaseTag, Any]", kept),
        preamble=bytes(128),
        file_meta=meta,
        is_implicit_VR=encoding.implicit,
        is_little_endian=encoding.little,
    )
    dataset.set_original_encoding(encoding.implicit, encoding.little, dataset._character_set)
    return dataset
