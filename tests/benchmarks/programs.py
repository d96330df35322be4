"""Programs that are run on a terminal."""

EMPTY = """
from textual.app import App
from textual.widgets import Static

class Empty(App):
    def compose(self):
        yield Static("Attributes")

Empty().run()
"""
"""What every Textual app costs."""


def browser(path: object) -> str:
    """Return the browser on *path*."""
    return f"import sys\nfrom dicomtui.__main__ import main\nsys.exit(main([{str(path)!r}]))"
