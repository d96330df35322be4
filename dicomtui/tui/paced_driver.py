"""Textual's driver for terminals, with the questions and answers that pace what is written."""

import time
from functools import partial
from typing import Any

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from dicomtui.picture.kitty import kitty_erased
from dicomtui.picture.modes import Mode
from dicomtui.tui.late_answers import EarlyInput, LateAnswers
from dicomtui.tui.pacing import QUESTION, Pacer

GOODBYE = 1.0
"""Seconds to wait for the last answers, which would otherwise be typed into the shell."""


class PacedDriver(LinuxDriver):
    """Asks behind each large update, and takes the answers out of what is typed."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._pacer: Pacer = app.pacer
        self._early: EarlyInput = app.early
        self._asks = True
        self._erases = Mode.KITTY in app.terminal.modes

    def write(self, data: str) -> None:
        """Write, and count it."""
        self._pacer.wrote(len(data) if data.isascii() else len(data.encode(errors="replace")))
        super().write(data)

    def flush(self) -> None:
        """End an update: what was large is followed by a question."""
        if self._asks and self._pacer.asks():
            super().write(QUESTION)
        super().flush()

    def process_message(self, message: Message) -> None:
        """Keep answers from the app; this runs in the thread that reads them, so they are not late."""
        if isinstance(message, events.CursorPosition):
            if message.y > 0:
                self._pacer.answered()
            return
        super().process_message(message)

    def start_application_mode(self) -> None:
        """Begin to ask; what was typed before comes first."""
        self._asks = True
        typed, self._early = self._early.typed, self._early._replace(typed="")
        for message in XTermParser().feed(typed) if typed else ():
            self.process_message(message)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def run_input_thread(self) -> None:
        """Read what is typed, without the answers to what the program asked when it began."""
        if self._early.sieve is not None:  # Textual asks nobody for another parser
            vars(linux_driver)["XTermParser"] = partial(LateAnswers, self._early.sieve)
        super().run_input_thread()

    def stop_application_mode(self) -> None:
        """Leave no picture on the terminal, however this ends."""
        if self._erases:
            super().write(kitty_erased())
        super().stop_application_mode()

    def disable_input(self) -> None:
        """Read the answers that are still to come, ask no more, then stop reading."""
        self._asks = False
        end = time.monotonic() + GOODBYE
        while self._pacer.in_flight and not self._pacer.is_silent and time.monotonic() < end:
            time.sleep(0.005)
        super().disable_input()
