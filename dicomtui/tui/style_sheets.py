"""Finds the style sheets: inside the installed package, or beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def style_sheet(name: str) -> str:
    """Return the path of the style sheet *name*."""
    folders = (_PACKAGE / "css", _PACKAGE.parent / "css")
    return str(next((folder / name for folder in folders if (folder / name).is_file()), folders[0] / name))
