"""A question to the whole archive: what is typed is looked up, the instances that fit are shown below."""

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from dicomtui.archive.query_terms import QueryError
from dicomtui.text import safe_line
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.screens.answer import BACK, Answer
from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.screens.jump import Jump
from dicomtui.tui.screens.query_language import (
    LIKELY,
    every_keyword,
    is_settled,
    language_page,
    nothing_found,
)
from dicomtui.tui.screens.searching import Answered, Question, Search, ask, command_line, found_text, title_of
from dicomtui.tui.widgets.find_line import FindBox, FindLine, KeywordSuggester
from dicomtui.tui.widgets.instance_table import InstanceTable
from dicomtui.tui.widgets.key_hints import KeyHints
from dicomtui.tui.widgets.query_guide import QueryGuide

if TYPE_CHECKING:
    from textual.timer import Timer

    from dicomtui.tui.screens.scanning import Scanner

PAUSE_SECONDS = 0.4
"""How long nothing is typed before files are read."""
LOOK_SECONDS = 0.5
"""How often it is looked whether the scan has found more."""
NAME = "find"

_LINE_KEYS = (("Enter", "search"), ("↓", "rows"), ("↑", "earlier"), ("→", "complete"), *BACK)


def find_screen(app: App[None], scanner: "Scanner") -> "FindScreen":
    """Return the screen of this app: the one that was open before, with its query and its results."""
    if not app.is_screen_installed(NAME):
        app.install_screen(FindScreen(scanner), NAME)
    screen = app.get_screen(NAME)
    assert isinstance(screen, FindScreen)
    return screen


