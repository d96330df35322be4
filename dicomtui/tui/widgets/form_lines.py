"""The lines of a form: a box to check, a choice of a few words, a text."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from dicomtui.text import safe_line
from dicomtui.tui.line_styles import styles_of

LABEL = 16
"""Cells that the name of a line takes."""
_MOVES: list[BindingType] = [
    Binding("down", "screen.move_focus(1)", show=False),
    Binding("up", "screen.move_focus(-1)", show=False),
]


class LineChanged(Message):
    """The user changed a line of a form."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        """The name of the line."""


class FormLine(Widget, can_focus=True):
    """One line with a name on the left; screens that show it have an action ``move_focus``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_MOVES,
        Binding("j", "screen.move_focus(1)", show=False),
        Binding("k", "screen.move_focus(-1)", show=False),
        Binding("space", "change(1)", show=False),
        Binding("l,right", "change(1)", show=False),
        Binding("h,left", "change(-1)", show=False),
    ]

    def __init__(self, name: str, label: str) -> None:
        super().__init__(name=name)
        self._label = label

    def shown(self) -> Text:
        """Return what stands beside the name."""
        raise NotImplementedError

    def action_change(self, step: int) -> None:
        """Change it by keyboard: Space and the arrows."""
        raise NotImplementedError

    def render(self) -> Text:
        """Write name and value, on the colour of the cursor where the focus is."""
        styles = styles_of(self.app.theme_variables)
        mark = "› " if self.has_focus else "  "
        text = Text(no_wrap=True, end="", overflow="ellipsis")
        text.append(f"{mark}{self._label:<{LABEL}}", styles.key if self._label else "")
        text.append_text(self.shown())
        if self.has_focus:
            text.append(" " * max(0, self.size.width - text.cell_len))
            text.stylize_before(styles.cursor)
        return text

    def on_click(self) -> None:
        """Change it by mouse."""
        self.action_change(1)

    def tell(self) -> None:
        """Say that the user changed it."""
        self.post_message(LineChanged(self.name or ""))


class CheckLine(FormLine):
    """A box that is checked or not."""

    checked: reactive[bool] = reactive(False)

    def __init__(self, name: str, label: str, meaning: str, *, checked: bool = False) -> None:
        super().__init__(name, label)
        self._meaning = meaning
        self.set_reactive(CheckLine.checked, checked)

    def shown(self) -> Text:
        """Return the box and what it stands for."""
        return Text(f"[{'x' if self.checked else ' '}] {self._meaning}", "bold" if self.checked else "")

    def action_change(self, step: int) -> None:
        """Check the box, or clear it."""
        self.checked = not self.checked
        self.tell()


class ChoiceLine(FormLine):
    """One of a few words."""

    chosen: reactive[str] = reactive("")
    remark: reactive[str] = reactive("")
    """What else is to be said of the choice."""

    def __init__(self, name: str, label: str, choices: Sequence[str], chosen: str = "") -> None:
        super().__init__(name, label)
        self._choices = choices
        self.set_reactive(ChoiceLine.chosen, chosen or choices[0])

    def shown(self) -> Text:
        """Return the words, a full dot before the one that is chosen."""
        text = Text()
        for choice in self._choices:
            is_chosen = choice == self.chosen
            remark = f", {self.remark}" if is_chosen and self.remark else ""
            text.append(f"{'●' if is_chosen else '○'} {choice}{remark}", "bold" if is_chosen else "")
            text.append("   ")
        text.rstrip()
        return text

    def action_change(self, step: int) -> None:
        """Take the next word, or the one before, round the end."""
        at = self._choices.index(self.chosen) + step
        self.chosen = self._choices[at % len(self._choices)]
        self.tell()


class _Line(Input):
    """Where the text is typed; up and down leave it."""

    BINDINGS: ClassVar[list[BindingType]] = _MOVES


class TextLine(Horizontal):
    """A text that is typed."""

    def __init__(self, name: str, label: str, value: str = "", placeholder: str = "") -> None:
        super().__init__(name=name)
        self._label = _Label(label)
        self.input = _Line(value, placeholder=placeholder, compact=True, select_on_focus=False, name=name)

    def compose(self) -> ComposeResult:
        """Put the name before the text."""
        yield self._label
        yield self.input

    @property
    def value(self) -> str:
        """What is typed."""
        return self.input.value.strip()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say that the user changed it."""
        event.stop()
        self.post_message(LineChanged(self.name or ""))

    def on_descendant_focus(self) -> None:
        """Show that the focus is here."""
        self._label.is_marked = True

    def on_descendant_blur(self) -> None:
        """Show that it is no longer."""
        self._label.is_marked = False


class _Label(Widget):
    """The name of a text."""

    is_marked: reactive[bool] = reactive(False)

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self) -> Text:
        """Write it like the names of the other lines."""
        style = styles_of(self.app.theme_variables).key
        mark = "› " if self.is_marked else "  "
        return Text(f"{mark}{safe_line(self._text):<{LABEL}}", style, no_wrap=True, end="")
