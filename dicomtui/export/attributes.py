"""Attributes as files: lines to read, tables, the DICOM JSON Model, flat JSON.

References
----------
DICOM PS3.18 F.2 (DICOM JSON Model Object Structure).
"""

import json
from typing import TYPE_CHECKING, Any

from dicomtui.csv_rows import csv_line
from dicomtui.dataset.dictionary import format_tag
from dicomtui.dataset.elements import Element, Item, PixelDataRow, elements_of, walk
from dicomtui.dataset.json_model import json_model
from dicomtui.dataset.values import BINARY_VRS, readable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from dicomtui.archive.query_terms import Attribute
    from dicomtui.dataset.reading import Instance
    from dicomtui.dataset.scope import Path

COLUMNS = (
    "PatientID",
    "PatientName",
    "StudyDate",
    "StudyDescription",
    "Modality",
    "SeriesNumber",
    "SeriesDescription",
    "InstanceNumber",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SOPClassUID",
    "SOPInstanceUID",
)
"""Keywords of a table over many instances where no other are asked for."""

_NAME_WIDTH = 36
_ELEMENT_COLUMNS = ("path", "tag", "vr", "name", "value")


def text_lines(
    elements: "list[Element]", kept: "Collection[Path] | None" = None, *, full: bool = False
) -> "Iterator[str]":
    """Yield a line for each element and item, nested ones indented.

    Parameters
    ----------
    elements : list of Element
        Of :func:`~dicomtui.dataset.elements.elements_of`.
    kept : collection of Path, optional
        The rows that are wanted, with all that hold them; None for all.
    full : bool
        Whether long values are written whole.
    """
    stack: list[Element | Item] = [*reversed(elements)]
    while stack:
        row = stack.pop()
        if kept is not None and row.path not in kept:
            continue
        indent = "  " * row.depth
        if isinstance(row, Item):
            yield f"{indent}Item {row.index + 1}  {row.text}"
        else:
            yield _line(row, indent, full=full)
        stack.extend(reversed(row.children))


def csv_lines(instance: "Instance") -> "Iterator[str]":
    """Yield a table with a row for each element at every depth."""
    yield csv_line(_ELEMENT_COLUMNS)
    for element in walk(elements_of(instance)):
        value = element.text if element.vr == "SQ" else _whole(element)
        yield csv_line([element.pointer, format_tag(element.tag), element.vr, element.name, value])


def json_text(instance: "Instance") -> str:
    """Return the DICOM JSON Model as one object."""
    return json.dumps(json_model(instance), ensure_ascii=False, indent=1) + "\n"


def flat_json_line(source: str, instance: "Instance") -> str:
    """Return one object in one line: values by their paths, such as ``RequestAttributesSequence[0].StudyID``.

    Parameters
    ----------
    source : str
        Stands under the name ``source``.
    instance : Instance
        One value is text, several are an array; binary ones are what a row shows.
    """
    flat: dict[str, Any] = {"source": source}
    for element in walk(elements_of(instance)):
        if element.vr == "SQ":
            continue
        values = [element.text] if _is_binary(element) else element.values
        flat[element.pointer] = values[0] if len(values) == 1 else values or ""
    # a lone surrogate of an undecodable file name has no place in UTF-8
    return json.dumps(flat, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() + "\n"


def table_head(columns: "Sequence[Attribute]") -> str:
    """Return the names of the columns as a line of CSV."""
    return csv_line(["source", *(column.name for column in columns)])


def table_line(source: str, instance: "Instance", columns: "Sequence[Attribute]") -> str:
    """Return the values of an instance as a line of CSV."""
    from dicomtui.archive.attribute_reading import values_of

    values = values_of(instance, columns)
    return csv_line([source, *(values[column.name].text for column in columns)])


def metadata_of(instance: "Instance") -> dict[str, str]:
    """Return the attributes that a picture is told to carry: those of :data:`COLUMNS` that have a value."""
    by_keyword = {element.keyword: element for element in elements_of(instance)}
    found = {keyword: by_keyword.get(keyword) for keyword in COLUMNS}
    return {keyword: element.text for keyword, element in found.items() if element and element.text}


def _line(element: Element, indent: str, *, full: bool) -> str:
    length = "undef" if element.length is None else str(element.length)
    name = f"{element.name} [{element.creator}]" if element.creator else element.name
    value = _whole(element) if full else element.text
    width = max(0, _NAME_WIDTH - len(indent))
    return f"{indent}{format_tag(element.tag)} {element.vr} {length:>8}  {name:<{width}}  {value}".rstrip()


def _whole(element: Element) -> str:
    if element.vr == "SQ" or isinstance(element, PixelDataRow):
        return element.text
    return "\\".join(readable(element.vr, value) for value in element.values)


def _is_binary(element: Element) -> bool:
    return isinstance(element, PixelDataRow) or element.vr in BINARY_VRS
