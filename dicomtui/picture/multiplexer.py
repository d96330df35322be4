"""What stands between the program and the terminal, and what it lets through."""

import os
from collections.abc import Mapping
from typing import NamedTuple

_ANCESTORS = 32
_PATIENCE = 0.5
PASSING = "set -g allow-passthrough on"
"""The line of ``~/.tmux.conf`` with which tmux 3.3 or newer lets through what is marked for the terminal."""
_FACTS = (
    "allow-passthrough",
    "client_termfeatures",
    "client_cell_width",
    "client_cell_height",
    "client_termtype",
)
_HINTS = {
    "screen": "outside GNU screen this terminal may show more",
    "zellij": "outside zellij this terminal may show more",
    "mosh": "mosh carries characters only; over ssh this terminal may show more",
}


class Multiplexer(NamedTuple):
    """What is between, or nothing."""

    name: str = ""
    why: str = ""
    """Why pictures do not pass, in one line."""
    hint: str = ""
    """How to get more, in one line."""


def multiplexer_of(environment: Mapping[str, str]) -> Multiplexer:
    """Return the multiplexer that the environment tells of, or mosh if that started this program."""
    terminal = environment.get("TERM", "")
    name = ""
    if environment.get("TMUX") or terminal.startswith("tmux"):
        name = "tmux"  # without the variable it is one on the other side of an ssh
    elif environment.get("ZELLIJ"):
        name = "zellij"
    elif environment.get("STY") or terminal.startswith("screen"):
        name = "screen"
    elif _is_in_mosh():
        name = "mosh"
    if not name:
        return Multiplexer()
    return Multiplexer(name, f"{name} is between and does not draw them", _HINTS.get(name, ""))


class Tmux(NamedTuple):
    """What a tmux tells of itself and of the terminal that it is in."""

    passes: bool = False
    """Whether it lets through what is marked for the terminal."""
    draws_sixels: bool = False
    """Whether the terminal that it is in draws them, as far as it knows."""
    cell: tuple[int, int] | None = None
    """Pixels of a cell of that terminal: across, down."""
    outside: str = ""
    """What that terminal calls itself, with its version; not safe to show."""
    has_answered: bool = False


def passed_through(sequence: str) -> str:
    """Return *sequence* marked for the terminal that tmux is in; tmux takes at most 1 MB."""
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def tmux_of(environment: Mapping[str, str]) -> Tmux:
    """Ask the tmux that the environment tells of; one that does not answer in time lets nothing through."""
    if not environment.get("TMUX"):
        return Tmux()
    told = tmux_says("|".join(f"#{{{fact}}}" for fact in _FACTS), environment).split("|", len(_FACTS) - 1)
    if len(told) < len(_FACTS):
        return Tmux()
    passes, features, width, height, outside = told
    sizes = [int(size) for size in (width, height) if size.isascii() and size.isdigit() and len(size) <= 3]
    return Tmux(
        passes=passes in ("1", "on", "all"),  # tmux 3.3 says 1
        draws_sixels="sixel" in features.split(","),
        cell=(sizes[0], sizes[1]) if len(sizes) == 2 and min(sizes) > 0 else None,
        outside=outside,
        has_answered=True,
    )


def tmux_says(question: str, environment: Mapping[str, str]) -> str:
    """Return what tmux expands a format to for this pane, or ``""`` if it does not answer in time."""
    import subprocess  # not needed outside tmux

    pane = environment.get("TMUX_PANE", "")
    command = ["tmux", "display-message", "-p", *(["-t", pane] if pane else []), question]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _is_in_mosh() -> bool:
    """Whether an ancestor of this process is mosh's server, which sets no variable."""
    process = os.getppid()
    for _ in range(_ANCESTORS):
        try:
            with open(f"/proc/{process}/stat", "rb") as stream:
                line = stream.read(512)
        except OSError:
            return False
        name, _, rest = line.partition(b"(")[2].rpartition(b")")
        if name == b"mosh-server":
            return True
        parent = rest.split()[1:2]
        if not parent or int(parent[0]) <= 1:
            return False
        process = int(parent[0])
    return False
