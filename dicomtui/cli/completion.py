"""``dicomtui completion``: a script that completes subcommands, options and files in a shell."""

from typing import TYPE_CHECKING

from dicomtui.cli import output
from dicomtui.errors import DicomTuiError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  eval "$(dicomtui completion bash)"
  dicomtui completion zsh > ~/.zfunc/_dicomtui"""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell that reads the script")


def run(arguments: "Namespace") -> int:
    """Print the script.

    Raises
    ------
    DicomTuiError
        If the library that writes it is not installed.
    """
    try:
        import shtab
    except ImportError as error:
        raise DicomTuiError(
            "completion needs the package 'shtab': pip install 'dicomtui[completion]'"
        ) from error
    from dicomtui.cli.parser import root_parser

    script = shtab.complete(root_parser(), arguments.shell)
    if arguments.shell == "bash":  # the first word may be a path for the browser as well
        script += "\ncomplete -o bashdefault -o default -F _shtab_dicomtui dicomtui"
    output.lines(script)
    return 0
