"""Small files that claim to be huge: each is some kilobytes, and wants gigabytes of whoever believes it."""

import json
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import imagecodecs
import numpy as np
from pydicom.dataset import Dataset

from dicomtui.dataset.reading import Instance
from dicomtui.dataset.source import MemorySource
from tests.fuzz.fuzzer import checked, limit, peak_mib
from tests.imaging.made_frames import (
    DEFLATED,
    EXPLICIT,
    description,
    encapsulated,
    instance_of,
    native,
)

ROOT = "1.2.840.10008.1.2"
JPEG, LOSSLESS, JPEG_LS = f"{ROOT}.4.50", f"{ROOT}.4.70", f"{ROOT}.4.80"
J2K, HTJ2K, JXL, RLE = f"{ROOT}.4.90", f"{ROOT}.4.201", f"{ROOT}.4.110", f"{ROOT}.5"
DEFLATED_FRAME = f"{ROOT}.8.1"
SMALL, HUGE = 16, 65535
_GREY = np.arange(SMALL * SMALL, dtype=np.uint8).reshape(SMALL, SMALL)
_MIB = bytes(1 << 20)


def bombs() -> Iterator[tuple[str, bytes]]:
    """Yield what each file claims, and the file."""
    for group in (_sizes, _counts, _codestreams, _tables, _offsets, _inflating, _others):
        for claim, instance in group():
            yield claim, _content(instance)


def _content(instance: Instance) -> bytes:
    assert isinstance(instance.source, MemorySource)
    return instance.source.content


Made = Iterator[tuple[str, Instance]]


# --- rows, columns, frames ---


def _sizes() -> Made:
    for rows, columns, samples, bits in (
        (HUGE, HUGE, 1, 16),
        (HUGE, HUGE, 3, 8),
        (HUGE, 1, 1, 1),
        (1, HUGE, 3, 16),
        (HUGE, HUGE, HUGE, 64),
    ):
        image = description(rows, columns, samples, bits)
        yield f"{rows} x {columns}, {samples} samples of {bits} bits", native(image, bytes(100))
    image = description(HUGE, HUGE, bits=8)
    yield "65535 x 65535 in RLE", encapsulated(image, [_rle(b"\x81\x00" * 50)], RLE)


def _counts() -> Made:
    for frames in ("2147483648", "2147483647", "4294967295", "999999999999", "-1", "1e30"):
        image = description(SMALL, SMALL, bits=8)
        image.add_new("NumberOfFrames", "IS", "1")
        image["NumberOfFrames"]._value = frames
        yield f"{frames} native frames", native(image, _GREY.tobytes())
        yield f"{frames} frames of JPEG", encapsulated(image, [bytes(imagecodecs.jpeg8_encode(_GREY))], JPEG)
    image = description(SMALL, SMALL, bits=8, NumberOfFrames="2147483647")
    image.PerFrameFunctionalGroupsSequence = [Dataset() for _ in range(3)]
    image.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4.1"
    yield "2147483647 frames with three functional groups", native(image, _GREY.tobytes())
    image = description(1, 1, bits=1, NumberOfFrames="2147483647")
    yield "2147483647 frames of one bit", native(image, bytes(8))
    image = description(SMALL, SMALL, bits=8, NumberOfFrames="2147483647", FrameTimeVector=["1", "2"])
    yield "2147483647 frames with two times", native(image, _GREY.tobytes())


# --- headers of codestreams ---


def _codestreams() -> Made:
    for name, uid, stream in _streams():
        for rows in (SMALL, HUGE):
            image = description(rows, rows, bits=8)
            yield f"{name}, of {rows} x {rows} in the file", encapsulated(image, [stream], uid)


