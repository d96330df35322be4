"""Validates one instance: its encoding, the attributes that its IOD requires, its image against its bytes."""

from collections import Counter
from typing import TYPE_CHECKING

from dicomtui.dataset.dictionary import format_tag
from dicomtui.dataset.elements import elements_of, walk
from dicomtui.dataset.findings import Finding, worst_first
from dicomtui.dataset.validation_encoding import charset_findings, encoding_findings, structure_findings
from dicomtui.dataset.validation_pixels import pixel_findings, table_findings
from dicomtui.dataset.validation_required import missing_attributes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicomtui.dataset.elements import Element
    from dicomtui.dataset.reading import Instance

_SAME = 5
"""Findings of one kind about one attribute: items repeat what is wrong with them, thousands of times."""


def validate(instance: "Instance") -> list[Finding]:
    """Return what an instance has otherwise than the standard wants it, the worst first.

    Parameters
    ----------
    instance : Instance
        As :func:`~dicomtui.dataset.reading.read_instance` gives it; of its pixel data only the size counts.

    Returns
    -------
    list of Finding
        At most five that are alike but for the item, and one more that counts the rest.
    """
    elements = elements_of(instance)
    found = [*structure_findings(instance, elements), *missing_attributes(instance, elements)]
    found += _identity(elements)
    found += pixel_findings(instance, elements)
    for element in walk(elements):
        found += encoding_findings(element)
        found += charset_findings(element)
        for item in element.items or ():
            found += table_findings(item.elements)
    return worst_first(_without_repeats(found))


def _identity(elements: "list[Element]") -> "Iterable[Finding]":
    """Yield what the File Meta Information says otherwise than the Data Set (PS3.10 7.1)."""
    values = {element.tag: element.values[:1] for element in elements if element.tag in _IDENTITY}
    for meta, body in ((0x00020002, 0x00080016), (0x00020003, 0x00080018)):
        if values.get(meta) and values.get(body) and values[meta] != values[body]:
            yield Finding("error", (meta,), f"is not the same as {format_tag(body)}", "PS3.10 7.1")


_IDENTITY = frozenset({0x00020002, 0x00020003, 0x00080016, 0x00080018})


def _without_repeats(found: list[Finding]) -> list[Finding]:
    """Return the first few findings that differ in items alone, and how many more of them there are."""
    counts: Counter[Finding] = Counter()
    kept: list[Finding] = []
    for finding in found:
        kind = _kind(finding)
        counts[kind] += 1
        if counts[kind] <= _SAME:
            kept.append(finding)
    told: Counter[Finding] = Counter()
    for at, finding in enumerate(kept):
        kind = _kind(finding)
        told[kind] += 1
        if told[kind] == _SAME and counts[kind] > _SAME:
            kept[at] = finding._replace(text=f"{finding.text} (and {counts[kind] - _SAME:,} more like this)")
    return kept


def _kind(finding: Finding) -> Finding:
    """Return what findings have in common that differ in items, or in the value that they quote, alone."""
    text = finding.text.rpartition("”")[2] if finding.text.startswith("“") else finding.text
    return finding._replace(path=finding.path[::2], text=text)
