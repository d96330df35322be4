"""Asks dcm2niix for what is no even stack of planes: gantry tilt, 4D, mosaics."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module

from dicomtui.errors import DicomTuiError, UsageError
from dicomtui.text import safe_line

SUFFIXES = (".nii.gz", ".json", ".bval", ".bvec")
"""Of the files that it makes."""

_SECONDS = 600


class ConversionError(DicomTuiError):
    """What dcm2niix could not convert."""


@contextmanager
def converted(paths: Sequence[str], *, sidecar: bool) -> Iterator[list[str]]:
    """Convert the files of a series.

    Parameters
    ----------
    paths : sequence of str
        Files on the disk, no members of containers.
    sidecar : bool
        Whether attributes are written into a file of JSON beside the volume.

    Yields
    ------
    list of str
        The files that it made, in order of their names: several volumes where it splits a series. They are
        gone behind the block.

    Raises
    ------
    UsageError
        If dcm2niix is not installed.
    ConversionError
        If it fails or makes no volume.
    """
    program = _program()
    with tempfile.TemporaryDirectory(prefix="dicomtui-") as folder:
        source, target = os.path.join(folder, "in"), os.path.join(folder, "out")
        os.mkdir(source)
        os.mkdir(target)
        for number, path in enumerate(paths):
            os.symlink(os.path.realpath(path), os.path.join(source, f"{number:06}.dcm"))
        told = ["-b", "y", "-ba", "y"] if sidecar else ["-b", "n"]
        command = [program, "-z", "y", *told, "-f", "volume", "-o", target]
        _run([*command, source])
        made = sorted(name for name in os.listdir(target) if name.endswith(SUFFIXES))
        if not any(name.endswith(".nii.gz") for name in made):
            raise ConversionError("dcm2niix made no volume of these files")
        yield [os.path.join(target, name) for name in made]


def _program() -> str:
    """Return the path of the program, that of the Python package first."""
    try:
        return str(import_module("dcm2niix").bin)
    except ImportError:
        program = shutil.which("dcm2niix")
        if program is None:
            raise UsageError(
                "the engine dcm2niix is not installed; install it with: pip install 'dicomtui[dcm2niix]'"
            ) from None
        return program


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ConversionError(f"dcm2niix took longer than {_SECONDS} s") from error
    except OSError as error:
        raise ConversionError(f"dcm2niix cannot be started ({safe_line(str(error.strerror))})") from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines() or [""]
        raise ConversionError(f"dcm2niix failed ({done.returncode}): {safe_line(lines[-1], 200)}")