class FindScreen(Dialog[Jump | None], inherit_bindings=False):
    """A query above the instances that it finds; Enter on one of them goes there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("q", "leave", show=False),
        Binding("tab,shift+tab", "change_focus", show=False),
        Binding("ctrl+f", "query", show=False),
        Binding("f1,question_mark", "language", show=False),
    ]
    AUTO_FOCUS = "FindLine"

    def __init__(self, scanner: "Scanner", query: str = "") -> None:
        super().__init__()
        self._scanner = scanner
        self._worker = LatestWorker("find")
        self._line = FindLine(query, KeywordSuggester(LIKELY, every_keyword))
        self._box = FindBox(self._line)
        self._answer = Answer(self.action_query)
        self._table = self._answer.table
        self._command, self._hints = Static(id="command"), KeyHints()
        self._question: Question | None = None
        """What the line asks, once it can be understood."""
        self._search: Search | None = None
        """The search that was started last, running or not."""
        self._shown: Search | None = None
        """The search whose instances are shown."""
        self._pause: Timer | None = None
        self._seen = (0, False)
        """Instances that were known when the search was started, and whether that was all."""

    def compose(self) -> ComposeResult:
        """Put the query above the answer, with the keys below."""
        yield self._box
        yield self._answer
        yield self._command
        yield self._hints

    def on_mount(self) -> None:
        """Have the archive scanned, if that was not done before."""
        self._scanner.start()
        self._understand(self._line.value)
        self.set_interval(LOOK_SECONDS, self._look)

    def on_screen_resume(self) -> None:
        """Go on where the screen was left: on the row from which the user went to an instance."""
        self._show_counts()

    def on_unmount(self) -> None:
        """Let the thread end."""
        self._stop()

    # --- the query ---

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look up what is typed."""
        event.stop()
        self._understand(event.value)

    def _understand(self, text: str) -> None:
        """Answer at once what the index knows; wait for a pause with what has to be read from files.

        While the next term is typed the query makes no sense, and what the last one finds goes on coming in.
        """
        is_empty = not text.strip()
        if is_empty:
            self._answer.show_guide(self._line.asked)
        else:
            self._answer.show_table()
        self._question = None
        self._box.say("")
        self._stop(but_index=not is_empty)
        if not is_empty:
            try:
                self._question = ask(text)
            except QueryError as error:
                self._box.point(str(error), error.column, loud=is_settled(text, error.column))
        if self._question is not None and not self._is_asked(self._question):
            self._begin(self._question)
        self._show_command()
        self._show_counts()

    def _is_asked(self, question: Question) -> bool:
        """Whether this is what was asked last: a space more, or a term that was taken back."""
        search = self._search
        return search is not None and search.text == question.text and not search.stopped

    def _begin(self, question: Question) -> None:
        if question.from_files:
            read = ", ".join(question.from_files)
            self._box.say(f"{read}: read from the files, now with Enter or after a pause")
            self._pause = self.set_timer(PAUSE_SECONDS, self._start)
        else:
            self._start()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search now; with instances found already, go to them."""
        event.stop()
        if self._question is None:
            try:
                ask(self._line.value)
            except QueryError as error:
                self._box.point(str(error), error.column, loud=True)
            return
        self._line.remember()
        if not self._is_asked(self._question):
            self._start()
        if self._table.row_count() or self._searching:
            self._table.focus()

    # --- the search ---

    @property
    def _searching(self) -> bool:
        return self._search is not None and not self._search.ended

    def _start(self, *, again: bool = False) -> None:
        """Begin to search; *again* keeps what is shown until everything is found."""
        question = self._question
        if question is None:
            return
        self._stop()
        self._seen = (self._scanner.known, self._scanner.complete)
        search = Search(question, list(self._scanner.indexes), self.post_message, at_once=not again)
        self._search = search
        if question.from_files and not again:
            self._show_new(search)
            self._box.say("")
        self._worker.submit(search.run)
        self._show_counts()

    def _stop(self, *, but_index: bool = False) -> None:
        """Stop what is under way or about to be; *but_index* lets a search go on that reads no files."""
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        if self._search is not None and not (but_index and not self._search.question.from_files):
            self._search.stop()

    def on_answered(self, event: Answered) -> None:
        """Show what was found."""
        if event.search is not self._search:
            return
        if event.search is not self._shown:
            self._show_new(event.search)
        if event.are_all:
            self._table.replace(event.rows)
        else:
            self._table.add(event.rows)
        if event.search.ended and not event.search.stopped and not self._table.row_count():
            words = event.search.question.words
            self._box.say(nothing_found(words, complete=self._scanner.complete))
        self._show_counts()

    def _show_new(self, search: Search) -> None:
        """Begin to show what a search finds; found again, the rows stay until all are there."""
        again = self._shown is not None and self._shown.text == search.text
        self._shown = search
        if not again:
            self._table.show(search.question.attributes)

    def _look(self) -> None:
        """Search again when the scan has found more; what reads files waits for its end."""
        if self._is_stale():
            self._start(again=True)
        if self.is_current:
            self._show_counts()
            self._show_command()

    def _is_stale(self) -> bool:
        """Whether what is shown was found before the scan came to where it is now."""
        question, search, complete = self._question, self._search, self._scanner.complete
        if question is None or search is None or search.stopped or self._searching or self._pause:
            return False
        return (complete or not question.from_files) and (self._scanner.known, complete) != self._seen

    # --- what is said ---

    def _show_counts(self) -> None:
        self._answer.border_title = Content(title_of(self._scanner))
        found = found_text(self._search, self._question, self._table.row_count())
        self._answer.border_subtitle = Content("" if self._answer.is_guide else found)

    def _show_command(self) -> None:
        """Say how a script asks the same."""
        is_words = self._question is not None and self._question.query is None
        query = "" if is_words else self._line.value.strip()
        command = command_line("find", self._scanner, query or "QUERY")
        self._command.update(Text(safe_line(f" $ {command}", 512), no_wrap=True, overflow="ellipsis"))

    def on_descendant_focus(self) -> None:
        """Show the keys of the part that has the focus."""
        self._hints.keys = _LINE_KEYS if self._line.has_focus else self._answer.keys

    def action_language(self) -> None:
        """Show what can be asked."""
        self.app.push_screen(language_page(self.size.width))

    # --- to and fro ---

    def action_query(self) -> None:
        """Go to the line."""
        self._line.focus()
        self._line.cursor_position = len(self._line.value)

    def on_find_line_left(self) -> None:
        """Go to what is below the line."""
        self._answer.take_focus()

    def action_change_focus(self) -> None:
        """Go from the line to what is below, or back."""
        if self._line.has_focus:
            self.on_find_line_left()
        else:
            self.action_query()

    def on_query_guide_taken(self, event: QueryGuide.Taken) -> None:
        """Ask an example."""
        self._line.value = event.query
        self.action_query()

    def on_instance_table_chosen(self, event: InstanceTable.Chosen) -> None:
        """Go to the instance, at the attribute that was asked for first."""
        self._line.remember()
        self._stop()
        first = self._shown.question.first if self._shown is not None else ""
        self.dismiss(Jump(event.row.path, first))

    def action_back(self) -> None:
        """Stop the search; with none under way, go back."""
        if self._searching:
            self._stop()
            self._show_counts()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Go back."""
        self._stop()
        self.dismiss(None)
