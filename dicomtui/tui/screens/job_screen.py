"""A job while it runs, and its summary: counts, rate, time left, and the files that were not written."""

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from dicomtui.outcomes import Failed
from dicomtui.text import safe_line
from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.screens.job import Job, JobMoved
from dicomtui.tui.screens.job_summary import MOST_REASONS, counts, progress_text, share, state_text
from dicomtui.tui.screens.jump import Jump
from dicomtui.tui.screens.menu import MenuScreen
from dicomtui.tui.screens.reader import ReaderScreen, broken
from dicomtui.tui.widgets.columns import ColumnNames
from dicomtui.tui.widgets.key_hints import KeyHints
from dicomtui.tui.widgets.outcome_table import OutcomeTable, Unwritten
from dicomtui.tui.widgets.progress_line import ProgressLine
from dicomtui.tui.widgets.table_pane import TablePane
from dicomtui.wording import count_text, path_text

if TYPE_CHECKING:
    from dicomtui.tui.screens.job import Task

LOOK_SECONDS = 0.5
"""How often rate and time are written anew when nothing else happens."""

_RUNNING_KEYS = (("Esc", "stop after the files in hand"), ("j k", "move"), ("Enter", "reason"), ("q", "quit"))
_ENDED_KEYS = (
    ("Esc", "close"), ("Enter", "go to the file"), ("i", "whole reason"), ("/", "filter"), ("j k", "move"),
)  # fmt: skip
_ALL_WRITTEN_KEYS = (("Esc", "close"),)


class JobScreen(Dialog[Jump | None], inherit_bindings=False):
    """Runs a task; Esc stops it, and closes the screen once it has ended.

    Parameters
    ----------
    task : Task
        What is done.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("q", "leave", show=False),
        Binding("i", "reason", show=False),
    ]
    AUTO_FOCUS = "OutcomeTable"

    def __init__(self, task: "Task") -> None:
        super().__init__()
        self._work = task
        self._job = Job(task.steps, self.post_message)
        self._bar, self._progress = ProgressLine(), Static(id="progress")
        self._state, self._counts = Static(id="state"), Static(id="counts")
        self._remarks = Static(id="remarks")
        self._remarks.display = False
        names = ColumnNames()
        self._table = OutcomeTable(names)
        self._pane = TablePane("Not written", names, self._table, id="unwritten")
        self._hints = KeyHints()
        self._unwritten = 0
        self._asks = False
        """Whether it is asked whether to end the program."""

    def compose(self) -> ComposeResult:
        """Put what is known of the whole above the files that were not written."""
        with Vertical(id="job", classes="pane"):
            yield self._bar
            yield self._progress
            yield self._state
            yield self._counts
            yield self._remarks
        yield self._pane
        yield self._hints

    def on_mount(self) -> None:
        """Begin."""
        self.query_one("#job").border_title = Content(safe_line(self._work.title, 200))
        self.query_one("#job").border_subtitle = Content(f"to {safe_line(path_text(self._work.folder), 100)}")
        self._job.start()
        self._show()
        self.set_interval(LOOK_SECONDS, self._show)

    def on_unmount(self) -> None:
        """Let the thread end."""
        self._job.abandon()

    # --- what is shown ---

    def on_job_moved(self, event: JobMoved) -> None:
        """Show how far it is."""
        if event.unwritten:
            self._unwritten += len(event.unwritten)
            self._table.add(event.unwritten)
            self._pane.set_title(f"{self._unwritten:,}")
        if event.job.ended:
            self._table.put_failed_first()
        self._show()

    def _show(self) -> None:
        job = self._job
        self._bar.share = share(job)
        self._progress.update(_line(progress_text(job, self._work.looking)))
        state = state_text(job, self._work.after_stop)
        error = self.app.theme_variables["error" if job.reason or job.failed else "success"]
        self._state.update(_line(state, f"bold {error}" if job.ended else "bold"))
        self._state.display = bool(state)
        self._counts.update(self._summary())
        if job.ended and (remarks := self._work.remarks()):
            self._remarks.display = True
            self._remarks.update(Text("\n".join(safe_line(remark) for remark in remarks)))
        unwritten_keys = _ENDED_KEYS if self._unwritten else _ALL_WRITTEN_KEYS
        self._hints.keys = unwritten_keys if job.ended else _RUNNING_KEYS

    def _summary(self) -> Text:
        """Return the counts with as many reasons as there is room for; all are in the table."""
        lines = Text(no_wrap=True, overflow="ellipsis")
        most = max(0, min(MOST_REASONS, (self.size.height - 20) // 4))
        for label, said in counts(self._job, most):
            lines.append(f"{label:<10}", "bold").append(f"{safe_line(said)}\n", "bold" if label else "")
        lines.rstrip()
        return lines

    # --- keys ---

    def on_outcome_table_chosen(self, event: OutcomeTable.Chosen) -> None:
        """Go to a file; while the job runs, say why it was not written."""
        if self._job.ended:
            self.dismiss(Jump(event.outcome.source, ""))
        else:
            self._explain(event.outcome)

    def action_reason(self) -> None:
        """Show the whole reason of the row under the cursor."""
        if (outcome := self._table.row_at_cursor) is not None:
            self._explain(outcome)

    def _explain(self, outcome: Unwritten) -> None:
        title = "Failed" if isinstance(outcome, Failed) else "Left out"
        text = f"{safe_line(path_text(outcome.source))}\n\n{safe_line(outcome.reason)}"
        self.app.push_screen(ReaderScreen(title, broken(text, self.app.size.width)))

    def action_back(self) -> None:
        """Go one level back: the filter, the job, the screen."""
        if self._table.query_text:
            self._table.search("")
        elif self._job.ended:
            self.dismiss(None)
        else:
            self._job.stop()
            self._show()

    async def action_leave(self) -> None:
        """Close what has ended; while the job runs, ask whether the program is to end."""
        if self._job.ended:
            self.dismiss(None)
        else:
            await self.app.action_quit()

    def may_quit(self) -> bool:
        """Whether the program may end now; while the job runs, ask."""
        if not self._job.ended and not self._asks:
            self._ask()
        return self._job.ended

    def _ask(self) -> None:
        def answer(choice: int | None) -> None:
            self._asks = False
            if choice == 1:
                self._job.abandon()
                self.app.exit()

        left = count_text(max(0, self._job.total - self._job.done), "file")
        choices = ("go on", "stop at once and quit")
        self._asks = True
        self.app.push_screen(MenuScreen(f"{left} are not done yet", choices, 0), answer)


def _line(text: str, style: str = "") -> Text:
    return Text(safe_line(text, 512), style, no_wrap=True, overflow="ellipsis")
