"""What stands between the program and the terminal, and what it lets through."""

import os
from collections.abc import Mapping
from typing import NamedTuple

_ANCESTORS = 32
_PATIENCE = 0.5
_TMUX_HINT = "outside tmux this terminal may show more; in tmux 3.4 or newer, built with sixels, so may tmux"
_HINTS = {
    "tmux": _TMUX_HINT,
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
    if environment.get("TMUX"):
        name = "tmux"
    elif environment.get("ZELLIJ"):
        name = "zellij"
    elif environment.get("STY") or terminal.startswith("screen"):
        name = "screen"
    elif _is_in_mosh():
        name = "mosh"
    if not name:
        return Multiplexer()
    return Multiplexer(name, f"{name} is between and does not draw them", _HINTS[name])


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
