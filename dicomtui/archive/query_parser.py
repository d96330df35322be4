"""Parses the query language; every mistake is a :class:`QueryError` that points at a column."""

import re
from typing import NoReturn

from dicomtui.archive.attribute_names import KEYWORD, TAG, attribute_at
from dicomtui.archive.query_terms import All, Any, Attribute, Comparison, Exists, Not, QueryError, Term
from dicomtui.archive.query_values import WILDCARDS, ValueProblem, regular_expression, value_test
from dicomtui.text import safe_line

LENGTH_LIMIT = 10_000
"""Characters that a query may have."""
TERMS_LIMIT = 200
"""Attributes that a query may name."""
NESTING_LIMIT = 30
"""How deep parentheses and ``not`` may stand in each other."""

_SPACE = re.compile(r"\s*")
_OPERATOR = re.compile(r"!=|!~|<=|>=|<>|==|=~|[=<>~]")
_SAME = {"==": "=", "<>": "!=", "=~": "~"}
_SYMBOLS = {"and": "&&", "or": "||", "not": "!"}
_WORDS = frozenset({"and", "or", "not", "exists"})
_BARE = re.compile(r"(?:(?!&&|\|\|)[^\s()\"'])+")
_ESCAPED = re.compile(r"\\([\\\"'])")
_SHOWN = 20


