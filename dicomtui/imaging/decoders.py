"""Decodes one encoded frame into words, once its own header has been compared with the attributes.

Samples come as the codestream holds them: JPEG and JPEG-LS are not converted to another colour space.
JPEG 2000 and JPEG XL undo a colour transformation of their own, so what they give is RGB.

References
----------
DICOM PS3.5 8.2 (encapsulated formats), A.4.11 (Encapsulated Uncompressed), A.4.13 (Deflated Image Frame).
"""

import zlib
from collections.abc import Callable, Collection

import numpy as np

from dicomtui.imaging import codec_process, jpegxl, rle
from dicomtui.imaging.attributes import label
from dicomtui.imaging.codestream import END_MARKER, Header, Kind, read_header
from dicomtui.imaging.image_pixel import LARGE_FRAME, ImagePixel
from dicomtui.imaging.native import expanded_photometric, frame_bits, unpack_words
from dicomtui.imaging.stored_values import Words

Decoder = Callable[[bytes, ImagePixel], Words]
"""Takes a whole encoded frame and what it should look like; raises anything if it cannot be decoded."""

SCAN_LIMIT = 500
"""Scans that a progressive JPEG codestream may have: each costs a pass over the picture."""
_CODESTREAM_RATIO = 5000
"""How much larger than its codestream a large picture may be; only one that is all the same exceeds it."""
_SYNTAX = "Transfer Syntax UID (0002,0010)"
_CUT = "the codestream is cut: it has no end marker"
_START_OF_SCAN = b"\xff\xda"
_DEFLATE_RATIO = 1032
"""How much larger than its deflated form data can become."""


def decode_codestream(data: bytes, pixel: ImagePixel, expected: Collection[Kind] = tuple(Kind)) -> Words:
    """Decode JPEG, JPEG-LS, JPEG 2000, High-Throughput JPEG 2000 or JPEG XL, whichever it is.

    Parameters
    ----------
    data : bytes
        The whole codestream.
    pixel : ImagePixel
        What the frame should look like; a codestream of another size is refused.
    expected : collection of Kind
        What the Transfer Syntax promises; a note says so when it is something else.

    Raises
    ------
    ValueError, RuntimeError
        If the codestream cannot be decoded, or is not of the size that the attributes say.
    """
    header = read_header(data)
    if (header.rows, header.columns, header.samples) != (pixel.rows, pixel.columns, pixel.samples):
        raise ValueError(
            f"the codestream has {header.rows} x {header.columns} x {header.samples}; {label('Rows')}, "
            f"{label('Columns')}, {label('SamplesPerPixel')} say "
            f"{pixel.rows} x {pixel.columns} x {pixel.samples}"
        )
    needed = _size(pixel)
    if needed > LARGE_FRAME and needed > len(data) * _CODESTREAM_RATIO:
        raise ValueError(f"a codestream of {len(data):,} bytes is not believed to hold {needed:,}")
    try:
        words = _DECODERS[header.kind](data, header, pixel)
    except codec_process.CodecError as error:
        raise ValueError(f"the {header.kind} codestream is damaged or cut ({error})") from error
    if words.words.shape != pixel.shape:
        raise ValueError(f"the codec made an array of the shape {words.words.shape} of it")
    if header.kind in expected:
        return words
    return words._replace(notes=(f"the codestream is {header.kind}, not what {_SYNTAX} says", *words.notes))


def _size(pixel: ImagePixel) -> int:
    """Return the bytes of a decoded frame."""
    return pixel.values_per_frame * pixel.word_type.itemsize


def _decode_jpeg(data: bytes, header: Header, pixel: ImagePixel) -> Words:
    if data.count(_START_OF_SCAN) > SCAN_LIMIT:
        raise ValueError(f"the codestream has more than {SCAN_LIMIT} scans")
    # naming one colour space for both sides keeps the codec from converting
    space = "RGB" if header.samples == 3 else None
    words = codec_process.decode("jpeg8_decode", data, _size(pixel), colorspace=space, outcolorspace=space)
    photometric, notes = _jpeg_photometric(header, pixel)
    return Words(words, header.bits, photometric, notes + _cut(data))


