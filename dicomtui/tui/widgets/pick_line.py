"""A line of a form with one of many words, which are listed in a menu."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from dicomtui.tui.line_styles import styles_of
from dicomtui.tui.widgets.form_lines import FormLine


class PickLine(FormLine):
    """One of many words with what it means: Space lists them, the arrows step through them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "list", show=False)]

    chosen: reactive[str] = reactive("")

    class ListWanted(Message):
        """The user wants to choose from a menu."""

        def __init__(self, line: "PickLine") -> None:
            super().__init__()
            self.line = line

    def __init__(self, name: str, label: str, choices: Sequence[tuple[str, str]], chosen: str) -> None:
        super().__init__(name, label)
        self.choices = choices
        """Words and what they mean: our own, never those of a file."""
        self.set_reactive(PickLine.chosen, chosen)

    @property
    def at(self) -> int:
        """Which of them is chosen, from 0."""
        return next((number for number, (word, _) in enumerate(self.choices) if word == self.chosen), 0)

    def shown(self) -> Text:
        """Return the word, and what it means."""
        word, meaning = self.choices[self.at]
        dim = "" if self.has_focus else styles_of(self.app.theme_variables).dim
        return Text.assemble((f"‹ {word} ›", "bold"), "  ", (meaning, dim))

    def action_change(self, step: int) -> None:
        """Take the next word, or the one before, round the end."""
        self.take((self.at + step) % len(self.choices))

    def action_list(self) -> None:
        """Ask for the menu."""
        self.post_message(self.ListWanted(self))

    async def on_click(self) -> None:
        """List the words by mouse."""
        self.action_list()

    def take(self, number: int) -> None:
        """Choose a word, from 0."""
        self.chosen = self.choices[number][0]
        self.tell()