def _streams() -> Iterator[tuple[str, str, bytes]]:
    """Yield codestreams whose headers claim more than there is, with the Transfer Syntax of each."""
    baseline = bytes(imagecodecs.jpeg8_encode(_GREY, 90))
    lossless = bytes(imagecodecs.jpeg8_encode(_GREY, lossless=True, predictor=1))
    jpeg_ls = bytes(imagecodecs.jpegls_encode(_GREY))
    for name, uid, stream in (
        ("JPEG", JPEG, baseline),
        ("lossless JPEG", LOSSLESS, lossless),
        ("JPEG-LS", JPEG_LS, jpeg_ls),
    ):
        yield f"{name} of 65535 x 65535", uid, _with_frame_size(stream, HUGE, HUGE)
        yield f"{name} of 1 x 65535", uid, _with_frame_size(stream, 1, HUGE)
        yield f"{name} with 255 components", uid, _with_components(stream, 255)
    yield "JPEG of 20000 scans", JPEG, _many_scans(baseline)
    yield (
        "JPEG-LS of values of 65535 with 65535 as threshold",
        JPEG_LS,
        jpeg_ls[:2] + _ls_preset() + jpeg_ls[2:],
    )
    plain = bytes(imagecodecs.jpeg2k_encode(_GREY, codecformat="j2k"))
    for uid, kind in ((J2K, "J2K"), (HTJ2K, "HTJ2K")):
        yield f"{kind} of 2^31 x 2^31", uid, _with_siz(plain, 1 << 31, 1 << 31)
        yield f"{kind} of 2^32-1 x 2^32-1", uid, _with_siz(plain, 0xFFFFFFFF, 0xFFFFFFFF)
        yield f"{kind} of 65535 x 65535", uid, _with_siz(plain, HUGE, HUGE)
        yield f"{kind} in tiles of 1 x 1", uid, _with_siz(plain, HUGE, HUGE, tile=1)
        yield f"{kind} with 16384 components", uid, _with_siz(plain, SMALL, SMALL, components=16384)
    xl = bytes(imagecodecs.jpegxl_encode(_GREY, lossless=True, usecontainer=False))
    yield "JPEG XL of 2^30 x 2^30", JXL, _with_jxl_size(xl)
    yield "JPEG XL in a box of 2^63 bytes", JXL, _jxl_box(1 << 63) + xl
    for count in (15, 0xFFFFFFFF):
        yield f"RLE of {count} segments", RLE, struct.pack("<16L", count, *[64] * 15) + b"\x81\x00" * 50
    yield "RLE of segments of 4 GiB", RLE, struct.pack("<16L", 1, 0xFFFFFFF0, *[0] * 14) + bytes(50)
    yield "RLE of a thousand times its frame", RLE, _rle(b"\x81\x00" * 100_000)
    yield "a deflated frame of 300 MiB", DEFLATED_FRAME, _deflated(300)


def _with_frame_size(stream: bytes, rows: int, columns: int) -> bytes:
    at = _start_of_frame(stream)
    return stream[: at + 5] + struct.pack(">HH", rows, columns) + stream[at + 9 :]


def _with_components(stream: bytes, count: int) -> bytes:
    """Return a JPEG whose frame header has *count* components."""
    at = _start_of_frame(stream)
    (length,) = struct.unpack_from(">H", stream, at + 2)
    components = b"".join(bytes((number, 0x11, 0)) for number in range(1, count + 1))
    header = struct.pack(">H", 8 + 3 * count) + stream[at + 4 : at + 9] + bytes((count,)) + components
    return stream[: at + 2] + header + stream[at + 2 + length :]


def _start_of_frame(stream: bytes) -> int:
    at = 2
    while stream[at + 1] not in (0xC0, 0xC1, 0xC2, 0xC3, 0xF7):
        at += 2 + struct.unpack_from(">H", stream, at + 2)[0]
    return at


def _many_scans(stream: bytes) -> bytes:
    """Return a JPEG that begins its scan again and again."""
    at = stream.index(b"\xff\xda")
    (length,) = struct.unpack_from(">H", stream, at + 2)
    return stream[:at] + stream[at : at + 2 + length] * 20_000 + stream[at:]


def _ls_preset() -> bytes:
    return b"\xff\xf8" + struct.pack(">HB5H", 13, 1, HUGE, HUGE, HUGE, HUGE, HUGE)


def _with_siz(stream: bytes, rows: int, columns: int, tile: int = 0, components: int = 1) -> bytes:
    """Return a JPEG 2000 codestream with another SIZ."""
    at = stream.index(b"\xff\x51")
    (length,) = struct.unpack_from(">H", stream, at + 2)
    tiles = (tile or columns, tile or rows)
    body = (
        struct.pack(">H8LH", 0, columns, rows, 0, 0, *tiles, 0, 0, components) + b"\x07\x01\x01" * components
    )
    return stream[: at + 2] + struct.pack(">H", len(body) + 2) + body + stream[at + 2 + length :]


