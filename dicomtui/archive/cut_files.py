"""Which instances are smaller than their own pixels: files that were cut when they were copied.

What an index knows of a file says nothing of the depth of its pixels. Few files have to be looked into all
the same: of those that should be as large as each other, the largest, and what is smaller than that one.
Encapsulated pixels have no size that could be known beforehand, but an end (PS3.5 A.4), which is near that
of the file: that takes a look at each of them, for which only a report has the time.
"""

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dicomtui.archive.attribute_names import parse_attributes
from dicomtui.archive.attribute_reading import Values, read_each
from dicomtui.archive.members import SEPARATOR
from dicomtui.archive.quality import Finding
from dicomtui.dataset.source import open_regular
from dicomtui.errors import ReadError
from dicomtui.wording import count_text, size_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dicomtui.archive.header import Header
    from dicomtui.archive.query_terms import Attribute

NATIVE = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})
"""Transfer Syntaxes whose pixels take as many bytes as Rows, Columns and the like say."""
_JPEG_AND_VIDEO, _RLE, _DEFLATED_FRAMES = (
    "1.2.840.10008.1.2.4.", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.8.1",
)  # fmt: skip
_PIXELS_ELSEWHERE = frozenset({"1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.95"})
"""JPIP: a server has the pixels."""
_END = re.compile(rb"\xfe\xff\xdd\xe0\0{4}(?:\xfc\xff\xfc\xff|\xfa\xff\xfa\xff|\Z)", re.DOTALL)
"""The Sequence Delimitation Item of the pixels, behind which come padding, signatures, or nothing; little
endian, as all that is encapsulated."""
_TAIL = 4096
"""Bytes at the end of a file among which it is looked for."""
_VARYING = 256
"""Bytes by which the attributes of alike instances may differ in length."""
_SUBSAMPLED = {"YBR_FULL_422": 2.0, "YBR_PARTIAL_422": 2.0, "YBR_PARTIAL_420": 1.5}
"""Samples that a pixel has on average (PS3.3 C.7.6.3.1.2)."""
_DEPTH = "SamplesPerPixel,PhotometricInterpretation,BitsAllocated"
_PIXELS = "PixelData,FloatPixelData,DoubleFloatPixelData"
_NAMED = 3
"""How many files a sentence names."""


def cut_finding(headers: "Sequence[Header]") -> Finding | None:
    """Say which instances of a series are cut; None if none is.

    Parameters
    ----------
    headers : sequence of Header
        The instances, whose files are read where that is needed. What cannot be read is not judged.
    """
    cut = list(_cut(headers))
    if not cut:
        return None
    named = [
        f"{os.path.basename(header.path)} ({size_text(header.size)}, its pixels {size_text(needed)})"
        for header, needed in cut[:_NAMED]
    ]
    more = f" and {len(cut) - _NAMED:,} more" if len(cut) > _NAMED else ""
    are = "is" if len(cut) == 1 else "are"
    return Finding(
        f"{len(cut):,} cut short",
        f"{count_text(len(cut), 'file')} {are} smaller than Rows, Columns and the depth of the pixels say:"
        f" {', '.join(named)}{more}.",
    )


def endless_finding(headers: "Sequence[Header]") -> Finding | None:
    """Say which instances end before their encapsulated pixels do; None if none does.

    Parameters
    ----------
    headers : sequence of Header
        The instances; the end of each file that has such pixels is read. Members of containers, which would
        have to be inflated, and what cannot be read are not judged.
    """
    endless = [header for header in headers if _is_encapsulated(header) and _lacks_end(header.path)]
    if not endless:
        return None
    named = [f"{os.path.basename(header.path)} ({size_text(header.size)})" for header in endless[:_NAMED]]
    more = f" and {len(endless) - _NAMED:,} more" if len(endless) > _NAMED else ""
    end = "ends before its" if len(endless) == 1 else "end before their"
    return Finding(
        f"{len(endless):,} cut short",
        f"{count_text(len(endless), 'file')} {end} encapsulated pixels do, without the Sequence Delimitation"
        f" Item (FFFE,E0DD): {', '.join(named)}{more}.",
    )


def _is_encapsulated(header: "Header") -> bool:
    syntax = header.transfer_syntax
    is_kind = syntax.startswith(_JPEG_AND_VIDEO) or syntax in (_RLE, _DEFLATED_FRAMES)
    return header.has_pixels and is_kind and syntax not in _PIXELS_ELSEWHERE and SEPARATOR not in header.path


def _lacks_end(path: str) -> bool:
    """Whether a file ends inside its encapsulated pixels; it is parsed only where its last bytes are odd."""
    try:
        with open_regular(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            if _END.search(os.pread(stream.fileno(), _TAIL, max(0, size - _TAIL))):
                return False
        from dicomtui.dataset.reading import read_instance

        pixels = read_instance(path).pixel_data
    except (OSError, ReadError):
        return False
    if pixels is None or pixels.fragments is None:
        return False  # not encapsulated, whatever is declared
    return pixels.offset + pixels.length >= size  # else something stands behind them


def _cut(headers: "Sequence[Header]") -> "Iterator[tuple[Header, int]]":
    """Yield the instances that are too small, and how many bytes their pixels take."""
    asked = list(_doubtful(headers))
    found = read_each([header.path for header in asked], _attributes(_DEPTH)) if asked else []
    for header, values in zip(asked, found, strict=True):
        needed = 0 if isinstance(values, str) else _pixel_bytes(header, values)
        if header.size < needed and _has_pixel_data(header.path):
            yield header, needed


def _has_pixel_data(path: str) -> bool:
    """Whether there are pixels at all: some files are kept without them."""
    (values,) = read_each([path], _attributes(_PIXELS))
    return not isinstance(values, str) and any(value.present for value in values.values())


def _doubtful(headers: "Sequence[Header]") -> "Iterator[Header]":
    alike: dict[tuple[object, ...], list[Header]] = {}
    for header in headers:
        if header.has_pixels and header.transfer_syntax in NATIVE:
            key = (header.rows, header.columns, header.number_of_frames, header.sop_class_uid)
            alike.setdefault(key, []).append(header)
    for group in alike.values():
        largest = max(group, key=lambda header: header.size)
        yield largest
        yield from (one for one in group if one.size < largest.size - _VARYING)


@lru_cache
def _attributes(names: str) -> "tuple[Attribute, ...]":
    return parse_attributes(names)


def _pixel_bytes(header: "Header", values: Values) -> int:
    """Return how many bytes the pixels take (PS3.5 8.1.1); 0 where that is not said."""
    samples, photometric, bits = (value.text for value in values.values())
    if not (samples.isdecimal() and bits.isdecimal() and header.rows and header.columns):
        return 0
    average = _SUBSAMPLED.get(photometric, float(samples))
    pixels = header.rows * header.columns * max(header.number_of_frames or 1, 1)
    return int(pixels * average * int(bits)) // 8
