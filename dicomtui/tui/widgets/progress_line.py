"""How far a job is: a bar over the width of its place, and the share in percent."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from dicomtui.tui.line_styles import styles_of


class ProgressLine(Widget):
    """A bar that fills from the left; while the whole is not known it says so by having no percentage."""

    share: reactive[float | None] = reactive(None)
    """From 0 to 1, None while the whole is not known."""

    def render(self) -> Text:
        """Draw the bar to half a cell."""
        styles = styles_of(self.app.theme_variables)
        share = self.share
        figure = "" if share is None else f"{int(100 * share):>4} %"
        width = max(4, self.size.width - 8)
        halves = round((share or 0.0) * width * 2)
        done = "━" * (halves // 2) + "╸" * (halves % 2)
        text = Text(no_wrap=True, end="")
        text.append(done, styles.key)
        text.append("─" * (width - len(done)), styles.dim)
        text.append(figure, "bold")
        return text
