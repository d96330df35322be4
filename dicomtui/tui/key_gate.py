"""One key at a time: the next one waits until what the last one did is done.

Textual hands each key to the widget that has the focus when the key arrives. Of keys that come in one piece
(fast typing, a slow line) all would go to the same widget, although the first may have opened a search line
or a dialog.
"""

import time
from collections import deque
from typing import TYPE_CHECKING

from textual import events

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message

PATIENCE = 0.25
"""Seconds after which a key that nobody reported as done lets the next one pass."""
_ANSWER_SECONDS = 0.1
"""How long a key is answered, with all that it makes load and draw."""


class TypedKey(events.Key):
    """A key that reports when it is done: stopped by a widget, or at its end at the app."""

    __slots__ = ("_gate",)

    def __init__(self, key: events.Key, gate: "KeyGate") -> None:
        super().__init__(key.key, key.character)
        self.time = key.time
        self._gate = gate

    def stop(self, stop: bool = True) -> "Message":
        """Let it go no further; the next key may come."""
        self._gate.stopped(self)
        return super().stop(stop)


TypedKey.handler_name = events.Key.handler_name


class KeyGate:
    """Lets keys into an app in their order."""

    def __init__(self, app: "App[None]") -> None:
        self._app = app
        self._waiting: deque[events.Key] = deque()
        self._in_hand: TypedKey | None = None
        self._is_open = False
        self._answered = 0.0

    @property
    def is_answering(self) -> bool:
        """Whether somebody waits for what a key does, so that other work may stand back."""
        return time.monotonic() < self._answered

    def open(self) -> None:
        """Let keys in from now on: those typed before wait until there is something to press them on."""
        self._is_open = True
        self._app.call_later(self._next)  # in the app's name: a key goes no further up than to who sent it

    def take(self, key: events.Key) -> None:
        """Let *key* in when those before it are done."""
        self._answered = time.monotonic() + _ANSWER_SECONDS
        self._waiting.append(key)
        self._next()

    def stopped(self, key: TypedKey) -> None:
        """Let the next key in once *key* had time to reach the app.

        Textual stops a key at the last screen too, right before it hands it to the app: hence two turns.
        """
        self._app.call_later(self._app.call_later, self.release, key)

    def release(self, key: TypedKey) -> None:
        """Let the next key in, now that *key* is done."""
        if key is self._in_hand:
            self._in_hand = None
            self._next()

    def _next(self) -> None:
        if self._is_open and self._in_hand is None and self._waiting:
            self._in_hand = key = TypedKey(self._waiting.popleft(), self)
            self._app.post_message(key)
            self._app.set_timer(PATIENCE, lambda: self.release(key))
