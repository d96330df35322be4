"""Whether what describes the image of an instance agrees with itself and with its bytes (PS3.3 C.7.6.3)."""

from collections.abc import Iterator, Mapping
from math import fsum, isfinite, sqrt
from typing import TYPE_CHECKING

from dicomtui.dataset.dictionary import format_tag
from dicomtui.dataset.findings import Finding
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element
    from dicomtui.dataset.reading import Instance

Top = Mapping[str, "Element"]

_PIXEL_DATA = 0x7FE00010
_FLOATS = {0x7FE00008: 32, 0x7FE00009: 64}
_NATIVE = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})
_DEFLATED = "1.2.840.10008.1.2.1.99"
_HALF_COLOUR = frozenset({"YBR_FULL_422", "YBR_PARTIAL_422"})
_ONE_SAMPLE = frozenset({"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"})
_THREE_SAMPLES = frozenset(
    {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT", "XYB"}
)
_PARALLEL = 1e-3
"""How far direction cosines may be from unit length and right angles."""
_POSITIVE = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
_LUT_DESCRIPTOR, _LUT_DATA = 0x00283002, 0x00283006
_PALETTES = ("Red", "Green", "Blue")


def pixel_findings(instance: "Instance", elements: "list[Element]") -> Iterator[Finding]:
    """Yield what does not agree, of the top level; lookup tables in items are for :func:`table_findings`."""
    top = {element.keyword: element for element in elements if element.keyword}
    yield from _spacing(top)
    yield from _orientation(top)
    yield from _window(top)
    yield from _palettes(top)
    yield from _frames(top)
    if instance.pixel_data is None:
        return
    yield from _bits(top, instance)
    yield from _photometric(top)
    yield from _size(top, instance)


def table_findings(elements: "list[Element]") -> Iterator[Finding]:
    """Yield lookup tables of one Data Set whose length is not what its descriptor says (PS3.3 C.11.1.1)."""
    found = {element.tag: element for element in elements if element.tag in (_LUT_DESCRIPTOR, _LUT_DATA)}
    if len(found) == 2:
        yield from _table(found[_LUT_DESCRIPTOR], found[_LUT_DATA], "PS3.3 C.11.1.1")


def _table(descriptor: "Element", data: "Element", clause: str) -> Iterator[Finding]:
    numbers = _numbers(descriptor)
    if len(numbers) != 3:
        return
    entries, bits = int(numbers[0]) % 65536 or 65536, numbers[2]
    present = len(data.value or b"")
    needed = {entries * 2, entries + entries % 2} if bits <= 8 else {entries * 2}
    if present not in needed:
        text = f"{present:,} bytes, the descriptor asks for {entries:,} entries of {bits:g} bits"
        yield Finding("error", data.path, text, clause)


def _palettes(top: Top) -> Iterator[Finding]:
    for colour in _PALETTES:
        descriptor = top.get(f"{colour}PaletteColorLookupTableDescriptor")
        data = top.get(f"{colour}PaletteColorLookupTableData")
        if descriptor is not None and data is not None:
            yield from _table(descriptor, data, "PS3.3 C.7.6.3.1.5")
        elif descriptor is not None and f"Segmented{colour}PaletteColorLookupTableData" not in top:
            yield Finding("error", descriptor.path, "a descriptor without its table", "PS3.3 C.7.6.3.1.5")


def _spacing(top: Top) -> Iterator[Finding]:
    for keyword in _POSITIVE:
        element = top.get(keyword)
        if element is not None and any(not number > 0 for number in _numbers(element)):
            yield Finding("error", element.path, f"{_shown(element)}: must be above 0", "PS3.3 10.7.1.3")
    thickness = top.get("SliceThickness")
    if thickness is not None and any(number < 0 for number in _numbers(thickness)):
        yield Finding("error", thickness.path, f"{_shown(thickness)}: below 0", "PS3.3 C.7.6.2")


def _orientation(top: Top) -> Iterator[Finding]:
    element = top.get("ImageOrientationPatient")
    cosines = _numbers(element) if element is not None else []
    if element is None or len(cosines) != 6:
        return
    rows, columns = cosines[:3], cosines[3:]
    lengths = [sqrt(fsum(part * part for part in direction)) for direction in (rows, columns)]
    if any(not abs(length - 1) <= _PARALLEL for length in lengths):
        yield Finding("error", element.path, "direction cosines are not of unit length", "PS3.3 C.7.6.2.1.1")
    elif not abs(fsum(a * b for a, b in zip(rows, columns, strict=True))) <= _PARALLEL:
        yield Finding("error", element.path, "rows and columns are not at right angles", "PS3.3 C.7.6.2.1.1")


def _window(top: Top) -> Iterator[Finding]:
    width, center = top.get("WindowWidth"), top.get("WindowCenter")
    if width is None or center is None:
        return
    function = _word(top, "VOILUTFunction") or "LINEAR"
    least = 1.0 if function == "LINEAR" else 0.0
    if any(number < least or number <= 0 for number in _numbers(width)):
        text = f"{_shown(width)}: must be at least 1" if least else f"{_shown(width)}: must be above 0"
        yield Finding("error", width.path, text, "PS3.3 C.11.2.1.2")
    if len(_numbers(width)) != len(_numbers(center)):
        text = "not as many Window Widths (0028,1051) as Window Centers (0028,1050)"
        yield Finding("error", width.path, text, "PS3.3 C.11.2.1.2")


def _frames(top: Top) -> Iterator[Finding]:
    declared, groups = _whole(top, "NumberOfFrames"), top.get("PerFrameFunctionalGroupsSequence")
    if groups is not None and declared is not None and len(groups.items or ()) != declared:
        text = f"{len(groups.items or ()):,} items, Number of Frames (0028,0008) is {declared:,}"
        yield Finding("error", groups.path, text, "PS3.3 C.7.6.16")
    element = top.get("NumberOfFrames")
    if element is not None and declared is not None and declared < 1:
        yield Finding("error", element.path, f"{declared}: must be at least 1", "PS3.3 C.7.6.6")


def _bits(top: Top, instance: "Instance") -> Iterator[Finding]:
    assert instance.pixel_data is not None
    allocated, stored, high = (_whole(top, word) for word in ("BitsAllocated", "BitsStored", "HighBit"))
    if allocated is None:
        return
    path = top["BitsAllocated"].path
    if expected := _FLOATS.get(instance.pixel_data.tag):
        if allocated != expected:
            yield Finding("error", path, f"{allocated}, floats have {expected}", "PS3.3 C.7.6.24")
        return
    if allocated != 1 and (allocated % 8 or not 0 < allocated <= 64):
        text = f"{allocated}: must be 1 or a multiple of 8"
        yield Finding("error", path, text, "PS3.3 C.7.6.3")
    if stored is not None and not 0 < stored <= allocated:
        text = f"{stored}, with {allocated} Bits Allocated (0028,0100)"
        yield Finding("error", top["BitsStored"].path, text, "PS3.3 C.7.6.3")
    elif stored is not None and high is not None and high != stored - 1:
        text = f"{high}: must be one less than Bits Stored (0028,0101), which is {stored}"
        yield Finding("error", top["HighBit"].path, text, "PS3.3 C.7.6.3")


def _photometric(top: Top) -> Iterator[Finding]:
    photometric, samples = _word(top, "PhotometricInterpretation"), _whole(top, "SamplesPerPixel")
    fitting = 1 if photometric in _ONE_SAMPLE else 3 if photometric in _THREE_SAMPLES else samples
    if samples is not None and samples != fitting:
        text = f"{samples}, with Photometric Interpretation (0028,0004) {photometric}"
        yield Finding("error", top["SamplesPerPixel"].path, text, "PS3.3 C.7.6.3.1.2")
    for keyword in ("PixelRepresentation", "PlanarConfiguration"):
        number = _whole(top, keyword)
        if number is not None and number not in (0, 1):
            yield Finding("error", top[keyword].path, f"{number}: must be 0 or 1", "PS3.3 C.7.6.3")


def _size(top: Top, instance: "Instance") -> Iterator[Finding]:
    """Compare what Rows, Columns and the like ask for with what is there."""
    pixels = instance.pixel_data
    assert pixels is not None
    frames = max(_whole(top, "NumberOfFrames") or 1, 1)
    is_native = instance.transfer_syntax in _NATIVE or instance.transfer_syntax == _DEFLATED
    if pixels.fragments is not None:
        if is_native and instance.encoding.declared:
            text = "encapsulated, and the Transfer Syntax (0002,0010) is a native one"
            yield Finding("error", (pixels.tag,), text, "PS3.5 A.4")
        elif len(pixels.fragments.offsets) - 1 < frames and not _is_video(instance):
            found = max(0, len(pixels.fragments.offsets) - 1)
            text = f"{count_text(found, 'fragment')}, fewer than the {frames:,} frames"
            yield Finding("error", (pixels.tag,), text, "PS3.5 A.4")
        return
    rows, columns = _whole(top, "Rows"), _whole(top, "Columns")
    bits = _FLOATS.get(pixels.tag) or _whole(top, "BitsAllocated")
    if not rows or not columns or not bits or not is_native:
        return
    samples: float = _whole(top, "SamplesPerPixel") or 1
    if _word(top, "PhotometricInterpretation") in _HALF_COLOUR:
        samples = 2
    needed = (int(rows * columns * samples) * frames * bits + 7) // 8
    if pixels.vr == "OB" and 8 < bits <= 16 and not instance.encoding.implicit:
        yield Finding("error", (pixels.tag,), f"VR OB, with {bits} Bits Allocated (0028,0100)", "PS3.5 A.2")
    if pixels.length < needed:
        text = f"{pixels.length:,} bytes are there, Rows, Columns and the like ask for {needed:,}"
        yield Finding("error", (pixels.tag,), text, "PS3.5 8.1.1")
    elif pixels.length > needed + needed % 2:
        more = pixels.length - needed
        text = f"{more:,} bytes more than the {needed:,} that Rows, Columns and the like ask for"
        yield Finding("warning", (pixels.tag,), text, "PS3.5 8.1.1")


def _is_video(instance: "Instance") -> bool:
    return instance.transfer_syntax.startswith("1.2.840.10008.1.2.4.1")


def _numbers(element: "Element") -> list[float]:
    found = []
    for text in element.values:
        try:
            number = float(text)
        except ValueError:
            return []
        if not isfinite(number):
            return []
        found.append(number)
    return found


def _whole(top: Top, keyword: str) -> int | None:
    numbers = _numbers(top[keyword]) if keyword in top else []
    return int(numbers[0]) if len(numbers) == 1 else None


def _word(top: Top, keyword: str) -> str:
    element = top.get(keyword)
    return element.values[0].strip().upper() if element is not None and element.values else ""


def _shown(element: "Element") -> str:
    return element.text or format_tag(element.tag)
