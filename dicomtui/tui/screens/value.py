"""A whole value on a page of its own."""

from typing import TYPE_CHECKING

from dicomtui.dataset.dictionary import format_tag
from dicomtui.dataset.values import BINARY_VRS, TEXT_VRS, hex_dump, readable
from dicomtui.text import safe_line, safe_lines
from dicomtui.tui.screens.reader import ReaderScreen
from dicomtui.wording import size_text

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element

HEX_LIMIT = 1 << 20
"""Bytes that are dumped; more say no more."""
VALUES_LIMIT = 200_000
"""Values that are listed, one a line."""


def value_screen(element: "Element") -> ReaderScreen:
    """Return a screen with the value of *element*: text as it is, one line a value, or a hex dump."""
    title = f"{format_tag(element.tag)} {element.vr} {element.name}"
    return ReaderScreen(title, _text(element))


def _text(element: "Element") -> str:
    value = element.value
    if value is not None and element.vr in BINARY_VRS:
        cut = f"\n… {size_text(len(value))} in all" if len(value) > HEX_LIMIT else ""
        return hex_dump(value[:HEX_LIMIT]) + cut
    values = element.values
    if element.vr in TEXT_VRS:
        return safe_lines("\\".join(values), 8 << 20)
    lines = [safe_line(readable(element.vr, part)) for part in values[:VALUES_LIMIT]]
    if len(values) > VALUES_LIMIT:
        lines.append(f"… {len(values):,} values in all")
    return "\n".join(lines) or "(no value)"
