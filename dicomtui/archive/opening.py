"""The one door to an instance: a file on disk, or a member of a zip or tar."""

from dataclasses import replace

from dicomtui.archive.containers import member_source, split_address
from dicomtui.dataset.reading import Instance, read_instance, read_source
from dicomtui.dataset.source import ByteSource, FileSource


def open_source(address: str) -> ByteSource:
    """Return the bytes of the file or member at *address* as they stand there, be it DICOM or not.

    Raises
    ------
    ReadError
        If there is none, or it is no regular file.
    """
    return FileSource(address) if split_address(address) is None else member_source(address)


def open_instance(address: str) -> Instance:
    """Read the instance at *address*: a path, or the address of a member such as ``study.zip!/CT/IM1``.

    Raises
    ------
    ReadError
        If there is none, or it cannot be read.
    """
    if split_address(address) is None:
        return read_instance(address)
    source = member_source(address)
    instance = read_source(source)
    if not source.problems:
        return instance
    return replace(instance, warnings=(*source.problems, *instance.warnings))
