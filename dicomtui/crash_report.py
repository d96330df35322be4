"""What is kept of a mistake of ours: types of errors and numbers of lines, nothing of any file or patient."""

import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType

from dicomtui import __version__
from dicomtui.text import safe_line
from dicomtui.writing import private_folder, write_bytes

_LIBRARIES = ("pydicom", "numpy", "textual", "rich", "pillow", "imagecodecs", "scikit-image", "av")
_MOST_ERRORS = 10
"""How many errors are told that led to one another."""
_MOST_PLACES = 60
"""How many places of one of them."""
_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_written: list[str] = []
"""The report of this run: of a mistake that is made again and again, only the first time is told."""


def crash_sentence(error: BaseException) -> str:
    """Return a line about a mistake of ours; the first one of a run leaves a report that the line names.

    Parameters
    ----------
    error : BaseException
        What was raised. Its message is not told anywhere: it may quote a file.
    """
    sentence = f"internal error: {type(error).__name__} at {_innermost(error)}, please report it"
    with suppress(Exception):  # a disk that is full, or a memory
        if not _written:
            _written.append(_write(error))
        return f"{sentence} with {safe_line(_written[0])}"
    return sentence


def report_folder() -> str:
    """Return the folder of the reports: ``$XDG_STATE_HOME/dicomtui``."""
    base = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):  # the XDG specification has relative paths ignored
        base = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "dicomtui")


def report_text(error: BaseException) -> str:
    """Return a report: versions, and for each error its type and the lines it came through."""
    lines = [
        f"dicomtui {__version__}, Python {platform.python_version()}, {sys.platform} {platform.machine()}"
    ]
    lines += [", ".join(_versions())]
    for told in _chain(error):
        lines += ["", told if isinstance(told, str) else type(told).__name__]
        if not isinstance(told, str):
            lines += [f"  {place}" for place in _places(told.__traceback__)]
    return "\n".join(lines) + "\n"


def _write(error: BaseException) -> str:
    when = time.strftime("%Y%m%d-%H%M%S")
    path = os.path.join(private_folder(report_folder()), f"crash-{when}-{os.getpid()}.txt")
    write_bytes(path, report_text(error).encode("ascii", "backslashreplace"))
    return path


def _versions() -> Iterator[str]:
    from importlib.metadata import PackageNotFoundError, version

    for name in _LIBRARIES:
        with suppress(PackageNotFoundError):
            yield f"{name} {version(name)}"


def _chain(error: BaseException) -> Iterator["BaseException | str"]:
    """Yield the error, those of its group and those that it came from, with words between them."""
    pending: list[tuple[str, BaseException]] = [("", error)]
    seen: set[int] = set()
    while pending and len(seen) < _MOST_ERRORS:
        word, told = pending.pop(0)
        if id(told) in seen:
            continue
        seen.add(id(told))
        if word:
            yield word
        yield told
        if isinstance(told, BaseExceptionGroup):
            pending += [("one of its errors", inner) for inner in told.exceptions]
        if told.__cause__ is not None:
            pending.append(("caused by", told.__cause__))
        elif told.__context__ is not None:
            pending.append(("while handling", told.__context__))


def _places(traceback: TracebackType | None) -> list[str]:
    """Return modules and lines, the outermost first."""
    places = []
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__")
        is_name = isinstance(module, str) and module.replace(".", "").isidentifier()
        places.append(f"{module if is_name else '?'}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    left_out = len(places) - _MOST_PLACES
    if left_out > 0:
        places[_MOST_PLACES // 2 : -_MOST_PLACES // 2] = [f"({left_out} more)"]
    return places


def _innermost(error: BaseException) -> str:
    """Return the last place in this package that an error came through."""
    place = "an unknown place"
    traceback = error.__traceback__
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if path.startswith(_PACKAGE + os.sep):
            place = f"{os.path.relpath(path, _PACKAGE)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
