"""Copies of instances: byte for byte, or with the pixel data in another Transfer Syntax, never with loss."""

import shutil
from typing import TYPE_CHECKING, Any, BinaryIO

from pydicom.dataelem import DataElement
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.uid import UID

from dicomtui import __version__
from dicomtui.archive.opening import open_instance, open_source
from dicomtui.dataset.file_writing import IMPLEMENTATION_UID, write_file
from dicomtui.imaging.encoders import ENCODABLE, EXPLICIT
from dicomtui.imaging.transcoding import Transcoding

if TYPE_CHECKING:
    from dicomtui.dataset.reading import Instance

_CHUNK = 1 << 20
_META_GROUP = 2


def write_copy(stream: BinaryIO, address: str, transfer_syntax: str | None) -> tuple[str, ...]:
    """Write a copy of the instance at *address*.

    Parameters
    ----------
    stream : BinaryIO
        An empty file.
    address : str
        A path, or the address of a member of a container.
    transfer_syntax : str, optional
        UID of a Transfer Syntax of :data:`dicomtui.imaging.encoders.ENCODABLE`; None for a copy of the bytes.

    Returns
    -------
    tuple of str
        What is not as it was asked for.

    Raises
    ------
    ReadError
        If it is no instance.
    DecodeError, EncodeError, WriteError
        If its pixel data cannot be written so without loss.
    """
    instance = open_instance(address)
    if transfer_syntax is None or transfer_syntax == instance.transfer_syntax:
        with open_source(address).open() as source:
            shutil.copyfileobj(source, stream, _CHUNK)
        return ()
    if instance.pixel_data is None:
        native = not ENCODABLE[transfer_syntax].encapsulated
        write_file(stream, _dataset(instance, transfer_syntax if native else EXPLICIT), None)
        note = "without pixel data an instance is written as Explicit VR Little Endian"
        return instance.warnings if native else (*instance.warnings, note)
    transcoding = Transcoding(instance, transfer_syntax)
    dataset = _dataset(instance, transfer_syntax, transcoding.changes)
    write_file(stream, dataset, transcoding.pixels())
    return instance.warnings


def _dataset(
    instance: "Instance", transfer_syntax: str, changes: dict[int, DataElement] | None = None
) -> FileDataset:
    """Return the elements as they stand in the file, with new File Meta Information."""
    elements: dict[BaseTag, Any] = {
        tag: element for tag, element in (instance.elements or {}).items() if tag >> 16 != _META_GROUP
    }
    elements |= {BaseTag(tag): element for tag, element in (changes or {}).items()}
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = UID(_text(instance, "SOPClassUID"))
    meta.MediaStorageSOPInstanceUID = UID(_text(instance, "SOPInstanceUID"))
    meta.TransferSyntaxUID = UID(transfer_syntax)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    meta.ImplementationVersionName = f"DICOMTUI_{__version__}"
    encoding = instance.encoding
    dataset = FileDataset(
        "",
        elements,
        preamble=bytes(128),
        file_meta=meta,
        is_implicit_VR=encoding.implicit,
        is_little_endian=encoding.little,
    )
    dataset.set_original_encoding(encoding.implicit, encoding.little, instance.dataset._character_set)
    return dataset


def _text(instance: "Instance", keyword: str) -> str:
    return str(instance.dataset.get(keyword, "") or "").strip(" \0")
