"""What can be copied of what is on the screen, and where it goes: to the clipboard, or on a page."""

import os
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widget import Widget

from dicomtui.archive.containers import is_member
from dicomtui.dataset.citations import citations, file_citations, value_text
from dicomtui.text import safe_line
from dicomtui.tui.clipboard import clipboard_of
from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.screens.reader import ReaderScreen, broken

if TYPE_CHECKING:
    from textual.app import App

    from dicomtui.dataset.elements import Element
    from dicomtui.tui.opening import Opened
    from dicomtui.tui.widgets.nodes import Node

Offered = dict[str, tuple[str, str]]
"""By key: what it is called, and the safe text."""

_SOP_INSTANCE_UID = 0x00080018
SHOW = "s"
"""The key that has the text shown instead of copied."""
ECHOED = 60
"""Characters of what was copied that are said again."""


class Choices(Widget):
    """A line with what can be copied, or shown."""

    by_hand: reactive[bool] = reactive(False)

    def __init__(self, offered: Offered) -> None:
        super().__init__(id="copying")
        self._offered = offered

    def render(self) -> Text:
        """Write the keys and what they choose."""
        text = Text(" show:" if self.by_hand else " copy:", no_wrap=True, end="", overflow="ellipsis")
        for key, (name, _) in self._offered.items():
            text.append(f" {key} ", "bold").append(name)
        if not self.by_hand:
            text.append(f" {SHOW} ", "bold").append("show")
        return text


class CopyScreen(Dialog[tuple[str, str, bool] | None]):
    """A line with what can be copied; the next key chooses, any other goes back.

    Parameters
    ----------
    offered : dict
        By key: what it is called, and the safe text.
    """

    def __init__(self, offered: Offered) -> None:
        super().__init__()
        self._offered = offered
        self._choices = Choices(offered)

    def compose(self) -> ComposeResult:
        """Put the line where the hints of keys are."""
        yield self._choices

    def on_key(self, event: events.Key) -> None:
        """Take the choice."""
        event.stop()
        chosen = self._offered.get(event.character or "")
        if chosen is not None:
            self.dismiss((*chosen, self._choices.by_hand))
        elif event.character == SHOW and not self._choices.by_hand:
            self._choices.by_hand = True
        else:
            self.dismiss(None)

    def on_click(self) -> None:
        """Go back."""
        self.dismiss(None)


def offered(opened: "Opened | None", element: "Element | None", node: "Node | None") -> Offered:
    """Return what can be copied.

    Parameters
    ----------
    opened : Opened or None
        The instance on the screen.
    element : Element or None
        The attribute under the cursor, where the attributes have the focus.
    node : Node or None
        The row under the cursor, where the tree has the focus.
    """
    if element is not None and opened is not None:
        return citations(element, opened.path, is_member=is_member(opened.path))
    row, path = {}, opened.path if opened is not None else None
    if node is not None:
        path = node.path
        row["v"] = ("text of the row", safe_line(f"{node.label}  {node.detail}".strip()))
    if not path:
        return row
    uid = ""
    if opened is not None and opened.path == path:
        uid = next((value_text(found) for found in opened.elements if found.tag == _SOP_INSTANCE_UID), "")
    return {**row, **file_citations(path, uid, is_member=is_member(path))}


def copied(app: "App[None]", name: str, text: str, setting: str) -> str:
    """Put *text* on the clipboard, or show it where that cannot be; return what to say about it.

    Parameters
    ----------
    app : App
        Whose terminal it is.
    name : str
        What it is called.
    text : str
        Safe text.
    setting : str
        What the configuration says of the clipboard.
    """
    clipboard = clipboard_of(os.environ, setting)
    why_not, sequence = clipboard.why_not, ""
    try:
        sequence = clipboard.sequence(text)
    except ValueError:
        why_not = why_not or "too long for a clipboard"
    if why_not or app._driver is None:
        show_by_hand(app, name, text, why_not)
        return f"Not copied: {why_not}."
    app._driver.write(sequence)
    app._driver.flush()
    line = text.replace("\n", "↵")
    return f"{name} sent to the clipboard: {line if len(line) <= ECHOED else line[:ECHOED] + '…'}"


def show_by_hand(app: "App[None]", name: str, text: str, why: str = "") -> None:
    """Show *text* whole, to be marked with the mouse (with Shift, in most terminals)."""
    title = f"{name}, to be marked with Shift and the mouse" + (f": {why}" if why else "")
    app.push_screen(ReaderScreen(title, broken(text, app.size.width)))
