"""Whether there is a terminal to draw on, how large it is and which colours it has."""

import shutil
import sys
from collections.abc import Mapping

from dicomtui.text import safe_line

_CANNOT_DRAW = frozenset({"dumb", "unknown"})


def unusable_terminal(environment: Mapping[str, str]) -> str:
    """Return why the browser cannot run here, or ``""``.

    It reads keys from standard input, and draws on standard output, whose size it takes.
    """
    streams = {"standard input": sys.__stdin__, "standard output": sys.__stdout__}
    for name, stream in streams.items():
        if stream is None or stream.closed or not stream.isatty():
            return f"{name} is not a terminal"
    terminal = environment.get("TERM", "")
    if not terminal:
        return "the environment does not say which terminal this is (TERM)"
    if terminal in _CANNOT_DRAW:
        return f"this terminal cannot draw (TERM is {safe_line(terminal, 40)})"
    return ""


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def size() -> tuple[int, int]:
    """Return columns and lines of the terminal behind standard output."""
    columns, lines = shutil.get_terminal_size((80, 24))
    return max(1, columns), max(2, lines)


def colours_wanted(environment: Mapping[str, str]) -> bool:
    """Whether a picture may be coloured without being asked: on a terminal, and not with NO_COLOR."""
    return is_terminal() and not environment.get("NO_COLOR")
