"""Attributes that the IOD requires and an instance lacks, or has without a value (PS3.5 7.4)."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from dicomtui.dataset.dictionary import format_tag, name_of, uid_name
from dicomtui.dataset.findings import Finding
from dicomtui.dataset.scope import Path

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element
    from dicomtui.dataset.iod_table import Requirement, Requirements
    from dicomtui.dataset.reading import Instance

Top = Mapping[str, "Element"]
"""The elements at the top level by keyword."""

_SOP_CLASS = "SOPClassUID"
_PIXEL_DATA = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_WITH_POSITION = frozenset(
    f"1.2.840.10008.5.1.4.1.1.{suffix}" for suffix in ("2", "2.1", "4", "4.1", "4.2", "4.3")
)
"""CT, MR, and their enhanced ones: SOP Classes that PS3.3 C.7.3.1 asks for a Patient Position."""
_META = (
    (0x00020001, "File Meta Information Version"), (0x00020002, "Media Storage SOP Class UID"),
    (0x00020003, "Media Storage SOP Instance UID"), (0x00020010, "Transfer Syntax UID"),
    (0x00020012, "Implementation Class UID"),
)  # fmt: skip


def _value(top: Top, keyword: str) -> str:
    element = top.get(keyword)
    return element.values[0].strip().upper() if element is not None and element.values else ""


def _in_colour(top: Top) -> bool:
    return _value(top, "SamplesPerPixel").isdecimal() and int(_value(top, "SamplesPerPixel")) > 1


def _by_palette(top: Top) -> bool:
    return _value(top, "PhotometricInterpretation") == "PALETTE COLOR"


def _has(keyword: str) -> Callable[[Top], bool]:
    return lambda top: bool(_value(top, keyword))


def _by_whole_palette(top: Top) -> bool:
    colours = ("Red", "Green", "Blue")
    segmented = any(f"Segmented{colour}PaletteColorLookupTableData" in top for colour in colours)
    return _by_palette(top) and not segmented


def _lies_in_patient(top: Top) -> bool:
    return _value(top, _SOP_CLASS) in _WITH_POSITION and "PatientOrientationCodeSequence" not in top


def _lies_nowhere(top: Top) -> bool:
    """Whether the IOD requires neither Image Orientation (Patient) nor Image Orientation (Slide)."""
    from dicomtui.dataset.iod_table import modules_of

    modules = modules_of(_value(top, _SOP_CLASS))
    located = "image-plane" in modules or any(module.endswith("functional-groups") for module in modules)
    return not located and "ImageOrientationSlide" not in top and "ImageOrientationPatient" not in top


def _lossy(top: Top) -> bool:
    return _value(top, "LossyImageCompression") == "01"


def _lacks_sources(top: Top) -> bool:
    return not any(word in top for word in ("FloatPixelData", "DoubleFloatPixelData", "PixelDataProviderURL"))


CONDITIONS: dict[str, Callable[[Top], bool]] = {
    "PlanarConfiguration": _in_colour,
    "RedPaletteColorLookupTableDescriptor": _by_palette,
    "GreenPaletteColorLookupTableDescriptor": _by_palette,
    "BluePaletteColorLookupTableDescriptor": _by_palette,
    "RedPaletteColorLookupTableData": _by_whole_palette,
    "GreenPaletteColorLookupTableData": _by_whole_palette,
    "BluePaletteColorLookupTableData": _by_whole_palette,
    "PatientPosition": _lies_in_patient,
    "PatientOrientation": _lies_nowhere,
    "PixelData": _lacks_sources,
    "LossyImageCompressionRatio": _lossy,
    "LossyImageCompressionMethod": _lossy,
    "WindowWidth": _has("WindowCenter"),
    "PixelSpacingCalibrationDescription": _has("PixelSpacingCalibrationType"),
    "FrameTimeVector": lambda top: _value(top, "FrameIncrementPointer").startswith("(0018,1065)"),
    "FrameTime": lambda top: _value(top, "FrameIncrementPointer").startswith("(0018,1063)"),
}
"""Of the conditions of Types 1C and 2C those that the instance itself decides, by keyword."""

# pairs that belong together wherever they stand (PS3.3 C.11.1, C.11.2)
_PAIRS = (
    ("RescaleIntercept", "RescaleSlope", "PS3.3 C.11.1"),
    ("RescaleSlope", "RescaleIntercept", "PS3.3 C.11.1"),
    ("WindowCenter", "WindowWidth", "PS3.3 C.11.2"),
    ("WindowWidth", "WindowCenter", "PS3.3 C.11.2"),
)


def missing_attributes(instance: "Instance", elements: "list[Element]") -> Iterator[Finding]:
    """Yield what the File Meta Information and the IOD require and *elements* do not have.

    Parameters
    ----------
    instance : Instance
        What was read.
    elements : list of Element
        Its top-level elements, as :func:`~dicomtui.dataset.elements.elements_of` gives them.
    """
    yield from _missing_meta(instance, elements)
    top = {element.keyword: element for element in elements if element.keyword}
    sop_class = "".join(top[_SOP_CLASS].values[:1]) if _SOP_CLASS in top else ""
    requirements = _requirements(sop_class) if sop_class else None
    if requirements is None:
        yield from _unknown(sop_class, instance)
        return
    body = [element for element in elements if element.tag >> 16 != 2]
    yield from _missing_in(body, (), (), requirements, top)
    yield from _unpaired(top)


def _requirements(sop_class: str) -> "Requirements | None":
    from dicomtui.dataset.iod_table import requirements_of  # who validates nothing does not load it

    return requirements_of(sop_class)


def _unknown(sop_class: str, instance: "Instance") -> Iterator[Finding]:
    if sop_class:
        name = uid_name(sop_class) or ("private" if not sop_class.startswith("1.2.840.10008.") else "unknown")
        text = f"no table of required attributes for this SOP Class ({name}): they are not checked"
        yield Finding("note", (0x00080016,), text, "PS3.3 A")
    elif not _is_directory(instance):
        text = "SOP Class UID (0008,0016) is missing: required attributes cannot be checked"
        yield Finding("error", (), text, "PS3.3 C.12.1")


def _is_directory(instance: "Instance") -> bool:
    return any(int(tag) >> 16 == 4 for tag in instance.elements or ())


def _missing_meta(instance: "Instance", elements: "list[Element]") -> Iterator[Finding]:
    if instance.encoding.meta is None:
        yield Finding("error", (), "no preamble and no DICM prefix: not a DICOM file format", "PS3.10 7.1")
        return
    if instance.encoding.meta == 0:
        yield Finding("error", (), "no preamble and no DICM prefix in front of group 0002", "PS3.10 7.1")
    present = {element.tag: element for element in elements if element.tag >> 16 == 2}
    for tag, name in _META:
        element = present.get(tag)
        if element is None or not element.value:
            what = "is missing" if element is None else "has no value"
            yield Finding("error", (tag,), f"{name} {format_tag(tag)} {what}: Type 1", "PS3.10 7.1")


def _missing_in(
    elements: "list[Element]",
    place: tuple[int, ...],
    path: Path,
    requirements: "Requirements",
    top: Top,
) -> Iterator[Finding]:
    """Yield what one Data Set lacks, and what the items of its sequences lack."""
    present = {element.tag: element for element in elements}
    for requirement in requirements.get(place, ()):
        if finding := _lacking(requirement, present, path, top):
            yield finding
    for element in elements:
        if element.vr != "SQ":
            continue
        inner = (*place, element.tag)
        if inner in requirements or any(other[: len(inner)] == inner for other in requirements):
            for item in element.items or ():
                yield from _missing_in(item.elements, inner, item.path, requirements, top)


def _lacking(
    requirement: "Requirement", present: "dict[int, Element]", path: Path, top: Top
) -> Finding | None:
    tag, kind, clause = requirement
    element = present.get(tag)
    has_value = element is not None and (tag in _PIXEL_DATA or _has_value(element))
    if has_value or (element is not None and kind[0] == "2"):
        return None
    name = name_of(tag)
    if len(kind) > 1:
        from dicomtui.dataset.dictionary import keyword_of

        condition = CONDITIONS.get(keyword_of(tag))
        if condition is None or not condition(top):
            return None
    what = "is missing" if element is None else "has no value"
    return Finding("error", (*path, tag), f"{name} {format_tag(tag)} {what}: Type {kind}", clause)


def _has_value(element: "Element") -> bool:
    if element.vr == "SQ":
        return bool(element.items)
    value = element.value
    return value is None or bool(value.strip(b" \0") if element.vr not in _NUMBERS else value)


_NUMBERS = frozenset(
    {"OB", "OD", "OF", "OL", "OV", "OW", "UN", "US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT"}
)


def _unpaired(top: Top) -> Iterator[Finding]:
    for one, other, clause in _PAIRS:
        if _value(top, one) and not _value(top, other):
            tag = top[one].tag
            yield Finding("error", (tag,), f"{one} without {other}: one needs the other", clause)
