"""The app: themes, palette, help, signals; and what is left on the terminal when something breaks."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.widgets import Input

from dicomtui.errors import DicomTuiError, UsageError
from dicomtui.garbage import put_off_searches, scatter_little, search_if_due
from dicomtui.picture.terminal import Terminal, terminal_of
from dicomtui.processes import prepare
from dicomtui.settings import Settings, load_settings
from dicomtui.text import safe_line
from dicomtui.tui.commands import Commands
from dicomtui.tui.key_gate import KeyGate, TypedKey
from dicomtui.tui.late_answers import EarlyInput
from dicomtui.tui.pacing import Pacer
from dicomtui.tui.rest import Rest
from dicomtui.tui.screens.browser import BrowserScreen
from dicomtui.tui.screens.dialog import Palette
from dicomtui.tui.style_sheets import style_sheet
from dicomtui.tui.themes import THEMES

SWITCH_SECONDS = 0.001
"""How long a thread that computes may keep the one that answers keys waiting, each time."""
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class DicomTuiApp(App[None], inherit_bindings=False):
    """The browser over the paths that were asked for."""

    TITLE = "dicomtui"
    CSS_PATH: ClassVar = [
        style_sheet(f"{name}.tcss")
        for name in ("browser", "reader", "find", "deidentify", "export", "processing", "measuring")
    ]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {Commands}
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit_from_above", show=False, priority=True),
        Binding("ctrl+z", "suspend_from_above", show=False, priority=True),
    ]
    """What works anywhere where the browser's own bindings are out of reach."""

    def __init__(
        self,
        paths: list[str],
        settings: Settings | None = None,
        welcome: str = "",
        keep_index: bool | None = None,
        terminal: Terminal | None = None,
        early: EarlyInput | None = None,
    ) -> None:
        self.terminal = terminal or terminal_of(os.environ)
        self.early = early or EarlyInput()
        self.pacer = Pacer()
        super().__init__()
        self._paths, self._welcome = paths, welcome
        self._settings = settings or Settings()
        self._keep_index = keep_index if keep_index is not None else self._settings.index or None
        prepare()  # no process can be started once Textual has the terminal
        self.gate = KeyGate(self)
        self._rest = Rest(search_if_due)
        self._running_loop: asyncio.AbstractEventLoop | None = None
        self.crash = ""
        """One line about an error that ended the app."""
        for theme in THEMES:
            self.register_theme(theme)
        if self._settings.theme not in self.available_themes:
            themes = ", ".join(sorted(self.available_themes))
            raise UsageError(f"theme {safe_line(self._settings.theme, 40)!r} is unknown; there are {themes}")
        self.theme = self._settings.theme
        self.set_keymap(self._settings.keys)

    def get_driver_class(self) -> type[Driver]:
        """Return Textual's driver, with pacing where it is the one for terminals."""
        from textual.drivers.linux_driver import LinuxDriver

        from dicomtui.tui.paced_driver import PacedDriver

        chosen = super().get_driver_class()
        return PacedDriver if chosen is LinuxDriver else chosen

    def get_default_screen(self) -> BrowserScreen:
        """Return the browser."""
        return BrowserScreen(self._paths, self._settings, self.gate, self._welcome, self._keep_index)

    def on_mount(self) -> None:
        """End in good order when the terminal or the system says so."""
        loop = self._running_loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.exit, None, 128 + number)
        self.app_resume_signal.subscribe(self, self._repaint)

    def _repaint(self, _: object) -> None:
        """Draw everything again: the shell has written over it."""
        self.screen.refresh(layout=True)

    async def on_event(self, event: events.Event) -> None:
        """Let keys in one at a time."""
        if isinstance(event, events.Key) and not isinstance(event, TypedKey):
            self._rest.typed()
            self.gate.take(event)
            return
        was_forwarded = event.is_forwarded
        await super().on_event(event)
        if isinstance(event, TypedKey) and (was_forwarded or not event.is_forwarded):
            self.gate.release(event)

    def say_log_fails(self, _: str) -> None:
        """Say that the access log cannot be written; any thread may call this."""
        if self._running_loop is not None:
            self._running_loop.call_soon_threadsafe(self._show_log_failure)

    def _show_log_failure(self) -> None:
        self.notify(
            "The access log cannot be written: what is opened is not all recorded.",
            severity="warning",
            timeout=10,
            markup=False,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys of the browser alone, and those that copy a text that is selected."""
        if action not in ("quit_from_above", "suspend_from_above"):
            return super().check_action(action, parameters)
        typed = self.focused if isinstance(self.focused, Input) else None
        if action == "quit_from_above" and typed is not None and typed.selected_text:
            return False
        return len(self.screen_stack) > 1 or typed is not None

    async def action_quit_from_above(self) -> None:
        """Quit from a dialog, or while something is typed."""
        await self.action_quit()

    def action_suspend_from_above(self) -> None:
        """Suspend from there."""
        self.action_suspend_process()

    async def action_quit(self) -> None:
        """Quit; while a job runs, its screen asks first."""
        if len(self.screen_stack) > 1:
            from dicomtui.tui.screens.job_screen import JobScreen

            if not all(screen.may_quit() for screen in self.screen_stack if isinstance(screen, JobScreen)):
                return
        self.exit()

    def action_theme(self, name: str) -> None:
        """Change the theme for as long as the program runs."""
        self.theme = name

    def action_command_palette(self) -> None:
        """Show every command, to be searched by name."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def action_help(self) -> None:
        """Show the keys of the focused pane."""
        from dicomtui.tui.screens.help import help_screen
        from dicomtui.tui.screens.reader import page_width

        screen = self.screen
        if isinstance(screen, BrowserScreen):
            names = {digit: preset.name for digit, preset in screen.image.window.presets().items()}
            width = page_width(self.size.width)
            self.push_screen(help_screen(screen.panes.focused, self._settings.keys, names, width))

    def _fatal_error(self) -> None:
        """Keep one line about the error that ends the app: values of locals could name a patient."""
        from dicomtui.crash_report import crash_sentence

        error = sys.exception()
        self.crash = crash_sentence(error or RuntimeError())
        self._close_messages_no_wait()


def browse(
    paths: list[str],
    keep_index: bool | None = None,
    *,
    welcome: str = "",
    graphics: str = "",
    bandwidth: str = "",
    access_log: str = "",
    terminal: Terminal | None = None,
    early: EarlyInput | None = None,
) -> int:
    """Run the browser until it is quit and return the exit code of the program.

    Parameters
    ----------
    paths : list of str
        Folders, files or DICOMDIRs that exist.
    keep_index : bool or None
        Whether what a scan finds stays on disk; None leaves it to the configuration and to what is there.
    welcome : str
        A sentence to begin with.
    graphics, bandwidth : str
        What the settings of these names are instead; nothing leaves them.
    access_log : str
        The file of the access log; ``""`` leaves it to the configuration.
    terminal : Terminal, optional
        What it can show, if it was asked.
    early : EarlyInput, optional
        What came from it when it was asked, besides answers.

    Raises
    ------
    UsageError
        If the configuration makes no sense.
    DicomTuiError
        If the browser broke; the terminal is in order again.
    """
    settings = load_settings()
    settings = replace(
        settings, graphics=graphics or settings.graphics, bandwidth=bandwidth or settings.bandwidth
    )
    app = DicomTuiApp(paths, settings, welcome, keep_index, terminal, early)
    if log := access_log or settings.access_log:
        from dicomtui.access_log import start

        start(log, app.say_log_fails)
    sys.setswitchinterval(SWITCH_SECONDS)
    put_off_searches()
    scatter_little()  # before there are threads
    app.run()
    if app.crash:
        raise DicomTuiError(app.crash)
    return app.return_code or 0