def _with_jxl_size(stream: bytes) -> bytes:
    """Return a JPEG XL codestream whose SizeHeader has 2^30 rows and as many columns."""
    # not small; 30 bits for rows (selector 3, value - 1); a ratio of 1:1
    bits = [0, 1, 1] + [((1 << 30) - 1) >> bit & 1 for bit in range(30)] + [1, 0, 0]
    size = bytes(
        sum(bit << place for place, bit in enumerate(bits[start : start + 8]))
        for start in range(0, len(bits), 8)
    )
    return stream[:2] + size + stream[4:]


def _jxl_box(length: int) -> bytes:
    signature = bytes.fromhex("0000000c4a584c200d0a870a")
    kind = bytes.fromhex("00000014667479706a786c20000000006a786c20")
    return signature + kind + struct.pack(">L4sQ", 1, b"jxlc", length)


def _rle(segment: bytes) -> bytes:
    return struct.pack("<16L", 1, 64, *[0] * 14) + segment


# --- tables ---


def _tables() -> Made:
    grey = _GREY.tobytes()
    for entries, data in ((0, bytes(2)), (65535, bytes(2)), (65535, bytes(1 << 17))):
        image = description(SMALL, SMALL, bits=8, PhotometricInterpretation="PALETTE COLOR")
        for colour in ("Red", "Green", "Blue"):
            setattr(image, f"{colour}PaletteColorLookupTableDescriptor", [entries, 65535, 16])
            setattr(image, f"{colour}PaletteColorLookupTableData", data)
        yield f"a palette of {entries or 65536} entries in {len(data)} bytes", native(image, grey)
    image = description(SMALL, SMALL, bits=8, PhotometricInterpretation="PALETTE COLOR")
    for colour in ("Red", "Green", "Blue"):
        setattr(image, f"{colour}PaletteColorLookupTableDescriptor", [0, 0, 16])
        setattr(image, f"Segmented{colour}PaletteColorLookupTableData", _segments())
    yield "a segmented palette of 2^32 entries", native(image, grey)
    for sequence in ("ModalityLUTSequence", "VOILUTSequence"):
        for entries, data in ((0, bytes(2)), (65535, bytes(1 << 16))):
            image = description(SMALL, SMALL, bits=8)
            setattr(image, sequence, [_lut(entries, data)])
            yield f"{sequence} of {entries or 65536} entries in {len(data)} bytes", native(image, grey)
    image = description(SMALL, SMALL, bits=8, VOILUTSequence=[_lut(256, bytes(256)) for _ in range(5000)])
    yield "5000 VOI LUTs", native(image, grey)
    image = description(SMALL, SMALL, bits=8, WindowCenter=["1"] * 20_000, WindowWidth=["1"] * 20_000)
    yield "20000 windows", native(image, grey)
    image = description(SMALL, SMALL, 3, bits=8)
    image.ICCProfile = (
        struct.pack(">L", 0xFFFFFFF0) + bytes(32) + b"acsp" + bytes(88) + struct.pack(">L", 0xFFFFFFFF)
    )
    yield "an ICC profile of 4 GiB", native(image, grey * 3)


def _lut(entries: int, data: bytes) -> Dataset:
    lut = Dataset()
    lut.LUTDescriptor = [entries, 0, 16]
    lut.add_new("LUTData", "OW", data)
    return lut


def _segments() -> bytes:
    """Return segments, each of which repeats all that come before it (PS3.3 C.7.9.2.2)."""
    parts = struct.pack("<5H", 0, 3, 1, 2, 3)
    for number in range(1, 32):
        parts += struct.pack("<4H", 2, number, 0, 0)
    return parts


# --- offset tables and fragments ---


