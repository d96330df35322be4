"""Sizes, dates, counts and paths as people write them."""

import os


def size_text(count: int) -> str:
    """Return a number of bytes as people say it: ``12 bytes``, ``8.0 MiB``."""
    if count < 1024:
        return f"{count} byte{'' if count == 1 else 's'}"
    size = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1024:
            return f"{size:.1f} {unit}"
    return f"{size / 1024:.1f} TiB"


def date_text(date: str) -> str:
    """Return a DA value as ``2020-01-31``; anything else as it is."""
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 and date.isdigit() else date


def count_text(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 study``, ``1,200 studies``; *many* is *one* and an s by default."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def path_text(path: str) -> str:
    """Return a path with the home folder as ``~``."""
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path
