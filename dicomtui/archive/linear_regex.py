"""Regular expressions whose search takes time in proportion to the text, whatever the expression is.

A query comes from a person, but what it runs over comes from anywhere, a hundred thousand times: with the
engine of :mod:`re`, an expression such as ``(a+)+b`` would run for years on one hostile value. Here all ways
to match are followed at once (Thompson's construction), and the sets of states that occur are remembered.
"""

from collections.abc import Iterable
from typing import NamedTuple

from dicomtui.archive.linear_regex_parser import (
    STATES_LIMIT,
    Anchor,
    Choice,
    Literal,
    Node,
    RegexError,
    Repeat,
    Test,
    parse_regex,
)

SEARCHED = 1 << 16
"""Characters of a value that are looked through."""
_REMEMBERED = 1 << 14
"""Steps between sets of states that are kept."""

_States = frozenset[int]


class _State(NamedTuple):
    """One state: it waits for a character, or leads on without one."""

    test: Test | None
    following: tuple[int, ...]
    anchor: bool | None = None
    """For an anchor, whether it is the one at the end."""


class LinearRegex:
    """A regular expression that is looked for anywhere in a text.

    Parameters
    ----------
    text : str
        See :func:`~dicomtui.archive.linear_regex_parser.parse_regex`. A ``.`` stands for line breaks too.

    Raises
    ------
    RegexError
        If it is not understood, or has more than :data:`~.linear_regex_parser.STATES_LIMIT` states.
    """

    def __init__(self, text: str) -> None:
        self._states: list[_State] = []
        self._match = self._add(None, ())
        self._start = self._build(parse_regex(text), self._match)
        self._steps: dict[tuple[_States, str], _States] = {}

    def search(self, text: str) -> bool:
        """Whether it matches somewhere in the first :data:`SEARCHED` characters of *text*, case ignored."""
        text = text[:SEARCHED].casefold()
        beginning = self._closure([self._start], at_start=True, at_end=not text)
        anywhere = self._closure([self._start])
        current = beginning
        for character in text:
            if self._match in current:
                return True
            current = self._step(current, character, anywhere)
        return self._match in self._closure(current, at_start=not text, at_end=True)

    def _step(self, current: _States, character: str, anywhere: _States) -> _States:
        found = self._steps.get((current, character))
        if found is None:
            states = (self._states[state] for state in current)
            reached = [s.following[0] for s in states if s.test is not None and s.test(character)]
            found = self._closure(reached) | anywhere
            if len(self._steps) >= _REMEMBERED:
                self._steps.clear()
            self._steps[current, character] = found
        return found

    def _closure(self, states: Iterable[int], *, at_start: bool = False, at_end: bool = False) -> _States:
        """Return the states that are reached without a character."""
        found: set[int] = set()
        pending = list(states)
        while pending:
            number = pending.pop()
            if number in found:
                continue
            found.add(number)
            state = self._states[number]
            if state.test is None and (state.anchor is None or (at_end if state.anchor else at_start)):
                pending.extend(state.following)
        return frozenset(found)

    def _add(self, test: Test | None, following: tuple[int, ...], anchor: bool | None = None) -> int:
        if len(self._states) >= STATES_LIMIT:
            raise RegexError(f"too large: more than {STATES_LIMIT} states", 0)
        self._states.append(_State(test, following, anchor))
        return len(self._states) - 1

    def _build(self, node: Node, following: int) -> int:
        """Add the states of *node*, which lead to *following*, and return the first."""
        if isinstance(node, Literal):
            return self._add(node.test, (following,))
        if isinstance(node, Anchor):
            return self._add(None, (following,), node.at_end)
        if isinstance(node, Choice):
            return self._add(None, tuple(self._build(branch, following) for branch in node.branches))
        if isinstance(node, Repeat):
            return self._build_repeat(node, following)
        for part in reversed(node.parts):
            following = self._build(part, following)
        return following

    def _build_repeat(self, node: Repeat, following: int) -> int:
        if node.most is None:
            again = self._add(None, ())
            start = self._build(node.part, again)
            self._states[again] = _State(None, (start, following))
            following = again
        else:
            end = following
            for _ in range(node.most - node.least):
                following = self._add(None, (self._build(node.part, following), end))
        for _ in range(node.least):
            following = self._build(node.part, following)
        return following
