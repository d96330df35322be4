"""An instance in the DICOM JSON Model (PS3.18 Annex F)."""

import base64
import re
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from dicomtui.dataset.elements import Element, PixelDataRow, elements_of
from dicomtui.dataset.source import FileSource
from dicomtui.dataset.values import BINARY_VRS, NUMBER_FORMATS

if TYPE_CHECKING:
    from collections.abc import Collection

    from dicomtui.dataset.reading import Instance
    from dicomtui.dataset.scope import Path

_PERSON_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
_FILE_META_GROUP = 0x0002
_WORDS = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
# PS3.5 6.2; Python's int and float take more: underscores, digits of any script, "nan"
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def json_model(
    instance: "Instance", elements: list[Element] | None = None, kept: "Collection[Path] | None" = None
) -> dict[str, Any]:
    """Return the attributes of *instance* as the DICOM JSON Model has them.

    The model is of the Data Set: neither File Meta Information nor group lengths are in it (F.2.2). Specific
    Character Set is the file's own, whatever the text is encoded in later. Pixel data is a ``BulkDataURI``
    that names the file, the offset of the value and its length; it has no value where the bytes come from
    memory (standard input, or inflated). All other binary values are ``InlineBinary``.

    Parameters
    ----------
    instance : Instance
        What to describe.
    elements : list of Element, optional
        Its elements, where the caller has them already.
    kept : collection of Path, optional
        The elements and items to include; an item that is left out stands as ``{}``, so that the others keep
        their place. By default everything is included.
    """
    in_file = isinstance(instance.source, FileSource)
    model = _Model(kept, instance.encoding.little, in_file)
    return model.attributes(elements_of(instance) if elements is None else elements)


class _Model(NamedTuple):
    kept: "Collection[Path] | None"
    little: bool
    in_file: bool

    def attributes(self, elements: list[Element]) -> dict[str, Any]:
        ordered = sorted(elements, key=lambda element: element.tag)
        return {
            f"{element.tag:08X}": self._attribute(element)
            for element in ordered
            if element.tag & 0xFFFF
            and element.tag >> 16 != _FILE_META_GROUP
            and (self.kept is None or element.path in self.kept)
        }

    def _attribute(self, element: Element) -> dict[str, Any]:
        attribute: dict[str, Any] = {"vr": element.vr}
        if isinstance(element, PixelDataRow):
            if self.in_file:
                attribute["BulkDataURI"] = element.uri
        elif element.vr == "SQ":
            items = [self.attributes(item.elements) for item in element.items or ()]
            if items:
                attribute["Value"] = items
        elif element.vr in BINARY_VRS:
            if element.value:
                attribute["InlineBinary"] = base64.b64encode(self._ordered(element)).decode("ascii")
        elif any(values := element.values):
            attribute["Value"] = [_value(element.vr, value) for value in values]
        return attribute

    def _ordered(self, element: Element) -> bytes:
        """Return the value in little endian, which InlineBinary always is (PS3.19 A.1.5)."""
        value, size = element.value or b"", _WORDS.get(element.vr, 1)
        if self.little or size == 1:
            return value
        swapped = bytearray(value)
        whole = len(value) // size * size
        for byte in range(size):
            swapped[byte:whole:size] = value[size - 1 - byte : whole : size]
        return bytes(swapped)


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
    """Return a JSON number, or the text as it stands where it is none or leaves the range of one."""
    if not _NUMBER.fullmatch(value):
        return value
    try:
        return int(value)
    except ValueError:
        number = float(value)
    return number if isfinite(number) else value
