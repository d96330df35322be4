"""The lines of a form: a box to check, a choice of a few words, a text."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from dicomtui.tui.line_styles import styles_of
from dicomtui.tui.widgets.columns import Column, fitted

LABEL = 16
"""Cells that the name of a line takes."""


class LineChanged(Message):
    """The user changed a line of a form."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        """The name of the line."""


class FormLine(Widget, can_focus=True):
    """One line with a name on the left; screens that show it have an action ``move_focus``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "screen.move_focus(1)", show=False),
        Binding("k,up", "screen.move_focus(-1)", show=False),
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

    async def on_click(self) -> None:
        """Change it by mouse."""
        await self.run_action("change(1)")

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

    choices: reactive[Sequence[str]] = reactive(())
    """The words."""
    chosen: reactive[str] = reactive("")
    remark: reactive[str] = reactive("")
    """What else is to be said of the choice."""

    def __init__(self, name: str, label: str, choices: Sequence[str], chosen: str = "") -> None:
        super().__init__(name, label)
        self.set_reactive(ChoiceLine.choices, choices)
        self.set_reactive(ChoiceLine.chosen, chosen or choices[0])

    def shown(self) -> Text:
        """Return the words, a full dot before the one that is chosen; where there is no room, that one."""
        text = Text()
        for choice in self.choices:
            is_chosen = choice == self.chosen
            remark = f", {self.remark}" if is_chosen and self.remark else ""
            text.append(f"{'●' if is_chosen else '○'} {choice}{remark}", "bold" if is_chosen else "")
            text.append("   ")
        text.rstrip()
        if text.cell_len > self.size.width - LABEL - 2:
            remark = f", {self.remark}" if self.remark else ""
            at = self.choices.index(self.chosen) + 1 if self.chosen in self.choices else 0
            return Text.assemble((f"● {self.chosen}{remark}", "bold"), f"   {at} of {len(self.choices)}")
        return text

    def action_change(self, step: int) -> None:
        """Take the next word, or the one before, round the end."""
        at = self.choices.index(self.chosen) + step
        self.chosen = self.choices[at % len(self.choices)]
        self.tell()


class TextLine(Vertical):
    """A text: Space begins to type it, Enter ends that, Esc puts back what was there."""

    def __init__(self, name: str, label: str, value: str = "", placeholder: str = "") -> None:
        super().__init__(name=name)
        self._value, self._placeholder = value, placeholder
        self.line = _ShownText(name, label, self)
        self._typed: _Typed | None = None

    def compose(self) -> ComposeResult:
        """Show the text until it is typed."""
        yield self.line

    @property
    def value(self) -> str:
        """What stands in it."""
        return (self._typed.value if self._typed is not None else self._value).strip()

    @value.setter
    def value(self, value: str) -> None:
        self._value = value
        self.line.refresh()

    @property
    def shown(self) -> Text:
        """The text, or what belongs there."""
        if not self._value:
            return Text(self._placeholder, styles_of(self.app.theme_variables).dim)
        room = max(8, self.size.width - LABEL - 3)
        return Text(fitted(self._value, Column("", room, keep_end=True)).rstrip())

    async def type(self) -> None:
        """Begin to type."""
        self._typed = _Typed(self._value, self._placeholder, self.name or "", self._end)
        await self.mount(self._typed)
        self.line.display = False
        self._typed.focus()

    def _end(self, value: str | None) -> None:
        """Take what was typed, None to put back what was there."""
        typed, self._typed = self._typed, None
        if typed is None:
            return
        self._value = self._value if value is None else value.strip()
        self.line.display = True
        if self.screen.focused in (typed, None):
            self.line.focus()
        typed.remove()
        self.post_message(LineChanged(self.name or ""))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say that the user changed it."""
        event.stop()
        self.post_message(LineChanged(self.name or ""))


class _ShownText(FormLine):
    """The text while it is not typed."""

    def __init__(self, name: str, label: str, text: TextLine) -> None:
        super().__init__(name, label)
        self._of = text

    def shown(self) -> Text:
        """Return the text."""
        return self._of.shown

    async def action_change(self, step: int) -> None:  # type: ignore[override]
        """Begin to type."""
        if step > 0:
            await self._of.type()


class _Typed(Input):
    """Where it is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False),
        Binding("down,up,tab,shift+tab", "submit", show=False),
    ]

    def __init__(self, value: str, placeholder: str, name: str, end: Callable[[str | None], None]) -> None:
        super().__init__(value, placeholder=placeholder, compact=True, select_on_focus=False, name=name)
        self._end = end

    def action_cancel(self) -> None:
        """Put back what was there."""
        self._end(None)

    async def action_submit(self) -> None:
        """Take it."""
        self._end(self.value)

    def on_blur(self) -> None:
        """Take it when the focus goes elsewhere."""
        self._end(self.value)
