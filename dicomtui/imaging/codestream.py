"""What the header of a codestream says: JPEG, JPEG-LS, JPEG 2000, High-Throughput JPEG 2000, JPEG XL.

Only the header is read, so that sizes can be compared with Rows and Columns before anything is decoded.

References
----------
ITU-T T.81 B.2 (JPEG), T.87 C.2 (JPEG-LS), T.800 A.5 and I.5 (JPEG 2000), T.814 A.3 (HTJ2K).
"""

from dataclasses import dataclass
from enum import StrEnum
from struct import Struct, error, unpack_from

from dicomtui.imaging import jpegxl

END_MARKER = b"\xff\xd9"
"""End of Image in JPEG and JPEG-LS, End of Codestream in JPEG 2000."""


class Kind(StrEnum):
    """The coding standards that are told apart."""

    JPEG = "JPEG"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"
    HTJ2K = "High-Throughput JPEG 2000"
    JPEG_XL = "JPEG XL"


@dataclass(frozen=True, slots=True)
class Header:
    """What a codestream says about itself."""

    kind: Kind
    rows: int
    columns: int
    samples: int
    bits: int
    """Precision of a sample."""
    signed: bool = False
    colour: str = ""
    """``RGB`` or ``YBR_FULL`` where the codestream itself tells what its samples are, else empty."""
    reason: str = ""
    """What tells the colour, for a note."""
    transformed: bool = False
    """Whether the decoder undoes a colour transformation: the multiple component transformation, XYB."""
    start: int = 0
    """Where the codestream begins, behind the boxes of a file format."""


_JPEG = b"\xff\xd8\xff"
_J2K = b"\xff\x4f\xff\x51"
_JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"

MARKER_LIMIT = 1000
"""Marker segments or boxes that may stand in front of what is looked for."""

