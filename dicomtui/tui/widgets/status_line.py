"""The last two lines of the screen: what is shown, and which keys matter now."""

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from dicomtui.keys import ANYWHERE, PANES, Key, shown
from dicomtui.text import safe_line
from dicomtui.tui.widgets.key_hints import GAP, fitting, hint_line


class StatusLine(Widget):
    """What is shown: the file on the left; frame, window, zoom and time on the right."""

    left: reactive[str] = reactive("")
    right: reactive[str] = reactive("")
    keep_end: reactive[bool] = reactive(True)
    """Whether a left side that is too long loses its beginning, as a path does, or its end."""
    left_first: reactive[bool] = reactive(False)
    """Whether the left side stays whole as long as it can, instead of the right one."""
    busy: reactive[str] = reactive("")
    """Work that goes on, named with its count; replaces the left side while it lasts."""

    def render(self) -> Text:
        """Fit both sides into the line; the right one stays whole as long as it can."""
        width = self.size.width
        right = safe_line(self.right, width)
        left = safe_line(self.busy or self.left, 512)
        if self.left_first and (room := width - cell_len(left) - 2) < cell_len(right):
            right = "…" + _tail(right, room - 1) if room > 1 else ""
        room = max(0, width - cell_len(right) - 2)
        if cell_len(left) > room:
            cut = "…" + _tail(left, room - 1) if self.keep_end else set_cell_size(left, room - 1) + "…"
            left = cut if room > 1 else ""
        return Text(left + " " * (width - cell_len(left) - cell_len(right)) + right, no_wrap=True, end="")


class HintLine(Widget):
    """A welcome, and from the first key on the keys that matter in the focused pane."""

    pane: reactive[str] = reactive("tree")
    welcome: reactive[str] = reactive("")
    note: reactive[str] = reactive("")
    """What the keys do for the moment."""

    def __init__(self, keymap: dict[str, str], welcome: str) -> None:
        super().__init__()
        self._keymap = keymap
        self.set_reactive(HintLine.welcome, welcome)

    def render(self) -> Text:
        """Write as many hints as fit, each of them whole."""
        said, width = self.welcome, self.size.width
        if self.note and not said:
            hints = self.note.split(GAP)
            said = GAP.join(hints[place] for place in fitting(hints, width))
        if said:
            return Text(f" {said}", "bold", no_wrap=True, end="", overflow="ellipsis")
        return hint_line([(self._keys(key), key.hint) for key in self._hinted()], width)

    def _hinted(self) -> list[Key]:
        return [key for key in (*PANES[self.pane], *ANYWHERE) if key.hint]

    def _keys(self, key: Key) -> str:
        """Return the first of the keys of an action, as it is remapped."""
        return shown(self._keymap.get(key.id, key.keys)).split()[0]


def _tail(text: str, width: int) -> str:
    while text and cell_len(text) > width:
        text = text[1:]
    return set_cell_size(text, cell_len(text))
