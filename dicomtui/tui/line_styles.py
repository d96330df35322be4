"""The colours of the parts of a row, from the theme.

They are computed here once for each theme: as component classes of a style sheet they would be matched anew
for every list and every change of focus.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from rich.style import Style
from textual.color import Color


class LineStyles(NamedTuple):
    """What the parts of a row look like."""

    cursor: Style
    """The row under the cursor of the list that has the focus."""
    idle_cursor: Style
    """The same in a list without the focus."""
    dim: Style
    key: Style
    strong: Style
    hit: Style


@lru_cache(maxsize=8)
def line_styles(
    primary: str, accent: str, foreground: str, background: str, cursor: str = "", idle_cursor: str = ""
) -> LineStyles:
    """Return the styles for the colours of a theme, written as ``#rrggbb``.

    A theme that does not say how it shows the cursor gets mixtures of its primary colour.
    """
    behind, front, mark = Color.parse(background), Color.parse(foreground), Color.parse(primary)
    return LineStyles(
        cursor=Style(bgcolor=(Color.parse(cursor) if cursor else behind.blend(mark, 0.4)).rich_color),
        idle_cursor=Style(
            bgcolor=(Color.parse(idle_cursor) if idle_cursor else behind.blend(mark, 0.2)).rich_color
        ),
        dim=Style(color=behind.blend(front, 0.60).rich_color),
        key=Style(color=mark.rich_color),
        strong=Style(color=front.rich_color, bold=True),
        hit=Style(color=Color.parse(accent).rich_color, bold=True),
    )


def styles_of(colours: Mapping[str, str]) -> LineStyles:
    """Return the styles for the variables of a theme."""
    needed = (colours[name] for name in ("primary", "accent", "foreground", "background"))
    return line_styles(*needed, colours.get("line-cursor", ""), colours.get("line-cursor-idle", ""))
