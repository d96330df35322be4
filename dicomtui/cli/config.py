"""``dicomtui config``: the default configuration, and where it is looked for."""

from typing import TYPE_CHECKING

from dicomtui.cli import output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  dicomtui config --path
  dicomtui config > config.toml"""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    parser.add_argument("--path", action="store_true", help="print where the configuration is looked for")


def run(arguments: "Namespace") -> int:
    """Print the default configuration, or the path of the user's."""
    from dicomtui.settings import config_path, default_toml

    if arguments.path:
        output.line(config_path())
    else:
        output.lines(default_toml())
    return 0
