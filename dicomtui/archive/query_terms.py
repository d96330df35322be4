"""What a query is made of: attributes, comparisons, and how they are joined.

Terms print themselves in the query language; what is printed parses to the same terms.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from dicomtui.errors import UsageError


class QueryError(UsageError):
    """A query that cannot be understood.

    Parameters
    ----------
    reason : str
        What is wrong and what to write instead, in one line.
    column : int
        Where in the text of the query, from 0.
    """

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.reason, self.column = reason, column


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that a query names, at the top level or inside sequences."""

    name: str
    """The keyword, ``(0019,10b2)`` where there is none, ``A.B`` for B in the items of A."""
    tags: tuple[int, ...]
    """The tags of the sequences on the way, then its own."""
    vr: str
    """The dictionary's Value Representation, maybe ``US or SS``, ``UN`` where it has none."""
    field: str = ""
    """The field of :class:`~dicomtui.archive.header.Header` that has its value, ``""`` for none."""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Comparison:
    """An attribute, an operator and a value."""

    attribute: Attribute
    operator: str
    """One of :data:`OPERATORS`."""
    text: str
    """The value as text: of a regular expression, what stands between the slashes."""
    is_regex: bool = False

    def __str__(self) -> str:
        if self.is_regex:
            return f"{self.attribute} {self.operator} /{self.text}/"
        escaped = self.text.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.attribute} {self.operator} "{escaped}"'


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether an attribute is there, with a value or without."""

    attribute: Attribute

    def __str__(self) -> str:
        return f"exists {self.attribute}"


@dataclass(frozen=True, slots=True)
class Not:
    """What does not satisfy *term*."""

    term: "Term"

    def __str__(self) -> str:
        return f"not {_in_parentheses(self.term)}"


@dataclass(frozen=True, slots=True)
class All:
    """What satisfies each of two or more terms."""

    terms: "tuple[Term, ...]"

    def __str__(self) -> str:
        return " and ".join(map(_in_parentheses, self.terms))


@dataclass(frozen=True, slots=True)
class Any:
    """What satisfies one of two or more terms."""

    terms: "tuple[Term, ...]"

    def __str__(self) -> str:
        return " or ".join(map(_in_parentheses, self.terms))


Term: TypeAlias = Comparison | Exists | Not | All | Any

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "~", "!~")
"""How a value is compared; ``~`` is for wildcards and regular expressions."""


@dataclass(frozen=True, slots=True)
class AttributeValue:
    """The values of an attribute in one instance."""

    vr: str
    present: bool = False
    """Whether the attribute is there at all."""
    values: tuple[tuple[str, ...], ...] = field(default=())
    """Plain text, not yet safe to show: for each place with a value (the items of sequences, the frames of a
    multi-frame object; else there is one) the values that stand there. No place twice with the same ones."""

    @property
    def texts(self) -> list[str]:
        r"""The values of each place as one text, with ``\`` between several."""
        return ["\\".join(place) for place in self.values]

    @property
    def text(self) -> str:
        """All of them as one text."""
        return "; ".join(self.texts)


def attributes_of(term: Term) -> Iterator[Attribute]:
    """Yield the attributes that a term names, from left to right."""
    if isinstance(term, Comparison | Exists):
        yield term.attribute
    elif isinstance(term, Not):
        yield from attributes_of(term.term)
    else:
        for part in term.terms:
            yield from attributes_of(part)


def _in_parentheses(term: Term) -> str:
    return f"({term})" if isinstance(term, All | Any | Not) else str(term)
