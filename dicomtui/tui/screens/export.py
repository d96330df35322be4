"""The dialog of export: what is written, in which format, under which names, where to."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from dicomtui.errors import UsageError
from dicomtui.text import safe_line
from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.screens.export_choices import ExportChoices
from dicomtui.tui.screens.export_form import ExportForm
from dicomtui.tui.screens.export_names import NamePreviewer, NamesMade
from dicomtui.tui.screens.export_task import (
    ExportTask,
    full_path,
    likely_output,
    output_problem,
    output_remark,
)
from dicomtui.tui.screens.job_screen import JobScreen
from dicomtui.tui.screens.jump import Jump
from dicomtui.tui.screens.menu import MenuScreen
from dicomtui.tui.widgets.form import line_of
from dicomtui.tui.widgets.form_lines import LineChanged
from dicomtui.tui.widgets.key_hints import KeyHints
from dicomtui.tui.widgets.name_list import NameList
from dicomtui.tui.widgets.pick_line import PickLine

if TYPE_CHECKING:
    from dicomtui.tui.screens.export_subject import Subject

_WIDE = 132
"""Columns from which the names stand beside the form."""
_ROOMY, _LOW, _TINY = 36, 24, 16
"""Lines from which groups stand apart; below which every line counts; and without room for names."""

_FORM_KEYS = (("Enter", "start"), ("Space", "change"), ("h l", "step"), ("j k", "move"), ("Esc", "back"))
_TYPING_KEYS = (("Enter", "take it"), ("Esc", "as it was"))


class ExportScreen(Dialog[Jump | None], inherit_bindings=False):
    """A form, and the names of the first files; Enter starts.

    Parameters
    ----------
    subject : Subject
        What can be exported.
    choices : ExportChoices or None
        What was chosen the last time.
    remember : callable
        Takes what is chosen when it is started.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", show=False),
        Binding("enter", "start", show=False),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
    ]
    AUTO_FOCUS = "PickLine"

    def __init__(
        self, subject: "Subject", choices: ExportChoices | None, remember: Callable[[ExportChoices], None]
    ) -> None:
        super().__init__()
        self._subject, self._remember = subject, remember
        last = choices or ExportChoices()
        self._form = ExportForm(replace(last, output=last.output or likely_output(subject)), subject)
        self._chosen, self._warning = Static(id="chosen"), Static(id="warning")
        self._about, self._names, self._hints = Static(id="about"), NameList(id="names"), KeyHints()
        self._previewer = NamePreviewer(subject, self.post_message)

    def compose(self) -> ComposeResult:
        """Put the names beside the form, or below it where there is no room."""
        with Container(id="export"):
            with Vertical(id="choices", classes="pane"):
                yield self._chosen
                yield self._warning
                yield self._form
                yield self._about
            with Vertical(id="names-pane", classes="pane"):
                yield self._names
        yield self._hints

    def on_mount(self) -> None:
        """Show what is chosen, and make names."""
        self.query_one("#choices").border_title = Content("Export")
        self.query_one("#names-pane").border_title = Content("Files")
        self._lay_out()
        self.call_after_refresh(self._follow, "")

    def on_unmount(self) -> None:
        """Let the thread end."""
        self._previewer.end()

    def on_resize(self) -> None:
        """Fit both into the terminal."""
        self._lay_out()

    def _lay_out(self) -> None:
        self.set_class(self.size.width < _WIDE, "narrow")
        self.set_class(self.size.height >= _ROOMY, "roomy")
        self.set_class(self.size.height < _LOW, "low")
        self.set_class(self.size.height < _TINY, "tiny")

    # --- the form ---

    def on_line_changed(self, event: LineChanged) -> None:
        """Follow what is chosen."""
        self._form.follow(event.name)
        self._follow(event.name)

    def _follow(self, name: str) -> None:
        choices = self._form.choices
        if name in ("", "what", "format"):
            self._chosen.update(Text(self._subject.text(choices.what), "bold", no_wrap=True))
        self._explain()
        try:
            options = self._form.options
        except UsageError as error:
            self._names.rows, self._names.remark = (), safe_line(str(error), 400)
            return
        self._previewer.compute(options, choices.what, full_path(choices.output))

    def on_names_made(self, event: NamesMade) -> None:
        """Show the names, and whether what they are made of is marked as de-identified."""
        self._names.rows, self._names.remark = event.names.rows, event.names.remark
        self._warning.update(Text(event.names.warning, self.app.theme_variables["warning"]))
        self._warning.display = bool(event.names.warning)

    def on_pick_line_list_wanted(self, event: PickLine.ListWanted) -> None:
        """List what can be chosen."""
        line = event.line
        width = max(len(word) for word, _ in line.choices)
        room = min(self.size.width - 8, 84) - width - 6
        texts = [f"{word:<{width}}  {meaning[:room]}" for word, meaning in line.choices]

        def take(number: int | None) -> None:
            if number is not None:
                line.take(number)

        self.app.push_screen(MenuScreen("Choose", texts, line.at), take)

    def on_descendant_focus(self) -> None:
        """Show what the line with the focus is about, and its keys."""
        self._explain()
        self._hints.keys = _TYPING_KEYS if isinstance(self.focused, Input) else _FORM_KEYS

    def _explain(self) -> None:
        name = line_of(self.focused)
        wrong, why = self._form.mistake()
        remark = ""
        if name == "output":
            output = self._form.choices.output
            wrong, why = "output", output_problem(output)
            remark = "" if why else output_remark(output)
        if name and name == wrong and why:
            self._about.update(Text(safe_line(why, 400), self.app.theme_variables["error"]))
        else:
            self._about.update(Text(safe_line(remark or self._form.explanation(name), 400)))

    def action_move_focus(self, step: int) -> None:
        """Go to the next line, or the one before."""
        self._form.move(self.focused, step)

    # --- to and fro ---

    def action_start(self) -> None:
        """Begin, if all lines make sense; else go to the one that does not."""
        choices = self._form.choices
        wrong, _ = self._form.mistake()
        if not wrong and output_problem(choices.output):
            wrong = "output"
        if wrong:
            self._form.go_to(wrong)
            self._explain()
            return
        self._remember(self._form.remembered)
        self._previewer.end()
        task = ExportTask(self._subject, choices.what, self._form.options, choices.output)
        self.app.push_screen(JobScreen(task), self.dismiss)

    def action_leave(self) -> None:
        """Go back to the browser."""
        self.dismiss(None)
