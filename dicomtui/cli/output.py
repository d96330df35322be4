"""The only writer of standard output and standard error: whatever it is given leaves as safe text.

A stream that cannot show a character shows its escape instead. A reader that hangs up ends the program
quietly; a full disk is a :class:`~dicomtui.errors.WriteError`.
"""

import contextlib
import io
import os
import shutil
import sys
from typing import TYPE_CHECKING

from dicomtui.errors import WriteError
from dicomtui.text import LINE_LIMIT, safe_line, safe_lines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from rich.segment import Segment

PROGRAM = "dicomtui"
_unsaid: list[str] = []
"""The streams that were closed when something was to be written to them."""


def prepare() -> None:
    """Make both streams show what their encoding has no character for as an escape.

    The place of a standard stream that the caller has closed is taken, for this program and for those that it
    starts: what is opened next would have it, and a worker writes nothing to where standard output belongs.
    """
    _unsaid.clear()
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest that is free: this one
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def line(text: str = "", limit: int = LINE_LIMIT) -> None:
    """Write one line to standard output, cut at *limit* characters."""
    _print(safe_line(text, limit) + "\n")


def aside(text: str) -> None:
    """Write one line about files that were written: who closes standard output wants only these."""
    if sys.stdout is not None:
        line(text)


def fields(cells: "Iterable[str]") -> None:
    """Write one line of cells with a tab between, for programs that split it."""
    _print("\t".join(map(safe_line, cells)) + "\n")


def path0(path: str) -> None:
    """Write a path as it is, byte for byte, and a null character: for ``xargs -0``."""
    flush()
    if sys.stdout is None:
        _print(path)
    else:
        try:
            sys.stdout.buffer.write(os.fsencode(path) + b"\0")
        except OSError as cause:
            _lost(sys.stdout, cause)


def csv_row(cells: "Iterable[object]") -> None:
    """Write one row of CSV, in which no spreadsheet finds a formula."""
    from dicomtui.csv_rows import csv_line

    _print(csv_line(cells))


def lines(text: str) -> None:
    """Write text of several lines to standard output."""
    _print(safe_lines(text.rstrip("\n")) + "\n")


def picture(rows: "Iterable[Iterable[Segment]]") -> None:
    """Write rows of cells: characters and colours that are ours, so their escape codes stand."""
    for row in rows:
        parts = (part.style.render(part.text) if part.style else part.text for part in row)
        _print("".join(parts) + "\n")


def json_values(values: "Iterable[object]", *, array: bool) -> None:
    """Write JSON in ASCII: each value as it comes, in one array or on its own.

    People get it indented, programs one value a line.
    """
    import json  # the browser comes by here too, and has no use for it

    separator, end = ("[\n", "\n]\n") if array else ("", "\n")
    indent = 2 if sys.stdout is not None and sys.stdout.isatty() else None
    for value in values:
        text = json.dumps(value, ensure_ascii=True, allow_nan=False, indent=indent)
        # of all control characters JSON leaves only this one as it is
        _print(separator + text.replace("\x7f", "\\u007f"))
        separator = ",\n" if array else "\n"
    _print(end if separator != "[\n" else "[]\n")


def can_show(character: str) -> bool:
    """Whether standard output has *character* in its encoding."""
    try:
        character.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True


def error(text: str) -> None:
    """Write one line to standard error, with the name of the program in front."""
    flush()  # so that on a terminal it stands behind what it is about
    _write(sys.stderr, f"{PROGRAM}: {safe_line(text)}\n")


def remark(text: str) -> None:
    """Write one more line about an error to standard error."""
    _write(sys.stderr, f"{safe_line(text)}\n")


def progress(text: str) -> None:
    """Show one line in the place of the one before, if standard error is a terminal; ``""`` removes it."""
    if sys.stderr is not None and sys.stderr.isatty():
        columns = shutil.get_terminal_size((80, 24)).columns
        _write(sys.stderr, f"\r{safe_line(text, max(2, columns - 1))}\x1b[K", flush=True)


def crash(cause: BaseException, name: str = "") -> None:
    """Write one line about a mistake of ours: what and where, but no value of any file.

    Parameters
    ----------
    cause : BaseException
        What was raised.
    name : str
        The file that was worked on, if any.
    """
    from dicomtui.crash_report import crash_sentence

    about = f"{name}: " if name else ""
    error(f"{about}{crash_sentence(cause)}")


def flush() -> None:
    """Hand over what is still in the buffer of standard output."""
    _write(sys.stdout, "", flush=True)


def finish() -> None:
    """Hand over the rest, now that all is said.

    Raises
    ------
    WriteError
        If standard output cannot be written, or was closed and something was to be said.
    """
    flush()
    if _unsaid:
        raise WriteError(f"{_unsaid.pop()}: is closed")


def _print(text: str) -> None:
    if sys.stdout is None and not _unsaid:
        _unsaid.append("standard output")
    _write(sys.stdout, text)


def _write(stream: "TextIO | None", text: str, *, flush: bool = False) -> None:
    if stream is None:  # the caller has closed it
        return
    try:
        if text:  # a full device refuses even nothing
            stream.write(text)
        if flush:
            stream.flush()
    except OSError as cause:
        _lost(stream, cause)


def _lost(stream: "TextIO", cause: OSError) -> None:
    _abandon(stream)
    if isinstance(cause, BrokenPipeError):
        raise cause
    if stream is sys.stderr:  # what belongs to standard output is written all the same
        return
    raise WriteError(f"standard output: {(cause.strerror or 'cannot be written').lower()}") from cause


def _abandon(stream: "TextIO") -> None:
    """Let the rest of a stream's buffer go nowhere, so that the interpreter's own flush finds no fault."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
