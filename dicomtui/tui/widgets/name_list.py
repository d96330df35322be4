"""The names of files that would be made, and what they are made of."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from dicomtui.tui.line_styles import styles_of
from dicomtui.tui.widgets.columns import Column, fitted

_ARROW = "  ← "
_LEAST = 24


class NameRow(NamedTuple):
    """One file."""

    name: str
    """Below the target folder."""
    source: str
    """What it is made of, as one safe line."""
    mark: str = ""
    """What there is to say of a file of that name that exists, as a word or two."""


class NameList(Widget):
    """As many names as there is room for."""

    rows: reactive[Sequence[NameRow]] = reactive(())
    remark: reactive[str] = reactive("")
    """What stands below them: how many more there are, or why there are none; one safe line."""

    def render(self) -> Text:
        """Write the names, and behind them what they are made of."""
        styles = styles_of(self.app.theme_variables)
        width, height = self.size
        lines = max(1, height - bool(self.remark))
        longest = max((cell_len(f"{row.name} {row.mark}".rstrip()) for row in self.rows[:lines]), default=0)
        room = width if width - longest < _LEAST else longest
        text = Text(no_wrap=True, overflow="ellipsis", end="")
        for row in self.rows[:lines]:
            mark = f" {row.mark}" if row.mark else ""
            name = fitted(row.name, Column("", max(1, room - len(mark)), keep_end=True))
            text.append(name, self.app.theme_variables["warning"] if mark else "")
            text.append(mark, self.app.theme_variables["warning"])
            if width > room:
                text.append(_ARROW + row.source, styles.dim)
            text.append("\n")
        text.append(self.remark, styles.dim)
        text.rstrip()
        return text
