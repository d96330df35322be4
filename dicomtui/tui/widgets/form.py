"""A form: lines below each other, of which those are shown that matter."""

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget

from dicomtui.tui.widgets.form_lines import FormLine, TextLine


class Form(VerticalScroll, can_focus=False):
    """Lines of a dialog; :attr:`groups` names those that begin a group."""

    groups: tuple[str, ...] = ()

    def lines(self) -> Iterator[Widget]:
        """Yield the lines, shown or not, in order."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Put the lines below each other, groups apart where there is room."""
        for line in self.lines():
            line.set_class(line.name in self.groups, "group")
            yield line

    def move(self, line: Widget | None, step: int) -> None:
        """Put the focus on the next line that is shown, or the one before."""
        lines = [_focusable(one) for one in self.lines() if one.display]
        at = lines.index(line) if line in lines else -step
        lines[max(0, min(at + step, len(lines) - 1))].focus()

    def go_to(self, name: str) -> None:
        """Put the focus on a line."""
        _focusable(next(line for line in self.lines() if line.name == name)).focus()


def _focusable(line: Widget) -> Widget:
    return line.line if isinstance(line, TextLine) else line


def line_of(widget: Widget | None) -> str:
    """Return the name of the line that has the focus."""
    is_line = isinstance(widget, FormLine) or isinstance(getattr(widget, "parent", None), TextLine)
    return (widget.name or "") if is_line and widget is not None else ""