def _jpeg_photometric(header: Header, pixel: ImagePixel) -> tuple[str, tuple[str, ...]]:
    """Tell what the samples are: where the codestream contradicts the attribute, it wins."""
    declared = expanded_photometric(pixel.photometric)
    if not header.colour or header.colour[:3] == declared[:3]:
        return declared, ()
    contradiction = f"but the codestream is {header.colour}: {header.reason}"
    return header.colour, (f"{label('PhotometricInterpretation')} is {pixel.photometric}, {contradiction}",)


def _decode_jpegls(data: bytes, header: Header, pixel: ImagePixel) -> Words:
    words = codec_process.decode("jpegls_decode", _up_to_end(data), _size(pixel))
    return Words(words, header.bits, expanded_photometric(pixel.photometric))


def _decode_j2k(data: bytes, header: Header, pixel: ImagePixel) -> Words:
    codestream = data[header.start :]  # without boxes, whose colour space the codec would convert from
    if header.kind is Kind.HTJ2K:
        codestream = _up_to_end(codestream)
    words = codec_process.decode("jpeg2k_decode", codestream, _size(pixel))
    photometric, contradictions = _j2k_photometric(header, pixel)
    if header.signed != pixel.signed:
        written = "signed" if header.signed else "unsigned"
        contradictions += (
            f"{label('PixelRepresentation')} is {pixel.signed:d}, but the codestream is {written}",
        )
    return Words(words, header.bits, photometric, contradictions + _cut(data))


def _j2k_photometric(header: Header, pixel: ImagePixel) -> tuple[str, tuple[str, ...]]:
    photometric = expanded_photometric(pixel.photometric)
    if photometric not in ("YBR_ICT", "YBR_RCT"):
        return photometric, ()
    if header.transformed:
        return "RGB", ()
    contradiction = "but the codestream has no such transformation: taken as RGB"
    return "RGB", (f"{label('PhotometricInterpretation')} is {photometric}, {contradiction}",)


def _decode_jpegxl(data: bytes, header: Header, pixel: ImagePixel) -> Words:
    if jpegxl.holds_jpeg(data):
        jpeg = codec_process.decode("jpegxl_decode_jpeg", data, _size(pixel), numthreads=1)
        return decode_codestream(jpeg.tobytes(), pixel)
    words = codec_process.decode("jpegxl_decode", data, _size(pixel), keeporientation=True)
    in_rgb = header.samples == 3 and (header.transformed or pixel.photometric in ("XYB", "YBR_FULL_422"))
    return Words(words, header.bits, "RGB" if in_rgb else pixel.photometric)


_DECODERS: dict[Kind, Callable[[bytes, Header, ImagePixel], Words]] = {
    Kind.JPEG: _decode_jpeg,
    Kind.JPEG_LS: _decode_jpegls,
    Kind.JPEG_2000: _decode_j2k,
    Kind.HTJ2K: _decode_j2k,
    Kind.JPEG_XL: _decode_jpegxl,
}


def _cut(data: bytes) -> tuple[str, ...]:
    return () if data.rfind(END_MARKER) >= 0 else (_CUT,)


def _up_to_end(data: bytes) -> bytes:
    """Refuse a codestream without an end: one codec would make noise of it, another run for seconds."""
    end = data.rfind(END_MARKER)
    if end < 0:
        raise ValueError(_CUT)
    return data[: end + len(END_MARKER)]


def decode_rle(data: bytes, pixel: ImagePixel) -> Words:
    """Decode a frame of RLE Lossless."""
    words, notes = rle.unpack_frame(data, pixel)
    return Words(words, pixel.bits_allocated, expanded_photometric(pixel.photometric), notes)


def decode_deflated(data: bytes, pixel: ImagePixel) -> Words:
    """Inflate a frame (RFC 1951), to no more bytes than it needs."""
    needed = -(-frame_bits(pixel) // 8)
    if needed > len(data) * _DEFLATE_RATIO:
        raise ValueError(f"{len(data):,} deflated bytes cannot hold the {needed:,} bytes of the frame")
    return decode_uncompressed(zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, needed), pixel)


def decode_uncompressed(data: bytes, pixel: ImagePixel) -> Words:
    """Arrange a frame that is encapsulated as it is."""
    needed = -(-frame_bits(pixel) // 8)
    if len(data) < needed:
        raise ValueError(f"the frame has {len(data):,} of {needed:,} bytes")
    words = unpack_words(np.frombuffer(bytearray(data[:needed]), np.uint8), pixel)
    return Words(words, pixel.bits_allocated, expanded_photometric(pixel.photometric))
