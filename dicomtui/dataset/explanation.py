"""All that is known of one element without asking anybody: its attribute, its value, its place, its bytes.

References
----------
DICOM PS3.5 6.2 (Value Representation), PS3.6 (Data Dictionary), PS3.3 (values with a meaning).
"""

from typing import TYPE_CHECKING

from dicomtui.dataset import dictionary
from dicomtui.dataset.defined_terms import VALUE_REPRESENTATIONS, meaning_of, terms_of
from dicomtui.dataset.values import BINARY_VRS, TEXT_VRS, hex_dump
from dicomtui.text import safe_line
from dicomtui.wording import size_text

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element

Line = tuple[str, str]
"""A name and a safe text; without a name it goes on with what stands above."""

BYTES_SHOWN = 128
"""Bytes of a value that are dumped."""
VALUES_SHOWN = 16
"""Values of an element whose meanings are looked up."""
_NAME_PARTS = ("family name", "given name", "middle name", "prefix", "suffix")
_NAME_GROUPS = ("letters", "ideographs", "phonetic")


def explain(element: "Element", source: str) -> list[Line]:
    """Return what there is to say about an element.

    Parameters
    ----------
    element : Element
        A row of an instance.
    source : str
        The file, or the member of a container, that it stands in.

    Returns
    -------
    list of pairs of str
        Names and safe texts: the attribute, its VR and VM, what the value means, where it stands and what its
        bytes are.
    """
    return [
        ("Attribute", element.name),
        ("Tag", dictionary.format_tag(element.tag)),
        *_attribute(element),
        ("", ""),
        *_value(element),
        ("", ""),
        *_place(element, source),
    ]


def place_of(element: "Element", source: str) -> str:
    """Return the place of an element as text: ``scan.dcm::RequestAttributesSequence[0].StudyID``."""
    return f"{source}::{element.pointer}"


def _attribute(element: "Element") -> list[Line]:
    tag = element.tag
    entry = dictionary.entry_of(tag)
    lines = [("Keyword", element.keyword)] if element.keyword else []
    if dictionary.is_private_creator(tag):
        lines.append(("Private", "reserves a block of elements for whom the value names (PS3.5 7.8.1)"))
    elif dictionary.is_private(tag):
        owner = element.creator or "nobody reserved its block: whose it is cannot be known"
        lines.append(("Private", f"of {owner}" if element.creator else owner))
    meaning = VALUE_REPRESENTATIONS.get(element.vr, "no Value Representation of the standard")
    lines.append(("VR", f"{element.vr}, {meaning}"))
    expected = dictionary.vr_of(tag, element.creator)
    if expected not in ("UN", element.vr) and element.vr not in expected.split(" or "):
        lines.append(("", f"the dictionary says {expected}"))
    count = len(element.values) if element.vr not in BINARY_VRS and element.vr != "SQ" else 0
    here = f"{count:,} here" if count else ""
    lines.append(("VM", "; ".join(filter(None, (entry.multiplicity or "not known", here)))))
    if entry.retired:
        lines.append(("Retired", "the standard no longer has it; older objects may"))
    return lines


def _value(element: "Element") -> list[Line]:
    lines = [("Value", element.text or "(empty)")]
    if element.misfit:
        lines.append(("Character set", element.misfit))
    if element.vr in BINARY_VRS or element.vr in TEXT_VRS or element.vr == "SQ":
        return lines
    values = element.values[:VALUES_SHOWN]
    for value in values:
        lines += [("Means", safe_line(text, 512)) for text in _meanings(element, value)]
    terms = terms_of(element.keyword)
    if terms is not None:
        others = [term for term in terms.meanings if term not in values]
        lines += [("Defined", f"{terms.clause}; also {', '.join(others)}" if others else terms.clause)]
    return lines


def _meanings(element: "Element", value: str) -> list[str]:
    """Return what one value means, in none, one or more lines."""
    if element.vr == "PN":
        return _name_parts(value)
    if element.vr == "UI":
        kind = dictionary.uid_kind(value)
        return [f"{dictionary.uid_name(value)}: {kind}"] if kind else []
    if meaning := meaning_of(element.keyword, value):
        return [f"{value}: {meaning}"]
    return []


def _name_parts(value: str) -> list[str]:
    lines = []
    for group, text in zip(_NAME_GROUPS, value.split("="), strict=False):
        parts = [f"{name} {part}" for name, part in zip(_NAME_PARTS, text.split("^"), strict=False) if part]
        if parts:
            lines.append(f"{group}: {', '.join(parts)}")
    return lines


def _place(element: "Element", source: str) -> list[Line]:
    lines = [("Place", safe_line(place_of(element, source)))]
    length = "undefined" if element.length is None else f"{element.length:,} bytes"
    if not element.offset:
        return [*lines, ("Length", length)]
    lines.append(("Bytes", f"{length} from {element.offset:,} ({element.offset:#x}) on"))
    value = element.value
    if value:
        lines += [("", line) for line in hex_dump(value[:BYTES_SHOWN], element.offset).split("\n")]
        if len(value) > BYTES_SHOWN:
            lines.append(("", f"… {size_text(len(value))} in all"))
    return lines


def element_at(elements: "list[Element]", name: str) -> "Element | None":
    """Return the element that a person means.

    Parameters
    ----------
    elements : list of Element
        The top-level elements of an instance.
    name : str
        A keyword, a tag (``0010,0020``), or a place: ``RequestAttributesSequence[0].StudyID``.

    Returns
    -------
    Element or None
        The one at that place; of a keyword or tag the first, at whatever depth. None if there is none.
    """
    from dicomtui.dataset.elements import walk
    from dicomtui.dataset.pins import tag_of

    tag = tag_of(name.strip())
    pointer = name.strip().casefold()
    for element in walk(elements):
        if element.tag == tag or element.pointer.casefold() == pointer:
            return element
    return None
