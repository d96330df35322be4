"""What the header of one file says: enough to find it, to group it and to order it, read as fast as can be.

A scan reads nothing else of most files, so this is a walker of its own and not a parser: one open, one read
of 8 KiB, as few steps in Python as possible. Whatever it is not sure of is left to
:mod:`dicomtui.dataset.reading`. Neither numpy nor pydicom is imported until then.
"""

import os
import zlib
from collections.abc import MutableSequence
from functools import lru_cache
from operator import getitem, itemgetter
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, NamedTuple

from dicomtui.archive.decoding import Memory, converter, decoder, text
from dicomtui.archive.forward import (
    NOTHING,
    FileReader,
    ForwardReader,
    InflatingReader,
    LimitError,
    StreamReader,
    Window,
)
from dicomtui.archive.layouts import Layouts
from dicomtui.archive.member_sources import MemberSource
from dicomtui.archive.walker import UnusualError, Walker
from dicomtui.dataset.encoding import DEFLATED_LITTLE, HEAD, Encoding, find_encoding
from dicomtui.dataset.source import ByteSource, open_regular
from dicomtui.errors import ReadError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicomtui.dataset.reading import Instance

DICOMDIR_CLASS = "1.2.840.10008.1.3.10"
"""SOP Class UID of a DICOMDIR: Media Storage Directory Storage."""


class Header(NamedTuple):
    r"""The attributes of one instance that a scan reads, named after their keywords, in the order of tags.

    Text is decoded and stripped of padding, with ``\\`` between several values, and empty where the attribute
    is absent. A number is None where it is absent or does not parse; of several, it is the first.
    """

    path: str
    size: int
    """Bytes of the file."""
    transfer_syntax: str
    """UID, declared or inferred."""
    specific_character_set: str
    image_type: str
    sop_class_uid: str
    """:data:`DICOMDIR_CLASS` for a DICOMDIR, which has it in its File Meta Information only."""
    sop_instance_uid: str
    study_date: str
    series_date: str
    study_time: str
    series_time: str
    acquisition_time: str
    content_time: str
    accession_number: str
    modality: str
    manufacturer: str
    study_description: str
    series_description: str
    manufacturer_model_name: str
    patient_name: str
    patient_id: str
    patient_birth_date: str
    patient_sex: str
    body_part_examined: str
    slice_thickness: float | None
    """Millimetres."""
    echo_number: int | None
    study_instance_uid: str
    series_instance_uid: str
    study_id: str
    series_number: int | None
    acquisition_number: int | None
    instance_number: int | None
    image_position: tuple[float, float, float] | None
    """Image Position (Patient): x, y, z of the first voxel's centre in millimetres."""
    image_orientation: tuple[float, float, float, float, float, float] | None
    """Image Orientation (Patient): direction cosines of a row, then of a column."""
    temporal_position: int | None
    number_of_frames: int | None
    rows: int | None
    columns: int | None
    pixel_spacing: tuple[float, float] | None
    """Millimetres between rows, then between columns."""

    @property
    def has_pixels(self) -> bool:
        """Whether this is an image: it has Rows and Columns."""
        return bool(self.rows and self.columns)


class Attribute(NamedTuple):
    """One attribute that a scan reads."""

    keyword: str
    tag: int
    vr: str
    numbers: int = 1
    """How many numbers make a value."""


ATTRIBUTES = (
    Attribute("SpecificCharacterSet", 0x00080005, "CS"),
    Attribute("ImageType", 0x00080008, "CS"),
    Attribute("SOPClassUID", 0x00080016, "UI"),
    Attribute("SOPInstanceUID", 0x00080018, "UI"),
    Attribute("StudyDate", 0x00080020, "DA"),
    Attribute("SeriesDate", 0x00080021, "DA"),
    Attribute("StudyTime", 0x00080030, "TM"),
    Attribute("SeriesTime", 0x00080031, "TM"),
    Attribute("AcquisitionTime", 0x00080032, "TM"),
    Attribute("ContentTime", 0x00080033, "TM"),
    Attribute("AccessionNumber", 0x00080050, "SH"),
    Attribute("Modality", 0x00080060, "CS"),
    Attribute("Manufacturer", 0x00080070, "LO"),
    Attribute("StudyDescription", 0x00081030, "LO"),
    Attribute("SeriesDescription", 0x0008103E, "LO"),
    Attribute("ManufacturerModelName", 0x00081090, "LO"),
    Attribute("PatientName", 0x00100010, "PN"),
    Attribute("PatientID", 0x00100020, "LO"),
    Attribute("PatientBirthDate", 0x00100030, "DA"),
    Attribute("PatientSex", 0x00100040, "CS"),
    Attribute("BodyPartExamined", 0x00180015, "CS"),
    Attribute("SliceThickness", 0x00180050, "DS"),
    Attribute("EchoNumbers", 0x00180086, "IS"),
    Attribute("StudyInstanceUID", 0x0020000D, "UI"),
    Attribute("SeriesInstanceUID", 0x0020000E, "UI"),
    Attribute("StudyID", 0x00200010, "SH"),
    Attribute("SeriesNumber", 0x00200011, "IS"),
    Attribute("AcquisitionNumber", 0x00200012, "IS"),
    Attribute("InstanceNumber", 0x00200013, "IS"),
    Attribute("ImagePositionPatient", 0x00200032, "DS", 3),
    Attribute("ImageOrientationPatient", 0x00200037, "DS", 6),
    Attribute("TemporalPositionIdentifier", 0x00200100, "IS"),
    Attribute("NumberOfFrames", 0x00280008, "IS"),
    Attribute("Rows", 0x00280010, "US"),
    Attribute("Columns", 0x00280011, "US"),
    Attribute("PixelSpacing", 0x00280030, "DS", 2),
)
"""The attributes behind the fields of :class:`Header`, from ``specific_character_set`` on."""
_META_ATTRIBUTES = (
    Attribute("MediaStorageSOPClassUID", 0x00020002, "UI"),
    Attribute("MediaStorageSOPInstanceUID", 0x00020003, "UI"),
)
_SOP_UIDS = slice(2, 4)
"""Where the SOP Class and Instance UID stand among :data:`ATTRIBUTES`."""
_all_uids = itemgetter(*(index for index, attribute in enumerate(ATTRIBUTES) if attribute.vr == "UI"))

