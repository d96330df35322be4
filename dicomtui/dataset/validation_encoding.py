"""How elements are encoded, against PS3.5 and the dictionary of PS3.6."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from pydicom.charset import python_encoding

from dicomtui.dataset import dictionary
from dicomtui.dataset.elements import PixelDataRow
from dicomtui.dataset.findings import Finding, Severity
from dicomtui.dataset.validation_values import CLAUSE, is_old_form, size_problem, value_problem
from dicomtui.dataset.values import BINARY_VRS, NUMBER_FORMATS, STRING_VRS, TEXT_VRS
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element
    from dicomtui.dataset.reading import Instance

_QUOTED = 40
"""Characters of a value that a finding quotes."""
_LOOKED_AT = 4096
"""Values of one element that are looked at: the first ones tell."""
_CHARACTER_SET, _GROUP_LENGTH = 0x00080005, 0x0000
_MULTIPLICITY = re.compile(r"(\d+)(?:-(?:(\d*)(n)|(\d+)))?")
_SINGLE = TEXT_VRS | BINARY_VRS | {"UR", "SQ"}
_PADDED_BY_NULL = frozenset({"UI", "OB", "UN"})


def encoding_findings(element: "Element") -> Iterator[Finding]:
    """Yield what is wrong with how one element is encoded; what its items hold is not looked into."""
    path, tag = element.path, element.tag
    if element.length is not None and element.length % 2:
        yield Finding("error", path, f"odd length: {element.length:,} bytes", "PS3.5 7.1")
    if tag & 0xFFFF == _GROUP_LENGTH or isinstance(element, PixelDataRow):
        return
    if problem := _vr_problem(element):
        yield Finding("error", path, problem, "PS3.6 6")
        return  # what its values mean is not known
    if problem := size_problem(element.vr, len(element.value or b"")):
        yield Finding("error", path, problem, CLAUSE)
        return
    if problem := _count_problem(element):
        yield Finding("error", path, problem, "PS3.6 6")
    if element.vr in STRING_VRS | TEXT_VRS and element.value:
        yield from _text_findings(element)


def charset_findings(element: "Element") -> Iterator[Finding]:
    """Yield what is wrong with Specific Character Set (0008,0005), or with a text in it."""
    if element.tag == _CHARACTER_SET:
        for term in element.values:
            name = term.strip()
            if name and name not in python_encoding:
                text = f"{_quoted(name)} is no defined term of Specific Character Set (0008,0005)"
                yield Finding("error", element.path, text, "PS3.3 C.12.1.1.2")
        values = [term.strip() for term in element.values]
        if len(values) > 1 and any(value in _WITHOUT_EXTENSIONS for value in values):
            text = "a character set without code extensions is one of several"
            yield Finding("error", element.path, text, "PS3.3 C.12.1.1.2")
    elif misfit := element.misfit:
        yield Finding("error", element.path, misfit, "PS3.5 6.1")


_WITHOUT_EXTENSIONS = frozenset({"ISO_IR 192", "GB18030", "GBK"})


def structure_findings(instance: "Instance", elements: "list[Element]") -> Iterator[Finding]:
    """Yield what is wrong with the order of the elements, group lengths, and what could not be read."""
    for warning in instance.warnings:
        if not warning.startswith("no Transfer Syntax UID"):  # missing attributes say it better
            yield Finding("error", (), warning, "PS3.5 7")
    last = None
    for element in elements:
        offset = element.offset
        if offset is None:
            continue
        if last is not None and last.offset is not None and offset < last.offset:
            text = f"stands behind {dictionary.format_tag(element.tag)}: tags must ascend"
            yield Finding("error", last.path, text, "PS3.5 7.1")
        last = element
    yield from _group_lengths(instance, elements)
    yield from _unreserved(elements)


def _group_lengths(instance: "Instance", elements: "list[Element]") -> Iterator[Finding]:
    """Yield group lengths that are not where their group ends (PS3.5 7.2, PS3.10 7.1)."""
    for at, element in enumerate(elements):
        value, offset = element.value, element.offset
        if element.tag & 0xFFFF != _GROUP_LENGTH or value is None or len(value) != 4 or offset is None:
            continue
        group = element.tag >> 16
        following = next((other for other in elements[at:] if other.tag >> 16 != group), None)
        ends: set[int | None] = {instance.source.size}
        if group == 2:
            ends = {instance.encoding.start}
        elif following is not None and following.offset is not None:
            ends = {following.offset - 8, following.offset - 12}
        says = int.from_bytes(value, "little" if element.little else "big")
        if offset + 4 + says not in ends:
            severity: Severity = "error" if group == 2 else "warning"
            text = f"group length {says:,} does not lead to the end of the group"
            clause = "PS3.10 7.1" if group == 2 else "PS3.5 7.2"
            yield Finding(severity, element.path, text, clause)


def _unreserved(elements: "list[Element]") -> Iterator[Finding]:
    """Yield the first element of each private block that nobody has reserved (PS3.5 7.8.1)."""
    seen = set()
    for element in elements:
        tag = element.tag
        if not dictionary.is_private(tag) or dictionary.is_private_creator(tag) or not tag & 0xFFFF:
            continue
        block = tag >> 8
        if block not in seen and not element.creator:
            seen.add(block)
            text = "a private element, and no Private Creator reserves its block"
            yield Finding("error", element.path, text, "PS3.5 7.8.1")


def _vr_problem(element: "Element") -> str:
    """Say that the VR is not the dictionary's; private elements have no binding one."""
    tag, written = element.tag, element.vr
    if dictionary.is_private(tag) or written == "UN":
        return ""
    allowed = _allowed(tag)
    return "" if not allowed or written in allowed else f"VR {written}, the standard has {_or(allowed)}"


