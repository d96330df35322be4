"""An instance in the DICOM JSON Model (PS3.18 Annex F)."""

import base64
from typing import TYPE_CHECKING, Any

from dicomtui.dataset.elements import Element, PixelDataRow, elements_of
from dicomtui.dataset.values import BINARY_VRS, NUMBER_FORMATS

if TYPE_CHECKING:
    from dicomtui.dataset.reading import Instance

_PERSON_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def json_model(instance: "Instance") -> dict[str, Any]:
    """Return the attributes of *instance* as the DICOM JSON Model has them.

    The File Meta Information is included, group lengths are not. Pixel data is a ``BulkDataURI`` that names
    the file, the offset of the value and its length; all other binary values are ``InlineBinary``.
    """
    return _attributes(elements_of(instance), instance)


def _attributes(elements: list[Element], instance: "Instance") -> dict[str, Any]:
    ordered = sorted(elements, key=lambda element: element.tag)
    return {f"{e.tag:08X}": _attribute(e, instance) for e in ordered if e.tag & 0xFFFF}


def _attribute(element: Element, instance: "Instance") -> dict[str, Any]:
    attribute: dict[str, Any] = {"vr": element.vr}
    if isinstance(element, PixelDataRow):
        attribute["BulkDataURI"] = element.uri
    elif element.vr == "SQ":
        items = [_attributes(item.elements, instance) for item in element.items or ()]
        if items:
            attribute["Value"] = items
    elif element.vr in BINARY_VRS:
        if element.value:
            attribute["InlineBinary"] = base64.b64encode(element.value).decode("ascii")
    elif any(element.values):
        attribute["Value"] = [_value(element.vr, value) for value in element.values]
    return attribute


def _value(vr: str, value: str) -> Any:
    if value == "":
        return None
    if vr == "PN":
        groups = zip(_PERSON_NAME_GROUPS, value.split("="), strict=False)
        return {name: group for name, group in groups if group}
    if vr == "AT":
        return value[1:5].upper() + value[6:10].upper()
    if vr in NUMBER_FORMATS or vr in ("IS", "DS"):
        return _number(value)
    return value


def _number(value: str) -> int | float | str:
    """Return a JSON number, or the text as it stands where it is none (PS3.18 F.2.3.1)."""
    for convert in (int, float):
        try:
            number = convert(value)
        except ValueError:
            continue
        return number if number == number and abs(number) != float("inf") else value
    return value
