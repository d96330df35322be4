"""The last line of a screen of its own: which keys matter there."""

from collections.abc import Sequence

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget


class KeyHints(Widget):
    """Keys and what they do, as many as fit."""

    keys: reactive[Sequence[tuple[str, str]]] = reactive(())

    def render(self) -> Text:
        """Write the keys bold."""
        text = Text(no_wrap=True, end="", overflow="ellipsis")
        for key, meaning in self.keys:
            text.append(f" {key} ", "bold").append(f"{meaning} ")
        return text
