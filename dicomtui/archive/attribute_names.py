"""Finds the attribute that a person means: a keyword in any case, a tag, or a path through sequences."""

import re
from functools import lru_cache

from dicomtui.archive.header import ATTRIBUTES, Header
from dicomtui.archive.query_terms import Attribute, QueryError
from dicomtui.text import safe_line

_HALF = "([0-9a-fA-F]{4})"
TAG = re.compile(rf"\(\s*{_HALF}\s*,\s*{_HALF}\s*\)|{_HALF},?{_HALF}(?![0-9A-Za-z])")
"""``(0008,0060)``, ``0008,0060`` or ``00080060``."""
KEYWORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_SHOWN = 64
_STEP = re.compile(r"\s*\.\s*")
_TRANSFER_SYNTAX_UID = 0x00020010
_META_GROUP = 0x0002
_SEVERAL = frozenset({"EchoNumbers"})
"""Attributes of which the index has one value, where there may be several."""

_INDEXED = {
    attribute.tag: (attribute.keyword, attribute.vr, field)
    for attribute, field in zip(ATTRIBUTES, Header._fields[3:], strict=True)
    if attribute.keyword not in _SEVERAL
} | {_TRANSFER_SYNTAX_UID: ("TransferSyntaxUID", "UI", "transfer_syntax")}
_INDEXED_TAGS = {keyword.casefold(): tag for tag, (keyword, _, _) in _INDEXED.items()}


def parse_attribute(text: str) -> Attribute:
    """Return the attribute that *text* names, and nothing else.

    Raises
    ------
    QueryError
        If there is none; the column is where the unknown part begins.
    """
    start = len(text) - len(text.lstrip())
    attribute, end = attribute_at(text, start)
    if text[end:].strip():
        raise QueryError("expected the keyword or tag of one attribute", end)
    return attribute


def parse_attributes(text: str) -> tuple[Attribute, ...]:
    """Return the attributes that are named in *text*, with commas between.

    Raises
    ------
    QueryError
        If one of them is none; the column is where it begins.
    """
    attributes = []
    position = 0
    while True:
        start = len(text) - len(text[position:].lstrip())
        attribute, end = attribute_at(text, start)
        attributes.append(attribute)
        rest = text[end:].lstrip()
        if not rest:
            return tuple(attributes)
        position = len(text) - len(rest) + 1
        if rest[0] != ",":
            raise QueryError(f"expected a comma behind {attribute}", position - 1)


def attribute_at(text: str, start: int) -> tuple[Attribute, int]:
    """Return the attribute whose name begins at *start*, and where the name ends.

    Raises
    ------
    QueryError
        If no attribute is called so.
    """
    tags, names, position = [], [], start
    while True:
        tag, end = _tag_at(text, position)
        name, vr, field = described(tag)
        tags.append(tag)
        names.append(name)
        step = _STEP.match(text, end)
        if step is None:
            break
        if vr not in ("SQ", "UN"):
            raise QueryError(f"{name} is no sequence, so nothing stands in it", end)
        position = step.end()
    if text[end : end + 1] == "[":
        raise QueryError("items are not chosen by number: leave [...] out, all items are looked at", end)
    if len(tags) > 1:
        field = ""
    return Attribute(".".join(names), tuple(tags), vr, field), end


def described(tag: int) -> tuple[str, str, str]:
    """Return the name, the dictionary's VR and the field of the index (or ``""``) of a tag."""
    if tag in _INDEXED:
        return _INDEXED[tag]  # without the dictionary, which takes a while to load
    from dicomtui.dataset.dictionary import format_tag, keyword_of, vr_of

    keyword = keyword_of(tag)
    if _keywords().get(keyword.casefold(), (None,))[0] != tag:  # none, or that of a repeating group
        keyword = format_tag(tag)
    return keyword, vr_of(tag), ""


def _tag_at(text: str, position: int) -> tuple[int, int]:
    keyword = KEYWORD.match(text, position)
    found = keyword and tag_of(keyword[0])
    if keyword and found is not None:
        return found, keyword.end()
    if match := TAG.match(text, position):
        return int((match[1] or match[3]) + (match[2] or match[4]), 16), match.end()
    if keyword is None:
        raise QueryError("expected the keyword or tag of an attribute", position)
    called = safe_line(keyword[0], _SHOWN)
    raise QueryError(f"no attribute is called {called}{suggestion(called)}", position)


def tag_of(keyword: str) -> int | None:
    """Return the tag of a keyword in any case, or None."""
    folded = keyword.casefold()
    return _INDEXED_TAGS[folded] if folded in _INDEXED_TAGS else _keywords().get(folded, (None, ""))[0]


@lru_cache(maxsize=1)
def _keywords() -> dict[str, tuple[int, str]]:
    """Return the tag and the keyword of each attribute of the standard, by its casefolded keyword."""
    from pydicom._dicom_dict import DicomDictionary

    return {entry[4].casefold(): (tag, entry[4]) for tag, entry in DicomDictionary.items() if entry[4]}


def suggestion(keyword: str) -> str:
    """Return ``"; did you mean PatientName?"`` for a name that is near to it; ``""`` for any other."""
    from difflib import get_close_matches

    folded, known = keyword.casefold(), _keywords()
    near = get_close_matches(folded, known, n=1, cutoff=0.7)
    beginning = [other for other in known if len(folded) > 3 and other.startswith(folded)]
    found = (near or sorted(beginning, key=len))[:1]
    return f"; did you mean {known[found[0]][1]}?" if found else ""
