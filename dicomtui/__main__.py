"""Chooses the face: a subcommand prints and ends, anything else opens the browser."""

import os
import sys

from dicomtui.cli import SUBCOMMANDS

WELCOME = "Welcome: Enter opens, Tab changes pane, j k step, 3-7 window, / search, ? keys"
"""The line above the demonstration; it fits 80 columns."""

_ABOUT = frozenset({"-h", "--help", "-V", "--version"})
_INDEX_OPTIONS = {"--index": True, "--no-index": False}
_WORD_OPTIONS = ("graphics", "bandwidth")
_OPTIONS = ("--help", "--version", "--access-log", *_INDEX_OPTIONS, *(f"--{name}" for name in _WORD_OPTIONS))
_INTERRUPTED = 130
_HUNG_UP = 141
"""What a shell reports when a program's reader goes away."""
_BY_SIGNAL = 128
"""Codes above it say which signal ended the program."""


def main(argv: list[str] | None = None) -> int:
    """Run dicomtui and return its exit code.

    Parameters
    ----------
    argv : list of str, optional
        The arguments after the name of the program; by default those of the process.

    Returns
    -------
    int
        0 done, 1 some input failed, 2 the command line makes no sense, 130 interrupted.
    """
    from dicomtui.errors import WriteError

    try:
        return _reported(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        return _HUNG_UP
    except WriteError:  # standard error cannot be written, so there is nobody to tell
        return 1


def _reported(arguments: list[str]) -> int:
    """Run the program; what goes wrong is one line on standard error."""
    from dicomtui.cli import output
    from dicomtui.errors import DicomTuiError, UsageError, WriteError

    output.prepare()
    try:
        code = _run(arguments)
        try:
            output.finish()
        except WriteError:  # the terminal has gone, which is why the program ended
            if code <= _BY_SIGNAL:
                raise
    except BrokenPipeError:
        raise
    except DicomTuiError as error:
        output.error(str(error))
        return 2 if isinstance(error, UsageError) else 1
    except Exception as error:  # noqa: BLE001  a traceback could show what is in a file
        output.crash(error)
        return 1
    return code


def _run(arguments: list[str]) -> int:
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    asked = next((option for option in options if option in _ABOUT), None)
    if arguments[:1] == ["demo"] and asked is None:
        return _demo(arguments)
    if arguments and arguments[0] in SUBCOMMANDS:
        return _subcommand(arguments)
    if asked:
        return _subcommand([asked])
    log, rest = _access_log(arguments)
    words, rest = _words(rest)
    paths, keep_index = _paths(rest)
    return _browse(paths, keep_index, access_log=log, **words)


def _subcommand(arguments: list[str]) -> int:
    from dicomtui.cli import parser

    _silence_libraries()
    return parser.run(arguments)


def _demo(arguments: list[str]) -> int:
    from dicomtui.cli.terminal import unusable_terminal

    if len(arguments) > 1 or unusable_terminal(os.environ):
        return _subcommand(arguments)
    from dicomtui.archive.samples import sample_folder

    return _browse([sample_folder()], welcome=WELCOME)


def _browse(paths: list[str], keep_index: bool | None = None, *, welcome: str = "", **words: str) -> int:
    from dicomtui.cli.terminal import unusable_terminal
    from dicomtui.errors import UsageError

    if reason := unusable_terminal(os.environ):
        raise UsageError(f"the browser needs a terminal: {reason}; see 'dicomtui --help' for what works here")
    _silence_libraries()
    if sys.__stderr__ is None or not sys.__stderr__.isatty():
        sys.__stderr__ = sys.__stdout__  # type: ignore[misc]  # where Textual draws; what fails goes to the file
    from dicomtui.picture.asking import Asking

    with Asking(os.environ) as asking:
        from dicomtui.tui.app import browse  # takes as long as the answers
        from dicomtui.tui.late_answers import EarlyInput

        terminal = asking.terminal()
    typed = asking.typed.decode("utf-8", "replace")
    early = EarlyInput(typed, asking.sieve if asking.is_late else None)
    return browse(paths, keep_index, welcome=welcome, terminal=terminal, early=early, **words)


def _words(arguments: list[str]) -> tuple[dict[str, str], list[str]]:
    """Take ``--graphics half`` and ``--graphics=half`` out of the arguments."""
    from dicomtui.errors import UsageError
    from dicomtui.settings import WORDS
    from dicomtui.text import safe_line

    words: dict[str, str] = {}
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        name, equals, word = argument.removeprefix("--").partition("=")
        if argument == "--":
            rest += ["--", *left]
        elif argument.startswith("--") and name in _WORD_OPTIONS:
            words[name] = word if equals else next(left, "")
            if words[name] not in WORDS[name]:
                known = ", ".join(WORDS[name])
                raise UsageError(f"--{name} {safe_line(words[name], 40)!r} is unknown; there are {known}")
        else:
            rest.append(argument)
    return words, rest


def _access_log(arguments: list[str]) -> tuple[str, list[str]]:
    """Take ``--access-log FILE`` and ``--access-log=FILE`` out of the arguments."""
    from dicomtui.errors import UsageError

    log = ""
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        name, equals, value = argument.partition("=")
        if argument == "--":
            rest += ["--", *left]
        elif name == "--access-log":
            log = value if equals else next(left, "")
            if not log:
                raise UsageError("--access-log wants a FILE")
        else:
            rest.append(argument)
    return log, rest


def _paths(arguments: list[str]) -> tuple[list[str], bool | None]:
    """Return the paths among the arguments, each of which can be opened, and what they say of an index."""
    from dicomtui.errors import UsageError
    from dicomtui.text import safe_line

    paths: list[str] = []
    keep_index: bool | None = None
    for position, argument in enumerate(arguments):
        if argument == "--":
            paths += arguments[position + 1 :]
            break
        if argument == "-":
            raise UsageError("'-' is for subcommands: 'dicomtui tags -' reads standard input")
        if argument in _INDEX_OPTIONS:
            keep_index = _INDEX_OPTIONS[argument]
        elif argument.startswith("-"):
            from dicomtui.cli.parser import nearest

            hint = nearest(argument.partition("=")[0], _OPTIONS)
            raise UsageError(f"unknown option {safe_line(argument)}; see 'dicomtui --help'{hint}")
        else:
            paths.append(argument)
    for path in paths:
        _check(path, is_first=path is arguments[0])
    return paths or ["."], keep_index


def _check(path: str, *, is_first: bool) -> None:
    if os.path.isdir(path) or _is_in_container(path):
        return
    from dicomtui.dataset.encoding import HEAD, find_encoding
    from dicomtui.dataset.source import FileSource
    from dicomtui.errors import ReadError, UsageError
    from dicomtui.text import safe_line

    name = safe_line(path)
    try:
        os.stat(path)
        source = FileSource(path)
        with source.open() as stream:
            head = stream.read(HEAD)
    except FileNotFoundError as error:
        hint = _nearest_subcommand(path) if is_first else ""
        raise UsageError(f"{name}: no such file or folder{hint}") from error
    except OSError as error:
        raise UsageError(f"{name}: {(error.strerror or 'cannot be read').lower()}") from error
    except ReadError as error:
        raise UsageError(str(error)) from error
    if find_encoding(head, source.size) is None:
        raise UsageError(f"{name}: not DICOM")


def _is_in_container(path: str) -> bool:
    """Whether a path is a zip or tar, or the address of something in one."""
    from dicomtui.archive.members import CONTAINER_SUFFIXES, SEPARATOR
    from dicomtui.errors import UsageError
    from dicomtui.text import safe_line

    if SEPARATOR not in path and not path.lower().endswith(CONTAINER_SUFFIXES):
        return False
    from dicomtui.archive.containers import is_container, is_member, list_level, split_address

    if is_container(os.path.realpath(path)):
        return True
    if split_address(path) is None:
        return False
    if not is_member(path) and not list_level(path):
        raise UsageError(f"{safe_line(path)}: no such member")
    return True


def _nearest_subcommand(name: str) -> str:
    if os.sep in name:
        return ""
    from difflib import get_close_matches

    nearest = get_close_matches(name, SUBCOMMANDS, n=1, cutoff=0.5)
    if nearest:
        return f"; did you mean 'dicomtui {nearest[0]}'?"
    return " and no subcommand; 'dicomtui --help' lists them"


def _silence_libraries() -> None:
    """Keep warnings and log lines of libraries, which quote values of files, off the terminal."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())


if __name__ == "__main__":
    sys.exit(main())