@lru_cache(maxsize=4096)
def _allowed(tag: int) -> tuple[str, ...]:
    vr = dictionary.vr_of(tag)
    return () if vr in ("UN", "NONE") else tuple(vr.split(" or "))


def _or(words: tuple[str, ...]) -> str:
    return " or ".join(words)


def _count_problem(element: "Element") -> str:
    if element.vr in _SINGLE or dictionary.is_private(element.tag):
        return ""
    value = element.value
    if not value:
        return ""
    least, most, step, written = _multiplicity(element.tag)
    if not written:
        return ""
    if element.vr in STRING_VRS:
        # a value may hold the byte of a backslash as half a character: only decoded text tells
        count = value.count(b"\\") + 1 if value.isascii() else len(element.values)
    else:
        count = len(value) // _size(element.vr)
    fits = least <= count <= most and (count - least) % step == 0
    return "" if fits else f"{count:,} value{'' if count == 1 else 's'}, the standard has VM {written}"


@lru_cache(maxsize=4096)
def _multiplicity(tag: int) -> tuple[int, float, int, str]:
    """Return the least and most values of an attribute, in which steps, and how the standard writes that."""
    written = dictionary.entry_of(tag).multiplicity
    least, most, step = 0, float("inf"), 1
    for alternative in written.split(" or ")[:1]:
        match = _MULTIPLICITY.fullmatch(alternative)
        if match is None:
            return 0, float("inf"), 1, ""
        least = int(match[1])
        if match[3]:
            step = int(match[2] or 1)
        else:
            most = int(match[4] or least)
    return least, most, step, written if " or " not in written else ""


def _size(vr: str) -> int:
    from struct import calcsize

    return 4 if vr == "AT" else calcsize(f"<{NUMBER_FORMATS[vr]}")


def _text_findings(element: "Element") -> Iterator[Finding]:
    value, vr = element.value or b"", element.vr
    if vr not in _PADDED_BY_NULL and value.endswith(b"\0"):
        yield Finding("error", element.path, "padded with a null character, not with a space", CLAUSE)
    elif vr == "UI" and value.endswith(b" "):
        yield Finding("error", element.path, "padded with a space, not with a null character", CLAUSE)
    for text in element.values[:_LOOKED_AT]:
        problem = value_problem(vr, text)
        if not problem:
            continue
        if is_old_form(vr, text):
            yield Finding("warning", element.path, f"{_quoted(text)}: written as before DICOM 3.0", CLAUSE)
        else:
            yield Finding("error", element.path, f"{_quoted(text)}: {problem}", CLAUSE)
        return


def _quoted(value: str) -> str:
    return f"“{safe_line(value, _QUOTED)}”"
