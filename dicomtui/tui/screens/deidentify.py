"""The dialog of de-identification: the choices, what they do to one instance, what is held back."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from dicomtui.text import safe_line
from dicomtui.tui.screens.deidentify_choices import Choices, ChoicesForm
from dicomtui.tui.screens.deidentify_counts import count_line
from dicomtui.tui.screens.deidentify_preview import Previewed, Previewer, PreviewPane, row_page
from dicomtui.tui.screens.deidentify_task import (
    DeidentifyTask,
    dry_steps,
    key_for_preview,
    likely_output,
    output_problem,
    output_remark,
)
from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.screens.job import Job, JobMoved
from dicomtui.tui.screens.job_screen import JobScreen
from dicomtui.tui.screens.jump import Jump
from dicomtui.tui.widgets.form import line_of
from dicomtui.tui.widgets.form_lines import LineChanged
from dicomtui.tui.widgets.key_hints import KeyHints
from dicomtui.tui.widgets.preview_table import PreviewTable

if TYPE_CHECKING:
    from dicomtui.tui.screens.chosen import Chosen

_WIDE, _ROOMY = 124, 36
"""Columns from which the preview stands beside the form; lines from which groups stand apart."""

_NARROW = 70
"""Columns below which fewer reasons are listed."""

_FORM_KEYS = (("Enter", "start"), ("Space", "change"), ("j k", "move"), ("v", "preview"), ("Esc", "back"))
_TYPING_KEYS = (("Enter", "take it"), ("Esc", "as it was"))
_PREVIEW_KEYS = (
    ("Enter", "whole row"), ("/", "filter"), ("c", "changed only"), ("v", "choices"), ("Esc", "back"),
)  # fmt: skip


class DirectoryFound(Message):
    """What is chosen has a DICOMDIR, so that what is written is likely to need one."""


class DeidentifyScreen(Dialog[Jump | None], inherit_bindings=False):
    """A form, and the rows of one instance before and after; Enter starts.

    Parameters
    ----------
    chosen : Chosen
        What is de-identified.
    choices : Choices or None
        What was chosen the last time; with the output folder of a run that can be gone on with.
    remember : callable
        Takes what was chosen when it has ended, with a folder in the same case only.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("q", "leave", show=False),
        Binding("enter", "start", show=False),
        Binding("v", "preview", show=False),
        Binding("c", "only_changed", show=False),
        Binding("s", "count", show=False),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
    ]
    AUTO_FOCUS = "ChoiceLine"

    def __init__(
        self, chosen: "Chosen", choices: Choices | None, remember: Callable[[Choices], None]
    ) -> None:
        super().__init__()
        self._chosen, self._remember = chosen, remember
        last = choices or Choices()
        self._goes_on = bool(last.output)
        if not self._goes_on:
            last = replace(last, output=likely_output(chosen), dicomdir=False)
        self._form = ChoicesForm(last)
        self._held_back, self._about = Static(id="held-back"), Static(id="about")
        self._preview, self._hints = PreviewPane(), KeyHints()
        self._previewer = Previewer(_once(chosen.first), self.post_message)
        self._count: Job | None = None
        self._counted_risk = False
        """Whether risks were allowed when it was counted what is held back."""

    def compose(self) -> ComposeResult:
        """Put the form beside the preview; where there is no room for both, one of them is seen."""
        with Horizontal(id="choices-and-preview"):
            with Vertical(id="choices", classes="pane"):
                yield Static(Text(self._chosen.text, "bold"), id="chosen")
                yield self._held_back
                yield self._form
                yield self._about
            yield self._preview
        yield self._hints

    def on_mount(self) -> None:
        """Show the instance, and begin to count."""
        self.query_one("#choices").border_title = Content("De-identify")
        self._lay_out()
        self._compute()
        self._begin_count()
        self.run_worker(self._look_for_directory, thread=True, exit_on_error=False)

    def _look_for_directory(self) -> None:
        """Look, in a thread, for a DICOMDIR at the top of what is chosen."""
        from dicomtui.archive.gathering import holds_dicomdir

        if holds_dicomdir(self._chosen.places):
            self.post_message(DirectoryFound())

    def on_directory_found(self) -> None:
        """Offer to write a DICOMDIR, unless a run is gone on with: it has its own choices."""
        if not self._goes_on:
            self._form.offer_dicomdir()

    def on_unmount(self) -> None:
        """Let the thread end."""
        if self._count is not None:
            self._count.abandon()

    def on_resize(self) -> None:
        """Fit both into the terminal."""
        self._lay_out()

    def _lay_out(self) -> None:
        self.set_class(self.size.width < _WIDE, "narrow")
        self.set_class(self.size.height >= _ROOMY, "roomy")

    # --- the form ---

    def on_line_changed(self, event: LineChanged) -> None:
        """Follow what is chosen."""
        self._form.follow(event.name)
        self._explain()
        if event.name not in ("output", "dicomdir"):
            self._compute()
        if self._form.choices.options.allow_pixel_risk != self._counted_risk:
            self._begin_count()

    def on_descendant_focus(self) -> None:
        """Show what the line with the focus is about, and its keys."""
        self._explain()
        if self._preview.table.has_focus:
            self.add_class("previewing")
            self._hints.keys = _PREVIEW_KEYS
        elif line_of(self.focused):
            self.remove_class("previewing")
            self._hints.keys = _TYPING_KEYS if isinstance(self.focused, Input) else _FORM_KEYS

    def _explain(self) -> None:
        name = line_of(self.focused)
        wrong, why = self._form.mistake()
        if name == "output":
            output = self._form.choices.output
            wrong, why = "output", output_problem(output, self._chosen)
            remark = "" if why else output_remark(output)
        else:
            remark = ""
        if name and name == wrong and why:
            self._about.update(Text(safe_line(why, 400), self.app.theme_variables["error"]))
        elif name:
            self._about.update(Text(safe_line(remark or self._form.explanation(name), 400)))

    def action_move_focus(self, step: int) -> None:
        """Go to the next line, or the one before."""
        self._form.move(self.focused, step)

    # --- the preview ---

    def _compute(self) -> None:
        choices = self._form.choices
        self._previewer.compute(choices.options, lambda: key_for_preview(choices))

    def on_previewed(self, event: Previewed) -> None:
        """Show the rows."""
        self._preview.show(event)

    def action_preview(self) -> None:
        """Go to the preview, or back to the choices."""
        if self._preview.table.has_focus:
            self.remove_class("previewing")
            self._form.move(None, 1)
        else:
            self.add_class("previewing")
            self.set_focus(self._preview.table)

    def action_only_changed(self) -> None:
        """Show only the rows that change, or all."""
        self._preview.toggle_changed()

    def on_preview_table_chosen(self, event: PreviewTable.Chosen) -> None:
        """Show a row as a whole."""
        self.app.push_screen(row_page(event.row, self.size.width))

    # --- what is held back ---

    def _begin_count(self) -> None:
        """Count again what is held back: it depends on nothing but whether risks are allowed."""
        if self._count is not None:
            self._count.abandon()
        options = self._form.choices.options
        self._counted_risk = options.allow_pixel_risk
        self._count = Job(lambda stop: dry_steps(self._chosen, options, stop), self.post_message)
        self._count.start()
        self._show_count()

    def on_job_moved(self, event: JobMoved) -> None:
        """Show how many are held back so far."""
        if event.job is self._count:
            self._show_count()

    def action_count(self) -> None:
        """Stop to count, or count again."""
        if self._count is not None and not self._count.ended:
            self._count.stop()
            self._show_count()
        else:
            self._begin_count()

    def _show_count(self) -> None:
        if self._count is not None:
            most = 2 if self.size.width < _NARROW else 4
            self._held_back.update(count_line(self._count, most))

    # --- to and fro ---

    def action_start(self) -> None:
        """Begin, if all lines make sense; else go to the one that does not."""
        choices = self._form.choices
        wrong, _ = self._form.mistake()
        if not wrong and output_problem(choices.output, self._chosen):
            wrong = "output"
        if wrong:
            self.remove_class("previewing")
            self._form.go_to(wrong)
            self._explain()
            return
        if self._count is not None:
            self._count.abandon()
        task = DeidentifyTask(self._chosen, choices)

        def close(jump: Jump | None) -> None:
            self._remember(choices if task.unfinished else replace(choices, output=""))
            self.dismiss(jump)

        self.app.push_screen(JobScreen(task), close)

    def action_back(self) -> None:
        """Go one level back: the filter, the preview, the dialog."""
        table = self._preview.table
        if table.has_focus and table.query_text:
            table.search("")
        elif table.has_focus:
            self.action_preview()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Go back to the browser."""
        self.dismiss(None)


def _once(first: Callable[[], str]) -> Callable[[], str]:
    """Return a function that looks for the first instance once."""
    found: list[str] = []

    def look() -> str:
        if not found:
            found.append(first())
        return found[0]

    return look