_MORE = 2048
"""Bytes that are inflated next, where the first ones were not enough for a header."""
_MARGIN = 64
"""Bytes behind the File Meta Information without which its end cannot be told."""
_READ_ONLY = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_WALKER = Walker([(attribute.tag, attribute.vr) for attribute in ATTRIBUTES])
_LAYOUTS = Layouts([attribute.tag for attribute in ATTRIBUTES], series=0x0020000E)
_META_WALKER = Walker([(attribute.tag, attribute.vr) for attribute in _META_ATTRIBUTES])


def compile_patterns() -> None:
    """Do what else is done once many files were read, which takes a while, for the usual encodings."""
    for implicit in (False, True):
        _WALKER.compile(implicit=implicit, little=True)


def read_header(path: str, *, parse: bool = True) -> Header | None:
    """Read the header of the file at *path*.

    Parameters
    ----------
    path : str
        A regular file: a symbolic link is refused, so that a scan stays where it was sent.
    parse : bool
        Whether a full parser reads what is unusual, which may take any time.

    Returns
    -------
    Header or None
        None if the file is not DICOM, judged by its content.

    Raises
    ------
    ReadError
        If it is no readable regular file, or DICOM of which nothing can be read.
    UnusualError
        If it is unusual and is not to be parsed.
    """
    descriptor, status = open_file(path)
    return read_opened(path, descriptor, status.st_size, parse=parse)


def read_opened(path: str, descriptor: int, size: int, *, parse: bool = True) -> Header | None:
    """Read the header of a file that :func:`open_file` has opened, and close it: see :func:`read_header`."""
    try:
        head = os.read(descriptor, HEAD)
        known = _LAYOUTS.read(head)
        if known is not None and all(_all_uids(known[1])):
            return tuple.__new__(Header, (path, size, known[0], *known[1]))
        encoding = find_encoding(head, size)
        if encoding is None:
            return None
        values = _walk(head, encoding, FileReader(descriptor, len(head)))
    except OSError as error:
        raise ReadError(f"{safe_line(path)}: {(error.strerror or str(error)).lower()}") from error
    finally:
        os.close(descriptor)
    if values is not None:
        # what _make does, but for a check of the length: this line counts in a scan
        return tuple.__new__(Header, (path, size, encoding.transfer_syntax, *values))
    if not parse:
        raise UnusualError
    from dicomtui.dataset.reading import read_instance

    return header_of(read_instance(path))._replace(path=path, size=size)


def header_of_source(source: ByteSource) -> Header | None:
    """Read the header of bytes that are no file of their own, such as a member of a zip.

    Of a member, only the bytes that are needed are inflated, while its container is passed through.

    Parameters
    ----------
    source : ByteSource
        Its name is the header's path; its size, the header's, may be what a container only claims.

    Returns
    -------
    Header or None
        None if the bytes are not DICOM, judged by their content.

    Raises
    ------
    ReadError
        If the bytes cannot be had, or are DICOM of which nothing can be read.
    """
    try:
        if isinstance(source, MemberSource) and (reader := source.forward()) is not None:
            if not isinstance(reader, InflatingReader):
                return _header_from(reader, source, HEAD)
            header = _header_from(reader, source, source.hint.count)
            source.hint.learn(reader.inflated)
            return header
        with source.open() as stream:
            return _header_from(StreamReader(stream), source, HEAD)
    except (OSError, zlib.error) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise ReadError(f"{safe_line(source.name)}: cannot be read ({reason})") from error