def parse_term(text: str) -> Term:
    """Parse a whole query.

    Raises
    ------
    QueryError
        If it cannot be understood.
    """
    if len(text) > LENGTH_LIMIT:
        raise QueryError(f"the query is longer than {LENGTH_LIMIT:,} characters", LENGTH_LIMIT)
    parser = _Parser(text)
    term = parser.any_of(0)
    if parser.position < len(text):
        parser.complain()
    return term


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.position, self.count = text, 0, 0
        self._skip_space()

    def any_of(self, depth: int) -> Term:
        """Parse terms with ``or`` between them."""
        terms = [self._all_of(depth)]
        while self._take_word("or"):
            terms.append(self._all_of(depth))
        return terms[0] if len(terms) == 1 else Any(tuple(terms))

    def complain(self) -> NoReturn:
        """Say that something stands behind a term that should not."""
        if self.text[self.position] == ")":
            raise QueryError("')' without '(' before it", self.position)
        raise QueryError(
            f"expected 'and' or 'or' before {self._shown()}; text with spaces stands in quotes", self.position
        )

    def _all_of(self, depth: int) -> Term:
        terms = [self._negatable(depth)]
        while self._take_word("and"):
            terms.append(self._negatable(depth))
        return terms[0] if len(terms) == 1 else All(tuple(terms))

    def _negatable(self, depth: int) -> Term:
        if depth > NESTING_LIMIT:
            raise QueryError(f"nested deeper than {NESTING_LIMIT} parentheses", self.position)
        if self._take_word("not"):
            return Not(self._negatable(depth + 1))
        if self._take_word("exists"):
            return Exists(self._attribute())
        if self.text[self.position : self.position + 1] != "(" or TAG.match(self.text, self.position):
            return self._comparison()
        start = self.position
        self._move_to(start + 1)
        term = self.any_of(depth + 1)
        if self.text[self.position : self.position + 1] != ")":
            if self.position < len(self.text):
                self.complain()
            raise QueryError("'(' without ')' behind it", start)
        self._move_to(self.position + 1)
        return term

    def _comparison(self) -> Term:
        attribute = self._attribute()
        if self._take_word("exists"):
            return Exists(attribute)
        match = _OPERATOR.match(self.text, self.position)
        if match is None:
            raise QueryError(
                f"expected =, !=, <, <=, >, >=, ~, !~ or 'exists' behind {attribute}", self.position
            )
        operator = _SAME.get(match[0], match[0])
        self._move_to(match.end())
        return self._compared(attribute, operator)

    def _attribute(self) -> Attribute:
        self.count += 1
        if self.count > TERMS_LIMIT:
            raise QueryError(f"more than {TERMS_LIMIT} comparisons", self.position)
        if self.position == len(self.text):
            raise QueryError("expected the keyword or tag of an attribute", self.position)
        word = KEYWORD.match(self.text, self.position)
        if word and word[0].casefold() in _WORDS:
            raise QueryError(f"expected an attribute before '{word[0]}'", self.position)
        attribute, end = attribute_at(self.text, self.position)
        self._move_to(end)
        return attribute

    def _compared(self, attribute: Attribute, operator: str) -> Comparison:
        start = self.position
        if start == len(self.text):
            raise QueryError(f"expected a value behind {operator}", start)
        if operator in ("~", "!~") and self.text[start] == "/":
            return self._matched(attribute, operator, start)
        is_quoted = self.text[start] in "\"'"
        value = self._quoted(start) if is_quoted else self._bare(start, operator)
        _check(attribute, operator, value, start, is_quoted=is_quoted)
        return Comparison(attribute, operator, value)

    def _matched(self, attribute: Attribute, operator: str, start: int) -> Comparison:
        """Parse ``/a regular expression/``, in which a slash is written with a backslash."""
        match = re.compile(r"/((?:[^/\\]|\\.)*)/", re.DOTALL).match(self.text, start)
        if match is None:
            raise QueryError("the regular expression has no / at its end", start)
        try:
            regular_expression(match[1])
        except ValueProblem as error:
            raise QueryError(str(error), start + 1) from error
        self._move_to(match.end())
        return Comparison(attribute, operator, match[1], is_regex=True)

    def _quoted(self, start: int) -> str:
        quote = self.text[start]
        match = re.compile(rf"{quote}((?:[^{quote}\\]|\\.)*){quote}", re.DOTALL).match(self.text, start)
        if match is None:
            raise QueryError(f"the text has no {quote} at its end", start)
        self._move_to(match.end())
        return _ESCAPED.sub(r"\1", match[1])

    def _bare(self, start: int, operator: str) -> str:
        match = (self.text[start] == "(" and TAG.match(self.text, start)) or _BARE.match(self.text, start)
        if match is None or match[0].casefold() in _WORDS:
            raise QueryError(f"expected a value behind {operator}, not {self._shown()}", start)
        self._move_to(match.end())
        if self.text[match.end() : match.end() + 1] in ("(", '"', "'"):
            raise QueryError("text with quotes or parentheses stands in quotes", match.end())
        return match[0]

    def _take_word(self, word: str) -> bool:
        """Step over a word of the language, in any case, or over its symbol."""
        end = self.position + len(word)
        if self.text[self.position : end].casefold() == word and not self.text[end : end + 1].isalnum():
            self._move_to(end)
            return True
        symbol = _SYMBOLS.get(word)
        if symbol is None or not self.text.startswith(symbol, self.position):
            return False
        self._move_to(self.position + len(symbol))
        return True

    def _move_to(self, position: int) -> None:
        self.position = position
        self._skip_space()

    def _skip_space(self) -> None:
        match = _SPACE.match(self.text, self.position)
        assert match is not None  # it may be empty
        self.position = match.end()

    def _shown(self) -> str:
        words = self.text[self.position :].split(maxsplit=1)
        return f"'{safe_line(words[0], _SHOWN)}'" if words else "the end"


def _check(attribute: Attribute, operator: str, text: str, column: int, *, is_quoted: bool) -> None:
    """Refuse a value that cannot be meant as it stands."""
    if not text.strip():
        if operator not in ("=", "!="):
            raise QueryError(f"{operator} needs a value", column)
        return
    if operator in ("=", "!=") and not is_quoted and WILDCARDS.search(text):
        raise QueryError(f"{operator} knows no wildcards: write ~ for them, or the text in quotes", column)
    if operator in ("~", "!~") and not WILDCARDS.search(text):
        raise QueryError(
            f"{operator} compares the whole value: for a part of it write *{safe_line(text, _SHOWN)}*", column
        )
    try:
        value_test(attribute.vr, {"!=": "=", "!~": "~"}.get(operator, operator), text)
    except ValueProblem as problem:
        raise QueryError(f"{attribute} {problem}", column) from problem
