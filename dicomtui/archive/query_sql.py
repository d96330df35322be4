"""Narrows the rows of the index to those that may satisfy a query.

The SQL text is made of names of columns; whatever a person wrote is a parameter.
"""

import re
from typing import NamedTuple

from dicomtui.archive.query_terms import All, Comparison, Exists, Not, Term
from dicomtui.archive.query_values import NUMBER_VRS, date_span, number

IN_FUNCTIONAL_GROUPS = frozenset({"image_orientation", "image_position", "pixel_spacing", "slice_thickness"})
"""Fields whose attributes stand in the functional groups of multi-frame objects (PS3.3 C.7.6.16)."""
_CLASSES = (
    "2.1 2.2 4.1 4.2 4.3 4.4 6.2 6.3 7.1 7.2 7.3 7.4 12.1.1 12.2.1 13.1.1 13.1.2 13.1.3 13.1.4 13.1.5 14.1"
)
_CLASSES += " 14.2 30 66.4 66.7 77.1.5.4 77.1.5.8 77.1.6 77.1.8 128.1 130"
WITH_FUNCTIONAL_GROUPS = frozenset(f"1.2.840.10008.5.1.4.1.1.{number}" for number in _CLASSES.split())
"""SOP Classes with functional groups, which some instances have without Number of Frames."""
_MAY_HAVE_GROUPS = (
    f"number_of_frames IS NOT NULL OR sop_class_uid IN ({', '.join('?' * len(_CLASSES.split()))})"
)
_SEVERAL_NUMBERS = frozenset({"image_orientation", "image_position", "pixel_spacing"})
_NUMBER_LIMIT = 1 << 63


class Where(NamedTuple):
    """A condition for ``WHERE``: what satisfies the query satisfies this."""

    sql: str
    parameters: list[object]
    exact: bool
    """Whether the reverse holds too, so that no row has to be looked at again."""


_EVERYTHING = Where("1", [], False)


def where(term: Term, *, negated: bool = False) -> Where:
    """Return the condition for a term, or for its opposite."""
    if isinstance(term, Not):
        return where(term.term, negated=not negated)
    if isinstance(term, Exists):
        return _exists(term, negated=negated)
    if isinstance(term, Comparison):
        return _comparison(term, negated=negated)
    parts = [where(part, negated=negated) for part in term.terms]
    word = " AND " if isinstance(term, All) != negated else " OR "
    sql = word.join(f"({part.sql})" for part in parts)
    parameters = [parameter for part in parts for parameter in part.parameters]
    return Where(sql, parameters, all(part.exact for part in parts))


def _exists(term: Exists, *, negated: bool) -> Where:
    field = term.attribute.field
    if not field or not negated or field in IN_FUNCTIONAL_GROUPS:
        return _EVERYTHING
    return Where(_is_empty(_column(field), term.attribute.vr), [], False)


def _comparison(term: Comparison, *, negated: bool) -> Where:
    attribute, operator, text = term.attribute, term.operator, term.text.strip()
    field, vr = attribute.field, attribute.vr
    column, may_be_in_groups = _column(field), field in IN_FUNCTIONAL_GROUPS
    if not field or term.is_regex or field in _SEVERAL_NUMBERS:
        return _EVERYTHING
    if not text:
        found = _without_value(column, vr, is_empty=(operator == "=") != negated)
    elif vr in NUMBER_VRS:
        found = _number(column, operator, text, negated=negated)
    elif negated or operator in ("!=", "!~"):
        return _EVERYTHING  # most rows; to look at them costs no more than to leave a few out
    elif vr == "DA":
        found = _date(column, operator, text)
    else:
        found = _text(column, vr, operator, text)
    if may_be_in_groups and found != _EVERYTHING:
        parameters = [*sorted(WITH_FUNCTIONAL_GROUPS), *found.parameters]
        return Where(f"{_MAY_HAVE_GROUPS} OR {found.sql}", parameters, False)
    return found


def _column(field: str) -> str:
    return f'"{field}"'


def _without_value(column: str, vr: str, *, is_empty: bool) -> Where:
    if vr in NUMBER_VRS:  # the file may have what is no number
        return Where(_is_empty(column, vr), [], False) if is_empty else _EVERYTHING
    return Where(_is_empty(column, vr) if is_empty else f"{column} <> ''", [], True)


def _is_empty(column: str, vr: str) -> str:
    return f"{column} IS NULL" if vr in NUMBER_VRS else f"{column} = ''"


def _number(column: str, operator: str, text: str, *, negated: bool) -> Where:
    wanted = number(text)
    if operator in ("~", "!~") or wanted is None or abs(wanted) >= _NUMBER_LIMIT:
        return _EVERYTHING
    compared = f"{column} {'<>' if operator == '!=' else operator} ?"
    return Where(f"{column} IS NULL OR NOT {compared}" if negated else compared, [wanted], True)


def _date(column: str, operator: str, text: str) -> Where:
    span = date_span(text)
    if span is None:
        return _EVERYTHING
    first, last = span
    odd = f"length({column}) <> 8"  # what is not written as YYYYMMDD is looked at by itself
    if operator == "=":
        return Where(f"{odd} OR {column} BETWEEN ? AND ?", [first, last], False)
    if operator == "~":
        return _EVERYTHING
    return Where(f"{odd} OR {column} {operator} ?", [first if operator in ("<", ">=") else last], False)


def _text(column: str, vr: str, operator: str, text: str) -> Where:
    folded = text.casefold()
    is_plain = folded.isascii() and folded.isprintable() and "\\" not in folded
    if operator not in ("=", "~") or vr not in _PLAIN_VRS or not is_plain:
        return _EVERYTHING
    if vr == "UI" and not _DIGITS_OF_UID.fullmatch(text):
        return _EVERYTHING  # the name of a UID
    # several values, or characters whose case SQLite does not know, are looked at by themselves
    odd = f"{column} GLOB '*[^ -~]*' OR instr({column}, char(0)) OR instr({column}, '\\')"
    if vr == "PN":
        odd += f" OR instr({column}, '=') OR {column} LIKE '%^'"
        folded = folded.rstrip("^") if operator == "=" else folded
    if operator == "=":
        return Where(f"{column} = ? COLLATE NOCASE OR {odd}", [folded], False)
    pattern = "".join(_LIKE.get(character, character) for character in folded)
    return Where(f"{column} LIKE ? ESCAPE '!' OR {odd}", [pattern], False)


_DIGITS_OF_UID = re.compile(r"[0-9.*?]*")
_LIKE = {"*": "%", "?": "_", "%": "!%", "_": "!_", "!": "!!"}
_PLAIN_VRS = frozenset({"AE", "CS", "LO", "PN", "SH", "UI"})
