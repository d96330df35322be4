"""``dicomtui doctor``: what this terminal can show, which codecs there are, how to get the rest."""

import os
from typing import TYPE_CHECKING, Any

from dicomtui.cli import output
from dicomtui.cli.terminal import is_terminal

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from dicomtui.picture.terminal import Terminal

EXAMPLES = """\
  dicomtui doctor
  dicomtui doctor --no-pictures
  dicomtui doctor --json | jq .terminal.modes"""

_COLOURS = {0: "none", 4: "16", 8: "256", 24: "16.7 million"}
_WIDTH = 14


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    parser.add_argument("--json", action="store_true", help="print the facts as JSON")
    parser.add_argument("--no-pictures", action="store_true", help="print no test pictures")


def run(arguments: "Namespace") -> int:
    """Print the facts, and on a terminal a test picture in each mode that is offered."""
    from dicomtui.picture.asking import Asking

    with Asking(os.environ) as asking:
        from dicomtui.imaging.installed import installed

        parts = installed()
        terminal = asking.terminal()
    facts = _facts(terminal, parts)
    if arguments.json:
        import json

        output.lines(json.dumps(facts, indent=2))
        return 0
    _print(terminal, facts)
    if is_terminal() and not arguments.no_pictures:
        from dicomtui.cli.test_pattern import print_patterns

        print_patterns(terminal)
    return 0


def _facts(terminal: "Terminal", parts: list[dict[str, str]]) -> dict[str, Any]:
    from dicomtui.picture.modes import Mode

    modes = {
        str(mode): {"offered": mode in terminal.modes, "why_not": terminal.reasons.get(mode, "")}
        for mode in Mode
    }
    return {
        "terminal": {
            "name": terminal.name,
            "answered": terminal.has_answered,
            "between": terminal.multiplexer,
            "outside": terminal.outside,
            "colours": _COLOURS[int(terminal.depth)],
            "no_color": bool(os.environ.get("NO_COLOR")),
            "cell_pixels": list(terminal.cell),
            "automatic": str(terminal.automatic),
            "modes": modes,
            "hint": terminal.hint,
        },
        "line": _line(),
        "parts": parts,
    }


def _line() -> dict[str, str]:
    """Return what is known of the line to the terminal."""
    if not os.environ.get("SSH_CONNECTION"):
        return {"kind": "local", "hint": ""}
    hint = "ssh -C compresses: pictures take a tenth of the bytes (or Compression yes in ~/.ssh/config)"
    return {"kind": "ssh", "hint": hint}


def _print(terminal: "Terminal", facts: dict[str, Any]) -> None:
    told = facts["terminal"]
    answered = "" if told["answered"] else " (from the environment: it was not asked, or did not answer)"
    _row("terminal", f"{told['name'] or 'unknown'}{answered}")
    if told["between"]:
        _row("between", told["between"] + (f", in {told['outside']}" if told["outside"] else ""))
    no_color = "; NO_COLOR: view prints characters, the browser keeps greys" if told["no_color"] else ""
    _row("colours", f"{told['colours']}{no_color}")
    _row("cell", "{} x {} pixels".format(*told["cell_pixels"]))
    _row("line", facts["line"]["kind"])
    output.line()
    output.line("Pictures (X changes the mode, --graphics and the configuration set it)")
    for name, mode in told["modes"].items():
        automatic = "yes, automatic for stills" if name == terminal.automatic else "yes"
        _row(f"  {name}", automatic if mode["offered"] else f"no: {mode['why_not']}")
    output.line()
    output.line("Codecs and parts")
    for part in facts["parts"]:
        missing = f"missing; {part['install']}" if part["install"] else "missing"
        _row(f"  {part['name']}", f"{part['version'] or missing} ({part['use']})")
    hints = [hint for hint in (told["hint"], facts["line"]["hint"]) if hint]
    if hints:
        output.line()
    for hint in hints:
        output.line(f"Hint: {hint}")


def _row(name: str, text: str) -> None:
    output.line(f"{name:{_WIDTH}} {text}")
