"""Textual's driver for terminals, with the questions and answers that pace what is written."""

import os
import signal
import time
from functools import partial
from typing import IO, Any

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from dicomtui.picture.graphics import graphics_of
from dicomtui.picture.modes import Mode
from dicomtui.tui.late_answers import EarlyInput, LateAnswers
from dicomtui.tui.pacing import QUESTION, Pacer

GOODBYE = 1.0
"""Seconds to wait for the last answers, which would otherwise be typed into the shell."""


class LastingFile:
    """The terminal as a file that can be written when it has hung up; the program is told so once.

    Textual's thread that writes would end with the error, and whoever writes would then wait for it for ever.

    Parameters
    ----------
    file : text stream
        Of the terminal.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._is_gone = False

    def write(self, text: str) -> None:
        """Write, if there is somebody to read it."""
        try:
            self._file.write(text)
        except OSError:
            self._hung_up()

    def flush(self) -> None:
        """Hand over what was written."""
        try:
            self._file.flush()
        except OSError:
            self._hung_up()

    def fileno(self) -> int:
        """Return the number of the file."""
        return self._file.fileno()

    def _hung_up(self) -> None:
        if not self._is_gone and signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL:
            os.kill(os.getpid(), signal.SIGHUP)  # the kernel tells only who has it as controlling terminal
        self._is_gone = True


class PacedDriver(LinuxDriver):
    """Asks behind each large update, and takes the answers out of what is typed."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._file: Any = LastingFile(self._file)
        self._pacer: Pacer = app.pacer
        self._early: EarlyInput = app.early
        self._asks = True
        self._erasure = (
            graphics_of(Mode.KITTY, app.terminal).erase(0, 0) if Mode.KITTY in app.terminal.modes else ""
        )

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

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return columns and lines as the terminal has them.

        Textual takes what COLUMNS and LINES say before that: where a shell exports them, they are what the
        terminal was when the program began.
        """
        try:
            size = os.get_terminal_size(self._file.fileno())
        except OSError:  # it has hung up
            return super()._get_terminal_size()
        return (size.columns, size.lines) if all(size) else super()._get_terminal_size()

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
        if self._erasure:
            super().write(self._erasure)
        super().stop_application_mode()

    def disable_input(self) -> None:
        """Read the answers that are still to come, ask no more, then stop reading."""
        self._asks = False
        end = time.monotonic() + GOODBYE
        while self._pacer.in_flight and not self._pacer.is_silent and time.monotonic() < end:
            time.sleep(0.005)
        super().disable_input()
