"""The command line's grammar: what argparse needs to know, and its messages in our words."""

import argparse
import re
from collections.abc import Iterable
from functools import partial
from importlib import import_module
from typing import NoReturn, Protocol, cast

from dicomtui import __version__
from dicomtui.cli import SUBCOMMANDS, output
from dicomtui.errors import UsageError

_USAGE = """dicomtui [--index | --no-index] [--graphics MODE] [--bandwidth auto|full|low] [PATH ...]
       dicomtui SUBCOMMAND [OPTION ...] [FILE ...]"""

_DESCRIPTION = """\
Browse DICOM in the terminal, or print what is in it.

PATH is a folder (default: the current one), a DICOM file, a DICOMDIR, a zip or a tar; it opens in the
browser. --index keeps on disk what a scan for the tree of studies finds, --no-index does without.
--graphics says how pictures are shown: auto, half, quadrant, sextant, octant, braille, ascii, sixel, kitty or
iterm2; --bandwidth what they may take of the line: auto (as it is measured), full (exact, always) or low.
--access-log FILE appends who opens, de-identifies or exports which instance, and when.
A path that is called like a subcommand is written with a folder in front: ./tags"""

_EXAMPLES = """\
examples:
  dicomtui                                   browse the current folder
  dicomtui /media/cdrom/DICOMDIR             browse a disc
  dicomtui demo                              browse sample files
  dicomtui tags scan.dcm --search patient    find attributes
  dicomtui tags --json *.dcm | jq .          the DICOM JSON Model
  dicomtui find /data 'SliceThickness < 2'   find instances in an archive
  dicomtui values /data Modality             what occurs in it, and how often
  dicomtui scan /data --json | jq .          its patients, studies, series, instances
  dicomtui report /data -o report.html       a page on it: counts, what was skipped, what is odd
  dicomtui view scan.dcm --frame 5           look at a frame
  dicomtui export scan.dcm stored.npy        the numbers of a frame
  curl -s URL | dicomtui info -              say what a download is

Exit codes: 0 done, 1 some input failed, 2 the command line makes no sense."""


RECORDED = frozenset({"tags", "diff", "info", "view", "export", "anonymize", "measure", "validate"})
"""The subcommands that open, export or de-identify single instances, which an access log records."""


_UNKNOWN = "unrecognized arguments: "
_CHOICE = re.compile(r"invalid choice: '(.*?)' \(choose from (.*)\)", re.DOTALL)
_WORD = re.compile(r"[\w-]+")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean --json?"`` if one of the *known* words is near; else ``""``."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


class Subcommand(Protocol):
    """What a module of this package offers."""

    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its options."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it and return the exit code."""


class Parser(argparse.ArgumentParser):
    """Writes through :mod:`dicomtui.cli.output` only, and raises what it has to complain about."""

    def __init__(self, prog: str = output.PROGRAM, **options: object) -> None:
        super().__init__(
            prog=prog,
            allow_abbrev=False,
            formatter_class=partial(argparse.RawDescriptionHelpFormatter, max_help_position=18),
            **options,  # type: ignore[arg-type]
        )
        self.color = False  # from Python 3.14 on, help has escape codes otherwise

    def error(self, message: str) -> NoReturn:
        """Raise a usage error instead of writing what may hold a hostile file name."""
        raise UsageError(f"{message}; see '{self.prog} --help'{self._meant(message)}")

    def _meant(self, message: str) -> str:
        """Return ``"; did you mean --json?"`` if what is wrong is near to what is known."""
        words: list[str] = []
        known: Iterable[str] = self._option_string_actions
        if choice := _CHOICE.search(message):
            words, known = [choice[1]], _WORD.findall(choice[2])
        elif message.startswith(_UNKNOWN):
            words = [word for word in message.removeprefix(_UNKNOWN).split() if word.startswith("--")]
        return nearest(words[0].partition("=")[0], known) if words else ""

    def print_help(self, _: object = None) -> None:
        """Write the help to standard output."""
        output.lines(self.format_help())


def run(argv: list[str]) -> int:
    """Run the subcommand that *argv* begins with, or the option --help or --version.

    Raises
    ------
    UsageError
        If the arguments make no sense.
    """
    try:
        if argv[0] in SUBCOMMANDS:
            parser = _configured(Parser(f"{output.PROGRAM} {argv[0]}"), argv[0])
            arguments = parser.parse_intermixed_args(_joined(_without_end_of_options(argv[1:])))
        else:
            arguments = root_parser().parse_args(argv)
    except SystemExit as done:  # how argparse ends after --help
        return int(done.code or 0)
    if argv[0] in RECORDED:
        _begin_recording(arguments.access_log)
    return cast("int", arguments.run(arguments))


def _begin_recording(path: str | None) -> None:
    """Begin the access log, if the command line or the configuration wants one."""
    from dicomtui.settings import load_settings

    path = path or load_settings().access_log
    if path:
        from dicomtui import access_log

        access_log.start(path, output.error)


def root_parser() -> Parser:
    """Return the parser of the whole command line, with every subcommand."""
    parser = Parser(usage=_USAGE, description=_DESCRIPTION, epilog=_EXAMPLES)
    parser.add_argument("-V", "--version", action=_ShowVersion, nargs=0, help="print the version and exit")
    subparsers = parser.add_subparsers(
        title="subcommands ('dicomtui SUBCOMMAND --help' says more)", metavar="SUBCOMMAND", required=True
    )
    for name, summary in SUBCOMMANDS.items():
        _configured(subparsers.add_parser(name, help=summary), name)
    return parser


def _configured(parser: Parser, name: str) -> Parser:
    module = cast("Subcommand", import_module(f"{__package__}.{name}"))
    summary = SUBCOMMANDS[name]
    parser.description = f"{summary[0].upper()}{summary[1:]}."
    parser.epilog = f"examples:\n{module.EXAMPLES}"
    parser.set_defaults(run=module.run)
    module.add_arguments(parser)
    if name in RECORDED:
        action = parser.add_argument(
            "--access-log",
            metavar="FILE",
            help="append to FILE who has opened or copied which instance, and when",
        )
        action.complete = "file"  # type: ignore[attr-defined]  # completion scripts are made from it
    return parser


def _without_end_of_options(argv: list[str]) -> list[str]:
    """Write what follows ``--`` so that it is no option without it, which argparse loses where both mix."""
    if "--" not in argv:
        return argv
    end = argv.index("--")
    return argv[:end] + [f"./{name}" if name[:1] == "-" != name else name for name in argv[end + 1 :]]


def _joined(argv: list[str]) -> list[str]:
    """Join ``--window -600,1500``, which argparse would take for two options."""
    joined: list[str] = []
    for argument in argv:
        if joined and joined[-1] == "--window" and argument[:1] == "-":
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


class _ShowVersion(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        output.line(f"{output.PROGRAM} {__version__}")
        parser.exit()
