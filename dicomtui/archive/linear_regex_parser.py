"""Parses a regular expression into the states of a machine: see :mod:`dicomtui.archive.linear_regex`."""

import re
from collections.abc import Callable
from typing import NamedTuple

NESTING_LIMIT = 20
"""Groups that may stand in each other."""
STATES_LIMIT = 1000
"""States that an expression may have; ``(ab){50}`` has a hundred."""

Test = Callable[[str], bool]


class RegexError(ValueError):
    """What is wrong with a regular expression, and where."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.reason, self.position = reason, position


class Literal(NamedTuple):
    """One character that satisfies a test."""

    test: Test


class Anchor(NamedTuple):
    """The beginning of the text, or its end."""

    at_end: bool


class Sequence(NamedTuple):
    """One part behind the other."""

    parts: "tuple[Node, ...]"


class Choice(NamedTuple):
    """One of several."""

    branches: "tuple[Node, ...]"


class Repeat(NamedTuple):
    """The same again and again."""

    part: "Node"
    least: int
    most: int | None
    """None for no limit."""


Node = Literal | Anchor | Sequence | Choice | Repeat

_CLASSES = {"d": r"\d", "w": r"\w", "s": r"\s", "D": r"\D", "W": r"\W", "S": r"\S"}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_COUNTED = re.compile(r"\{(\d{0,4})(,?)(\d{0,4})\}")


def parse_regex(text: str) -> Node:
    r"""Parse *text*: characters, ``.``, ``[...]``, ``\d \w \s``, groups, ``|``, ``* + ? {m,n}``, ``^ $``.

    It is for texts that are casefolded, so that upper and lower case make no difference.

    Raises
    ------
    RegexError
        For anything else, such as look-ahead or references back, and for what is nested too deep.
    """
    parser = _Parser(text)
    node = parser.choice(0)
    if parser.position < len(text):
        raise RegexError("')' without '(' before it: write \\) for a parenthesis", parser.position)
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.position = text, 0

    def choice(self, depth: int) -> Node:
        if depth > NESTING_LIMIT:
            raise RegexError(f"groups nested deeper than {NESTING_LIMIT}", self.position)
        branches = [self._sequence(depth)]
        while self._take("|"):
            branches.append(self._sequence(depth))
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.position < len(self.text) and self.text[self.position] not in "|)":
            parts.append(self._repeated(self._atom(depth)))
        return Sequence(tuple(parts))

    def _repeated(self, part: Node) -> Node:
        found = self._repetition()
        if found is None:
            return part
        if isinstance(part, Anchor):
            raise RegexError("^ and $ cannot be repeated", self.position - 1)
        self._take("?")  # how much is taken makes no difference to whether there is a match
        start = self.position
        if self._repetition() is not None:
            raise RegexError("two repetitions side by side: put the first in parentheses", start)
        return Repeat(part, *found)

    def _repetition(self) -> tuple[int, int | None] | None:
        for character, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(character):
                return bounds
        match = _COUNTED.match(self.text, self.position)
        if match is None or not (match[1] or match[3]):
            return None
        self.position = match.end()
        least = int(match[1] or 0)
        most = (int(match[3]) if match[3] else None) if match[2] else least
        if most is not None and most < least:
            raise RegexError(f"{match[0]} ends before it begins", match.start())
        return least, most

    def _atom(self, depth: int) -> Node:
        start, character = self.position, self.text[self.position]
        self.position += 1
        if character == "(":
            return self._group(start, depth)
        if character == "[":
            return Literal(self._set(start))
        if character in "^$":
            return Anchor(character == "$")
        if character == ".":
            return Literal(lambda _: True)
        if character == "\\":
            return Literal(self._escape(start))
        if character in "*+?":
            raise RegexError(f"nothing to repeat before '{character}'", start)
        return _characters(character)

    def _group(self, start: int, depth: int) -> Node:
        if self._take("?") and not self._take(":"):
            raise RegexError("of groups with (? only (?:...) is understood", start)
        node = self.choice(depth + 1)
        if not self._take(")"):
            raise RegexError("'(' without ')' behind it: write \\( for a parenthesis", start)
        return node

    def _escape(self, start: int) -> Test:
        if self.position == len(self.text):
            raise RegexError("nothing behind the last \\", start)
        character = self.text[self.position]
        self.position += 1
        if character in _CLASSES:
            return re.compile(_CLASSES[character]).match  # type: ignore[return-value]
        if character.isalnum() and character not in _CONTROLS:
            raise RegexError(f"\\{character} is not understood", start)
        return _CONTROLS.get(character, character).__eq__

    def _set(self, start: int) -> Test:
        """Return the test for ``[a-z_]`` or ``[^...]``, in which case is ignored."""
        is_negated = self._take("^")
        tests: list[Test] = []
        while True:
            if self.position >= len(self.text):
                raise RegexError("'[' without ']' behind it: write \\[ for a bracket", start)
            if self.text[self.position] == "]" and tests:
                self.position += 1
                break
            tests.append(self._member(start))

        def test(character: str) -> bool:
            return is_negated != any(one(character) or one(character.upper()) for one in tests)

        return test

    def _member(self, start: int) -> Test:
        first = self._end_of_range(start)
        if callable(first):
            return first
        following = self.text[self.position : self.position + 2]
        if following[:1] != "-" or following in ("-", "-]"):
            return first.__eq__
        self.position += 1
        last = self._end_of_range(start)
        if callable(last) or last < first:
            raise RegexError("a range in [] that ends before it begins", self.position - 1)
        return lambda character: first <= character <= last

    def _end_of_range(self, start: int) -> str | Test:
        if self.position >= len(self.text):
            raise RegexError("'[' without ']' behind it: write \\[ for a bracket", start)
        character = self.text[self.position]
        self.position += 1
        if character != "\\":
            return character
        following = self.text[self.position : self.position + 1]
        test = self._escape(self.position - 1)
        return test if following in _CLASSES else _CONTROLS.get(following, following)

    def _take(self, character: str) -> bool:
        if self.text[self.position : self.position + 1] != character:
            return False
        self.position += 1
        return True


def _characters(character: str) -> Node:
    """Return what matches a character in a casefolded text, where it may be two."""
    folded = tuple(Literal(part.__eq__) for part in character.casefold())
    return folded[0] if len(folded) == 1 else Sequence(folded)
