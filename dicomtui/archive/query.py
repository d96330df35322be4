"""The query language: which instances are meant, asked by attribute.

See :data:`LANGUAGE` for what can be asked. A query is first asked of a header as the index has it; where that
does not decide, the attributes in :attr:`Query.keywords` are read from the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from dicomtui.archive.attribute_names import parse_attribute, parse_attributes
from dicomtui.archive.header import Header
from dicomtui.archive.header_values import known_value
from dicomtui.archive.query_parser import parse_term
from dicomtui.archive.query_sql import Where, where
from dicomtui.archive.query_terms import (
    All,
    Attribute,
    AttributeValue,
    Comparison,
    Exists,
    Not,
    QueryError,
    Term,
    attributes_of,
)
from dicomtui.archive.query_values import satisfies

__all__ = [
    "LANGUAGE",
    "Attribute",
    "AttributeValue",
    "Query",
    "QueryError",
    "parse_attribute",
    "parse_attributes",
    "parse_query",
]

LANGUAGE = """\
A query compares attributes with values and joins the comparisons with and, or, not and parentheses:

  Modality = CT and (SliceThickness < 2 or not exists ContrastBolusAgent)

Attributes  a keyword in any case, a tag (0008,0060) 0008,0060 00080060, or a path through sequences:
            RequestAttributesSequence.ScheduledProcedureStepID. In multi-frame objects a keyword also finds
            what stands in the functional groups of any frame.
= !=        the value, whatever its case. One of several values is enough. != wants a value that is another:
            what has no value at all satisfies 'not Modality = CT', but not 'Modality != CT'.
< <= > >=   numbers as numbers, dates, times and ages in their order, other text by the alphabet.
~ !~        wildcards over the whole value: PatientName ~ "smi*", with ? for one character;
            or a regular expression anywhere in it: StationName ~ /^ct[0-9]+$/
exists      exists X, or X exists: X is there, be it empty. X = "" is what has no value or is not there.
Values      text with spaces in quotes "..." or '...', with \\" for a quote in it.
Dates       2020, 2020-03, 2020-03-15 or 20200315: StudyDate = 2020-03 is the whole month,
            StudyDate > 2020 begins with 2021. Times 14, 14:30 or 143015. Ages 65 (years), 65Y, 6M, 3W, 10D.
UIDs        or their names: SOPClassUID = "CT Image Storage", SOPClassUID ~ enhanced*."""
"""The language on a page."""


@dataclass(frozen=True)
class Query:
    """What is asked; it prints itself in the query language."""

    term: Term

    def __str__(self) -> str:
        return str(self.term)

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes that are named, each once, from left to right."""
        return tuple(dict.fromkeys(attributes_of(self.term)))

    @cached_property
    def keywords(self) -> tuple[str, ...]:
        """The names of those that the index does not have."""
        return tuple(attribute.name for attribute in self.attributes if not attribute.field)

    def where(self) -> Where:
        """Return what narrows the rows of the index: SQL, its parameters, whether it decides by itself."""
        return where(self.term)

    def matches(self, header: Header, read: Mapping[str, AttributeValue] | None = None) -> bool | None:
        """Whether an instance is meant.

        Parameters
        ----------
        header : Header
            The instance as the index has it.
        read : mapping of str to AttributeValue, optional
            Attributes by their names, as they were read from its file; they count where the index does not
            know better.

        Returns
        -------
        bool or None
            None if only the file can tell; never if all of :attr:`attributes` are *read*.
        """
        return _holds(self.term, header, read or {})


def parse_query(text: str) -> Query:
    """Parse a query.

    Raises
    ------
    QueryError
        If it cannot be understood; it says why, and where.
    """
    return Query(parse_term(text))


def _holds(term: Term, header: Header, read: Mapping[str, AttributeValue]) -> bool | None:
    if isinstance(term, Not):
        inner = _holds(term.term, header, read)
        return None if inner is None else not inner
    if isinstance(term, Comparison | Exists):
        value = known_value(header, term) or read.get(term.attribute.name)
        if value is None:
            return None
        if isinstance(term, Exists):
            return value.present
        return satisfies(value, term.operator, term.text, is_regex=term.is_regex)
    decisive = not isinstance(term, All)
    unknown = False
    for part in term.terms:
        inner = _holds(part, header, read)
        if inner is decisive:
            return decisive
        unknown = unknown or inner is None
    return None if unknown else not decisive
