"""Prints in a few lines what SlipCover has measured."""

import json
import sys
from pathlib import Path

LEAST = 10
"""Modules that are named, those first of which least was reached."""
SMALL = 15
"""Lines; of a smaller module a percentage says little."""


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(line + "\n")


def main() -> None:
    """Read the file that is named on the command line."""
    measured = json.loads(Path(sys.argv[1]).read_text())
    total = measured["summary"]
    say(
        f"Reached by the tests: {total['percent_covered']:.1f} % of the lines and branches "
        f"({total['missing_lines']:,} lines and {total['missing_branches']:,} branches are not)."
    )
    modules = []
    for name, file in measured["files"].items():
        found = file["summary"]
        if found["covered_lines"] + found["missing_lines"] >= SMALL:
            modules.append((found["percent_covered"], name))
    say("Least of these:")
    for percent, name in sorted(modules)[:LEAST]:
        say(f"{percent:6.1f} %  {name}")
    say("")


if __name__ == "__main__":
    main()