_SOF_LOSSLESS = frozenset({0xC3, 0xC7, 0xCB, 0xCF})
_SOF_LS = 0xF7
_SOF = (frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | {_SOF_LS}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SOS, _APP0, _APP14 = 0xDA, 0xE0, 0xEE
_SIZ = Struct(">HHLLLLLLLLH")
_COD, _SOT = 0xFF52, 0xFF90
_TILE_LIMIT = 0xFFFF
_HTJ2K_CAPABILITY = 0x4000  # bit 14 of Rsiz: the capabilities marker follows


def kind_of(start: bytes) -> Kind | None:
    """Tell what a codestream is from its first bytes; None if it is none of them."""
    if start.startswith(_JPEG):
        return Kind.JPEG
    if start.startswith((_J2K, _JP2)):
        return Kind.JPEG_2000
    if start.startswith((jpegxl.SIGNATURE, jpegxl.BOXES)):
        return Kind.JPEG_XL
    return None


def read_header(data: bytes) -> Header:
    """Read the header of a codestream.

    Parameters
    ----------
    data : bytes
        A whole codestream, or enough of it; boxes of JP2 or JPEG XL may surround it.

    Raises
    ------
    ValueError
        If it is none of these, or ends in its header.
    """
    kind = kind_of(data[:12])
    try:
        if kind is Kind.JPEG:
            return _read_jpeg(data)
        if kind is Kind.JPEG_2000:
            return _read_j2k(data)
        if kind is Kind.JPEG_XL:
            return _read_jpegxl(data)
    except (error, IndexError) as cut:
        raise ValueError(f"the {kind} header is cut") from cut
    raise ValueError(f"no known codestream begins with {data[:4].hex(' ') or 'nothing'}")


def _read_jpeg(data: bytes) -> Header:
    """Collect the frame header and the application markers in front of the first scan."""
    frame: tuple[int, int, int, int, int] | None = None
    identifiers, factors = b"", b""
    adobe: int | None = None
    jfif = False
    position = 2
    for _ in range(MARKER_LIMIT):
        if data[position] != 0xFF:
            raise ValueError("the JPEG header has a byte where a marker should be")
        marker = data[position + 1]
        if marker == 0xFF or marker in _STANDALONE:  # fill byte, or a marker without a segment
            position += 1 if marker == 0xFF else 2
            continue
        if marker == _SOS:
            break
        (length,) = unpack_from(">H", data, position + 2)
        segment = data[position + 4 : position + 2 + length]
        if marker in _SOF and frame is None:
            frame = (marker, *unpack_from(">BHHB", segment))
            identifiers, factors = segment[6::3], segment[7::3]
        elif marker == _APP14 and segment.startswith(b"Adobe") and len(segment) >= 12:
            adobe = segment[11]
        elif marker == _APP0 and segment.startswith(b"JFIF"):
            jfif = True
        position += 2 + length
    if frame is None:
        raise ValueError("the JPEG codestream has no frame header")
    marker, bits, rows, columns, samples = frame
    kind = Kind.JPEG_LS if marker == _SOF_LS else Kind.JPEG
    colour, reason = "", ""
    if samples == 3 and kind is Kind.JPEG:
        colour, reason = _jpeg_colour(marker in _SOF_LOSSLESS, identifiers, factors, adobe, jfif=jfif)
    return Header(kind, rows, columns, samples, bits, colour=colour, reason=reason)


def _jpeg_colour(
    lossless: bool, identifiers: bytes, factors: bytes, adobe: int | None, *, jfif: bool
) -> tuple[str, str]:
    """Tell what three components are, and from what; the surest sign first."""
    if identifiers[:3].upper() == b"RGB":
        return "RGB", "its components are named R, G, B"
    if adobe is not None:
        return ("YBR_FULL" if adobe else "RGB"), f"its Adobe marker says transform {adobe}"
    if jfif and not lossless:
        return "YBR_FULL", "it has a JFIF marker"
    if len(set(factors[:3])) > 1:
        return "YBR_FULL", "its chrominance is subsampled"
    return "", ""


def _read_j2k(data: bytes) -> Header:
    start = _codestream_box(data) if data.startswith(_JP2) else 0
    length, capabilities, right, bottom, left, top, *tiles, samples = _SIZ.unpack_from(data, start + 4)
    components = data[start + 42 : start + 4 + length]
    if len(components) < 3 * samples or not samples:
        raise ValueError("the JPEG 2000 header is cut")
    precision = set(components[: 3 * samples : 3])
    if len(precision) > 1 or set(components[1::3]) | set(components[2::3]) != {1}:
        raise ValueError("the components of the JPEG 2000 codestream differ in size or precision")
    if not _tiles_fit(right, bottom, left, top, *tiles):
        raise ValueError("the tiles of the JPEG 2000 codestream do not cover it")
    depth = precision.pop()
    return Header(
        Kind.HTJ2K if capabilities & _HTJ2K_CAPABILITY else Kind.JPEG_2000,
        bottom - top,
        right - left,
        samples,
        (depth & 0x7F) + 1,
        signed=bool(depth & 0x80),
        transformed=_component_transformation(data, start + 4 + length),
        start=start,
    )


def _tiles_fit(
    right: int, bottom: int, left: int, top: int, width: int, height: int, first_left: int, first_top: int
) -> bool:
    """Whether tiles of one size, the first at its offset, cover the image with as many as are allowed."""
    if not (width and height and first_left <= left < right and first_top <= top < bottom):
        return False
    across, down = -(-(right - first_left) // width), -(-(bottom - first_top) // height)
    return first_left + width > left and first_top + height > top and across * down <= _TILE_LIMIT


def _codestream_box(data: bytes) -> int:
    """Return where the codestream begins in a JP2 file (T.800 I.5)."""
    position = 0
    for _ in range(MARKER_LIMIT):
        length, kind = unpack_from(">L4s", data, position)
        header = 8
        if length == 1:
            (length,) = unpack_from(">Q", data, position + 8)
            header = 16
        if kind == b"jp2c" and data.startswith(_J2K, position + header):
            return position + header
        position += max(length, header)
    raise ValueError("the JP2 boxes have no codestream")


def _component_transformation(data: bytes, position: int) -> bool:
    """Whether the main header's default coding style asks for the component transformation."""
    for _ in range(MARKER_LIMIT):
        marker, length = unpack_from(">HH", data, position)
        if marker == _COD:
            return data[position + 8] == 1
        if marker == _SOT or marker < 0xFF00:
            break
        position += 2 + length
    raise ValueError("the JPEG 2000 header has no coding style")


def _read_jpegxl(data: bytes) -> Header:
    image = jpegxl.read_image_header(data)
    return Header(Kind.JPEG_XL, image.rows, image.columns, image.samples, image.bits, transformed=image.xyb)
