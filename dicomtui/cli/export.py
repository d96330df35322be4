"""``dicomtui export``: one frame as an array of numbers, so that anyone can check what is shown."""

import argparse
import os

from dicomtui.cli import inputs, output
from dicomtui.cli.arguments import add_frame, window_from
from dicomtui.cli.inputs import STANDARD_INPUT, name_of, read
from dicomtui.errors import UsageError
from dicomtui.text import safe_line

EXAMPLES = """\
  dicomtui export scan.dcm stored.npy
  dicomtui export scan.dcm hu.npy --stage modality --frame 5
  dicomtui export scan.dcm shown.npy --stage display --window 40,400
  python -c 'import numpy; print(numpy.load("hu.npy").mean())'"""

_SUFFIX = ".npy"
_STAGES = ("stored", "modality", "display")  # of export.arrays, which a help text need not load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    inputs.add_argument(parser, "file")
    out = parser.add_argument("out", metavar="OUT.npy", help="the NumPy file to write")
    out.complete = "file"  # type: ignore[attr-defined]  # completion scripts are made from it
    parser.add_argument(
        "--stage",
        choices=_STAGES,
        default="stored",
        help="stored: as in the file, without colour conversion (default); modality: float32 after the"
        " Modality LUT, for instance HU; display: 0 to 255 after the window, or RGB",
    )
    add_frame(parser)
    parser.add_argument(
        "--window",
        metavar="CENTER,WIDTH",
        help="for the stage display: Window Center and Window Width (default: the file's own)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT.npy if it exists")


def run(arguments: argparse.Namespace) -> int:
    """Write the frame and say in one line what was written."""
    _check_out(arguments.file, arguments.out)
    window = window_from(arguments.window)
    instance = read(arguments.file)

    from dicomtui.export.arrays import frame_array, write_npy

    values, notes, shown = frame_array(instance, arguments.frame, arguments.stage, window)
    for note in notes:
        output.error(f"{name_of(arguments.file)}: warning: {note}")
    write_npy(arguments.out, values, overwrite=arguments.overwrite)
    shape = " x ".join(map(str, values.shape))
    output.line(f"{safe_line(arguments.out)}: {shape} {values.dtype.name}{shown and f', {shown}'}")
    return 0


def _check_out(file: str, out: str) -> None:
    if not out.endswith(_SUFFIX):
        raise UsageError(
            f"{safe_line(out)}: only NumPy files can be written so far; end the name with {_SUFFIX}"
        )
    if file != STANDARD_INPUT and _is_same(file, out):
        raise UsageError(
            f"{safe_line(out)}: is the file to read, which is never written; choose another name"
        )


def _is_same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):  # one of them is not there
        return False
