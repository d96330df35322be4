"""Keeps what the terminal answers too late, or was typed too early, in its place."""

import time
from typing import TYPE_CHECKING, NamedTuple

from textual._xterm_parser import XTermParser

from dicomtui.picture.answers import Sieve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.message import Message

PATIENCE = 30.0
"""Seconds after which no answer is expected any more."""
_KEY, _ANSWER = 0.1, 2.0
"""Seconds in which a key of several characters, or an answer, has come as a whole."""


class EarlyInput(NamedTuple):
    """What came from the terminal before the browser read from it."""

    typed: str = ""
    sieve: Sieve | None = None
    """Takes the answers that are still to come; None if there are none."""


class LateAnswers(XTermParser):
    """Textual's parser of what comes from the terminal, without answers that nobody waits for any more.

    It would take them for keys.

    Parameters
    ----------
    sieve : Sieve
        Has taken the first answers, and perhaps the beginning of another.
    """

    def __init__(self, sieve: Sieve, debug: bool = False) -> None:
        super().__init__(debug)
        self._sieve = sieve
        self._at = time.monotonic()
        self._until = self._at + PATIENCE

    def feed(self, data: str) -> "Iterable[Message]":
        """Parse what was typed; the rest is dropped."""
        if not data or not self._is_expecting:
            return super().feed(self._sieve.release() + data)
        self._at = time.monotonic()
        typed = self._sieve.feed(data)
        return super().feed(typed) if typed else ()  # nothing would be the end

    def tick(self) -> "Iterable[Message]":
        """Parse what was held back for an answer and is none."""
        yield from super().tick()
        held = self._sieve.held
        if held and time.monotonic() - self._at > (_KEY if len(held) <= 2 else _ANSWER):
            keys = self._sieve.release()
            yield from super().feed(keys) if keys else ()

    @property
    def _is_expecting(self) -> bool:
        return not self._sieve.is_complete and time.monotonic() < self._until
