from contextlib import suppress

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.imaging.codestream import Kind, kind_of, read_header

SIZES = st.tuples(st.integers(1, 300), st.integers(1, 300))


def picture(rows: int, columns: int, samples: int = 1, bits: int = 8) -> np.ndarray:
    shape = (rows, columns) if samples == 1 else (rows, columns, samples)
    ramp = np.arange(np.prod(shape)) * 37 % (1 << bits)
    return ramp.reshape(shape).astype(np.uint8 if bits == 8 else np.uint16)


def encoded(kind: Kind, values: np.ndarray, bits: int) -> bytes:
    if kind is Kind.JPEG:
        return imagecodecs.jpeg8_encode(values, bitspersample=bits)
    if kind is Kind.JPEG_LS:
        return imagecodecs.jpegls_encode(values)
    if kind is Kind.JPEG_2000:
        return imagecodecs.jpeg2k_encode(values, level=0, codecformat="j2k", bitspersample=bits)
    if kind is Kind.HTJ2K:
        return imagecodecs.htj2k_encode(values, reversible=True)
    return imagecodecs.jpegxl_encode(values, lossless=True, bitspersample=bits, effort=1)


@given(st.sampled_from(Kind), SIZES, st.sampled_from([1, 3]), st.sampled_from([8, 12, 16]))
def test_the_header_of_what_an_encoder_wrote_says_its_size(
    kind: Kind, size: tuple[int, int], samples: int, bits: int
) -> None:
    bits = {Kind.JPEG: min(bits, 12), Kind.HTJ2K: max(bits, 16) if bits > 8 else 8}.get(kind, bits)
    header = read_header(encoded(kind, picture(*size, samples, bits), bits))
    assert (header.kind, header.rows, header.columns, header.samples) == (kind, *size, samples)
    if kind is not Kind.JPEG_LS:  # its encoder writes the width of the type
        assert header.bits == bits
    assert not header.signed


def test_boxes_around_a_codestream_are_looked_through() -> None:
    boxed = imagecodecs.jpeg2k_encode(picture(20, 30, 3), level=0, codecformat="jp2")
    header = read_header(boxed)
    assert boxed[header.start :].startswith(b"\xff\x4f\xff\x51")
    assert (header.rows, header.columns, header.transformed) == (20, 30, True)
    for container in (False, True):
        header = read_header(imagecodecs.jpegxl_encode(picture(20, 30), usecontainer=container))
        assert (header.rows, header.columns) == (20, 30)


def test_signed_samples_are_told() -> None:
    signed = picture(20, 30, bits=12).astype(np.int16) - 2048
    assert read_header(imagecodecs.jpeg2k_encode(signed, level=0, codecformat="j2k")).signed


@pytest.mark.parametrize(
    ("encoded_as", "colour", "reason"),
    [
        ({"colorspace": "RGB", "outcolorspace": "YCBCR", "subsampling": "422"}, "YBR_FULL", "JFIF"),
        ({"colorspace": "RGB", "outcolorspace": "RGB"}, "RGB", "named R, G, B"),
    ],
)
def test_a_jpeg_codestream_tells_its_colour(encoded_as: dict[str, str], colour: str, reason: str) -> None:
    header = read_header(imagecodecs.jpeg8_encode(picture(20, 30, 3), **encoded_as))
    assert header.colour == colour
    assert reason in header.reason


def with_segment(jpeg: bytes, marker: int, content: bytes) -> bytes:
    """Replace the application markers of a JPEG codestream by one."""
    tables = jpeg.index(b"\xff\xdb")
    segment = bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content
    return jpeg[:2] + segment + jpeg[tables:]


def renamed(jpeg: bytes, identifiers: bytes) -> bytes:
    """Give the components of a JPEG codestream other names."""
    frame = bytearray(jpeg)
    at, scan = jpeg.index(b"\xff\xc0") + 10, jpeg.index(b"\xff\xda") + 5
    for place, name in enumerate(identifiers):
        frame[at + 3 * place] = name
        frame[scan + 2 * place] = name
    return bytes(frame)


@pytest.mark.parametrize(("transform", "colour"), [(0, "RGB"), (1, "YBR_FULL"), (2, "YBR_FULL")])
def test_an_adobe_marker_tells_the_colour(transform: int, colour: str) -> None:
    jpeg = imagecodecs.jpeg8_encode(picture(20, 30, 3), subsampling="444")
    header = read_header(with_segment(jpeg, 0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform])))
    assert header.colour == colour
    assert f"transform {transform}" in header.reason


def test_nothing_is_said_of_the_colour_where_nothing_tells_it() -> None:
    jpeg = imagecodecs.jpeg8_encode(picture(20, 30, 3), subsampling="444")
    assert read_header(with_segment(jpeg, 0xE1, b"Exif\0\0")).colour == ""
    assert read_header(with_segment(renamed(jpeg, b"rgb"), 0xE1, b"Exif\0\0")).colour == "RGB"
    subsampled = imagecodecs.jpeg8_encode(picture(20, 30, 3), subsampling="420")
    assert read_header(with_segment(subsampled, 0xE1, b"Exif\0\0")).colour == "YBR_FULL"


@given(st.sampled_from(Kind), st.data())
def test_a_header_that_is_cut_or_changed_is_read_or_refused(kind: Kind, data: st.DataObject) -> None:
    whole = bytearray(encoded(kind, picture(40, 48), 8))
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, min(len(whole), 120) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ValueError):
        header = read_header(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
        assert header.rows >= 0
        assert header.columns >= 0


@pytest.mark.parametrize("endless", [b"\xff", b"\xff\xd0", b"\xff\xe0\0\0", b"\xff\xe1\0\x02"])
def test_markers_without_end_are_given_up(endless: bytes) -> None:
    with pytest.raises(ValueError, match="JPEG"):
        read_header(b"\xff\xd8\xff\xe0\0\x02" + endless * 2_000_000)


@pytest.mark.parametrize("start", [b"", b"\0\0", b"GIF89a", b"RIFF", b"\xff\xd9"])
def test_other_bytes_are_no_codestream(start: bytes) -> None:
    assert kind_of(start) is None
    with pytest.raises(ValueError, match="no known codestream"):
        read_header(start)


@pytest.mark.parametrize("field", range(8))
def test_tiles_that_do_not_cover_the_image_are_refused(field: int) -> None:
    """A tile of no width would be divided by."""
    codestream = bytearray(imagecodecs.htj2k_encode(picture(40, 48), reversible=True))
    codestream[8 + 4 * field : 12 + 4 * field] = b"\xff\xff\xff\xff" if field in (2, 3, 6, 7) else bytes(4)
    with pytest.raises(ValueError, match="tiles"):
        read_header(bytes(codestream))


def test_a_jpeg_xl_animation_is_refused() -> None:
    animated = imagecodecs.jpegxl_encode(np.stack([picture(20, 30)] * 3))
    with pytest.raises(ValueError, match="animated"):
        read_header(animated)
