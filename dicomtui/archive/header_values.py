"""What the index knows of an attribute, and what it does not."""

from collections.abc import Iterable

from dicomtui.archive.header import Header
from dicomtui.archive.query_sql import IN_FUNCTIONAL_GROUPS, WITH_FUNCTIONAL_GROUPS
from dicomtui.archive.query_terms import Attribute, AttributeValue, Comparison, Exists
from dicomtui.archive.query_values import NUMBER_VRS


def indexed_value(header: Header, attribute: Attribute) -> AttributeValue | None:
    """Return the values of an attribute as the index has them.

    None where only the file can tell: for an attribute without a field, for one whose field is empty (it may
    be there without a value, or hold what is no number), and for those that the functional groups of a
    multi-frame object may have.
    """
    found = getattr(header, attribute.field) if attribute.field else None
    if found is None or found == "" or _may_be_in_groups(header, attribute):
        return None
    if isinstance(found, str):
        values = tuple(found.split("\\"))
    else:
        values = tuple(map(number_text, found if isinstance(found, tuple) else (found,)))
    return AttributeValue(attribute.vr, True, (values,))


def indexed_texts(header: Header, attributes: Iterable[Attribute]) -> dict[str, str] | None:
    """Return the values of *attributes* as text by their names; None if a file has to be read for one."""
    texts = {}
    for attribute in attributes:
        if not attribute.field or _may_be_in_groups(header, attribute):
            return None
        value = indexed_value(header, attribute)
        texts[attribute.name] = value.text if value else ""
    return texts


def known_value(header: Header, term: Comparison | Exists) -> AttributeValue | None:
    """Return what decides a term, or None if the file has to be read for it.

    An empty field decides a comparison: neither what is absent nor what is empty has the value, and what is
    no number does not compare with one.
    """
    attribute = term.attribute
    found = indexed_value(header, attribute)
    if found is not None:
        return found
    if not attribute.field or isinstance(term, Exists) or _may_be_in_groups(header, attribute):
        return None
    is_text = term.is_regex or term.operator in ("~", "!~") or not term.text.strip()
    if attribute.vr in NUMBER_VRS and is_text:
        return None
    return AttributeValue(attribute.vr)


def number_text(value: float) -> str:
    """Return a number without zeros behind its decimal point: ``1.5``, ``2``."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _may_be_in_groups(header: Header, attribute: Attribute) -> bool:
    return attribute.field in IN_FUNCTIONAL_GROUPS and may_have_groups(header)


def may_have_groups(header: Header) -> bool:
    """Whether an instance may have functional groups (PS3.3 C.7.6.16)."""
    return header.number_of_frames is not None or header.sop_class_uid in WITH_FUNCTIONAL_GROUPS
