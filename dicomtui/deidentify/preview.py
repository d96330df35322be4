"""What would become of every element of one instance, as rows to look at before anything is written."""

from typing import NamedTuple

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag

from dicomtui.dataset.elements import Element, PixelDataRow, elements_of, walk
from dicomtui.dataset.raw_elements import AnyElement
from dicomtui.dataset.reading import Instance
from dicomtui.dataset.scope import Scope
from dicomtui.deidentify.cleaning import tag_path
from dicomtui.deidentify.engine import apply_rules
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import DeidentifyOptions
from dicomtui.deidentify.rules import Rule
from dicomtui.wording import count_text

_STATEMENTS = (0x00120062, 0x00120063, 0x00120064, 0x00280301, 0x00280303)
_SET = Rule("keep", "set", "says what was done")


class PreviewRow(NamedTuple):
    """One element before and after; all texts are safe to show."""

    path: str
    """Tags and item numbers: ``(0040,0275)[0].(0040,0007)``."""
    name: str
    vr: str
    before: str
    after: str
    """``""`` for an element that is removed or emptied."""
    action: str
    """``kept``, ``removed``, ``emptied``, ``changed`` or ``added``."""
    rule: str
    """The action code or the name of the rule beyond the table, and why."""


def preview_rows(instance: Instance, options: DeidentifyOptions, key: Key) -> list[PreviewRow]:
    """Return a row for each element at every depth, also of an instance that would be held back.

    Parameters
    ----------
    instance : Instance
        As it was read from a file.
    options : DeidentifyOptions
        What was chosen.
    key : Key
        With :func:`~dicomtui.deidentify.keys.load_key`'s *forget* no key file is made for a preview.
    """
    rows: dict[tuple[int, ...], PreviewRow] = {}

    def watch(element: Element, rule: Rule, new: AnyElement | None) -> None:
        rows[element.path] = _row(element, rule, new)
        if new is None or rule.deed not in ("keep", "retain", "content", "words"):
            for nested in walk([element]):
                rows.setdefault(nested.path, _row(nested, rule, None))

    result = apply_rules(instance, options, key, watch)
    for tag in _STATEMENTS:
        _add_statement(rows, tag, result.dataset.get_item(BaseTag(tag)))
    for tag in result.dataset.file_meta.keys():  # noqa: SIM118  iterating converts values
        _add_statement(rows, int(tag), result.dataset.file_meta.get_item(tag))
    for element in elements_of(instance):
        if isinstance(element, PixelDataRow):
            rows[element.path] = _pixel_row(element, options)
    return [rows[path] for path in sorted(rows)]


def _row(element: Element, rule: Rule, new: AnyElement | None) -> PreviewRow:
    before = element.text
    after = "" if new is None else before if _same(element, new) else _text(new)
    if new is None:
        action = "removed"
    elif after == before:
        action = "kept"
    else:
        action = "changed" if after else "emptied"
    why = f"{rule.label}: {rule.why}" if rule.label else ""
    return PreviewRow(tag_path(element.path), element.name, element.vr, before, after, action, why)


def _add_statement(
    rows: dict[tuple[int, ...], PreviewRow], tag: int, new: RawDataElement | DataElement | None
) -> None:
    """Show what the de-identification says about itself."""
    if new is None:
        return
    old, after = rows.get((tag,)), _text(new)
    before = old.before if old else ""
    shown = Element(new, Scope({}))
    if shown.vr == "UI" and not isinstance(new.value, bytes):
        after = Element(_as_read(new), Scope({})).text
    action = "added" if not old else "kept" if before == after else "changed"
    rows[tag,] = PreviewRow(
        tag_path((tag,)), shown.name, shown.vr, before, after, action, f"{_SET.label}: {_SET.why}"
    )


def _as_read(new: RawDataElement | DataElement) -> RawDataElement:
    """Return a UID of the File Meta Information as a file has it, so that its name is shown as before."""
    value = str(new.value).encode("ascii")
    return RawDataElement(BaseTag(new.tag), "UI", len(value), value, 0, False, True)


def _pixel_row(element: Element, options: DeidentifyOptions) -> PreviewRow:
    path, name, before = tag_path(element.path), element.name, element.text
    if not options.blank:
        return PreviewRow(path, name, element.vr, before, before, "kept", "")
    after = f"{before} with {count_text(len(options.blank), 'black rectangle')}"
    return PreviewRow(path, name, element.vr, before, after, "changed", "C: Clean Pixel Data")


def _same(element: Element, new: AnyElement) -> bool:
    return isinstance(new, RawDataElement) and element.value is not None and new.value == element.value


def _text(new: AnyElement) -> str:
    return Element(new, Scope({})).text