def _header_from(reader: ForwardReader, source: ByteSource, count: int) -> Header | None:
    """Read a header from *count* bytes, then from as many more as it takes."""
    head = reader.read(count)
    size = max(source.size, len(head))  # a container may claim anything
    known = _LAYOUTS.read(head)
    if known is not None and all(_all_uids(known[1])):
        return Header(source.name, size, known[0], *known[1])
    encoding = find_encoding(head, size)
    if len(head) == count < HEAD and (encoding is None or encoding.start > count - _MARGIN):
        head += reader.read(HEAD - count)
        encoding = find_encoding(head, size)
    if encoding is None:
        return None
    values = _walk(head, encoding, reader, HEAD if count == HEAD else _MORE)
    if values is not None:
        return Header(source.name, size, encoding.transfer_syntax, *values)
    from dicomtui.dataset.reading import read_source

    return header_of(read_source(source))._replace(path=source.name, size=source.size)


def header_of(instance: "Instance") -> Header:
    """Return the header of an instance that was read as a whole.

    Path and size are those of its source, where a deflated Data Set is held inflated. What pydicom cannot
    convert is taken as absent.
    """
    values = [
        converter(attribute.vr, attribute.numbers)(_plain(instance.dataset, attribute.keyword))
        for attribute in ATTRIBUTES
    ]
    meta = [text(_plain(instance.dataset.file_meta, attribute.keyword)) for attribute in _META_ATTRIBUTES]
    values[_SOP_UIDS] = [uid or meta_uid for uid, meta_uid in zip(values[_SOP_UIDS], meta, strict=True)]
    return Header(instance.source.name, instance.source.size, instance.transfer_syntax, *values)


def _plain(dataset: "Dataset", keyword: str) -> str:
    """Return the value of an attribute as text, however pydicom gives it."""
    try:
        value = dataset.get(keyword)
        if value is None:
            return ""
        if isinstance(value, bytes):
            return value.decode("latin-1")
        if isinstance(value, MutableSequence):
            return "\\".join(str(part) for part in value)
        return str(value)
    except Exception:  # noqa: BLE001  converting what a hostile file holds raises anything
        return ""


def open_file(path: str) -> tuple[int, os.stat_result]:
    """Open a regular file without following a link or waiting for a FIFO.

    Returns
    -------
    int
        A descriptor, which the caller closes.
    os.stat_result
        What it was before anything was read.

    Raises
    ------
    ReadError
        If it is no readable regular file.
    """
    try:
        if S_ISREG(os.lstat(path).st_mode):
            descriptor = os.open(path, _READ_ONLY)
            status = os.fstat(descriptor)
            if S_ISREG(status.st_mode):  # still
                return descriptor, status
            os.close(descriptor)
        elif os.path.islink(path):
            raise ReadError(f"{safe_line(path)}: not a regular file, but a symbolic link")
    except (OSError, ValueError):
        pass
    open_regular(path).close()  # raises what is wrong, with the words that all readers have for it
    raise ReadError(f"{safe_line(path)}: changed while it was opened")


def _walk(head: bytes, encoding: Encoding, rest: ForwardReader, chunk: int = HEAD) -> list[Any] | None:
    """Return the values of :data:`ATTRIBUTES` if they can be told without a parser."""
    if encoding.transfer_syntax == DEFLATED_LITTLE:
        start, window = 0, Window(b"", InflatingReader(head[encoding.start :], rest))
    else:
        start, window = encoding.start, Window(head, rest, chunk)
    implicit, little = encoding.implicit, encoding.little
    try:
        raws = _WALKER.walk(window, start, implicit=implicit, little=little)
    except (UnusualError, LimitError, zlib.error):
        return _walk_dicomdir(head, encoding)
    memories = _memories(raws[0], implicit, little)
    values = list(map(getitem, memories, raws))
    if not all(_all_uids(values)):
        return _walk_dicomdir(head, encoding)
    _LAYOUTS.learn(head, encoding, values, memories)
    return values


def _walk_dicomdir(head: bytes, encoding: Encoding) -> list[Any] | None:
    """Return the UIDs of a DICOMDIR; its Data Set has none, nor anything else that is wanted."""
    if encoding.meta is None:
        return None
    window = Window(head, NOTHING)  # a longer File Meta Information is left to the parser
    try:
        uids = _META_WALKER.walk(window, encoding.meta, implicit=False, little=True)
    except (UnusualError, LimitError):
        return None
    values = [memory[None] for memory in _memories(None, False, True)]
    values[_SOP_UIDS] = [text((uid or b"")[2:].decode("latin-1")) for uid in uids]
    return values if values[_SOP_UIDS][0] == DICOMDIR_CLASS else None


@lru_cache(maxsize=32)
def _memories(charset: bytes | None, implicit: bool, little: bool) -> tuple[Memory, ...]:
    """Return for each of :data:`ATTRIBUTES` where its values, as the walker gives them, are looked up."""
    field = 4 if implicit else 2
    name = text((charset or b"")[field:].decode("latin-1"))
    kinds = {(attribute.vr, attribute.numbers) for attribute in ATTRIBUTES}
    memories = {kind: Memory(decoder(*kind, name, little), field) for kind in kinds}
    return tuple(memories[attribute.vr, attribute.numbers] for attribute in ATTRIBUTES)
