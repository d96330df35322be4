"""What lies over the browser, and is left once: keys that come in one piece leave nothing else.

Enter tells a screen by a message, which arrives behind the next key. Where that is Esc, the screen is left
twice, and Textual takes away the one that is on top by then, which may be the last.
"""

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.screen import ModalScreen, ScreenResultType

from dicomtui.tui.screens.below import OverAnother


class Dialog(ModalScreen[ScreenResultType], OverAnother[ScreenResultType]):
    """The base of all modal screens."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave it, if it was not left."""
        return super().dismiss(result) if self in self.app.screen_stack else AwaitComplete()


class Palette(CommandPalette, OverAnother[None]):
    """Textual's command palette."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave it, if it was not left."""
        return super().dismiss(result) if self in self.app.screen_stack else AwaitComplete()
