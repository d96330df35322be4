"""What an instance encloses as it stands in it: a document, a model, a video stream.

References
----------
DICOM PS3.3 C.24.2 (Encapsulated Document); PS3.5 8.2.5-8.2.12 (video streams).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from dicomtui.errors import DicomTuiError
from dicomtui.imaging.attributes import label, numbers, text
from dicomtui.imaging.bit_stream import BitStream
from dicomtui.imaging.codecs import CODECS
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicomtui.dataset.reading import Instance

_DOCUMENT = BaseTag(0x00420011)
_CHUNK = 1 << 20
_HEAD = 512
_BY_TYPE = {
    "application/pdf": ".pdf",
    "text/xml": ".xml",
    "application/xml": ".xml",
    "model/stl": ".stl",
    "application/sla": ".stl",
    "model/obj": ".obj",
    "model/mtl": ".mtl",
}
_BY_CLASS = {
    "1.2.840.10008.5.1.4.1.1.104.1": ".pdf",
    "1.2.840.10008.5.1.4.1.1.104.2": ".xml",
    "1.2.840.10008.5.1.4.1.1.104.3": ".stl",
    "1.2.840.10008.5.1.4.1.1.104.4": ".obj",
    "1.2.840.10008.5.1.4.1.1.104.5": ".mtl",
}
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", ".pdf"),
    (4, b"ftyp", ".mp4"),
    (0, b"\0\0\1\xba", ".mpg"),
    (0, b"\0\0\1\xb3", ".m2v"),
)
_PACKET = 188
"""Bytes of a packet of an MPEG transport stream, each of which begins with the same one."""
_MPEG_2, _HEVC = ("100", "101"), ("107", "108")


class NothingEnclosedError(DicomTuiError):
    """An instance that is what it shows, and encloses nothing."""


class Enclosed(NamedTuple):
    """What an instance encloses."""

    suffix: str
    """Of a file that holds it, with its dot: what it is said to be, or what it begins with."""
    write: Callable[[BinaryIO], None]
    """Writes its bytes into a stream."""


def enclosed(instance: "Instance") -> Enclosed:
    """Find what *instance* encloses.

    Raises
    ------
    NothingEnclosedError
        If it is neither an encapsulated document nor a video.
    """
    element = (instance.elements or {}).get(_DOCUMENT)
    if isinstance(element, RawDataElement):
        return _document(instance, element.value or b"")
    codec = CODECS.get(instance.transfer_syntax)
    pixels = instance.pixel_data
    if codec is None or not codec.is_video or pixels is None or pixels.fragments is None:
        raise NothingEnclosedError(
            f"{safe_line(instance.source.name)}: encloses neither a document (0042,0011) nor a video"
        )
    fragments = pixels.fragments

    def write(stream: BinaryIO) -> None:
        with BitStream(instance.source, fragments) as bits:
            while chunk := bits.read(_CHUNK):
                stream.write(chunk)

    with BitStream(instance.source, fragments) as bits:
        head = bits.read(_HEAD) or b""
    return Enclosed(_by_magic(head) or _by_syntax(instance.transfer_syntax), write)


def _document(instance: "Instance", value: bytes) -> Enclosed:
    dataset = instance.dataset
    document = value[: _length(dataset, len(value))]
    if not document:
        name = safe_line(instance.source.name)
        raise NothingEnclosedError(f"{name}: {label('EncapsulatedDocument')} is empty")
    suffix = (
        _BY_TYPE.get(text(dataset, "MIMETypeOfEncapsulatedDocument").lower())
        or _BY_CLASS.get(text(dataset, "SOPClassUID"))
        or _by_magic(document[:_HEAD])
        or ".bin"
    )

    def write(stream: BinaryIO) -> None:
        stream.write(document)

    return Enclosed(suffix, write)


def _length(dataset: "Dataset", present: int) -> int:
    """Return the length without the null character that makes it even (PS3.5 7.1.1), if it is told."""
    stated = numbers(dataset, "EncapsulatedDocumentLength")
    return present - 1 if stated and stated[0] == present - 1 else present


def _by_magic(head: bytes) -> str:
    for offset, magic, suffix in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return suffix
    return ".ts" if head[:1] == b"G" == head[_PACKET : _PACKET + 1] else ""


def _by_syntax(transfer_syntax: str) -> str:
    """Return the suffix of an elementary stream."""
    number = transfer_syntax.removeprefix("1.2.840.10008.1.2.4.").split(".")[0]
    return ".m2v" if number in _MPEG_2 else ".h265" if number in _HEVC else ".h264"