def _offsets() -> Made:
    jpeg = bytes(imagecodecs.jpeg8_encode(_GREY))
    image = description(SMALL, SMALL, bits=8, NumberOfFrames="2")
    yield "offsets of 4 GiB", encapsulated(image, [jpeg, jpeg], JPEG, basic=[0, 0xFFFFFFF0])
    header = struct.pack("<HH2sHL", 0x7FE0, 0x10, b"OB", 0, 0xFFFFFFFF)
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFF0)
    yield "an offset table of 4 GiB", instance_of(image, header + item + bytes(100), JPEG)
    yield "a fragment of 4 GiB", instance_of(image, header + _EMPTY + item + jpeg, JPEG)
    yield "30000 empty fragments", instance_of(image, header + _EMPTY * 30_000 + _END, JPEG)
    image = description(SMALL, SMALL, bits=8, NumberOfFrames="2")
    image.ExtendedOffsetTable = struct.pack("<2Q", 0, 1 << 63)
    image.ExtendedOffsetTableLengths = struct.pack("<2Q", 1 << 63, (1 << 64) - 1)
    yield "extended offsets of 2^63", encapsulated(image, [jpeg, jpeg], JPEG, basic=[])


_EMPTY = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
_END = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


# --- what inflates ---


def _inflating() -> Made:
    meta = native(description(SMALL, SMALL, bits=8), _GREY.tobytes(), DEFLATED)
    head = _content(meta)[:132]
    syntax = _content(meta)[132 : _content(meta).index(DEFLATED.encode()) + len(DEFLATED)]
    start = head + syntax
    text = struct.pack("<HH2sHL", 0x0008, 0x0018, b"UT", 0, 0xFFFFFFF0)
    for name, first in (("a deflated Data Set of 300 MiB", b""), ("a deflated text of 300 MiB", text)):
        yield name, _read(start + _deflated(300, first))
    yield "a deflated Data Set that ends at once", _read(start + b"\x03\x00")


def _read(content: bytes) -> Instance:
    return _Unread(content)  # type: ignore[return-value]


class _Unread:
    """Stands for an instance that cannot be read while it is made."""

    def __init__(self, content: bytes) -> None:
        self.source = MemorySource("made.dcm", content)


def _deflated(mebibytes: int, first: bytes = b"") -> bytes:
    deflater = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    parts = [deflater.compress(first)]
    parts += [deflater.compress(_MIB) for _ in range(mebibytes)]
    return b"".join([*parts, deflater.flush()])


# --- others ---


def _others() -> Made:
    image = description(SMALL, SMALL, bits=8)
    _overlay(image, HUGE, HUGE, "2147483647")
    yield "an overlay of 65535 x 65535 and 2^31 frames", native(image, _GREY.tobytes())
    image = description(SMALL, SMALL, bits=8, ShutterShape="POLYGONAL")
    image.VerticesOfThePolygonalShutter = ["1"] * 10_000
    yield "a shutter of 5000 vertices", native(image, _GREY.tobytes())
    image = description(
        SMALL, SMALL, bits=8, PixelSpacing=["1e-300", "1e300"], PixelAspectRatio=["1", "2147483647"]
    )
    yield "pixels of 1e300 mm", native(image, _GREY.tobytes())
    value = struct.pack("<HH2sHL", 0x0009, 0x1001, b"OB", 0, 0xFFFFFFF0)
    yield "a value of 4 GiB", instance_of(description(SMALL, SMALL, bits=8), value + bytes(50), EXPLICIT)
    item = struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF) + _EMPTY * 30_000 + _END
    yield "30000 empty items", instance_of(Dataset(), item, EXPLICIT)


def _overlay(image: Dataset, rows: int, columns: int, frames: str) -> None:
    values: tuple[tuple[int, str, Any], ...] = (
        (0x10, "US", rows),
        (0x11, "US", columns),
        (0x15, "IS", frames),
        (0x40, "CS", "G"),
        (0x50, "SS", [1, 1]),
        (0x100, "US", 1),
        (0x102, "US", 0),
        (0x3000, "OW", bytes(10)),
    )
    for element, vr, value in values:
        image.add_new((0x6000, element), vr, value)


def main() -> int:
    """Check every one in this process, which is limited in memory, and print what became of each."""
    from dicomtui.processes import prepare

    prepare()  # codecs decode in a process of their own, as in the program
    limit()
    before = peak_mib()
    found = {claim: checked(content, deidentify=True) for claim, content in bombs()}
    json.dump({"found": found, "before_mib": before, "peak_mib": peak_mib()}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
