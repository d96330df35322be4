"""Instances made in memory, with pixel data in any encoding, for tests of imaging."""

import io
import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from pydicom.dataset import Dataset

from dicomtui.dataset.reading import Instance, read_source
from dicomtui.dataset.source import MemorySource

IMPLICIT, EXPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
DEFLATED, GE_PRIVATE = "1.2.840.10008.1.2.1.99", "1.2.840.113619.5.2"
_IMPLICIT = (IMPLICIT, GE_PRIVATE)
_PIXEL_DATA = (0x7FE0, 0x0010)


def description(rows: int, columns: int, samples: int = 1, bits: int = 16, **attributes: Any) -> Dataset:
    """Return a data set with an Image Pixel Module and no pixel data; an attribute of None is left out."""
    written: dict[str, Any] = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7",
        "SOPInstanceUID": "1.2.3",
        "SamplesPerPixel": samples,
        "PhotometricInterpretation": "MONOCHROME2" if samples == 1 else "RGB",
        "PlanarConfiguration": None if samples == 1 else 0,
        "Rows": rows,
        "Columns": columns,
        "BitsAllocated": bits,
        "BitsStored": bits,
        "PixelRepresentation": 0,
        **attributes,
    }
    written.setdefault("HighBit", written["BitsStored"] and written["BitsStored"] - 1)
    dataset = Dataset()
    for keyword, value in written.items():
        if value is not None:
            setattr(dataset, keyword, value)
    return dataset


def native(dataset: Dataset, values: bytes, uid: str = EXPLICIT, vr: str = "OW", tag: int = 0x10) -> Instance:
    """Return an instance whose pixel data is *values* as they are."""
    order = ">" if uid == BIG else "<"
    group, element = _PIXEL_DATA[0], tag
    if uid in _IMPLICIT:
        header = struct.pack("<HHL", group, element, len(values))
    else:
        header = struct.pack(f"{order}HH2sHL", group, element, vr.encode(), 0, len(values))
    return instance_of(dataset, header + values, uid)


def encapsulated(
    dataset: Dataset,
    frames: Sequence[bytes | Sequence[bytes]],
    uid: str | None,
    *,
    basic: bool | Sequence[int] = True,
    extended: bool = False,
) -> Instance:
    """Return an instance whose pixel data is in fragments.

    A frame is one fragment, or a sequence of them. *basic* and *extended* write offset tables, *basic* may be
    the offsets to write. Without *uid* the file has no File Meta Information.
    """
    fragments = [[frame] if isinstance(frame, bytes) else list(frame) for frame in frames]
    items = [[_item(fragment) for fragment in frame] for frame in fragments]
    lengths = [sum(map(len, frame)) for frame in items]
    offsets = [0, *accumulate(lengths)][: len(items)]
    if extended:
        dataset.ExtendedOffsetTable = struct.pack(f"<{len(offsets)}Q", *offsets)
        dataset.ExtendedOffsetTableLengths = struct.pack(
            f"<{len(offsets)}Q", *(len(frame[0]) for frame in fragments)
        )
    table = (offsets if basic else []) if isinstance(basic, bool) else basic
    value = b"".join(
        [_item(struct.pack(f"<{len(table)}L", *table)), *(part for frame in items for part in frame)]
    )
    header = struct.pack("<HH2sHL", *_PIXEL_DATA, b"OB", 0, 0xFFFFFFFF)
    return instance_of(dataset, header + value + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0), uid)


def instance_of(dataset: Dataset, pixel_data: bytes, uid: str | None, name: str = "made.dcm") -> Instance:
    """Read a file of *dataset* and one encoded element; without *uid* it has no File Meta Information."""
    buffer = io.BytesIO()
    dataset.save_as(buffer, implicit_vr=uid in _IMPLICIT, little_endian=uid != BIG)
    body = buffer.getvalue() + pixel_data
    if uid == DEFLATED:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        body = deflater.compress(body) + deflater.flush()
    return read_source(MemorySource(name, _meta(uid) + body if uid else body))


def _meta(uid: str) -> bytes:
    value = uid.encode() + b"\0" * (len(uid) % 2)
    syntax = struct.pack("<HH2sH", 2, 0x10, b"UI", len(value)) + value
    return bytes(128) + b"DICM" + struct.pack("<HH2sHL", 2, 0, b"UL", 4, len(syntax)) + syntax


def _item(value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(value)) + value
